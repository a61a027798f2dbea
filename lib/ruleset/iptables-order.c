/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Keeps the list of entries equivalent to the rules that were taken. */
#include "ruleset/iptables-order.h"

#include <stdio.h>
#include <string.h>

#include "array.h"
#include "model/iptables-own.h"
#include "model/object.h"

/* No real file comes near these. */
#define ENTRIES_MAX ((size_t)300000)
#define WORK_MAX    ((size_t)10000000)

static int blame(struct order *order, struct iptables_rule *rule,
		 const char *why)
{
	order->culprit = rule;
	order->why = why;
	return ORDER_CONFLICT;
}

/* ---- The list ------------------------------------------------------------ */

/* Inserts an entry after previous, or first if that is NULL. */
static void insert(struct order *order, struct entry *previous,
		   struct entry *entry)
{
	entry->previous = previous;
	entry->next = previous ? previous->next : order->first;
	if (entry->previous)
		entry->previous->next = entry;
	else
		order->first = entry;
	if (entry->next)
		entry->next->previous = entry;
	else
		order->last = entry;
}

static void take_out(struct order *order, const struct entry *entry)
{
	if (entry->previous)
		entry->previous->next = entry->next;
	else
		order->first = entry->next;
	if (entry->next)
		entry->next->previous = entry->previous;
	else
		order->last = entry->previous;
}

void order_free(struct order *order)
{
	struct entry *next;

	for (struct entry *entry = order->first; entry; entry = next) {
		next = entry->next;
		free(entry);
	}
}

/* Copies a range, which may be in a room that does not last. */
static void keep_range(struct ipvsctl_addresses *addresses,
		       struct ipvsctl_address_range *own)
{
	if (!addresses->count)
		return;
	*own = *addresses->ranges;
	addresses->ranges = own;
}

/* Adds an entry after previous. Returns 0, ORDER_CONFLICT, -ENOMEM. */
static int add(struct order *order, struct entry *previous,
	       const struct entry *wanted, struct entry **ret_entry)
{
	const char *words = mark_text(wanted->match.rule.extra);
	size_t size = strlen(words) + 1;
	struct entry *entry;

	if (order->count == ENTRIES_MAX || order->work > WORK_MAX)
		return blame(order, wanted->rule,
			     "it and the rules before it make too many rules");
	entry = malloc(sizeof(*entry) + size);
	if (!entry)
		return -ENOMEM;
	*entry = *wanted;
	keep_range(&entry->match.rule.source, &entry->source);
	keep_range(&entry->match.rule.destination, &entry->destination);
	if (*words)
		entry->match.rule.extra = memcpy(entry->words, words, size);
	entry->rule->uses++;
	order->count++;
	insert(order, previous, entry);
	if (ret_entry)
		*ret_entry = entry;
	return 0;
}

static bool may_be_0(const struct entry *entry)
{
	return entry->change.keep || !entry->change.flip;
}

/* Finds the barrier again, and counts entries that may leave the mark 0. */
static void survey(struct order *order, int depth)
{
	size_t alive_count = 0;

	order->barrier = NULL;
	order->alive_before = 0;
	order->vague = 0;
	for (struct entry *entry = order->first; entry; entry = entry->next) {
		bool alive = entry->out >= depth;

		alive_count += alive;
		if (!alive || entry->match.keeps_state) {
			order->barrier = entry;
			order->alive_before = alive_count;
		}
		order->vague += alive && may_be_0(entry);
	}
}

/* ---- Taking rules --------------------------------------------------------- */

/* A rule that is being added to the list. */
struct step {
	struct iptables_rule *rule;
	const struct context *context;
	struct match match; /* the rule's and the context's, no conditions */
	struct match_room room; /* of match */
	int out;
	bool leaves;
};

/* Narrows an entry's match to the packets that match the rule, too. */
static enum joined meet(const struct step *step, const struct entry *entry,
			struct match_room *room, struct match *ret_joined)
{
	enum joined joined =
		match_join(&entry->match, &step->match, room, ret_joined);
	enum joined marked;

	if (joined == JOINED_EMPTY)
		return joined;
	if (joined == JOINED_NOT)
		*ret_joined = entry->match;
	marked = match_add_conditions(ret_joined, &step->rule->match,
				      entry->change);
	return marked == JOINED ? joined : marked;
}

/* Fails if no mark rule can select the packets that match both. */
static int check_meeting(struct order *order, const struct step *step,
			 struct entry *entry, enum joined joined, bool whole)
{
	static const char state[] =
		"it keeps state, or is random, and would no longer see the "
		"same packets";

