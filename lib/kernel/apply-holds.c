/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes the file of holds before and after weights change in the kernel. */
#include <string.h>

#include "fail.h"
#include "kernel/apply.h"
#include "kernel/run-state.h"
#include "model/config.h"
#include "model/holds.h"
#include "model/plan.h"

static void forget(struct hold_change *change)
{
	free(change->before);
	free(change->between);
	free(change->after);
	*change = (struct hold_change){ .netns = change->netns };
}

/* Sets the file's lines aside unparsed; drops a file that cannot be read. */
static int format_flush(struct hold_change *change)
{
	AUTO_FREE char *before = NULL;
	AUTO_FREE char *after = NULL;

	if (state_read_text(change->netns, &before, NULL) < 0 || !before)
		return 0;
	if (holds_set_text_aside(before, &after) < 0)
		return -ENOMEM;
	change->between = strdup(after);
	if (!change->between)
		return -ENOMEM;
	change->before = TAKE_PTR(before);
	change->after = TAKE_PTR(after);
	return 0;
}

static int format(struct hold_change *change, const struct ipvsctl_plan *plan)
{
	AUTO_FREE char *before = NULL;
	AUTO_FREE char *after = NULL;

	if (plan->flush)
		return format_flush(change);
	if (!plan->from->holds.count && !plan->to->holds.count &&
	    !plan->from->holds.stale)
		return 0;
	if (holds_format(plan->from, &before) < 0 ||
	    holds_format(plan->to, &after) < 0)
		return -ENOMEM;
	if (strcmp(before, after) == 0 && !plan->from->holds.stale)
		return 0;
	if (holds_format_both(plan->from, plan->to, &change->between) < 0)
		return -ENOMEM;
	change->before = TAKE_PTR(before);
	change->after = TAKE_PTR(after);
	return 0;
}

static int write_text(const struct hold_change *change, const char *old,
		      const char *new, struct ipvsctl_error *err)
{
	return strcmp(old, new) == 0 ?
		       0 :
		       state_write_holds(change->netns, new, err);
}

int holds_begin(struct hold_change *change, const struct ipvsctl_plan *plan,
		struct ipvsctl_error *err)
{
	int r = 0;

	if (format(change, plan) < 0)
		return fail_memory(err);
	/* A stale line would become valid when its server gets weight 0. */
	if (change->after && plan->from->holds.stale)
		r = state_write_holds(change->netns, change->between, err);
	else if (change->after)
		r = write_text(change, change->before, change->between, err);
	if (r < 0)
		forget(change);
	/* A flush must not fail for lack of room: it drops the holds then. */
	change->flush = plan->flush;
	return plan->flush ? 0 : r;
}

int holds_finish(struct hold_change *change, struct ipvsctl_error *err)
{
	int r = 0;

	if (change->after)
		r = write_text(change, change->between, change->after, err);
	else if (change->flush)
		r = state_write_holds(change->netns, "", err);
	forget(change);
	return r;
}

/* If restoring the file fails, its new records are stale and not used. */
void holds_cancel(struct hold_change *change, bool keep)
{
	if (change->after && !keep)
		(void)write_text(change, change->between, change->before, NULL);
	forget(change);
}
