/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Opens the kernel; ipvsadm's words for what it refuses. */
#include <errno.h>
#include <string.h>

#include "ipvsadm/ipvsadm.h"

#define ANY (-1)

static const struct {
	int command; /* enum ipvsadm_command, or ANY */
	int raw;
	const char *text;
} meanings[] = {
	{ ADD_SERVICE, EEXIST, "Service already exists" },
	{ ADD_SERVICE, ENOENT, "Scheduler or persistence engine not found" },
	{ EDIT_SERVICE, ESRCH, "No such service" },
	{ EDIT_SERVICE, ENOENT, "Scheduler or persistence engine not found" },
	{ DELETE_SERVICE, ESRCH, "No such service" },
	{ ZERO, ESRCH, "No such service" },
	{ LIST, ESRCH, "No such service" },
	{ ADD_SERVER, ESRCH, "Service not defined" },
	{ ADD_SERVER, EEXIST, "Destination already exists" },
	{ EDIT_SERVER, ESRCH, "Service not defined" },
	{ EDIT_SERVER, ENOENT, "No such destination" },
	{ DELETE_SERVER, ESRCH, "Service not defined" },
	{ DELETE_SERVER, ENOENT, "No such destination" },
	{ START_SYNC, EEXIST, "Daemon has already run" },
	{ STOP_SYNC, ESRCH, "No daemon is running" },
	{ ANY, EPERM, "Permission denied (you must be root)" },
	{ ANY, EINVAL,
	  "Invalid operation.  Possibly wrong module version, address not "
	  "unicast, ..." },
	{ ANY, ENOPROTOOPT, "Protocol not available" },
	{ ANY, ENOMEM, "Memory allocation problem" },
	{ ANY, EOPNOTSUPP, "Operation not supported with IPv6" },
	{ ANY, EAFNOSUPPORT,
	  "Operation not supported with specified address family" },
	{ ANY, EMSGSIZE, "Module is wrong version" },
};

static const char *text_of(int command, int raw)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].raw == raw && (meanings[i].command == command ||
					       meanings[i].command == ANY))
			return meanings[i].text;
	return strerror(raw);
}

int kernel_refused(enum ipvsadm_command command, int raw)
{
	return complain(EXIT_KERNEL_FAILED, "%s", text_of((int)command, raw));
}

int kernel_failed(enum ipvsadm_command command, const struct ipvsctl_error *err,
		  int status)
{
	/* Errors that ipvsadm does not have, such as a held lock. */
	if (!err->kernel_errno)
		return complain(status, "%s", err->message);
	return complain(status, "%s", text_of((int)command, err->kernel_errno));
}

static int fail_to_open(const struct ipvsctl_error *err)
{
	const char *why = err->message;

	if (err->code == -EPERM)
		why = text_of(ANY, EPERM);
	else if (err->code == -EOPNOTSUPP)
		why = text_of(ANY, ENOPROTOOPT);
	return complain(EXIT_WRONG,
			"Can't initialize ipvs: %s\n"
			"Are you sure that IP Virtual Server is built in the "
			"kernel or as module?",
			why);
}

int kernel_open(struct ipvsctl **ret_ctx, struct ipvsctl_info *ret_info)
{
	struct ipvsctl_error err;
	struct ipvsctl *ctx = NULL;

	if (ipvsctl_open(&ctx, NULL, &err) < 0)
		return fail_to_open(&err);
	if (ipvsctl_info(ctx, ret_info, &err) < 0) {
		ipvsctl_close(ctx);
		return fail_to_open(&err);
	}
	*ret_ctx = ctx;
	return 0;
}
