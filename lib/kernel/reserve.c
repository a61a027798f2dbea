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
#define RESERVED_MAX (256U << 10)
#define LOCAL_MAX    64

/* The sysctls as text. */
struct texts {
	char reserved[RESERVED_MAX];
	char local[LOCAL_MAX];
};

/*
 * The files belong to the namespace of the thread that opens them. They give
 * everything to the first read, or cut it off.
 */
static int read_sysctl(const char *path, char *text, size_t size,
		       struct ipvsctl_error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (length < 0 || (size_t)length == size - 1)
		return fail(err, -EIO, "cannot read %s", path);
	text[length] = '\0';
	return 0;
}

static int read_texts(const struct ipvsctl *ctx, struct texts *texts,
		      struct ipvsctl_error *err)
{
	int back = -1;
	int r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	r = read_sysctl(RESERVED, texts->reserved, RESERVED_MAX, err);
	if (r == 0)
		r = read_sysctl(LOCAL, texts->local, LOCAL_MAX, err);
	return netns_leave(back, r, err);
}

API int ipvsctl_reserve(struct ipvsctl *ctx,
			const struct ipvsctl_config *before,
			const struct ipvsctl_config *config, char **ret_value,
			struct ipvsctl_error *err)
{
	AUTO_TEXT struct text value = { 0 };
	struct texts *texts;
	bool wanted = false;
	int r;

	if (!ipvsctl_config_next_mark(config, NULL))
		return 0;
	texts = malloc(sizeof(*texts));
	if (!texts)
		return fail_memory(err);
	r = read_texts(ctx, texts, err);
	if (r == 0)
		wanted = reserved_ports_wanted(
			before, config,
			&(struct port_sysctls){ texts->reserved, texts->local },
			&value);
	free(texts);
	if (r < 0 || !wanted)
		return r;
	return text_take(&value, ret_value) < 0 ? fail_memory(err) : 1;
}
