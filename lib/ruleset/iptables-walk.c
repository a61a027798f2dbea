/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Follows the chains of a table as packets do, and takes each rule on the way
 * that marks packets or keeps them from being marked.
 *
 * A rule that keeps packets from others but has no equal here is put off: it
 * matters only if a later rule marks.
 */
#include "ruleset/iptables-walk.h"

#include <string.h>

#include "array.h"
#include "fail.h"
#include "ruleset/iptables-effects.h"
#include "ruleset/iptables-order.h"

/* ---- Parts ------------------------------------------------------------------- */

/* The state of following the chains of one hook. */
struct walk {
	struct iptables_table *table;
	struct order *order;
	struct ipvsctl_error *err;
	unsigned int line;    /* at fault */
	unsigned int dirty;   /* things that rules not taken have set */
	const char *no_marks; /* why rules cannot set marks here, or NULL */
	unsigned int differs; /* things that mark rules see otherwise */
	size_t steps;
	struct departure *deferred;
	size_t deferred_count;
	size_t deferred_capacity;
	/* Rules that could not be taken, and where their packets go on, or
	   those of departures behind that they keep packets from. */
	struct {
		struct iptables_rule *rule;
		int out;
	} pending[DEPTH_MAX];
	size_t pending_count;
};

/* A rule by which packets leave a chain. It matters only if MARK rules come. */
struct departure {
	struct iptables_rule *rule;
	const struct context *context;
	int out;  /* where they go on */
	int kept; /* the same, or that of departures behind it if it is less */
};

static struct iptables_chain *jump_to(const struct walk *walk,
				      const struct iptables_rule *rule)
{
	return iptables_find_chain(walk->table, rule->target);
}

/* Returns where packets go on that a rule accepts. */
static int accepted(const struct walk *walk)
{
	return walk->table->nft ? 0 : OUT_HOOK;
}

/* Returns the caller's word for what to take out. */
static const char *unit(const struct walk *walk)
{
	return walk->table->nft ? "rule" : "line";
}

static int fail_rule(struct walk *walk, const struct iptables_rule *rule,
		     const char *what, const char *hint)
{
	int r = fail(walk->err, -EINVAL, "%s", what);

	walk->line = rule->line;
	return fail_hint(walk->err, r, "%s", hint);
}

static int fail_size(struct walk *walk, const struct iptables_rule *rule)
{
	return fail_rule(walk, rule, WHY_SIZE, HINT_SIZE);
}

static int find_effects(struct walk *walk, struct iptables_chain *chain,
			int depth, struct effects *effects)
{
	int r;

	effects->table = walk->table;
	r = iptables_find_effects(effects, chain, depth);
	return r < 0 ? fail_rule(walk, effects->culprit, effects->why,
				 effects->hint) :
		       0;
}

/* ---- Rules that have no equal ----------------------------------------------- */

/* Fails for a rule that cannot be taken, but marks or others depend on. */
static int fail_import(struct walk *walk, const struct iptables_rule *rule,
		       const char *why)
{
	int r;

	walk->line = rule->line;
	if (iptables_sets_mark(rule) || jump_to(walk, rule)) {
		r = fail(walk->err, -EINVAL,
			 "this rule sets marks and cannot be imported, since "
			 "%s",
			 why);
		return fail_hint(walk->err, r,
				 "%s, or delete the %s if these packets need "
				 "no mark",
				 rule->marks && rule->match.keeps_state ?
					 "make it the last MARK rule of its "
					 "chain, with no match on the mark" :
					 "write it as lbctl-mark add",
				 unit(walk));
	}
	r = fail(walk->err, -EINVAL,
		 "this rule cannot be imported, since %s, and the %s after it "
		 "depend on it",
		 why, walk->table->nft ? "rules that mark" : "MARK rules");
	return fail_hint(walk->err, r,
			 "write it as lbctl-mark exclude, or delete the %s if "
			 "these packets may be marked",
			 unit(walk));
}

