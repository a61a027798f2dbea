/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What a chain, with those that it jumps to, can do to a packet. */
#ifndef LBCTL_RULESET_IPTABLES_EFFECTS_H
#define LBCTL_RULESET_IPTABLES_EFFECTS_H

#include "ruleset/iptables-table.h"

/* How deep jumps can lead, and how many rules are looked at for one hook. */
#define DEPTH_MAX 64
#define STEPS_MAX 300000

struct effects {
	const struct iptables_table *table; /* given */
	size_t *steps;	/* given: rules so far; NULL: look at chains once */
	bool elsewhere; /* given: the hook is none of ours */
	unsigned int sets;
	bool marks;
	bool leaves; /* the hook */
	bool drops;
	/* The rule at fault, why, and what helps. */
	const struct iptables_rule *culprit;
	const char *why;
	const char *hint;
};

#define WHY_SIZE  "there are too many chains to follow"
#define HINT_SIZE "write the mark rules as lines: man 5 lbctl-ruleset"

/* Tells whether a rule changes marks, perhaps by a match not imported. */
bool iptables_sets_mark(const struct iptables_rule *rule);
/* Finds the effects of a chain at that depth. Returns 0 or -EINVAL. */
int iptables_find_effects(struct effects *effects, struct iptables_chain *chain,
			  int depth) MUST_CHECK;

#endif
