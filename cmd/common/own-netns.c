/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The network namespace that a whole program works in. */
#include "common/own-netns.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

#include "fail.h"

/* Tells whether this process is in that network namespace. */
static bool is_in(int fd)
{
	struct stat named = { 0 }, own = { 0 };

	return stat("/proc/self/ns/net", &own) == 0 && fstat(fd, &named) == 0 &&
	       named.st_dev == own.st_dev && named.st_ino == own.st_ino;
}

int own_netns_enter(struct command *command)
{
	AUTO_CLOSE int fd = -1;

	if (!command->netns)
		return 0;
	if (ipvsctl_open_netns(command->netns, &fd, &command->err) < 0)
		return command->err.code;
	if (!is_in(fd) && setns(fd, CLONE_NEWNET) < 0)
		return command_fail(command, errno == EPERM ? -EPERM : -EIO,
				    command->netns, "cannot be entered: %s",
				    strerror(errno));
	free(TAKE_PTR(command->netns));
	return 0;
}

int own_netns_is_named(struct command *command, const char *netns)
{
	AUTO_CLOSE int fd = -1;
	struct ipvsctl_error err;
	int r = netns ? ipvsctl_open_netns(netns, &fd, &err) : 0;

	if (!netns || (r < 0 && r != -ENOENT) || (r == 0 && is_in(fd)))
		return 0;
	(void)command_fail(command, -ESTALE, netns,
			   "the network namespace that was checked no "
			   "longer has this name");
	return fail_hint(&command->err, -ESTALE, "ip netns list");
}
