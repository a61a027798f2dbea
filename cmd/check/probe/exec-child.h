/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A program as a probe runs it, from the fork to its own first instruction. */
#ifndef LBCTL_CHECK_EXEC_CHILD_H
#define LBCTL_CHECK_EXEC_CHILD_H

#include <sys/types.h>

#include "check/probe/probe.h"

/* Whom to become. */
struct exec_user {
	const char *name; /* NULL: nobody else */
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int group_count;
};

/* What kept a program from being run, as the child tells its parent. */
struct exec_failure {
	int became; /* the user; else that failed */
	int error;
};

/* Returns 0, -ENOENT when there is no such user, or a negative errno. */
int exec_user_find(const char *name, struct exec_user *ret_user) MUST_CHECK;

/*
 * Forks and runs words, the check's program and its arguments, in a session of
 * its own, with output as its stdout and stderr. What keeps it from running is written to
 * failure, which has to be close-on-exec. Returns its process id or a negative
 * errno.
 */
pid_t exec_spawn(const struct probe *probe, const struct exec_user *user,
		 char *const *words, int output, int failure) MUST_CHECK;

/* The words of the probe's program, as placeholder_fill() has it. */
int exec_words(const struct probe *probe, char ***ret_words,
	       const char **ret_missing) MUST_CHECK;

#endif
