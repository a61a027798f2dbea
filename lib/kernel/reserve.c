/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Asks the kernel which ports it gives to sockets, for a hint on mark rules. */
#include <fcntl.h>
#include <sys/socket.h>

#include "fail.h"
#include "kernel/context.h"
#include "kernel/netns.h"
#include "model/reserved-ports.h"

#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"
#define LOCAL	 "/proc/sys/net/ipv4/ip_local_port_range"

/* Every second port, with a comma each, takes less than this. */
#define TEXT_MAX (256L << 10)

/*
 * The files belong to the namespace of the thread that opens them. They give
 * everything to the first read, or cut it off. *ret_text is to be freed.
 */
static int read_sysctl(const char *path, char **ret_text,
		       struct ipvsctl_error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = malloc(TEXT_MAX);
	ssize_t length;

	if (!text)
		return fail_memory(err);
	*ret_text = text;
	length = fd < 0 ? -1 : read(fd, text, TEXT_MAX - 1);
	if (length < 0 || length >= TEXT_MAX - 1)
		return fail(err, -EIO, "cannot read %s", path);
	text[length] = '\0';
	return 0;
}

static bool has_marks(const struct ipvsctl_config *config)
{
	return ipvsctl_config_next_mark(config, NULL);
}

API int ipvsctl_reserve(struct ipvsctl *ctx,
			const struct ipvsctl_config *before,
			const struct ipvsctl_config *config, char **ret_value,
			struct ipvsctl_error *err)
{
	AUTO_FREE char *reserved = NULL, *local = NULL;
	AUTO_TEXT struct text value = { 0 };
	int back = -1, r;

	if (!has_marks(config))
		return 0;
	r = netns_enter(ctx->netns, &back, err);
	if (r < 0)
		return r;
	r = read_sysctl(RESERVED, &reserved, err);
	if (r == 0)
		r = read_sysctl(LOCAL, &local, err);
	r = netns_leave(back, r, err);
	if (r < 0 ||
	    !reserved_ports_wanted(before, config,
				   &(struct port_sysctls){ reserved, local },
				   &value))
		return r;
	return text_take(&value, ret_value) < 0 ? fail_memory(err) : 1;
}
