/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reading whole files, some of which say what a program of root's has to do. */
#ifndef LBCTL_CHECK_READ_H
#define LBCTL_CHECK_READ_H

#include "common/command.h"

/* Whoever has larger ones means something else. */
#define READ_MAX ((size_t)16 * 1024 * 1024)

struct file_text {
	char *text; /* length bytes and a NUL; the caller's to free */
	size_t length;
};

/*
 * Reads a regular file. One that says what is done has to be trusted, see
 * trust.h; any user can have written the others, so they are never quoted.
 * Returns 0, -EIO, -EINVAL, -ENOMEM with command->err filled.
 */
int file_text_read(struct command *command, const char *path, bool trusted,
		   struct file_text *ret_text) MUST_CHECK;

#endif