	if (entry->match.keeps_state && !whole)
		return blame(order, entry->rule, state);
	if (step->match.keeps_state)
		return blame(order, step->rule,
			     step->match.reads_mark ?
				     "it may read the mark that a rule before "
				     "it has set" :
				     state);
	if (joined == JOINED_NOT)
		return blame(order, step->rule,
			     "its match and that of a rule before it cannot be "
			     "joined in one rule");
	return 0;
}

/*
 * Applies the rule to the packets of one entry. place: the entry after which to
 * put the new one, and then the new one; NULL: put it before the old one.
 */
static int take_at(struct order *order, const struct step *step,
		   struct entry *entry, struct entry **place)
{
	struct entry both = {
		.change = step->leaves ? entry->change :
					 change_both(entry->change,
						     step->rule->change),
		.out = step->leaves ? step->out : entry->out,
		.rule = step->leaves ? entry->rule : step->rule,
	};
	struct match_room room;
	enum joined joined = ++order->work > WORK_MAX ?
				     JOINED_NOT :
				     meet(step, entry, &room, &both.match);
	bool whole =
		joined == JOINED && match_is_same(&both.match, &entry->match);
	int r;

	if (joined == JOINED_EMPTY)
		return 0;
	/* The entry has that mark already. */
	if (!step->leaves && !step->match.keeps_state &&
	    both.change.keep == entry->change.keep &&
	    both.change.flip == entry->change.flip)
		return 0;
	r = check_meeting(order, step, entry, joined, whole);
	if (r)
		return r;
	step->rule->uses += step->leaves;
	both.match.rule.comment = both.rule->match.rule.comment;
	if (!whole)
		return add(order, place ? *place : entry->previous, &both,
			   place);
	/* A rule that keeps bits of the mark leaves the one before in use. */
	if (step->leaves || !step->rule->change.keep) {
		entry->rule->uses--;
		entry->rule->shadowed |= !step->leaves;
	}
	both.rule->uses++;
	entry->match.rule.comment = both.match.rule.comment;
	entry->change = both.change;
	entry->out = both.out;
	entry->rule = both.rule;
	if (place) {
		take_out(order, entry);
		insert(order, *place, entry);
		*place = entry;
	}
	return 0;
}

/* Adds an entry for packets that no entry matches. */
static int take_fresh(struct order *order, const struct step *step,
		      struct entry *previous)
{
	const struct iptables_rule *rule = step->rule;
	struct entry fresh = {
		.change = step->leaves ? CHANGE_NOTHING : rule->change,
		.out = step->leaves ? step->out : OUT_NOT,
		.rule = step->rule,
	};
	enum joined joined;
	struct match_room room;

	if (step->context->no_fresh)
		return 0;
	joined = match_join(&step->context->fresh, &rule->match, &room,
			    &fresh.match);
	if (joined == JOINED_EMPTY)
		return 0;
	if (joined == JOINED_NOT)
		return blame(order, step->rule,
			     "its match and that of the jump to its chain "
			     "cannot be joined in one rule");
	fresh.match.rule.comment = rule->match.rule.comment;
	if (fresh.out >= step->context->depth)
		order->vague += may_be_0(&fresh);
	return add(order, previous, &fresh, NULL);
}

/* Tells whether one entry right after the barrier can express the rule. */
static bool is_plain(const struct step *step)
{
	const struct iptables_rule *rule = step->rule;

	return !rule->match.condition_count && !rule->match.reads_mark &&
	       !step->context->fresh.condition_count &&
	       !step->context->no_fresh && (step->leaves || !rule->change.keep);
}

/* Takes a plain rule by entries right after the barrier. */
static int take_plain(struct order *order, const struct step *step,
		      struct entry *entry)
{
	struct entry *place = order->barrier;
	struct entry *next;
	size_t count;
	int r = 0;

	for (; step->leaves && r == 0 && entry; entry = next) {
		next = entry->next;
		r = take_at(order, step, entry, &place);
	}
	count = order->count;
	if (r == 0)
		r = take_fresh(order, step, place);
	/* All entries that left come before those still in the chain. */
	if (step->leaves && !order->alive_before)
		order->barrier = order->count == count ? place :
				 place		       ? place->next :
							 order->first;
	return r;
}

/* Tells whether the rule matches no packet that an entry has marked. */
static bool wants_0(const struct order *order, const struct step *step)
{
	const struct match *match = &step->rule->match;

	return !order->vague && !match->reads_mark &&
	       match->condition_count == 1 && !match->conditions[0].value &&
	       match->conditions[0].mask == UINT32_MAX &&
	       !match->conditions[0].negated;
}

