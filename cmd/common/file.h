/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Files by name, with messages about failures. */
#ifndef LBCTL_FILE_H
#define LBCTL_FILE_H

#include "common/command.h"
#include "replace.h"

/* A little more than the library takes, so that it reports what is too
   large. */
#define FILE_RULESET_MAX ((size_t)257 * 1024 * 1024)

/* Tells whether the file has exactly this text. */
bool file_has(const char *path, const char *text);

/* Does replace_file() with these flags. Returns 0 or a code. */
int file_replace(struct command *command, const char *path, const char *text,
		 unsigned int flags) MUST_CHECK;

/* Reports that a file cannot be read, for a positive errno. Returns a code. */
int file_fail_read(struct command *command, const char *path, int error);
/*
 * Opens a file that decides what is done, by the rule of trust.h. Returns 0;
 * code if others than root and the caller can write it; or another code.
 */
int file_open_trusted(struct command *command, const char *path, int flags,
		      int code, int *ret_fd) MUST_CHECK;

#endif
