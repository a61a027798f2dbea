/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The one writer of files by name: all or nothing, in any folder. */
#ifndef LBCTL_BASE_REPLACE_H
#define LBCTL_BASE_REPLACE_H

#include <stddef.h>

#include "scope.h"

enum replace_flag {
	/*
	 * What a shell does for ">": the umask counts, links are followed, and
	 * a pipe or a device is written to. Without it the new file takes the
	 * name of a regular file or of a link, and nothing else.
	 */
	REPLACE_AS_SHELL = 1 << 0,
	/* Keep an old file's group and permissions, and a link that is safe. */
	REPLACE_KEEP = 1 << 1,
	REPLACE_SYNC = 1 << 2, /* on the disk before it takes the name */
};

/* Writes all, waiting a while for a pipe to be read. 0 or a negative errno. */
int write_all(int fd, const char *bytes, size_t length) MUST_CHECK;

/*
 * Replaces the file that path leads to by length bytes, through a temporary
 * one in the same folder. A relative path begins in folder, which may be
 * AT_FDCWD. The new file belongs to the caller and has the permissions 0644.
 * Nothing is taken over from an old file of another user, links are followed
 * only if nobody but root and the caller can have made them, and in a sticky
 * folder only the caller's own files and root's are replaced as a shell does.
 * Returns 0; -ENOLINK for a link that is not followed; -ENOTSUP for what is
 * not a regular file; -ENXIO for a FIFO that nobody reads; or another errno.
 */
int replace_file(int folder, const char *path, const char *bytes, size_t length,
		 unsigned int flags) MUST_CHECK;

#endif
