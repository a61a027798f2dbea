/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The targets to probe for the members of pools. */
#ifndef LBCTL_CHECK_TARGET_H
#define LBCTL_CHECK_TARGET_H

#include "check/pool/run.h"
#include "check/probe/probe.h"

/* Makes run->probes of the members: each target of each way once. */
int target_collect(struct run *run) MUST_CHECK;
/* Tells whether the attempt asks only for a weight. */
static inline bool target_is_report(const struct probe *probe)
{
	return probe->check->way.kind > CHECK_KINDS;
}
/* Returns the attempt that asked for the weight of a member, or NULL. */
const struct probe *target_report(const struct run *run,
				  const struct member *member);
/* Returns the probe of a member, or NULL. */
const struct probe *target_of(const struct run *run,
			      const struct member *member);

#endif
