/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs of lbctl-check; each is a command_run_fn. */
#ifndef LBCTL_CHECK_VERBS_H
#define LBCTL_CHECK_VERBS_H

#include "common/command.h"

int check_run(struct command *command);
int check_reset(struct command *command);

#endif
