/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Weights that servers report. */
#ifndef LBCTL_CHECK_WEIGH_H
#define LBCTL_CHECK_WEIGH_H

#include "check/pool/change.h"
#include "check/probe/probe.h"

/* The reason "weight:NAME=5", by which a server has the weight that it reports. */
#define WEIGH_REASON "weight"

/* Takes what was reported into a row: by the probe, or else by the attempt that only
   asked for the weight, or NULL. */
void weigh_take(const struct check *check, struct state_row *row,
		const struct probe *probe, const struct probe *asked);
/* Returns the weight that the reports leave of a wanted one: at least 1, unless they
   mean 0. */
uint32_t weigh_reported(const struct state_row *row, uint32_t wanted);
/* Tells whether the row's reports leave nothing of any weight. row can be NULL. */
bool weigh_drains(const struct state_row *row);
/* Tells whether the row's reports can hold a server at another weight. */
bool weigh_holds(const struct state_row *row);
/* Tells whether the reason is this check's, for a weight. */
bool weigh_is_own(const struct check *check, const char *reason);
/* Gives a server that is in its service its weight, or leaves the weight as it is
   if --keep keeps the server in. Returns 0 or a code. */
int weigh_member(const struct pool *pool, const struct member *member,
		 const struct ipvsctl_server *server) MUST_CHECK;

#endif
