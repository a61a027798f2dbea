/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Follows a path part by part, without being led astray by other users. */
#ifndef LBCTL_BASE_PLACE_H
#define LBCTL_BASE_PLACE_H

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>

#include "scope.h"

enum place_flag {
	PLACE_FOLLOW = 1 << 0, /* follow a link that the path ends in, too */
	PLACE_FOLLOW_SAFE = 1 << 2, /* only if others cannot have made it */
	PLACE_TRUSTED = 1 << 1,	    /* refuse a part that others can replace */
};

/* Where a path leads: a name in an open folder. */
struct place {
	int folder; /* O_PATH */
	struct stat folder_status;
	int entry;		 /* what has the name, O_PATH; -1: nothing */
	struct stat status;	 /* of entry */
	bool descriptor;	 /* the name is one in /proc/PID/fd */
	char name[NAME_MAX + 1]; /* "." if the path ends in a slash */
	char part[PATH_MAX];	 /* the path up to here, for messages */
};

/*
 * Finds where path leads; a relative one begins in folder, which may be
 * AT_FDCWD. Every part is opened once, so that nobody can exchange it between
 * two looks. A link that others than root and the caller can have made is
 * refused. A link that the path ends in and that the flags do not have followed
 * is the place itself. Free the place, whatever is returned. Returns 0, also
 * if nothing has the name; -EPERM, with the part that others can replace in
 * place->part; or another negative errno, with part "".
 */
int place_find(int folder, const char *path, unsigned int flags,
	       struct place *place) MUST_CHECK;
void place_free(struct place *place);
#define AUTO_PLACE CLEANUP(place_free)

/*
 * Opens the file that path leads to, with the flags of open(2), O_PATH too.
 * A relative path begins in folder, which may be AT_FDCWD. What the caller
 * itself has opened, /dev/stdin or /proc/self/fd/3, is trusted. Returns 0;
 * -EPERM with ret_part the part of the path that others can write; or another
 * negative errno with ret_part "". The descriptor is the file that was looked
 * at: whatever happens to its path afterwards, use it and not the path.
 */
int place_open_trusted(int folder, const char *path, int flags, int *ret_fd,
		       char ret_part[PATH_MAX]) MUST_CHECK;

#endif
