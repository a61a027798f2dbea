/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The pools that checks watch. */
#ifndef LBCTL_CHECK_POOL_H
#define LBCTL_CHECK_POOL_H

#include "check/pool/run.h"

/*
 * Finds the services and members of all checks in command->from and
 * run->state, and gives each member its row.
 */
int pool_find(struct run *run) MUST_CHECK;

#endif
