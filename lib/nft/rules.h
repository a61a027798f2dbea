/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules from a view, as packets reach them. */
#ifndef LBCTL_NFT_RULES_H
#define LBCTL_NFT_RULES_H

#include "nft/view.h"

/* The numbers of rules, by their position in a configuration. */
struct numbers {
	uint32_t *of;
	size_t count;
	size_t capacity;
};

/*
 * Adds the rules that a packet reaches, in their order, to config; numbers gets
 * the number of each, or NO_NUMBER, unless it is NULL. own has the ports from
 * which this host asks. Returns 0 or -ENOMEM.
 */
int rules_of_view(const struct view *view, struct ipvsctl_config *config,
		  const struct ipvsctl_port_range *own,
		  struct numbers *numbers) MUST_CHECK;
/* Adds the key of a set's element to match, which has the rest of the line that
   looks it up. Returns false if the key is no such key. */
bool rules_expand(struct match *match, const struct line *line,
		  const struct set *set, const struct element *element);

#endif
