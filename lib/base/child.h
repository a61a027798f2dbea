/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Programs run without a shell, some at once, for a bounded time. */
#ifndef LBCTL_BASE_CHILD_H
#define LBCTL_BASE_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scope.h"

/* The programs' whole environment, whatever ours is. */
#define CHILD_PATH \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define CHILD_LANG "LANG=C"

#define CHILD_WINDOW 16 /* most that run at once */

/* One program, and its result. */
struct child {
	const char *const *argv; /* argv[0] is a path; NULL at the end */
	const char *const *envp;
	const void *input; /* its stdin, or NULL */
	size_t input_size;
	int output, errors; /* of child_file(); 0: /dev/null */
	size_t lane;	    /* neighbours of one lane run one after another */
	const char *about;  /* what it is run for, for the caller's messages */

	int error;    /* ETIMEDOUT if it was killed, or why it did not run */
	char why[96]; /* "ended with status 1"; "": success */
};

/* Times in microseconds. */
struct child_limits {
	int64_t each;			   /* from a program's start */
	int64_t end;			   /* of all, by clock_now() */
	const volatile sig_atomic_t *stop; /* not 0: end early; or NULL */
	bool trusted; /* do not check who can write the programs */
};

/*
 * Makes a file in memory rather than a pipe: nobody has to feed or empty it,
 * and a program that does not read does no harm. Returns a descriptor above 2,
 * or a negative errno.
 */
int child_file(void) MUST_CHECK;

/*
 * Runs all programs and waits for them. A program that takes too long is killed
 * with its process group; processes that it put into another go on. Time in
 * which this process does not run does not count.
 */
void children_run(struct child *children, size_t count,
		  const struct child_limits *limits);

#endif