/* Tells whether taking the rule made the barrier or counts out of date. */
static bool needs_survey(const struct order *order, const struct step *step,
			 bool plain)
{
	bool keeps_state = step->rule->match.keeps_state;

	if (plain)
		return step->leaves ? order->alive_before > 0 : keeps_state;
	return step->leaves || keeps_state || !wants_0(order, step);
}

int order_take(struct order *order, const struct context *context,
	       struct iptables_rule *rule, int out)
{
	struct step step = {
		.rule = rule,
		.context = context,
		.out = out,
		.leaves = out != OUT_NOT,
	};
	struct match bare = rule->match;
	bool plain = is_plain(&step);
	struct entry *behind =
		order->barrier ? order->barrier->next : order->first;
	struct entry *entry = order->first;
	struct entry *next;
	int r = 0;

	bare.condition_count = 0;
	switch (match_join(&context->match, &bare, &step.room, &step.match)) {
	case JOINED_EMPTY:
		return 0;
	case JOINED_NOT:
		return blame(order, rule,
			     "its match and that of the jump to its chain "
			     "cannot be joined in one rule");
	case JOINED:
		break;
	}
	if (wants_0(order, &step))
		entry = NULL;
	else if (plain && !order->alive_before)
		entry = behind;
	for (; r == 0 && entry && !(plain && entry == behind); entry = next) {
		next = entry->next;
		if (entry->out >= context->depth)
			r = take_at(order, &step, entry, NULL);
	}
	if (r == 0)
		r = plain ? take_plain(order, &step, behind) :
			    take_fresh(order, &step, order->last);
	if (needs_survey(order, &step, plain))
		survey(order, context->depth);
	return r;
}

/* ---- Jumps ----------------------------------------------------------------- */

/* Splits an entry by its mark: the packets that match the jump enter. */
static int enter_at(struct order *order, const struct context *context,
		    struct iptables_rule *rule, struct entry *entry)
{
	struct entry inside = *entry;
	enum joined joined = match_add_conditions(&inside.match, &rule->match,
						  entry->change);

	if (joined == JOINED && match_is_same(&inside.match, &entry->match))
		return 0;
	if (joined == JOINED_NOT ||
	    (joined == JOINED && entry->match.keeps_state))
		return blame(order, rule,
			     "its match and that of a rule before it cannot be "
			     "joined in one rule");
	entry->out = context->depth;
	return joined == JOINED_EMPTY ?
		       0 :
		       add(order, entry->previous, &inside, NULL);
}

int order_enter(struct order *order, const struct context *context,
		struct iptables_rule *rule, struct context *inside)
{
	static const char too_long[] =
		"its match and that of the jump to its chain cannot be joined "
		"in one rule";
	struct match bare = rule->match;
	enum joined joined;

	inside->depth = context->depth + 1;
	inside->no_fresh = context->no_fresh;
	bare.condition_count = 0;
	if (match_join(&context->match, &bare, &inside->room, &inside->match) !=
	    JOINED)
		return blame(order, rule, too_long);
	joined = match_join(&context->fresh, &rule->match, &inside->fresh_room,
			    &inside->fresh);
	if (joined == JOINED_NOT)
		return blame(order, rule, too_long);
	inside->no_fresh |= joined == JOINED_EMPTY;
	if (joined == JOINED_EMPTY)
		inside->fresh = inside->match;
	for (struct entry *entry = order->first; entry; entry = entry->next) {
		int r = entry->out >= context->depth ?
				enter_at(order, context, rule, entry) :
				0;

		if (r)
			return r;
	}
	survey(order, inside->depth);
	return 0;
}

void order_leave(struct order *order, int depth)
{
	for (struct entry *entry = order->first; entry; entry = entry->next)
		if (entry->out >= depth)
			entry->out = OUT_NOT;
	survey(order, depth);
}

/* ---- Mark rules ------------------------------------------------------------- */

/* Returns why no mark rule can make that change, or NULL. */
static const char *check_change(struct change change)
{
	if (change_is_nothing(change))
		return NULL;
	if (change.flip & change.keep)
		return "it toggles bits of the mark";
	if (!change.flip)
		return change.keep ? "it clears bits of the mark" :
				     "it removes a mark";
	return NULL;
}

/* Simplifies a change by the mark bits that the conditions fix. */
static struct change simplify(const struct entry *entry)
{
	struct change change = entry->change;
	uint32_t known = 0;
	uint32_t value = 0;
	uint32_t made;

