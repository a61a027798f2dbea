/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Starts the program of a probe. */
#ifndef LBCTL_CHECK_EXEC_CHILD_H
#define LBCTL_CHECK_EXEC_CHILD_H

#include <sys/types.h>

#include "check/probe/probe.h"

/* The user to become. */
struct exec_user {
	const char *name; /* NULL: stay this user */
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int group_count;
};

/* Why a program was not run, as the child tells its parent. */
struct exec_failure {
	int became; /* the user; 0: that failed */
	int error;
};

/* Finds a user; the caller frees its groups. Returns 0, -ENOENT if there is no
   such user, or a negative errno. */
int exec_user_find(const char *name, struct exec_user *ret_user) MUST_CHECK;

/*
 * Forks and runs words, the check's program and its arguments, in a new session
 * with output as stdout and stderr. If the program cannot be run, the child
 * writes the failure to failure, which must be close-on-exec. Returns the
 * process id or a negative errno.
 */
pid_t exec_spawn(const struct probe *probe, const struct exec_user *user,
		 char *const *words, int output, int failure) MUST_CHECK;

/* Makes the words of the probe's program. Returns as placeholder_fill(). */
int exec_words(const struct probe *probe, char ***ret_words,
	       const char **ret_missing) MUST_CHECK;

#endif
