/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Keeping the file of holds true while a plan is carried out. */
#ifndef LBCTL_APPLY_H
#define LBCTL_APPLY_H

#include "ipvsctl.h"
#include "scope.h"

/* The texts of the file; NULL where there is nothing to write. */
struct hold_change {
	int netns;
	char *before;
	char *between;
	char *after;
	bool flush; /* what was not loaded is to go, too */
};

/*
 * A record that does not fit the server's weight in the kernel is stale and
 * harmless. A server that is held and has no record has lost its wanted weight.
 * So the new records are added before the kernel is changed, and the old ones
 * are dropped afterwards.
 */
int holds_begin(struct hold_change *change, const struct ipvsctl_plan *plan,
		struct ipvsctl_error *err) MUST_CHECK;
/* Ends the change after a success. Returns 0 or what holds_begin() does. */
int holds_finish(struct hold_change *change,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Ends it after a failure; keep: of some steps the effect stands. */
void holds_cancel(struct hold_change *change, bool keep);

#endif
