/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs that are withdrawn while a quorum is lost, or for maintenance. */
#ifndef LBCTL_CHECK_WITHDRAW_H
#define LBCTL_CHECK_WITHDRAW_H

#include "check/pool/run.h"

enum withdraw_verdict {
	WITHDRAW_NO,   /* the VIP must be there */
	WITHDRAW_KEEP, /* it stays as it is */
	WITHDRAW_YES,
};

/* Decides by the quorums of a check's services: one that is lost is enough, and
   one that is not known changes nothing. */
enum withdraw_verdict withdraw_by_quorum(const struct watched *watched,
					 size_t count);
/* Tells whether a check of this or of an earlier run withdraws a VIP. */
bool withdraw_is_possible(const struct run *run);

/* Each returns 0 or a code with command->err filled. */

/* Withdraws the VIPs of all checks, or brings them back. */
int withdraw_all(struct run *run) MUST_CHECK;
/* Brings back the VIP of a check that is gone; the state has the check until that is
   applied. */
int withdraw_forget(struct run *run, struct state_check *state) MUST_CHECK;

#endif
