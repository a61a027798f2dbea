/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state machine of a row. */
#ifndef LBCTL_CHECK_VERDICT_H
#define LBCTL_CHECK_VERDICT_H

#include "check/pool/run.h"

/* Takes the verdicts of the probes into the rows. */
void verdict_take(struct run *run);
/* Takes one verdict into a row; present: the kernel has the server. */
void verdict_step(const struct check *check, struct state_row *row,
		  enum probe_verdict verdict, bool present, int64_t now);
/* Tells whether the row means that the server is out. */
bool verdict_is_out(const struct check *check, const struct state_row *row,
		    bool present);
/* Tells whether the member's check has the member out. */
bool verdict_member_is_out(const struct member *member);

#endif
