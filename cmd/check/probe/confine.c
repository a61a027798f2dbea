/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Steps that leave a process unable to do anything but talk to servers. Some
 * need a privilege that a user, a container or a unit can lack; such a process
 * has fewer rights to begin with.
 */
#include "check/probe/confine.h"

#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>

#define BIT(capability) (UINT64_C(1) << (capability))
/* Memory that probes can use beyond what is in use then. */
#define MEMORY_MORE (UINT64_C(1) << 30)

struct confining {
	const struct confine_needs *needs;
	pid_t parent;
	uid_t uid;
	gid_t gid;
};

/* Ignores EPERM and EINVAL, for steps that can be refused. */
static int unless_refused(int r)
{
	return r < 0 && errno != EPERM && errno != EINVAL ? -errno : 0;
}

/* ---- Files --------------------------------------------------------------- */

/* Reads only /etc/passwd: a directory service that hangs must not stop
   checks. */
static int find_user(struct confining *confining)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd entry = { 0 }, *found = NULL;
	char strings[4096];

	confining->uid = confining->gid = CONFINE_UID;
	while (file &&
	       fgetpwent_r(file, &entry, strings, sizeof(strings), &found) == 0)
		if (strcmp(found->pw_name, CONFINE_USER) == 0 && found->pw_uid) {
			confining->uid = found->pw_uid;
			confining->gid = found->pw_gid;
			break;
		}
	if (file)
		(void)fclose(file);
	return 0;
}

/* Libraries that write to standard error must not reach a terminal. */
static int close_descriptors(struct confining *confining)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)confining;
	/* Without /dev/null, an eventfd keeps nothing either. */
	if (fd < 0)
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	for (int standard = 0; standard <= STDERR_FILENO; standard++)
		if (dup2(fd, standard) < 0)
			return -errno;
	return close_range(STDERR_FILENO + 1, ~0U, 0) < 0 ? -errno : 0;
}

/* Without this root, confine_calls() still refuses to open files. */
static int change_root(struct confining *confining)
{
	struct stat status;
	int fd, r = 0;

	(void)confining;
	(void)mkdir(CONFINE_ROOT, 0555);
	fd = open(CONFINE_ROOT, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fstat(fd, &status) == 0 && status.st_uid == 0 &&
	    !(status.st_mode & (S_IWGRP | S_IWOTH)) && fchdir(fd) == 0)
		r = unless_refused(chroot("."));
	(void)close(fd);
	return r;
}

/* ---- Rights -------------------------------------------------------------- */

static int drop_bounds(struct confining *confining)
{
	(void)confining;
	for (unsigned long capability = 0;
	     prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return unless_refused(-1);
	return 0;
}

static int change_user(struct confining *confining)
{
	int r;

	(void)prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	r = unless_refused(setgroups(0, NULL));
	if (r == 0)
		r = unless_refused(setresgid(confining->gid, confining->gid,
					     confining->gid));
	if (r == 0)
		r = unless_refused(setresuid(confining->uid, confining->uid,
					     confining->uid));
	return r;
}

/* Sets capabilities, as far as the process has them. */
static int set_capabilities(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(permitted >> (32 * i));
		data[i].effective =
			data[i].permitted & (uint32_t)(effective >> (32 * i));
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static bool can_open(int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool can_set(int option, const void *value, socklen_t length)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 &&
	       setsockopt(fd, SOL_SOCKET, option, value, length) == 0;
}

static bool is_enough(const struct confine_needs *needs)
{
	const uint32_t mark = 1;

	if (needs->ping && !can_open(SOCK_DGRAM) && !can_open(SOCK_RAW))
		return false;
	if (needs->interface && !can_set(SO_BINDTODEVICE, "lo", 2))
		return false;
	return !needs->mark || can_set(SO_MARK, &mark, sizeof(mark));
}

/* Tries which capabilities the sockets need, since kernels differ. */
static int set_least_capabilities(struct confining *confining)
{
	static const uint64_t rights[] = {
		0,
		BIT(CAP_NET_RAW),
		BIT(CAP_NET_RAW) | BIT(CAP_NET_ADMIN),
	};
	const uint64_t most = rights[ARRAY_SIZE(rights) - 1];
	uint64_t least = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rights); i++) {
		int r = set_capabilities(most, rights[i]);

		if (r < 0)
			return r;
		least = rights[i];
		if (is_enough(confining->needs))
			break;
	}
	(void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return set_capabilities(least, least);
}

static int gain_nothing(struct confining *confining)
{
	(void)confining;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* ---- Life ---------------------------------------------------------------- */

/* Returns the bytes of the address space; 0: not known. */
static uint64_t memory_used(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char text[64] = "";

	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	(void)fclose(file);
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int lower(enum __rlimit_resource resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return -errno;
	if (limit.rlim_max > value)
		limit.rlim_max = value;
	if (limit.rlim_cur > value)
		limit.rlim_cur = value;
	return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

/* Must run while /proc can be read, to find the memory in use. */
static int set_limits(struct confining *confining)
{
	const uint64_t used = memory_used();
	int r = lower(RLIMIT_FSIZE, 0);

	(void)confining;
	if (r == 0)
		r = lower(RLIMIT_CORE, 0);
	if (r == 0)
		r = lower(RLIMIT_NPROC, 0);
	if (r == 0 && used > 0)
		r = lower(RLIMIT_AS, used + MEMORY_MORE);
	return r;
}

/* Only the parent ends this process. If a signal to a whole group or unit did,
   the probes that it is making would be taken for the cause. A server that hangs
   up while a library writes must not end it either. */
static int tie_to_parent(struct confining *confining)
{
	static const int ignored[] = { SIGINT, SIGHUP, SIGTERM, SIGPIPE };

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	/* Changing the user unsets both. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == confining->parent ? 0 : -ESRCH;
}

static int refuse_calls(struct confining *confining)
{
	(void)confining;
	return confine_calls();
}

/* ---- All ----------------------------------------------------------------- */

int confine(const struct confine_needs *needs, pid_t parent,
	    const char **ret_step)
{
	static const struct {
		const char *name;
		int (*take)(struct confining *confining);
	} steps[] = {
		{ "account", find_user },
		{ "no new privileges", gain_nothing },
		{ "limits", set_limits },
		{ "descriptors", close_descriptors },
		{ "root", change_root },
		{ "bounding set", drop_bounds },
		{ "user", change_user },
		{ "capabilities", set_least_capabilities },
		{ "parent", tie_to_parent },
		{ "system calls", refuse_calls },
	};
	struct confining confining = { .needs = needs, .parent = parent };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(steps); i++) {
		*ret_step = steps[i].name;
		r = steps[i].take(&confining);
	}
	return r;
}
