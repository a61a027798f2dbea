/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reading whole files, some of which say what a program of root's has to do. */
#ifndef LBCTL_CHECK_READ_H
#define LBCTL_CHECK_READ_H

#include <sys/stat.h>

#include "common/command.h"

/* Whoever has larger ones means something else. */
#define READ_MAX ((off_t)16 * 1024 * 1024)

struct file_text {
	char *text; /* length bytes and a NUL; the caller's to free */
	size_t length;
};

/*
 * Reads a regular file; one that has to be trusted is refused when others than
 * root and the caller could have written it. Returns 0, -EIO, -EINVAL, -ENOMEM
 * with command->err filled.
 */
int read_file(struct command *command, const char *path, bool trusted,
	      struct file_text *ret_text) MUST_CHECK;

/* Whether nobody but root and the caller can have written it. */
bool read_is_ours(const struct stat *status);
/* Reads at most size bytes. Returns 0, -ENOMEM or the negative errno. */
int read_open(int fd, size_t size, struct file_text *ret_text) MUST_CHECK;

#endif
