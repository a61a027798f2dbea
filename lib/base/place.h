/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Follows a path part by part, safe from other users' links. */
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

/* The place to which a path leads: a name in an open folder. */
struct place {
	int folder; /* O_PATH */
	struct stat folder_status;
	int entry;		 /* the file of that name, O_PATH; -1: none */
	struct stat status;	 /* of entry */
	bool descriptor;	 /* the name is one in /proc/PID/fd */
	char name[NAME_MAX + 1]; /* "." if the path ends in a slash */
	char part[PATH_MAX];	 /* the path up to here, for messages */
};

/*
 * Finds the place to which path leads; a relative path begins in folder, which
 * may be AT_FDCWD. Opens every part once, so that nobody can exchange it
 * between two looks. Refuses a link that users other than root and the caller
 * can have made. A link at the end of the path that the flags do not follow is
 * the place itself. Free the place, whatever is returned. Returns 0, also if no
 * file has the name; -EPERM, with the part that others can replace in
 * place->part; or another negative errno, with part "".
 */
int place_find(int folder, const char *path, unsigned int flags,
	       struct place *place) MUST_CHECK;
void place_free(struct place *place);
#define AUTO_PLACE CLEANUP(place_free)

/*
 * Opens the file to which path leads, with the flags of open(2), also O_PATH.
 * A relative path begins in folder, which may be AT_FDCWD. A file that the
 * caller itself has opened, /dev/stdin or /proc/self/fd/3, is trusted. Returns
 * 0; -EPERM, with the part of the path that others can write in ret_part; or
 * another negative errno, with ret_part "". The descriptor is the file that was
 * checked. Use it and not the path, to which anything can happen afterwards.
 */
int place_open_trusted(int folder, const char *path, int flags, int *ret_fd,
		       char ret_part[PATH_MAX]) MUST_CHECK;

#endif