/* Puts off a rule that keeps packets from later rules. */
static int put_off(struct walk *walk, struct iptables_rule *rule,
		   const char *why, int out)
{
	if (rule->match_sets & THING_MARK)
		return fail_import(walk, rule, why);
	if (walk->pending_count == ARRAY_SIZE(walk->pending))
		return 0; /* the first one is told anyway */
	rule->whynot = why;
	walk->pending[walk->pending_count].rule = rule;
	walk->pending[walk->pending_count++].out = out;
	return 0;
}

/* Fails if a rule was put off, since it would keep packets from MARK rules. */
static int fail_pending(struct walk *walk)
{
	const struct iptables_rule *rule;

	if (!walk->pending_count)
		return 0;
	rule = walk->pending[0].rule;
	walk->line = rule->line;
	if (rule->ending == ENDING_DROP && walk->table->nft)
		return fail_rule(walk, rule,
				 "this drops packets before rules that mark "
				 "see them, which no mark rule can do",
				 "put it into a table of its own, and list "
				 "only the tables that mark: nft -j list table "
				 "FAMILY TABLE | lbctl-restore");
	if (rule->ending == ENDING_DROP)
		return fail_rule(walk, rule,
				 "this rule drops packets before MARK rules "
				 "see them, which no mark rule can do",
				 "put it into the filter table, and take the "
				 "line out of this file");
	return fail_import(walk, rule, rule->whynot);
}

/* Forgets what no longer keeps packets from rules at that depth. */
static void forget_pending(struct walk *walk, int depth)
{
	size_t kept = 0;

	for (size_t i = 0; i < walk->pending_count; i++)
		if (walk->pending[i].out < depth)
			walk->pending[kept++] = walk->pending[i];
	walk->pending_count = kept;
}

/* Returns why a rule's match means something else here, or NULL. */
static const char *check_match(const struct walk *walk,
			       const struct iptables_rule *rule)
{
	if (rule->why)
		return rule->why;
	if (rule->reads & walk->dirty & ~(unsigned int)THING_MARK)
		return "it reads what a rule before it sets, which is not "
		       "imported";
	if (rule->reads & walk->differs)
		return "mark rules see other addresses, before NAT, or more "
		       "connections than its base chain";
	return NULL;
}

/* ---- Following -------------------------------------------------------------- */

static int follow(struct walk *walk, struct iptables_chain *chain,
		  const struct context *context, int back);

/* Makes a conflict a failure of the rule that is to blame. */
static int refuse(struct walk *walk, int r)
{
	if (r == -ENOMEM)
		return fail_memory(walk->err);
	if (r != ORDER_CONFLICT)
		return r;
	return fail_import(walk, walk->order->culprit, walk->order->why);
}

/* Takes the departures so far, because a rule that marks follows. */
static int take_deferred(struct walk *walk)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < walk->deferred_count; i++) {
		const struct departure *departure = &walk->deferred[i];

		r = order_take(walk->order, departure->context, departure->rule,
			       departure->out);
		/* Only a culprit that keeps state is put off instead. */
		if (r == ORDER_CONFLICT)
			r = put_off(walk,
				    walk->order->culprit->match.keeps_state ?
					    walk->order->culprit :
					    departure->rule,
				    walk->order->why, departure->out);
	}
	walk->deferred_count = 0;
	return refuse(walk, r);
}

static int take_mark(struct walk *walk, const struct context *context,
		     struct iptables_rule *rule)
{
	const char *why = check_match(walk, rule);
	int r = take_deferred(walk);

	if (r == 0)
		r = fail_pending(walk);
	if (r < 0)
		return r;
	if (!rule->marks && !(why && walk->table->nft))
		why = "its target or match may set any mark";
	if (walk->no_marks)
		why = walk->no_marks;
	if (why)
		return fail_import(walk, rule, why);
	return refuse(walk, order_take(walk->order, context, rule, OUT_NOT));
}

