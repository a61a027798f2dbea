/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The services that checks watch. */
#ifndef LBCTL_CHECK_WATCH_H
#define LBCTL_CHECK_WATCH_H

#include "check/pool/run.h"

/* Adds the services that a check watches to run->watched. Returns 0 or a code
   with command->err filled. */
int watch(struct run *run, const struct check *check) MUST_CHECK;

#endif
