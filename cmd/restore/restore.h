/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The texts of a ruleset, from files and folders. */
#ifndef LBCTL_RESTORE_H
#define LBCTL_RESTORE_H

#include "common/command.h"
#include "common/lookup.h"

/* A ruleset and its texts. */
struct restore_texts {
	struct ipvsctl_ruleset *ruleset;
	char **texts;
	size_t count;
	struct lookup lookup;
};

/*
 * Adds a file, "-" for standard input, or the files of a folder in the order of
 * their names. Returns 0 or a negative code.
 */
int restore_read(struct command *command, const char *path,
		 struct restore_texts *texts) MUST_CHECK;
void restore_free(struct restore_texts *texts);
#define AUTO_TEXTS CLEANUP(restore_free)

#endif