	for (size_t i = 0; i < entry->match.condition_count; i++) {
		const struct condition *condition = &entry->match.conditions[i];

		if (condition->negated)
			continue;
		known |= condition->mask;
		value |= condition->value;
	}
	made = (value & change.keep) ^ change.flip;
	if ((change.keep | known) == UINT32_MAX && !(change.flip & ~known) &&
	    ((made ^ value) & known) == 0)
		return CHANGE_NOTHING;
	if (check_change(change)) {
		change.keep &= ~known;
		change.flip = (change.flip & ~known) | (made & known);
	}
	return change;
}

/* Tells whether an earlier entry takes all its packets. */
static bool is_covered(const struct entry *entry)
{
	struct match joined;
	struct match_room room;

	for (const struct entry *before = entry->previous; before;
	     before = before->previous)
		if (!before->match.keeps_state &&
		    match_join(&entry->match, &before->match, &room, &joined) ==
			    JOINED &&
		    match_is_same(&joined, &entry->match))
			return true;
	return false;
}

/* Adds a mark rule, unless one before it has the same match. */
static int add_made(struct order *order, struct entry *entry,
		    const struct ipvsctl_mark *rule, struct iptables_made *made)
{
	unsigned int *lines = array_grow(made->lines, &made->capacity,
					 made->count + 1, sizeof(*lines));
	int r;

	if (!lines)
		return -ENOMEM;
	made->lines = lines;
	r = ipvsctl_config_add_mark(made->config, rule, NULL);
	if (r == -EEXIST && entry->match.keeps_state)
		return blame(order, entry->rule,
			     "a rule before it has the same match, which keeps "
			     "state");
	if (r == -EEXIST) {
		entry->rule->uses--;
		entry->rule->shadowed = true;
		return 0;
	}
	if (r == 0)
		lines[made->count++] = entry->rule->line;
	return r;
}

/*
 * Adds the rule with attributes in place of words, which nf_tables does not
 * have. Among matches that keep state their order counts: those stay words.
 */
static int add_own(struct order *order, struct entry *entry,
		   const struct ipvsctl_mark *rule, struct iptables_made *made)
{
	struct ipvsctl_mark own = *rule;
	match_words rest;
	int r;

	if (entry->match.keeps_state)
		return add_made(order, entry, rule, made);
	r = iptables_own(&own, rest);
	if (r == 0)
		r = add_made(order, entry,
			     ipvsctl_mark_check(&own, NULL) == 0 ? &own : rule,
			     made);
	iptables_own_clear(&own, rule);
	if (r != -ENODATA)
		return r;
	entry->rule->uses--;
	return 0;
}

/* Makes the mark rule of an entry. */
static int finish_entry(struct order *order, struct entry *entry, uint16_t hook,
			struct iptables_made *made)
{
	struct ipvsctl_mark rule = entry->match.rule;
	struct change change = simplify(entry);
	match_words words;

	rule.extra = words;
	rule.hook = hook;
	rule.priority = IPVSCTL_MARK_PRIORITY;
	rule.exempt_own = IPVSCTL_EXEMPT_NONE;
	rule.exclude = change_is_nothing(change);
	rule.mark = rule.exclude ? 1 : change.flip;
	rule.mask = rule.exclude ? UINT32_MAX : ~change.keep;
	/* Packets of the output hook have no input interface. */
	if (hook == IPVSCTL_HOOK_OUTPUT && rule.in_interface[0])
		return 0;
	if (!match_write_words(&entry->match, words))
		return blame(order, entry->rule, "its matches are too long");
	if (check_change(change))
		return is_covered(entry) ?
			       0 :
			       blame(order, entry->rule, check_change(change));
	return add_own(order, entry, &rule, made);
}

/* Drops the last entries if they change nothing: they shield no packet. */
static void drop_idle(struct order *order)
{
	struct entry *entry = order->last;

	while (entry && change_is_nothing(simplify(entry))) {
		struct entry *previous = entry->previous;

		entry->rule->uses--;
		take_out(order, entry);
		free(entry);
		entry = previous;
	}
}

int order_finish(struct order *order, uint16_t hook, struct iptables_made *made)
{
	bool ended = false;
	int r = 0;

	drop_idle(order);
	for (struct entry *entry = order->first; r == 0 && entry;
	     entry = entry->next) {
		if (ended) {
			entry->rule->uses--;
			entry->rule->shadowed = true;
		} else {
			r = finish_entry(order, entry, hook, made);
		}
		/* No packet gets past it. */
		ended |= match_is_all(&entry->match);
	}
	return r;
}
