/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that come in get their weight in steps. */
#ifndef LBCTL_CHECK_SLOW_START_H
#define LBCTL_CHECK_SLOW_START_H

#include "check/pool/change.h"

/* The reason "slow-start:NAME=2", by which a server has less than its weight. */
#define SLOW_START_REASON "slow-start"

/* Returns the step after so many of all milliseconds: from 1 up to the target. */
uint32_t slow_start_step(uint32_t target, int64_t elapsed_ms, int64_t all_ms);
/* Begins or ends the slow start of a row whose state has changed at a time. present:
   the kernel has the server. */
void slow_start_turn(const struct check *check, struct state_row *row,
		     enum row_state before, bool present, int64_t now);
/* Tells whether the reason is this check's, for a slow start. */
bool slow_start_is_own(const struct check *check, const char *reason);
/*
 * Holds a server that is in its service at the step of now. Whoever drops the hold
 * ends the slow start. Returns 0 or a code.
 */
int slow_start_member(const struct pool *pool, const struct member *member,
		      const struct ipvsctl_server *server) MUST_CHECK;

#endif
