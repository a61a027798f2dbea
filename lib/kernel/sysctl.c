/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* IPVS's own sysctls: net.ipv4.vs of one network namespace. */
#include "sysctl.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "kernel/context.h"
#include "kernel/netns.h"

#define FOLDER	  "net/ipv4/vs/"
#define NAME_SIZE 64

static int fail_sysctl(struct ipvsctl_error *err, const char *name, int code,
		       const char *what)
{
	if (code == -ENOENT)
		code = fail(err, -EOPNOTSUPP, "the kernel has no such sysctl");
	else if (code == -EACCES || code == -EPERM)
		code = fail(err, -EPERM, "may not be %s", what);
	else if (code == -EINVAL)
		code = fail(err, -EINVAL, "its value is no number");
	else
		code = fail(err, -EIO, "cannot be %s: %s", what,
			    strerrordesc_np(-code));
	return fail_about(err, code, "net.ipv4.vs.%s", name);
}

/* Reads the value, or writes it. */
static int exchange(struct ipvsctl *ctx, const char *name, bool write,
		    uint32_t *value, struct ipvsctl_error *err)
{
	char path[sizeof(FOLDER) + NAME_SIZE];
	int back, code, r;

	if (!*name || strlen(name) >= NAME_SIZE || name[0] == '.' ||
	    strchr(name, '/'))
		return fail(err, -EINVAL, "not the name of a sysctl");
	(void)snprintf(path, sizeof(path), FOLDER "%s", name);
	r = netns_enter(ctx->netns, &back, err);
	if (r < 0)
		return r;
	code = write ? sysctl_set(path, *value) : sysctl_get(path, value);
	r = netns_leave(back, 0, err);
	if (r < 0 || code == 0)
		return r;
	return fail_sysctl(err, name, code, write ? "written" : "read");
}

API int ipvsctl_sysctl_read(struct ipvsctl *ctx, const char *name,
			    uint32_t *ret_value, struct ipvsctl_error *err)
{
	return exchange(ctx, name, false, ret_value, err);
}

API int ipvsctl_sysctl_write(struct ipvsctl *ctx, const char *name,
			     uint32_t value, struct ipvsctl_error *err)
{
	return exchange(ctx, name, true, &value, err);
}