/*
 * Keeps what precedes a departure at least as long as that: it sends packets
 * elsewhere that the departure would take along.
 */
static void keep_before(struct walk *walk, const struct departure *departure)
{
	for (size_t i = 0; i < walk->deferred_count; i++)
		if (walk->deferred[i].kept > departure->out)
			walk->deferred[i].kept = departure->out;
	for (size_t i = 0; i < walk->pending_count; i++)
		if (walk->pending[i].out > departure->out)
			walk->pending[i].out = departure->out;
}

/* Puts off a rule by which packets leave the chain, or the hook. */
static int take_leave(struct walk *walk, const struct context *context,
		      struct iptables_rule *rule, int out)
{
	const char *why = check_match(walk, rule);
	struct departure *grown;

	if (why) {
		walk->dirty |= rule->match_sets;
		return put_off(walk, rule, why, out);
	}
	grown = array_grow(walk->deferred, &walk->deferred_capacity,
			   walk->deferred_count + 1, sizeof(*grown));
	if (!grown)
		return fail_memory(walk->err);
	walk->deferred = grown;
	grown += walk->deferred_count;
	*grown = (struct departure){
		.rule = rule,
		.context = context,
		.out = out,
		.kept = out,
	};
	keep_before(walk, grown);
	walk->deferred_count++;
	return 0;
}

/* Forgets departures to where packets go on anyway, and nothing behind them. */
static void forget_deferred(struct walk *walk, int depth)
{
	size_t kept = 0;

	for (size_t i = 0; i < walk->deferred_count; i++)
		if (walk->deferred[i].kept < depth)
			walk->deferred[kept++] = walk->deferred[i];
	walk->deferred_count = kept;
}

/* Sends the packets that reach the end of a goto's chain to out. */
static int take_goto_end(struct walk *walk, const struct context *context,
			 struct iptables_rule *rule, int out)
{
	struct iptables_rule end = *rule;
	int r;

	end.match.condition_count = 0;
	end.match.rule = context->match.rule;
	end.match.keeps_state = false;
	end.match.reads_mark = false;
	r = order_take(walk->order, context, &end, out);
	/* Its entries belong to the rule. */
	for (struct entry *entry = walk->order->first; entry;
	     entry = entry->next)
		if (entry->rule == &end) {
			entry->rule = rule;
			rule->uses++;
		}
	if (r == ORDER_CONFLICT)
		return put_off(walk, rule, walk->order->why, out);
	return refuse(walk, r);
}

/* Follows a jump to a chain that marks, or by which packets leave the hook. */
static int enter(struct walk *walk, const struct context *context,
		 struct iptables_rule *rule, int back)
{
	struct context inside = { 0 };
	int depth = context->depth;
	int r = take_deferred(walk);

	if (r == 0)
		r = refuse(walk,
			   order_enter(walk->order, context, rule, &inside));
	if (r == 0)
		r = follow(walk, jump_to(walk, rule), &inside,
			   rule->is_goto || rule->is_inner ? back : depth);
	if (r < 0)
		return r;
	/* The other departures refer to inside: take them now. */
	forget_deferred(walk, depth);
	r = take_deferred(walk);
	if (r == 0 && rule->is_goto)
		r = take_goto_end(walk, &inside, rule, back);
	if (r < 0)
		return r;
	order_leave(walk->order, depth);
	forget_pending(walk, depth);
	return 0;
}

static bool is_apart(const struct context *context,
		     const struct iptables_rule *rule)
{
	struct match bare = rule->match;

	bare.condition_count = 0;
	return match_is_apart(&context->match, &bare);
}

static int take_jump(struct walk *walk, const struct context *context,
		     struct iptables_rule *rule, int back)
{
	struct iptables_chain *chain = jump_to(walk, rule);
	struct effects effects = { .steps = &walk->steps };
	const char *why = check_match(walk, rule);
	int out = rule->is_goto ? back : OUT_HOOK;
	int r = find_effects(walk, chain, context->depth, &effects);

