/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Adds the mark rules that an import makes to those that exist. */
#include "ruleset/iptables-made.h"

#include "array.h"
#include "fail.h"
#include "model/object.h"

/* Tells whether it matters which of two rules comes first. */
static bool are_ordered(const struct ipvsctl_mark *a,
			const struct ipvsctl_mark *b)
{
	if (a->exclude == b->exclude &&
	    (a->exclude || (a->mark == b->mark && a->mask == b->mask)))
		return false;
	if (a->family && b->family && a->family != b->family)
		return false;
	return a->hook == b->hook &&
	       !match_is_apart(&(struct match){ .rule = *a },
			       &(struct match){ .rule = *b });
}

/* Tells whether an existing rule may be this one in another spelling. */
static bool may_exist(const struct iptables_made *made, const struct run *run,
		      const struct ipvsctl_mark *rule)
{
	if (!rule->extra)
		return false;
	ipvsctl_for_each_mark(run->config, other) {
		struct ipvsctl_mark same = *rule;

		same.extra = other->extra;
		same.exempt_own = other->exempt_own;
		if (other->extra && ipvsctl_mark_same_match(&same, other) &&
		    config_mark_position(made->config, other) == SIZE_MAX)
			return true;
	}
	return false;
}

/*
 * Fails if an existing rule, which keeps its place, would decide before this
 * one although this one must come first.
 */
static int check_rule(const struct iptables_made *made, const struct run *run,
		      const struct ipvsctl_mark *rule, unsigned int *ret_line,
		      struct ipvsctl_error *err)
{
	size_t position = config_mark_position(made->config, rule);
	const struct ipvsctl_mark *before = NULL;
	int r;

	if (may_exist(made, run, rule))
		return 0;
	while ((before = ipvsctl_config_next_mark(run->config, before)) &&
	       before != rule) {
		size_t other = config_mark_position(made->config, before);

		if (other == SIZE_MAX || other < position ||
		    !are_ordered(rule, before))
			continue;
		*ret_line = made->lines[position];
		r = fail(err, -EINVAL,
			 "a mark rule that exists, and is in this file, too, "
			 "decides before this one");
		return fail_hint(err, r,
				 "delete the rules of an earlier import first, "
				 "see: lbctl-mark show");
	}
	return 0;
}

/* Checks the rules that were added after others which they must precede. */
static int check_order(const struct iptables_made *made, const struct run *run,
		       unsigned int *ret_line, struct ipvsctl_error *err)
{
	const struct ipvsctl_mark *rule = NULL;
	size_t highest = 0;
	int r = 0;

	while (r == 0 && (rule = ipvsctl_config_next_mark(run->config, rule))) {
		size_t position = config_mark_position(made->config, rule);

		if (position == SIZE_MAX)
			continue;
		if (position < highest)
			r = check_rule(made, run, rule, ret_line, err);
		else
			highest = position;
	}
	return r;
}

int iptables_add_made(const struct iptables_made *made, struct run *run,
		      unsigned int *ret_line, struct ipvsctl_error *err)
{
	const struct ipvsctl_mark *rule = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < made->count; i++) {
		rule = ipvsctl_config_next_mark(made->config, rule);
		*ret_line = made->lines[i];
		r = run_import_mark(run, rule, err);
	}
	return r < 0 ? r : check_order(made, run, ret_line, err);
}

/* ---- Both families --------------------------------------------------------- */

/* How many rules of the other family are looked at for the same rule. */
#define AHEAD_MAX 64

/* The next rule of a list that is being merged. */
struct cursor {
	const struct iptables_made *made;
	const struct ipvsctl_mark *rule;
	size_t position;
};

static void step(struct cursor *cursor)
{
	cursor->rule =
		ipvsctl_config_next_mark(cursor->made->config, cursor->rule);
	cursor->position++;
}

/* Tells whether both are the same but for their family. */
static bool is_same(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b)
{
	struct ipvsctl_mark like = *a;

	like.family = b->family;
	return !a->source.count && !a->destination.count &&
	       ipvsctl_mark_same_match(&like, b) && mark_equal(&like, b);
}

static int append(struct iptables_made *merged, const struct cursor *from,
		  bool both)
{
	struct ipvsctl_mark rule = *from->rule;
	unsigned int *lines = array_grow(merged->lines, &merged->capacity,
					 merged->count + 1, sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	merged->lines = lines;
	lines[merged->count++] = from->made->lines[from->position];
	if (both)
		rule.family = 0;
	return config_append_mark(merged->config, &rule);
}

/* Adds the rules of a hook before the one that is the same, if there is. */
static int append_until(struct iptables_made *merged, struct cursor *from,
			const struct ipvsctl_mark *same)
{
	struct cursor ahead = *from;
	int r = 0;

	for (int i = 0;
	     ahead.rule && i < AHEAD_MAX && ahead.rule->hook == same->hook;
	     i++) {
		if (is_same(same, ahead.rule))
			break;
		step(&ahead);
	}
	if (!ahead.rule || ahead.rule->hook != same->hook ||
	    !is_same(same, ahead.rule))
		return 0;
	for (; r == 0 && from->position < ahead.position; step(from))
		r = append(merged, from, false);
	return r < 0 ? r : 1;
}

int iptables_merge_made(const struct iptables_made *ipv4,
			const struct iptables_made *ipv6,
			struct iptables_made *merged)
{
	struct cursor one = { .made = ipv4 };
	struct cursor other = { .made = ipv6 };
	int r = ipvsctl_config_new(&merged->config, NULL);

	one.rule = ipvsctl_config_next_mark(ipv4->config, NULL);
	other.rule = ipvsctl_config_next_mark(ipv6->config, NULL);
	for (; r == 0 && one.rule; step(&one)) {
		for (;
		     r == 0 && other.rule && other.rule->hook < one.rule->hook;
		     step(&other))
			r = append(merged, &other, false);
		if (r == 0)
			r = append_until(merged, &other, one.rule);
		if (r < 0)
			break;
		if (r > 0)
			step(&other);
		r = append(merged, &one, r > 0);
	}
	for (; r == 0 && other.rule; step(&other))
		r = append(merged, &other, false);
	return r;
}

void iptables_made_free(struct iptables_made *made)
{
	free(made->lines);
	ipvsctl_config_free(made->config);
}
