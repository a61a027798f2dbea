/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Verbs of lbctl-mark; each is a command_run_fn. */
#ifndef LBCTL_MARK_H
#define LBCTL_MARK_H

#include "common/command.h"

int mark_set(struct command *command); /* add or replace */
int mark_show(struct command *command);
int mark_zero(struct command *command);
int mark_convert(struct command *command);

#endif
