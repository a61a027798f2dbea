/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads whole files, with a bound. */
#ifndef LBCTL_BASE_READ_WHOLE_H
#define LBCTL_BASE_READ_WHOLE_H

#include <sys/stat.h>

#include <stddef.h>

#include "scope.h"

/*
 * Reads everything and adds a NUL; free *ret_text. Returns 0, -EFBIG for more
 * than max bytes, -ENOMEM or the failure of read(2).
 */
int read_whole(int fd, size_t max, char **ret_text,
	       size_t *ret_length) MUST_CHECK;
/*
 * Opens a file for reading if it is a regular one. Opens anything else with
 * O_PATH, since opening a device can have effects; ret_status tells what it is.
 * Returns 0 or a negative errno.
 */
int read_open_regular(const char *path, int *ret_fd,
		      struct stat *ret_status) MUST_CHECK;

#endif
