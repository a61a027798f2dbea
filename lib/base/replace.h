/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Replaces a file by name, whole or not at all, in any folder. */
#ifndef LBCTL_BASE_REPLACE_H
#define LBCTL_BASE_REPLACE_H

#include <stddef.h>

#include "scope.h"

enum replace_flag {
	/*
	 * As a shell does for ">", obey the umask, follow links, and write to a
	 * pipe or a device. Without this flag, only a regular file or a link is
	 * replaced.
	 */
	REPLACE_AS_SHELL = 1 << 0,
	/* Keep an old file's group and permissions, and a link that is safe. */
	REPLACE_KEEP = 1 << 1,
	REPLACE_SYNC = 1 << 2, /* sync the file before it takes the name */
};

/* Writes all; waits a while for a pipe to be read. 0 or a negative errno. */
int write_all(int fd, const char *bytes, size_t length) MUST_CHECK;

/*
 * Replaces the file to which path leads by length bytes, through a temporary
 * file in the same folder. A relative path begins in folder, which may be
 * AT_FDCWD. The new file belongs to the caller and has the permissions 0644. It
 * takes nothing over from an old file of another user. Links are followed only
 * if nobody but root and the caller can have made them. In a sticky folder
 * REPLACE_AS_SHELL replaces only files of the caller and of root. Returns 0;
 * -ENOLINK for a link that is not followed; -ENOTSUP for anything but a regular
 * file; -ENXIO for a FIFO that nobody reads; or another negative errno.
 */
int replace_file(int folder, const char *path, const char *bytes, size_t length,
		 unsigned int flags) MUST_CHECK;

#endif
