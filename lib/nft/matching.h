/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What of a wanted view is there already, and stays. */
#ifndef LBCTL_NFT_MATCHING_H
#define LBCTL_NFT_MATCHING_H

#include "nft/view.h"

struct matching {
	const struct view *now;
	struct view *wanted;
	/* Of each wanted object the index of that which it continues, or
	   NO_INDEX; lines keep their order. */
	uint32_t *chains;
	uint32_t *sets;
	uint32_t *lines;
	uint32_t *elements;
	/* Of each object of now: whether a wanted one continues it. */
	bool *chains_stay;
	bool *sets_stay;
	bool *lines_stay;
	bool *elements_stay;
};

/*
 * Fills matching; renames wanted sets and chains that continue others. Returns
 * 0, -ENOMEM, or -EEXIST for a chain of ours that is somebody else's.
 */
int matching_find(struct matching *matching, const struct view *now,
		  struct view *wanted) MUST_CHECK;
void matching_free(struct matching *matching);
#define AUTO_MATCHING CLEANUP(matching_free)

#endif
