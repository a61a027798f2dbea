/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Files in /run/lbctl, beside the kernel's state. Each belongs to one network
 * namespace, that of the calling thread. The namespace's inode is part of the
 * name, but the kernel gives the inode to another namespace once this one is
 * gone. So the first line has the number that no other namespace has until the
 * next boot. A file of a namespace that is gone counts as missing, and the next
 * file of that inode replaces it.
 */
#ifndef LBCTL_BASE_KEPT_H
#define LBCTL_BASE_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "scope.h"

#define KEPT_FOLDER "/run/lbctl"
#define KEPT_PATH   96
/* Returned if others can write a folder, or a file to be read. */
#define KEPT_FOLDER_UNTRUSTED 1
#define KEPT_FILE_UNTRUSTED   2

/*
 * Opens KEPT_FOLDER, or the folder of that name in it; creates it if it is
 * missing and make is set. path gets the path that a failure is about. Returns
 * 0, KEPT_FOLDER_UNTRUSTED or a negative errno.
 */
int kept_open_folder(const char *name, bool make, int *ret_fd,
		     char path[KEPT_PATH]) MUST_CHECK;

/* A kind of files: "holds", or "state" in the folder "check". */
struct kept {
	const char *folder; /* in KEPT_FOLDER; NULL: KEPT_FOLDER itself */
	const char *name;
	size_t max; /* bytes */
};

/*
 * Reads the namespace's file. *ret_text is NULL if there is none; otherwise it
 * has *ret_length bytes and a NUL, and the caller frees it. Returns as
 * kept_open_folder(), or -EFBIG or KEPT_FILE_UNTRUSTED.
 */
int kept_read(const struct kept *kept, char path[KEPT_PATH], char **ret_text,
	      size_t *ret_length) MUST_CHECK;
/* Replaces the namespace's file at once; text "" removes it. Returns as
   kept_open_folder(), or -EFBIG. */
int kept_write(const struct kept *kept, const char *text,
	       char path[KEPT_PATH]) MUST_CHECK;

#endif
