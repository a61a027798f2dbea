/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Where the texts of a ruleset come from. */
#ifndef LBCTL_RESTORE_H
#define LBCTL_RESTORE_H

#include "common/command.h"

struct restore_answer;

/* A ruleset and the texts it is made of. */
struct restore_texts {
	struct ipvsctl_ruleset *ruleset;
	char **texts;
	size_t count;
	struct ipvsctl_names names;
	struct restore_answer *answers;
};

/*
 * Adds a file, "-" for standard input, or the files of a directory in the
 * order of their names. Returns 0 or a negative code.
 */
int restore_read(struct command *command, const char *path,
		 struct restore_texts *texts) MUST_CHECK;
void restore_free(struct restore_texts *texts);
#define AUTO_TEXTS CLEANUP(restore_free)

/*
 * Has names looked up with the C library: DNS for hosts, /etc/services for
 * ports. DNS is asked once for each host: texts are run again while the lock is
 * held, and are to mean what they meant.
 */
void restore_use_names(struct restore_texts *texts);
void restore_free_answers(struct restore_answer *first);

#endif
