/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Commands that run short of memory, and the state that they work on. */
#ifndef LBCTL_OOM_H
#define LBCTL_OOM_H

#include <stdbool.h>
#include <stddef.h>

/* ---- The world (world.c) ---- */

enum { WORLD_MARKS = 1, WORLD_IPVS = 2 };

/*
 * Everything that a command can change: both mangle tables, IPVS, the files of
 * /run/lbctl and of the current folder.
 */
struct world;

struct world *world_read(unsigned int parts);
void world_free(struct world *world);
/* Whether they differ, but for counters; numbers: but for digits in files. */
bool world_differs(const struct world *one, const struct world *other,
		   bool numbers);
/* Makes the world what it was when `world` was read. */
void world_restore(const struct world *world);

/* ---- Commands (cases.c) ---- */

enum {
	NUMBERS = 1,	/* times are in the output: all numbers are equal */
	ANY_STATE = 2,	/* a refusal may leave the right state, too */
	ANY_STATUS = 4, /* every status but 0 says "failed" */
	UNKNOWN = 8,	/* servers that cannot be probed are left as they are */
	RAN = 16	/* a refusal may come after all but the last file */
};

struct oom_case {
	const char *command; /* words separated by blanks */
	const char *input;   /* standard input, or NULL */
	size_t input_size;   /* where it has NULs; 0: it is a string */
	int refused;	     /* the status that says "failed"; 0: 3 */
	unsigned int flags;
};

struct oom_set {
	const char *name;
	unsigned int parts;	      /* of the world */
	const char *const *begin;     /* commands that make the world */
	const struct oom_case *cases; /* end with a NULL command */
};

extern const struct oom_set oom_sets[]; /* end with a NULL name */

#endif