	if (r < 0)
		return r;
	if (!why && rule->match.keeps_state)
		why = "it keeps state, or is random, and leads to more than "
		      "one rule";
	if (is_apart(context, rule))
		return 0;
	if (!effects.marks && !effects.leaves && !effects.drops &&
	    !rule->is_goto) {
		walk->dirty |= effects.sets;
		return 0;
	}
	if (!why)
		return enter(walk, context, rule, back);
	if (!effects.marks) {
		walk->dirty |= effects.sets;
		rule->ending = effects.drops ? ENDING_DROP : ENDING_ACCEPT;
		return put_off(walk, rule, why,
			       effects.leaves ? accepted(walk) : out);
	}
	r = fail_pending(walk);
	return r < 0 ? r : fail_import(walk, rule, why);
}

/* Takes one rule. back: where packets that return go on. */
static int take_rule(struct walk *walk, const struct context *context,
		     struct iptables_rule *rule, int back)
{
	rule->reached = true;
	if (!context->depth && walk->table->nft) {
		walk->no_marks = rule->no_marks;
		walk->differs = rule->sets;
	}
	if (rule->never)
		return 0;
	if (jump_to(walk, rule))
		return take_jump(walk, context, rule, back);
	if (iptables_sets_mark(rule))
		return take_mark(walk, context, rule);
	walk->dirty |= rule->sets;
	if (rule->ending == ENDING_NONE || rule->ending == ENDING_DROP)
		walk->dirty |= rule->match_sets;
	switch (rule->ending) {
	case ENDING_ACCEPT:
		return take_leave(walk, context, rule, accepted(walk));
	case ENDING_BREAK:
		return take_leave(walk, context, rule, context->depth - 1);
	case ENDING_RETURN:
		return take_leave(walk, context, rule, back);
	case ENDING_DROP:
		return put_off(walk, rule, "it drops packets", OUT_HOOK);
	case ENDING_NONE:
	default:
		return 0;
	}
}

/* Follows a chain. back: where packets that return go on. */
static int follow(struct walk *walk, struct iptables_chain *chain,
		  const struct context *context, int back)
{
	chain->active = true;
	for (size_t i = 0; i < chain->count; i++) {
		struct iptables_rule *rule =
			walk->table->rules[chain->rules[i]];
		int r;

		if (++walk->steps > STEPS_MAX || context->depth == DEPTH_MAX)
			return fail_size(walk, rule);
		if (iptables_is_ours(rule->target))
			continue;
		r = take_rule(walk, context, rule, back);
		if (r < 0)
			return r;
		/* No packet gets further. */
		if (match_is_all(&rule->match) && !rule->why &&
		    (rule->ending != ENDING_NONE || rule->is_goto) &&
		    (!jump_to(walk, rule) || rule->is_goto))
			break;
	}
	chain->active = false;
	return 0;
}

/* ---- Hooks -------------------------------------------------------------------- */

static int follow_hook(struct walk *walk, const char *name, uint16_t hook,
		       struct iptables_made *made)
{
	AUTO_ORDER struct order order = { 0 };
	struct iptables_chain *chain = iptables_find_chain(walk->table, name);
	struct context context = { 0 };
	int r;

	if (!chain)
		return 0;
	context.match.rule = (struct ipvsctl_mark){
		.mark = 1,
		.mask = UINT32_MAX,
		.priority = IPVSCTL_MARK_PRIORITY,
	};
	context.match.rule.family = walk->table->family;
	context.fresh = context.match;
	walk->order = &order;
	walk->steps = 0;
	r = follow(walk, chain, &context, OUT_HOOK);
	walk->deferred_count = 0;
	if (r == 0)
		r = refuse(walk, order_finish(&order, hook, made));
	walk->order = NULL;
	return r;
}

