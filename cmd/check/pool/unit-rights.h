/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rights that units of systemd keep from checks. */
#ifndef LBCTL_CHECK_UNIT_RIGHTS_H
#define LBCTL_CHECK_UNIT_RIGHTS_H

#include "check/pool/run.h"

/* Warns of mails that cannot be sent without such a right. */
void unit_warn(const struct run *run);
/* Adds to command->err the hint that helps. Returns r. */
int unit_hint(struct command *command, int r);

#endif
