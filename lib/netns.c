/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Named network namespaces, as ip-netns(8) makes them. */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "error.h"
#include "netns.h"

#define DIRECTORY "/run/netns"
#define OWN	  "/proc/thread-self/ns/net"
#define NAME_SIZE 256

static int fail_open(int code, const char *name, struct ipvsctl_error *err)
{
	if (code == -ENOENT) {
		code = fail(err, -ENOENT, "no such network namespace");
		code = fail_hint(err, code, "ip netns list");
	} else if (code == -EACCES || code == -EPERM) {
		code = fail(err, -EPERM, "may not open the network namespace");
	} else if (code == -ENOMEM) {
		code = fail_memory(err);
	} else {
		code = fail(err, -EINVAL, "not a network namespace");
	}
	return fail_about(err, code, "%s", name);
}

static int open_namespace(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int netns_open(const char *name, int *ret_fd, struct ipvsctl_error *err)
{
	char path[sizeof(DIRECTORY) + NAME_SIZE];

	if (!*name || strchr(name, '/') || strlen(name) >= NAME_SIZE)
		return fail_about(err,
				  fail(err, -EINVAL,
				       "not the name of a namespace"),
				  "%s", name);
	(void)snprintf(path, sizeof(path), DIRECTORY "/%s", name);

	AUTO_CLOSE int fd = open_namespace(path);

	if (fd < 0)
		return fail_open(nerrno(), name, err);
	/* A name whose namespace was never mounted is a plain file. */
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return fail_open(-EINVAL, name, err);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int netns_enter(int fd, int *ret_back, struct ipvsctl_error *err)
{
	int code;

	if (fd < 0) {
		*ret_back = -1;
		return 0;
	}

	AUTO_CLOSE int back = open_namespace(OWN);

	if (back < 0)
		return fail(err, -EIO, "cannot open " OWN ": %s",
			    strerrordesc_np(errno));
	if (setns(fd, CLONE_NEWNET) < 0) {
		code = nerrno();
		if (code != -EPERM)
			return fail(err, -EIO,
				    "cannot enter the network namespace: %s",
				    strerrordesc_np(-code));
		code = fail(err, -EPERM,
			    "entering a network namespace needs CAP_SYS_ADMIN");
		return fail_hint(err, code, "run it as root: sudo COMMAND");
	}
	*ret_back = TAKE_FD(back);
	return 0;
}

int netns_leave(int back, int code, struct ipvsctl_error *err)
{
	AUTO_CLOSE int fd = back;

	if (fd < 0 || setns(fd, CLONE_NEWNET) == 0)
		return code;
	return fail(err, -EIO, "cannot return to the own network namespace: %s",
		    strerrordesc_np(errno));
}
