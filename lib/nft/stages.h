/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Mark rules as stages: runs of rules of one shape that no packet matches two
 * of, so that their order does not count. A stage of many rules is a map, and
 * costs a packet no more than a few rules do.
 *
 * A rule joins the last stage of its shape if it overlaps nothing in it and in
 * later stages; else it opens a new stage. So the first rule that matches wins,
 * exactly. The overlaps are found here: the kernel does not find all.
 */
#ifndef LBCTL_NFT_STAGES_H
#define LBCTL_NFT_STAGES_H

#include "nft/view.h"

/* What the kernel has of a rule already, or gets with it. */
struct rule_state {
	uint32_t number;
	bool exists;	  /* the kernel has it */
	uint64_t packets; /* of all its counters */
	uint64_t bytes;
};

struct stage_request {
	const struct ipvsctl_config *config;
	const struct rule_state *states;      /* of the rules, in their order */
	const struct ipvsctl_port_range *own; /* from which this host asks */
	uint32_t set_number; /* for the name of the first map */
};

/* A rule with lists has a line or element for each combination of their items. */
#define COMBINATIONS_MAX 4096
size_t stages_combinations(const struct ipvsctl_mark *rule);

/* Fills an empty view with the table for the rules. Returns 0, -ENOMEM, or
   -E2BIG for a rule with too many combinations. */
int stages_compile(const struct stage_request *request,
		   struct view *view) MUST_CHECK;

#endif
