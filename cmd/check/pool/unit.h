/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What units of systemd keep from checks. */
#ifndef LBCTL_CHECK_UNIT_H
#define LBCTL_CHECK_UNIT_H

#include "check/pool/run.h"

/* Warns of mails. */
void unit_warn(const struct run *run);
/* Says in the hint of command->err what helps. Returns r. */
int unit_hint(struct command *command, int r);

#endif
