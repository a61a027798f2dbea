/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads our table from the kernel. */
#ifndef LBCTL_NFT_VIEW_READ_H
#define LBCTL_NFT_VIEW_READ_H

#include "nft/channel.h"
#include "nft/view.h"

/*
 * Fills an empty view with the table, all of one generation. Returns 0, also
 * without such a table; -EAGAIN if the tables kept changing; -ENOMEM, -EBADMSG,
 * or the kernel's errno, negative.
 */
int view_read(struct channel *channel, struct view *view) MUST_CHECK;

/* Tells whether our table has chains, and whether there are other tables.
   Returns as view_read(). */
int view_look(struct channel *channel, bool *ret_ours,
	      bool *ret_others) MUST_CHECK;

/* Each takes one message of a dump; data is the struct view. For fuzzing, too. */
int view_take_chain(struct walk attributes, void *data) MUST_CHECK;
int view_take_rule(struct walk attributes, void *data) MUST_CHECK;
int view_take_set(struct walk attributes, void *data) MUST_CHECK;
/* Takes elements of the set that was added last or is being read. */
int view_take_elements(struct walk attributes, void *data) MUST_CHECK;
/* Makes intervals of what was read of the set: of starts and ends. */
void view_join_intervals(struct view *view, struct set *set);

#endif
