/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A whole run. */
#ifndef LBCTL_CHECK_ONCE_H
#define LBCTL_CHECK_ONCE_H

#include "check/pool/run.h"

/* The whole of a run: 0 all up; 1 something is down; or a code. */
int run_once(struct run *run) MUST_CHECK;

#endif
