/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs of lbctl-mark; each is a command_run_fn. */
#ifndef LBCTL_MARK_H
#define LBCTL_MARK_H

#include "common/command.h"

int mark_add(struct command *command);
int mark_replace(struct command *command);
int mark_delete(struct command *command);
int mark_exclude(struct command *command);
int mark_show(struct command *command);
int mark_flush(struct command *command);
int mark_zero(struct command *command);

/* Opens the kernel, and chooses the backend of --backend. */
int mark_open(struct command *command) MUST_CHECK;
/* Does command_begin() for mark rules, with the backend of --backend. */
int mark_begin(struct command *command) MUST_CHECK;
/*
 * Starts a rule, and makes it the checked one of the command line. exclude: an
 * exclusion, so no argument names a mark. Returns 0, -EINVAL, -ENOMEM; the rule
 * is to be cleared in any case.
 */
int mark_parse(struct command *command, bool exclude,
	       struct ipvsctl_mark *rule) MUST_CHECK;

#endif
