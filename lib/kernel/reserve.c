/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Asks the kernel which ports it gives to sockets, for a hint on mark rules. */
#include <fcntl.h>
#include <sys/socket.h>

#include "fail.h"
#include "kernel/context.h"
#include "kernel/netns.h"
#include "local-ports.h"
#include "model/reserved-ports.h"

#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"

/* Every second port, with a comma each, takes less than this. */
#define RESERVED_MAX (256U << 10)

/*
 * Reads the list in one go: the kernel gives nothing to a second read, and cuts
 * off what has no room in the first.
 */
static int read_reserved(char text[RESERVED_MAX], struct ipvsctl_error *err)
{
	AUTO_CLOSE int fd = open_at(AT_FDCWD, RESERVED, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, RESERVED_MAX - 1);

	if (length < 0 || (size_t)length == RESERVED_MAX - 1)
		return fail(err, -EIO, "cannot read %s", RESERVED);
	text[length] = '\0';
	return 0;
}

/* The files belong to the namespace of the thread that opens them. */
static int read_ports(const struct ipvsctl *ctx, char text[RESERVED_MAX],
		      struct ipvsctl_port_range *ret_local,
		      struct ipvsctl_error *err)
{
	int back = -1;
	int r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	*ret_local = local_ports();
	return netns_leave(back, read_reserved(text, err), err);
}

API int ipvsctl_reserve(struct ipvsctl *ctx,
			const struct ipvsctl_config *before,
			const struct ipvsctl_config *config, char **ret_value,
			struct ipvsctl_error *err)
{
	AUTO_TEXT struct text value = { 0 };
	struct ipvsctl_port_range local;
	bool wanted = false;
	char *reserved;
	int r;

	if (!ipvsctl_config_next_mark(config, NULL))
		return 0;
	reserved = malloc(RESERVED_MAX);
	if (!reserved)
		return fail_memory(err);
	r = read_ports(ctx, reserved, &local, err);
	if (r == 0)
		wanted = reserved_ports_wanted(before, config, reserved, &local,
					       &value);
	free(reserved);
	if (r < 0 || !wanted)
		return r;
	return text_take(&value, ret_value) < 0 ? fail_memory(err) : 1;
}
