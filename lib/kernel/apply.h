/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Keeps the file of holds up to date while a plan is carried out. */
#ifndef LBCTL_APPLY_H
#define LBCTL_APPLY_H

#include "ipvsctl.h"
#include "scope.h"

/* The texts of the file; NULL if there is nothing to write. */
struct hold_change {
	int netns;
	char *before;
	char *between;
	char *after;
	bool flush; /* drop holds that were not loaded, too */
};

/*
 * Adds the new records before the kernel is changed; holds_finish() drops the
 * old ones afterwards. A record that does not fit the server's weight in the
 * kernel is stale and harmless; a held server without a record has lost its
 * wanted weight. Returns 0, -ENOMEM, -EPERM, -EIO.
 */
int holds_begin(struct hold_change *change, const struct ipvsctl_plan *plan,
		struct ipvsctl_error *err) MUST_CHECK;
/* Ends the change after a success. Returns as holds_begin(). */
int holds_finish(struct hold_change *change,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Ends the change after a failure; keep: some steps are still in effect. */
void holds_cancel(struct hold_change *change, bool keep);

#endif
