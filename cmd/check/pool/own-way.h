/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that cannot be reached because this host is cut off. */
#ifndef LBCTL_CHECK_OWN_WAY_H
#define LBCTL_CHECK_OWN_WAY_H

#include "check/pool/run.h"

/*
 * Makes the verdict unknown of servers that seem down because this host's own way
 * to them is; warns of them. Servers that are down already are left out, so that
 * runs cost nothing while nothing changes. Returns 0 or -ENOMEM with command->err
 * filled.
 */
int own_way_judge(struct run *run) MUST_CHECK;

#endif
