/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs of lbctl-check; each a command_run_fn. */
#ifndef LBCTL_CHECK_VERBS_H
#define LBCTL_CHECK_VERBS_H

#include "common/command.h"

int check_run(struct command *command);
int check_show(struct command *command);
int check_reset(struct command *command);

/*
 * Moves the whole program to where --netns says, since probes are to go out
 * from there and the state is the namespace's. Returns 0 or a code.
 */
int enter_netns(struct command *command);

#endif
