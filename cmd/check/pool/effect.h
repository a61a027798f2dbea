/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* From states to changes. */
#ifndef LBCTL_CHECK_EFFECT_H
#define LBCTL_CHECK_EFFECT_H

#include "check/pool/run.h"

/* Has command->to as the states want it. */
int effect_all(struct run *run) MUST_CHECK;
/* Drops what checks that are gone from checks.conf hold. */
int effect_forget(struct run *run, struct state_check *state) MUST_CHECK;

#endif
