/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds what chains can do, without following the packets. */
#include "ruleset/iptables-effects.h"

bool iptables_sets_mark(const struct iptables_rule *rule)
{
	return rule->sets & THING_MARK ||
	       (rule->ending == ENDING_NONE && (rule->match_sets & THING_MARK));
}

static int blame(struct effects *effects, const struct iptables_rule *rule,
		 const char *why, const char *hint)
{
	effects->culprit = rule;
	effects->why = why;
	effects->hint = hint;
	return -EINVAL;
}

/* Tells whether packets leave a rule of nft by this part of it. */
static bool leaves_rule(const struct iptables_rule *rule)
{
	return rule->is_inner &&
	       (rule->is_goto || rule->ending == ENDING_RETURN);
}

/* Adds the effects of a rule, which jumps to next unless that is NULL. */
static int add_rule(struct effects *effects, struct iptables_rule *rule,
		    struct iptables_chain *next, int depth)
{
	if ((effects->steps && ++*effects->steps > STEPS_MAX) ||
	    depth == DEPTH_MAX)
		return blame(effects, rule, WHY_SIZE, HINT_SIZE);
	if (iptables_is_ours(rule->target))
		return 0;
	if (next && next->active)
		return blame(effects, rule, "this jump leads into a loop",
			     "take the line out");
	if (effects->elsewhere)
		rule->elsewhere = true;
	else
		rule->reached = true;
	effects->leaves |= leaves_rule(rule);
	if (next && next->done && !effects->steps)
		return 0;
	if (next)
		return iptables_find_effects(effects, next, depth + 1);
	effects->sets |= rule->sets | rule->match_sets;
	effects->marks |= iptables_sets_mark(rule);
	effects->leaves |= rule->ending == ENDING_ACCEPT;
	effects->drops |= rule->ending == ENDING_DROP;
	return 0;
}

int iptables_find_effects(struct effects *effects, struct iptables_chain *chain,
			  int depth)
{
	chain->active = true;
	chain->done |= !effects->steps;
	for (size_t i = 0; i < chain->count; i++) {
		struct iptables_rule *rule =
			effects->table->rules[chain->rules[i]];
		int r = add_rule(effects, rule,
				 iptables_find_chain(effects->table,
						     rule->target),
				 depth);

		if (r < 0)
			return r;
	}
	chain->active = false;
	return 0;
}
