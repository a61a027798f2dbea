/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The iptables lock, proc files, loading modules. */
#include "system.h"

#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "fail.h"
#include "flock.h"

int system_read_file(const char *path, char *text, size_t size)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	size_t have = 0;
	while (have < size - 1) {
		ssize_t got = read(fd, text + have, size - 1 - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	text[have] = '\0';
	return 0;
}

/*
 * Asking for a network interface that does not exist makes the kernel load the
 * module of that name, with its own modprobe, in the host's root. This needs no
 * program and no path, and works in a container, too.
 */
void system_load_module(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	struct ifreq request = { 0 };
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	(void)ioctl(fd, SIOCGIFFLAGS, &request);
	(void)close(fd);
}

bool system_has_ipv6(void)
{
	return access("/proc/thread-self/net/if_inet6", F_OK) == 0;
}

/* Returns the process that holds the lock; 0: the kernel does not tell. */
static int lock_holder(int fd)
{
	struct stat status;
	char text[16384];
	char where[64];

	if (fstat(fd, &status) < 0 ||
	    system_read_file("/proc/locks", text, sizeof(text)) < 0)
		return 0;
	(void)snprintf(where, sizeof(where), " %02x:%02x:%" PRIuMAX " ",
		       major(status.st_dev), minor(status.st_dev),
		       (uintmax_t)status.st_ino);
	const char *found = strstr(text, where);
	if (!found)
		return 0;
	const char *pid = found;
	while (pid > text && pid[-1] != ' ' && pid[-1] != '\n')
		pid--;
	return (int)strtol(pid, NULL, 10);
}

static int fail_busy(int fd, const char *path, struct ipvsctl_error *err)
{
	int holder = lock_holder(fd);

	if (!holder) {
		fail(err, -EBUSY, "another program keeps %s locked", path);
		return fail_hint(err, -EBUSY, "fuser -v %s", path);
	}
	char file[64];
	char name[32] = "?";
	(void)snprintf(file, sizeof(file), "/proc/%d/comm", holder);
	if (system_read_file(file, name, sizeof(name)) == 0)
		name[strcspn(name, "\n")] = '\0';
	fail(err, -EBUSY, "%s (process %d) keeps %s locked", name, holder, path);
	return fail_hint(err, -EBUSY, "ps -fp %d", holder);
}

static int open_lock(const char *path, struct ipvsctl_error *err)
{
	int fd = open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	int raw = errno;
	int code = raw == EACCES || raw == EPERM ? -EPERM : -EIO;
	return fail(err, code, "cannot open %s: %s", path, strerror(raw));
}

int system_lock(unsigned int timeout_ms, struct ipvsctl_error *err)
{
	const char *path = secure_getenv("XTABLES_LOCKFILE");

	if (!path || !path[0])
		path = "/run/xtables.lock";
	AUTO_CLOSE int fd = open_lock(path, err);
	if (fd < 0)
		return fd;
	int r = flock_wait(fd, timeout_ms * INT64_C(1000), NULL);
	if (r == -EBUSY)
		return fail_busy(fd, path, err);
	if (r < 0)
		return fail(err, -EIO, "cannot lock %s: %s", path, strerror(-r));
	return TAKE_FD(fd);
}
