/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Replacing a file by a text, whole or not at all. */
#ifndef LBCTL_FILE_H
#define LBCTL_FILE_H

#include "common/command.h"

/* Whether the file has this very text. */
bool file_has(const char *path, const char *text);

/*
 * Replaces the file that path leads to, also through symbolic links, at once:
 * by a temporary file beside it that is on the disk before it takes its name.
 * Owner and permissions stay; a new file gets 0644 less the umask. What is no
 * regular file is written to. Returns 0 or a negative code.
 */
int file_replace(struct command *command, const char *path,
		 const char *text) MUST_CHECK;

#endif
