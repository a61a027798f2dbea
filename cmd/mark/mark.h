/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs of lbctl-mark; each a command_run_fn. */
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

/* Opens the kernel and takes the backend that --backend names. */
int mark_open(struct command *command) MUST_CHECK;
/* As command_begin() for mark rules, with that backend. */
int mark_begin(struct command *command) MUST_CHECK;
/*
 * The rule that the command line describes, checked. exclude: it is an
 * exclusion and no argument names a mark. Returns 0, -EINVAL.
 */
int mark_parse(struct command *command, bool exclude,
	       struct ipvsctl_mark *ret_rule) MUST_CHECK;

#endif