/* Rules put off in PREROUTING still matter in INPUT if they drop. */
static void keep_drops(struct walk *walk)
{
	size_t kept = 0;

	for (size_t i = 0; i < walk->pending_count; i++)
		if (walk->pending[i].rule->ending == ENDING_DROP)
			walk->pending[kept++] = walk->pending[i];
	walk->pending_count = kept;
}

/* Marks the rules that packets reach by hooks that are not imported. */
static int find_elsewhere(struct walk *walk)
{
	static const char *const hooks[] = { "FORWARD", "POSTROUTING" };
	int r = 0;

	walk->steps = 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(hooks); i++) {
		struct iptables_chain *chain =
			iptables_find_chain(walk->table, hooks[i]);
		struct effects effects = { .elsewhere = true };

		if (chain)
			r = find_effects(walk, chain, 0, &effects);
	}
	return r;
}

/* Fails if an imported rule reads what a rule sets that is not imported. */
static int check_lasting(struct walk *walk)
{
	unsigned int lost = 0;
	int r = find_elsewhere(walk);

	for (size_t i = 0; r == 0 && i < walk->table->count; i++) {
		const struct iptables_rule *rule = walk->table->rules[i];

		if (!jump_to(walk, rule) && !iptables_is_ours(rule->target) &&
		    ((!rule->uses && rule->reached && !rule->never) ||
		     rule->elsewhere))
			lost |= rule->sets | rule->match_sets;
	}
	lost &= THINGS_LASTING;
	for (size_t i = 0; r == 0 && i < walk->table->count; i++) {
		const struct iptables_rule *rule = walk->table->rules[i];

		if (rule->uses && (rule->reads & lost))
			r = fail_import(walk, rule,
					"it reads what another rule sets, "
					"which is not imported");
	}
	return r;
}

int iptables_follow(struct iptables_table *table, struct iptables_made *made,
		    unsigned int *ret_line, struct ipvsctl_error *err)
{
	struct walk walk = { .table = table, .err = err };
	int r = follow_hook(&walk, "PREROUTING", IPVSCTL_HOOK_PREROUTING, made);

	keep_drops(&walk);
	/* Mark rules of INPUT see the addresses that rules of INPUT saw. */
	walk.dirty &= ~(unsigned int)THING_ADDRESS;
	if (r == 0)
		r = follow_hook(&walk, "INPUT", IPVSCTL_HOOK_INPUT, made);
	walk.pending_count = 0;
	walk.dirty = 0;
	if (r == 0)
		r = follow_hook(&walk, "OUTPUT", IPVSCTL_HOOK_OUTPUT, made);
	if (r == 0)
		r = check_lasting(&walk);
	free(walk.deferred);
	if (r < 0)
		*ret_line = walk.line;
	return r;
}

int iptables_check_other(struct iptables_table *table, const char *name,
			 unsigned int *ret_line, struct ipvsctl_error *err)
{
	static const char *const hooks[] = { "PREROUTING", "INPUT", "OUTPUT" };
	struct walk walk = { .table = table, .err = err };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(hooks); i++) {
		struct iptables_chain *chain =
			iptables_find_chain(table, hooks[i]);
		struct effects effects = { 0 };

		if (chain)
			r = find_effects(&walk, chain, 0, &effects);
	}
	for (size_t i = 0; r == 0 && i < table->count; i++) {
		const struct iptables_rule *rule = table->rules[i];

		if (!rule->reached || !rule->marks)
			continue;
		walk.line = rule->line;
		r = fail(err, -EINVAL,
			 "this rule sets marks in the table %s, and only those "
			 "of the table mangle are imported",
			 name);
		r = fail_hint(err, r,
			      "move it to the table mangle, or delete the line "
			      "if these packets need no mark");
	}
	if (r < 0)
		*ret_line = walk.line;
	return r;
}
