/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reading files that say what a program of root's has to do. */
#ifndef LBCTL_CHECK_READ_H
#define LBCTL_CHECK_READ_H

#include "common/command.h"

/*
 * The whole of a regular file of at most max bytes, with a NUL behind it;
 * refused when others than root and the caller could have written it. Returns
 * 0, -EIO, -EINVAL, -ENOMEM with command->err filled. Free *ret_text.
 */
int read_trusted(struct command *command, const char *path, size_t max,
		 char **ret_text, size_t *ret_length) MUST_CHECK;
/* The same of any file, whoever wrote it. */
int read_file(struct command *command, const char *path, size_t max,
	      char **ret_text, size_t *ret_length) MUST_CHECK;

#endif
