/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What keeps replies to this host's own conversations from rules.
 *
 * By conntrack it is a match of the rule. The match of sockets cannot be
 * inverted: such rules have a chain of their own, which begins with *heads*.
 * A head takes the packets of own sockets past the chain. It need not match
 * exactly what its rule matches: every rule of the chain is exempt.
 */
#ifndef LBCTL_IPTABLES_EXEMPTION_H
#define LBCTL_IPTABLES_EXEMPTION_H

#include "entry.h"

/* A chain has a head for each of its rules, up to this many; else one for all. */
#define HEADS_MAX 4

/* The heads that were read at the beginning of a chain. */
struct heads {
	const void *entries[HEADS_MAX];
	size_t count;
};

/* Adds a head; leaves out one too many, which is not ours. */
void heads_add(struct heads *heads, const void *entry);
/* Tells whether own packets that match the rule have left at a head. */
bool heads_cover(const struct heads *heads, const struct layout *layout,
		 const void *rule);

#endif
