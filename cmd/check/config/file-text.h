/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads whole files; some decide what a program does as root. */
#ifndef LBCTL_CHECK_FILE_TEXT_H
#define LBCTL_CHECK_FILE_TEXT_H

#include "common/command.h"

/* A larger file is taken for a mistake. */
#define READ_MAX ((size_t)16 * 1024 * 1024)

struct file_text {
	char *text; /* length bytes and a NUL; the caller frees it */
	size_t length;
};

/*
 * Reads a regular file. A file that decides what is done must be trusted, see
 * trust.h. Any user can have written another file, so its text is never quoted.
 * Returns 0, or -EIO, -EINVAL or -ENOMEM with command->err filled.
 */
int file_text_read(struct command *command, const char *path, bool trusted,
		   struct file_text *ret_text) MUST_CHECK;

#endif
