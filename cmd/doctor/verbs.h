/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs of lbctl-doctor; see command_run_fn. */
#ifndef LBCTL_DOCTOR_VERBS_H
#define LBCTL_DOCTOR_VERBS_H

#include "common/command.h"

int doctor_check(struct command *command);
int doctor_collect(struct command *command);
int doctor_explain(struct command *command);

#endif
