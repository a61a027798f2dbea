/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Turns states into changes. */
#ifndef LBCTL_CHECK_EFFECT_H
#define LBCTL_CHECK_EFFECT_H

#include "check/pool/run.h"

/* Changes command->to as the states demand. Returns 0 or a code. */
int effect_all(struct run *run) MUST_CHECK;
/* Undoes the changes of a check that is gone; drops it from the state. */
int effect_forget(struct run *run, struct state_check *state) MUST_CHECK;

#endif
