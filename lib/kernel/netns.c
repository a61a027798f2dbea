/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Network namespaces, by a name that ip-netns(8) gave them or by a path. */
#include "kernel/netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "fail.h"

#define DIRECTORY "/run/netns"
#define OWN	  "/proc/thread-self/ns/net"
#define NAME_SIZE 256

static int fail_missing(const char *name, struct ipvsctl_error *err)
{
	int code = fail(err, -ENOENT, "no such network namespace");

	return strchr(name, '/') ?
		       fail_hint(err, code, "lsns --type net") :
		       fail_hint(err, code,
				 "ip netns list; a path works, too, such as "
				 "/proc/PID/ns/net");
}

static int fail_open(int code, const char *name, struct ipvsctl_error *err)
{
	if (code == -ENOENT || code == -ENOTDIR)
		code = fail_missing(name, err);
	else if (code == -EACCES || code == -EPERM)
		code = fail(err, -EPERM, "may not open the network namespace");
	else if (code == -ENOMEM)
		code = fail_memory(err);
	else
		code = fail(err, -EINVAL, "not a network namespace");
	return fail_about(err, code, "%s", name);
}

static int open_namespace(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* Opens only a namespace: the path may lead to a device or a FIFO. */
static int open_safely(const char *path)
{
	AUTO_CLOSE int place = open(path, O_PATH | O_CLOEXEC);
	char again[sizeof("/proc/self/fd/") + 12];
	struct statfs status;

	if (place < 0 || fstatfs(place, &status) < 0)
		return nerrno();
	if (status.f_type != NSFS_MAGIC)
		return -EINVAL;
	(void)snprintf(again, sizeof(again), "/proc/self/fd/%d", place);

	AUTO_CLOSE int fd = open_namespace(again);

	if (fd < 0)
		return nerrno();
	return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET ? TAKE_FD(fd) : -EINVAL;
}

API int ipvsctl_open_netns(const char *netns, int *ret_fd,
			   struct ipvsctl_error *err)
{
	char path[sizeof(DIRECTORY) + NAME_SIZE];
	int fd;

	if (!*netns || (!strchr(netns, '/') && strlen(netns) >= NAME_SIZE))
		return fail_about(err,
				  fail(err, -EINVAL,
				       "not the name of a namespace"),
				  "%s", netns);
	(void)snprintf(path, sizeof(path), DIRECTORY "/%s", netns);
	fd = open_safely(strchr(netns, '/') ? netns : path);
	if (fd < 0)
		return fail_open(fd, netns, err);
	*ret_fd = fd;
	return 0;
}

/* Tells whether the calling thread is in that namespace. */
static bool is_own(int fd)
{
	struct stat own, other;

	return stat(OWN, &own) == 0 && fstat(fd, &other) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
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
		if (code == -EPERM && is_own(fd)) {
			*ret_back = -1;
			return 0;
		}
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
	return fail(err, -EIO,
		    "cannot return to the previous network namespace: %s",
		    strerrordesc_np(errno));
}
