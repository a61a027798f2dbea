/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Starts a program. Memory is allocated before the fork: other threads may hold
 * the allocator's locks.
 */
#include "check/probe/exec-child.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include <linux/keyctl.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>

#include "check/config/placeholder.h"

/* ---- User ---------------------------------------------------------------- */

int exec_user_find(const char *name, struct exec_user *ret_user)
{
	struct passwd entry, *found;
	char strings[16384];
	gid_t *groups;
	int count = 0;
	int error = getpwnam_r(name, &entry, strings, sizeof(strings), &found);

	if (!found)
		return error ? -error : -ENOENT;
	(void)getgrouplist(name, entry.pw_gid, NULL, &count);
	groups = calloc((size_t)count + 1, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	if (getgrouplist(name, entry.pw_gid, groups, &count) < 0) {
		free(groups);
		return -EAGAIN;
	}
	*ret_user = (struct exec_user){
		.name = name,
		.uid = entry.pw_uid,
		.gid = entry.pw_gid,
		.groups = groups,
		.group_count = count,
	};
	return 0;
}

static int become(const struct exec_user *user)
{
	/* A process that is this user already needs no privilege. */
	if (!user->name || (user->uid == geteuid() && user->uid != 0))
		return 0;
	if (setgroups((size_t)user->group_count, user->groups) < 0 ||
	    setgid(user->gid) < 0 || setuid(user->uid) < 0)
		return -errno;
	return 0;
}

/* ---- Environment --------------------------------------------------------- */

#define VARIABLES     7
#define VARIABLE_SIZE 64

struct environment {
	char texts[VARIABLES][VARIABLE_SIZE];
	char *pointers[VARIABLES + 1]; /* NULL at the end */
	size_t count;
};

static void add(struct environment *environment, const char *format, ...)
	PRINTF(2, 3);
static void add(struct environment *environment, const char *format, ...)
{
	char *text = environment->texts[environment->count];
	va_list values;

	va_start(values, format);
	(void)vsnprintf(text, VARIABLE_SIZE, format, values);
	va_end(values);
	environment->pointers[environment->count++] = text;
}

static void make_environment(const struct probe *probe,
			     struct environment *environment)
{
	char address[IPVSCTL_ADDRESS_TEXT];

	add(environment, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	add(environment, "LANG=C");
	add(environment, "LBCTL_CHECK=%s", probe->check->name);
	add(environment, "LBCTL_SERVER=%s",
	    ipvsctl_address_format(&probe->address, address));
	add(environment, "LBCTL_FAMILY=%s",
	    probe->address.family == AF_INET6 ? "inet6" : "inet");
	add(environment, "LBCTL_TIMEOUT=%g",
	    (double)probe->check->way.timeout_us / 1e6);
	if (probe->port)
		add(environment, "LBCTL_PORT=%u", probe->port);
}

/* ---- Child --------------------------------------------------------------- */

/* The child reports failures to this descriptor; those above are closed. */
#define FAILURE 3

static int set_descriptors(int output, int failure)
{
	/* output_open() has made sure that standard descriptors are open. */
	if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		return -errno;
	if (failure != FAILURE && dup3(failure, FAILURE, O_CLOEXEC) < 0)
		return -errno;
	if (close_range(FAILURE + 1, ~0U, 0) < 0)
		return -errno;
	(void)close(STDIN_FILENO);
	return open("/dev/null", O_RDONLY) == STDIN_FILENO ? 0 : -EIO;
}

/* Lowers the limit that probes have raised: some programs fail with more. */
static void set_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_cur > FD_SETSIZE)
		limit.rlim_cur = FD_SETSIZE;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* All signals stay blocked until none has a handler of ours. */
static void set_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Makes the process end with its parent. Must come last, since changing the
   user unsets it. */
static int tie_to(pid_t parent)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

struct child {
	const struct exec_user *user;
	char *const *arguments;
	char *const *environment;
	pid_t parent;
	int output, failure;
};

static void run(const struct child *child)
{
	struct exec_failure failure = { .became = 1 };
	int r;

	/* Leave the terminal, into which the program could inject input. */
	(void)setsid();
	/* Leave the caller's keyring. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	set_signals();
	set_limit();
	r = set_descriptors(child->output, child->failure);
	if (r == 0)
		r = chdir("/") < 0 ? -errno : 0;
	if (r == 0) {
		r = become(child->user);
		failure.became = r == 0;
	}
	if (r == 0)
		r = tie_to(child->parent);
	if (r == 0) {
		(void)execve(child->arguments[0], child->arguments,
			     child->environment);
		r = -errno;
	}
	failure.error = -r;
	(void)!write(FAILURE, &failure, sizeof(failure));
	_exit(127);
}

pid_t exec_spawn(const struct probe *probe, const struct exec_user *user,
		 char *const *words, int output, int failure)
{
	struct environment environment = { .count = 0 };
	struct child child = {
		.user = user,
		.arguments = words,
		.environment = environment.pointers,
		.parent = getpid(),
		.output = output,
		.failure = failure,
	};
	sigset_t all, before;
	pid_t pid;
	int error;

	make_environment(probe, &environment);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	error = errno;
	if (pid == 0)
		run(&child);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid < 0 ? -error : pid;
}

int exec_words(const struct probe *probe, char ***ret_words,
	       const char **ret_missing)
{
	const struct placeholder_values values = {
		.server = probe->address,
		.port = probe->port,
		.service = probe->told,
	};

	return placeholder_fill(probe->check->way.exec, &values, ret_words,
				ret_missing);
}
