/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* One whole run. */
#ifndef LBCTL_CHECK_ONCE_H
#define LBCTL_CHECK_ONCE_H

#include "check/pool/run.h"

/* Does a whole run. Returns 0 if all is up and run not faulty or exposed, else
   1, or a code. A dry run returns 1 if it would change something. */
int run_once(struct run *run) MUST_CHECK;

#endif
