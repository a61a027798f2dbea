/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The targets to probe for the members of pools. */
#ifndef LBCTL_CHECK_TARGET_H
#define LBCTL_CHECK_TARGET_H

#include "check/pool/run.h"
#include "check/probe/probe.h"

/* Makes run->probes of the members: each target of each way once. */
int target_collect(struct run *run) MUST_CHECK;
/* Returns the probe of a member, or NULL. */
const struct probe *target_of(const struct run *run,
			      const struct member *member);

#endif
