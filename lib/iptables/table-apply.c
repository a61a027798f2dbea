/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Makes our chains those of a configuration: one transaction per table, under
 * the lock of all iptables programs; none if nothing differs. The source of
 * packets is changed in the table nat before rules in mangle give them marks. If
 * a program that does not take the lock changes the number of rules, the kernel
 * refuses the transaction, and we try again.
 */
#include <string.h>
#include <sys/socket.h>

#include "backend.h"
#include "local-ports.h"
#include "model/error.h"
#include "nat.h"
#include "system.h"
#include "table.h"
#include "wanted.h"

#define LOCK_TIMEOUT_MS 5000
#define COMMIT_TRIES	10
/* The tables nat, then mangle, each of IPv4 and IPv6. */
#define SIDES 4

/* One table's part in an apply. */
struct side {
	const struct table_ops *ops;
	const struct snats *snats; /* wanted in nat; NULL: mangle */
	struct wanted wanted;	   /* in mangle */
	struct xtc_handle *handle; /* the snapshot, edited */
	struct image before;	   /* our chains before the edit */
	struct image after;	   /* our chains after the edit */
	bool left_out;		   /* this host has no IPv6 */
	bool changed;
	bool committed;
};

static void forget_snapshot(struct side *side)
{
	if (side->handle)
		side->ops->free(side->handle);
	side->handle = NULL;
	image_free(&side->before);
	image_free(&side->after);
	side->changed = false;
}

static void side_free(struct side *side)
{
	forget_snapshot(side);
	wanted_free(&side->wanted);
}

/* Tells whether rules are wanted in the table. */
static bool is_needed(const struct side *side)
{
	const uint16_t family = side->ops->layout->family;

	for (size_t i = 0; side->snats && i < side->snats->count; i++)
		if (side->snats->of[i].family == family)
			return true;
	return side->wanted.count;
}

/* Takes a snapshot and edits it. A failure here has changed nothing. */
static int prepare(struct side *side, bool zero, struct ipvsctl_error *err)
{
	struct edit edit = { .ops = side->ops,
			     .current = &side->before,
			     .wanted = &side->after,
			     .zero = zero };

	forget_snapshot(side);
	if (side->left_out)
		return 0;
	if (!is_needed(side) && !table_exists(side->ops))
		return 0;
	int r = table_open(side->ops, &side->handle, err);
	if (r < 0)
		return r;
	r = table_read(side->ops, side->handle, &side->before);
	if (r == 0 && side->snats)
		r = nat_image(side->snats, &side->before, &side->after);
	else if (r == 0)
		r = wanted_image(&side->wanted, &side->before, &side->after);
	edit.handle = side->handle;
	if (r == 0)
		r = table_edit(&edit);
	side->changed = edit.changed;
	return r < 0 ? table_fail(err, OPERATION_MARK_COMMIT, -r) : 0;
}

/*
 * Commits what was prepared. A commit can fail although our rules are in force:
 * if another program replaced the table between our replacing it and our adding
 * the counters. Then preparing again finds nothing to change.
 */
static int commit(struct side *side, bool zero, struct ipvsctl_error *err)
{
	for (int tries = 1; side->changed; tries++) {
		errno = 0;
		if (side->ops->commit(side->handle)) {
			side->committed = true;
			return 0;
		}
		int raw = table_errno();
		/* EAGAIN means that nothing was replaced, nor zeroed. */
		int r = prepare(side, zero && raw == EAGAIN, err);
		if (r < 0)
			return r;
		if (!side->changed)
			return 0;
		if (raw != EAGAIN || tries >= COMMIT_TRIES)
			return table_fail(err, OPERATION_MARK_COMMIT, raw);
	}
	return 0;
}

/* Restores what was before a commit; deleted rules get their old counters. */
static int take_back(struct side *side)
{
	AUTO_IMAGE struct image current = { .layout = side->ops->layout };
	struct edit edit = { .ops = side->ops,
			     .current = &current,
			     .wanted = &side->before };
	int r = table_open(side->ops, &edit.handle, NULL);

	if (r < 0)
		return r;
	r = table_read(side->ops, edit.handle, &current);
	if (r == 0)
		r = table_edit(&edit);
	if (r == 0 && edit.changed && !side->ops->commit(edit.handle))
		r = -table_errno();
	side->ops->free(edit.handle);
	return r;
}

static int run(struct side sides[SIDES], bool zero, struct ipvsctl_error *err)
{
	AUTO_CLOSE int lock = system_lock(LOCK_TIMEOUT_MS, err);
	int r = lock < 0 ? lock : 0;
	bool stands = false;

	for (size_t i = 0; i < SIDES && r == 0; i++)
		r = prepare(&sides[i], zero, err);
	for (size_t i = 0; i < SIDES && r == 0; i++)
		r = commit(&sides[i], zero, err);
	for (size_t i = SIDES; r < 0 && i-- > 0;)
		if (sides[i].committed && take_back(&sides[i]) < 0)
			stands = true;
	return stands ? fail_about(err, r, "a part of the rules has changed") :
			r;
}

int backend_apply(const struct ipvsctl_config *wanted,
		  const struct ipvsctl_config *loaded,
		  enum mark_counters counters, struct ipvsctl_error *err)
{
	AUTO_SNATS struct snats snats = { .count = 0 };
	struct side sides[SIDES] = { { .ops = &nat_ipv4, .snats = &snats },
				     { .ops = &nat_ipv6, .snats = &snats },
				     { .ops = &mangle_ipv4 },
				     { .ops = &mangle_ipv6 } };
	size_t families = 0;
	int r = wanted_families(wanted, &families, err);

	(void)loaded;
	if (r == 0 && snats_collect(&snats, wanted) < 0)
		r = fail_memory(err);
	for (size_t i = 0; i < SIDES && r == 0; i++) {
		struct side *side = &sides[i];
		side->left_out = i % 2 >= families;
		if (side->left_out || side->snats)
			continue;
		side->wanted.layout = side->ops->layout;
		side->wanted.own = local_ports();
		side->wanted.carries = counters == MARK_COUNTERS_CARRY;
		r = wanted_collect(&side->wanted, wanted, err);
	}
	if (r == 0)
		r = run(sides, counters == MARK_COUNTERS_ZERO, err);
	for (size_t i = 0; i < SIDES; i++)
		side_free(&sides[i]);
	return r;
}
