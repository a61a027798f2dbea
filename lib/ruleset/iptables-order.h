/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Makes the mark rules of one hook from iptables' rules. The first mark rule
 * that matches decides; each iptables rule changes what those before it left.
 *
 * After each rule that was taken, the list gives the current mark of every
 * packet, and whether the packet is still in the chain: the first entry that
 * matches decides; a packet that no entry matches has the mark it came with.
 */
#ifndef LBCTL_RULESET_IPTABLES_ORDER_H
#define LBCTL_RULESET_IPTABLES_ORDER_H

#include <limits.h>

#include "model/config.h"
#include "ruleset/iptables-rule.h"

/* Values of out: the packet has left no chain; it has left the hook. */
#define OUT_NOT	 INT_MAX
#define OUT_HOOK (-1)

struct entry {
	struct match match;
	struct change change;
	int out; /* how deep the packet still is in chains */
	struct iptables_rule *rule;
	struct entry *next;
	struct entry *previous;
	struct ipvsctl_address_range source; /* what match refers to */
	struct ipvsctl_address_range destination;
	char words[];
};

/* The packets that reach the rules of a chain. */
struct context {
	int depth;
	struct match match;	/* by the jumps to the chain */
	struct match fresh;	/* the same, for those that no entry matches */
	bool no_fresh;		/* there are none of these */
	struct match_room room; /* of match, */
	struct match_room fresh_room; /* and of fresh, if jumps join them */
};

struct order {
	struct entry *first;
	struct entry *last;
	/* The last entry that the entry of a plain rule must follow. */
	struct entry *barrier;
	size_t alive_before; /* entries up to it that are in the chain */
	size_t vague;	     /* entries that may leave the mark 0 */
	size_t count;
	size_t work; /* how many entries were looked at */
	/* The reason why a rule could not be taken, and the rule to blame. */
	struct iptables_rule *culprit;
	const char *why;
};

/* Returned by the functions below if mark rules cannot do the same. */
#define ORDER_CONFLICT 1

void order_free(struct order *order);
#define AUTO_ORDER CLEANUP(order_free)

/*
 * Takes a rule. out: the depth at which packets that match go on, or OUT_NOT
 * for a rule that changes the mark. Returns 0, ORDER_CONFLICT, -ENOMEM.
 */
int order_take(struct order *order, const struct context *context,
	       struct iptables_rule *rule, int out) MUST_CHECK;
/*
 * Goes one chain deeper with the packets that match rule, a jump. *inside is
 * made the context of that chain; it refers to itself and to *context. Returns
 * as order_take().
 */
int order_enter(struct order *order, const struct context *context,
		struct iptables_rule *rule, struct context *inside) MUST_CHECK;
/* Returns from deeper chains to that depth. */
void order_leave(struct order *order, int depth);

/* The mark rules that were made, and the lines they are from, in order. */
struct iptables_made {
	struct ipvsctl_config *config;
	unsigned int *lines;
	size_t count;
	size_t capacity;
};

/*
 * Adds the list to made, as mark rules of the hook; hooks must come in their
 * order. Returns 0, ORDER_CONFLICT, -ENOMEM.
 */
int order_finish(struct order *order, uint16_t hook,
		 struct iptables_made *made) MUST_CHECK;

#endif
