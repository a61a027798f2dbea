/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* IPVS's own sysctls: net.ipv4.vs of one network namespace. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "kernel/context.h"
#include "kernel/netns.h"
#include "number.h"

#define FOLDER	  "/proc/sys/net/ipv4/vs/"
#define NAME_SIZE 64
/* The longest number, a sign, a newline. */
#define VALUE_SIZE 16

static int fail_sysctl(struct ipvsctl_error *err, const char *name, int code,
		       const char *what)
{
	if (code == -ENOENT)
		code = fail(err, -EOPNOTSUPP, "the kernel has no such sysctl");
	else if (code == -EACCES || code == -EPERM)
		code = fail(err, -EPERM, "may not be %s", what);
	else
		code = fail(err, -EIO, "cannot be %s: %s", what,
			    strerrordesc_np(-code));
	return fail_about(err, code, "net.ipv4.vs.%s", name);
}

/* The files belong to the namespace of the thread that opens them. */
static int open_sysctl(struct ipvsctl *ctx, const char *name, int flags,
		       int *ret_fd, struct ipvsctl_error *err)
{
	char path[sizeof(FOLDER) + NAME_SIZE];
	int back, fd, code, r;

	if (!*name || strlen(name) >= NAME_SIZE || name[0] == '.' ||
	    strchr(name, '/'))
		return fail(err, -EINVAL, "not the name of a sysctl");
	r = netns_enter(ctx->netns, &back, err);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), FOLDER "%s", name);
	fd = open(path, flags | O_CLOEXEC);
	code = fd < 0 ? nerrno() : 0;
	r = netns_leave(back, 0, err);
	if (r < 0) {
		closep(&fd);
		return r;
	}
	*ret_fd = fd;
	return code < 0 ? fail_sysctl(err, name, code,
				      flags == O_RDONLY ? "read" : "written") :
			  0;
}

API int ipvsctl_sysctl_read(struct ipvsctl *ctx, const char *name,
			    uint32_t *ret_value, struct ipvsctl_error *err)
{
	static const struct number_range any = { "value", 0, INT32_MAX };
	char text[VALUE_SIZE] = "";
	AUTO_CLOSE int fd = -1;
	ssize_t length;
	int r = open_sysctl(ctx, name, O_RDONLY, &fd, err);

	if (r < 0)
		return r;
	length = read(fd, text, sizeof(text) - 1);
	if (length < 0)
		return fail_sysctl(err, name, nerrno(), "read");
	text[strcspn(text, "\n")] = '\0';
	r = number_parse(text, &any, ret_value, err);
	return r < 0 ? fail_about(err, r, "net.ipv4.vs.%s", name) : 0;
}

API int ipvsctl_sysctl_write(struct ipvsctl *ctx, const char *name,
			     uint32_t value, struct ipvsctl_error *err)
{
	char text[VALUE_SIZE];
	AUTO_CLOSE int fd = -1;
	int length = snprintf(text, sizeof(text), "%u\n", value);
	int r = open_sysctl(ctx, name, O_WRONLY, &fd, err);

	if (r < 0)
		return r;
	if (write(fd, text, (size_t)length) != length)
		return fail_sysctl(err, name, nerrno(), "written");
	return 0;
}
