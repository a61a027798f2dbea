/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Programs that are run without a shell, some at once, for a bounded time. */
#ifndef LBCTL_CHECK_CHILD_H
#define LBCTL_CHECK_CHILD_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* All that a program gets of an environment, whatever ours is. */
#define CHILD_PATH \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define CHILD_LANG "LANG=C"

#define CHILD_WINDOW 16 /* how many run at once at most */

/* One program and what came of it. */
struct child {
	const char *const *argv; /* argv[0] is a path; NULL at the end */
	const char *const *envp;
	const char *input; /* on its stdin, or NULL; it has no other streams */
	size_t lane;	   /* neighbours of one lane run one after another */

	char why[96]; /* "ended with status 1"; "": it went well */
};

/* Times in microseconds. */
struct child_limits {
	int64_t each;			   /* from a program's start */
	int64_t end;			   /* of all, as of clock_now() */
	const volatile sig_atomic_t *stop; /* not 0: end early; or NULL */
};

/*
 * Runs all and waits for them. One that is not done in time is killed with its
 * process group; what it has put into another goes on. Time in which this
 * process does not run is nobody's.
 */
void children_run(struct child *children, size_t count,
		  const struct child_limits *limits);

#endif
