/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes the kernel's table what it should be, by editing what differs. */
#include "nft/change.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "nft/counters.h"
#include "nft/expressions.h"
#include "nft/matching.h"
#include "nft/objects.h"
#include "nft/rules.h"
#include "packets.h"
#include "step.h"

/* An attribute's length has 16 bits, and a list of elements is one attribute. */
#define ELEMENTS_MAX ((size_t)48 * 1024)

/* So many elements can have rules in front of their maps. */
#define FRONTS_MAX 16

struct change {
	const struct view *now;
	const struct view *wanted;
	struct matching matching;
	bool zero;
	bool rewrites;	    /* a rule that exists, with the counters of now */
	bool moves;	    /* more than the values of elements changes */
	size_t front_count; /* intervals that get another value */
	uint32_t fronts[FRONTS_MAX];
	struct batch make;  /* what nothing leads to yet */
	struct batch swap;  /* what packets see */
	struct batch sweep; /* what nothing leads to any more */
};

/* ---- Rules --------------------------------------------------------------- */

/* Where a line goes in its chain. */
struct position {
	const char *chain;
	uint64_t handle; /* of the line before which it goes; 0: the end */
	bool replaces;	 /* it takes the place of that line */
	bool follows;	 /* it goes behind that line */
};

static void put_line(struct change *change, struct batch *batch,
		     const struct line *line, const struct position *position)
{
	bool appends = position->follows || !position->handle;
	uint16_t flags = NLM_F_REPLACE;

	change->rewrites = change->rewrites || line->bearer.exists;
	change->moves = true;
	if (!position->replaces)
		flags = NLM_F_CREATE | (appends ? NLM_F_APPEND : 0);
	batch_start(batch, NFT_MSG_NEWRULE, flags);
	batch_put_text(batch, NFTA_RULE_TABLE, NFT_TABLE);
	batch_put_text(batch, NFTA_RULE_CHAIN, position->chain);
	if (position->handle)
		batch_put_be64(batch,
			       position->replaces ? NFTA_RULE_HANDLE :
						    NFTA_RULE_POSITION,
			       position->handle);
	line_put(batch, change->wanted, line);
	batch_end(batch);
}

static void delete_line(struct batch *batch, const char *chain, uint64_t handle)
{
	batch_start(batch, NFT_MSG_DELRULE, 0);
	batch_put_text(batch, NFTA_RULE_TABLE, NFT_TABLE);
	batch_put_text(batch, NFTA_RULE_CHAIN, chain);
	batch_put_be64(batch, NFTA_RULE_HANDLE, handle);
	batch_end(batch);
}

static bool same_bearer(const struct change *change, const struct bearer *now,
			const struct bearer *wanted)
{
	return now->number == wanted->number &&
	       !strcmp(view_text(change->now, now->comment),
		       view_text(change->wanted, wanted->comment)) &&
	       !(change->zero && (now->packets || now->bytes));
}

/* A rule that stays gets another mark, comment or counter in place. */
static void replace_line(struct change *change, const char *chain,
			 const struct line *now, const struct line *wanted)
{
	if (now->kind != LINE_RULE ||
	    (same_bearer(change, &now->bearer, &wanted->bearer) &&
	     now->exclude == wanted->exclude && now->mark == wanted->mark &&
	     now->mask == wanted->mask))
		return;
	put_line(change, &change->swap, wanted,
		 &(struct position){ .chain = chain,
				     .handle = now->handle,
				     .replaces = true });
}

/* Edits a chain that stays: deletes, then adds each line before the next that
   stays. */
static void edit_chain(struct change *change, const struct chain *now,
		       const struct chain *wanted)
{
	const struct matching *matching = &change->matching;
	struct position position = { .chain = now->name };

	for (uint32_t i = 0; i < now->count; i++) {
		const struct line *line = &change->now->lines[now->first + i];

		if (line->kind == LINE_ALIEN ||
		    matching->lines_stay[now->first + i])
			continue;
		change->moves = true;
		delete_line(&change->swap, now->name, line->handle);
	}
	for (uint32_t i = 0, next = 0; wanted && i < wanted->count; i++) {
		const struct line *line =
			&change->wanted->lines[wanted->first + i];
		uint32_t partner = matching->lines[wanted->first + i];

		if (partner != NO_INDEX) {
			replace_line(change, now->name,
				     &change->now->lines[partner], line);
			continue;
		}
		position.handle = 0;
		for (next = next > i ? next : i; next < wanted->count; next++) {
			partner = matching->lines[wanted->first + next];
			if (partner == NO_INDEX)
				continue;
			position.handle = change->now->lines[partner].handle;
			break;
		}
		put_line(change, &change->swap, line, &position);
	}
}

static void make_chain(struct change *change, const struct chain *chain,
		       struct batch *batch)
{
	for (uint32_t i = 0; i < chain->count; i++)
		put_line(change, batch,
			 &change->wanted->lines[chain->first + i],
			 &(struct position){ .chain = chain->name });
}

/* ---- Elements ------------------------------------------------------------ */

/* A run of elements being added to, or deleted from, one set. */
struct run {
	struct batch *batch;
	const struct set *set;
	uint16_t type;
	size_t nest; /* 0: no message is open */
};

static void end_run(struct run *run)
{
	if (!run->nest)
		return;
	batch_close(run->batch, run->nest);
	batch_end(run->batch);
	run->nest = 0;
}

static size_t open_element(struct run *run)
{
	bool add = run->type == NFT_MSG_NEWSETELEM;

	if (run->nest && batch_message_size(run->batch) > ELEMENTS_MAX)
		end_run(run);
	if (!run->nest) {
		batch_start(run->batch, run->type,
			    add ? NLM_F_CREATE | NLM_F_EXCL : 0);
		batch_put_text(run->batch, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
		batch_put_text(run->batch, NFTA_SET_ELEM_LIST_SET,
			       run->set->name);
		run->nest = batch_open(run->batch, NFTA_SET_ELEM_LIST_ELEMENTS);
	}
	return batch_open(run->batch, NFTA_LIST_ELEM);
}

static void put_key(struct run *run, const uint8_t *key)
{
	size_t nest = batch_open(run->batch, NFTA_SET_ELEM_KEY);

	batch_put(run->batch, NFTA_DATA_VALUE, key, run->set->key_length);
	batch_close(run->batch, nest);
}

/* Puts the end of an interval, if it has one: the first value behind it. */
static void put_interval_end(struct run *run, const struct element *element)
{
	uint8_t end[16];
	size_t nest;

	memcpy(end, element->last, sizeof(end));
	if (!step_up(end, run->set->key_length))
		return;
	nest = open_element(run);
	put_key(run, end);
	batch_put_be32(run->batch, NFTA_SET_ELEM_FLAGS,
		       NFT_SET_ELEM_INTERVAL_END);
	batch_close(run->batch, nest);
}

static void put_data(struct run *run, const struct view *view,
		     const struct element *element)
{
	bool jumps = element->chain != NO_INDEX;
	size_t nest, verdict;

	if (run->set->snat && !run->set->address_length)
		return;
	nest = batch_open(run->batch, NFTA_SET_ELEM_DATA);
	if (run->set->snat) {
		batch_put(run->batch, NFTA_DATA_VALUE, element->address,
			  run->set->address_length);
	} else if (run->set->verdict) {
		verdict = batch_open(run->batch, NFTA_DATA_VERDICT);
		batch_put_be32(run->batch, NFTA_VERDICT_CODE,
			       jumps ? (uint32_t)NFT_JUMP : NF_ACCEPT);
		if (jumps)
			batch_put_text(run->batch, NFTA_VERDICT_CHAIN,
				       view->chains[element->chain].name);
		batch_close(run->batch, verdict);
	} else {
		batch_put(run->batch, NFTA_DATA_VALUE, &element->mark,
			  sizeof(element->mark));
	}
	batch_close(run->batch, nest);
}

static void add_element(struct change *change, struct run *run,
			const struct element *element)
{
	const struct bearer *bearer = &element->bearer;
	size_t nest = open_element(run);

	change->rewrites = change->rewrites || bearer->exists;
	put_key(run, element->key);
	put_data(run, change->wanted, element);
	if (bearer->packets || bearer->bytes)
		counter_put(run->batch, NFTA_SET_ELEM_EXPR, bearer);
	comment_put(run->batch, NFTA_SET_ELEM_USERDATA, change->wanted, bearer);
	batch_close(run->batch, nest);
	if (run->set->interval)
		put_interval_end(run, element);
}

static void delete_element(struct run *run, const struct element *element)
{
	size_t nest = open_element(run);

	put_key(run, element->key);
	batch_close(run->batch, nest);
	if (run->set->interval)
		put_interval_end(run, element);
}

static void fill_set(struct change *change, const struct set *set)
{
	struct run run = { &change->make, set, NFT_MSG_NEWSETELEM, 0 };

	for (uint32_t i = 0; i < set->count; i++)
		add_element(change, &run,
			    &change->wanted->elements[set->first + i]);
	end_run(&run);
}

/* Tells whether an element of a wanted set stays as it is. */
static bool is_settled(const struct change *change, const struct set *set,
		       uint32_t place)
{
	const struct element *wanted = &change->wanted->elements[place];
	uint32_t partner = change->matching.elements[place];
	const struct element *now;
	uint32_t chain = wanted->chain;

	if (partner == NO_INDEX)
		return false;
	now = &change->now->elements[partner];
	if (chain != NO_INDEX)
		chain = change->matching.chains[chain];
	return now->chain == chain &&
	       (chain == NO_INDEX) == (wanted->chain == NO_INDEX) &&
	       (set->snat || now->mark == wanted->mark) &&
	       same_bearer(change, &now->bearer, &wanted->bearer);
}

/* Notes an element that goes, so that it can get another value. */
static void note_front(struct change *change, const struct set *set,
		       uint32_t place)
{
	if (!set->interval)
		return;
	if (change->front_count < FRONTS_MAX)
		change->fronts[change->front_count] = place;
	change->front_count++;
	/* What leads to a chain has no rule that could stand in front. */
	if (change->wanted->elements[place].chain != NO_INDEX)
		change->moves = true;
}

/* The kernel cannot change an element's value: it goes and comes again. */
static void edit_set(struct change *change, const struct set *now,
		     const struct set *wanted)
{
	struct run gone = { &change->swap, now, NFT_MSG_DELSETELEM, 0 };
	struct run come = { &change->swap, wanted, NFT_MSG_NEWSETELEM, 0 };
	const struct matching *matching = &change->matching;

	for (uint32_t i = 0; i < now->count; i++) {
		const struct element *element =
			&change->now->elements[now->first + i];

		if (matching->elements_stay[now->first + i] || element->alien)
			continue;
		change->moves = true;
		delete_element(&gone, element);
	}
	for (uint32_t i = 0; i < wanted->count; i++) {
		uint32_t place = wanted->first + i;

		if (matching->elements[place] == NO_INDEX) {
			change->moves = true;
		} else if (!is_settled(change, wanted, place)) {
			note_front(change, wanted, place);
			delete_element(&gone, &change->wanted->elements[place]);
		}
	}
	end_run(&gone);
	for (uint32_t i = 0; i < wanted->count; i++) {
		uint32_t place = wanted->first + i;

		if (!is_settled(change, wanted, place))
			add_element(change, &come,
				    &change->wanted->elements[place]);
	}
	end_run(&come);
}

/* ---- The three transactions ---------------------------------------------- */

static void prepare_make(struct change *change)
{
	const struct view *wanted = change->wanted;
	const struct matching *matching = &change->matching;

	if (!change->now->exists && wanted->chain_count)
		object_put_table(&change->make);
	for (size_t i = 0; i < wanted->chain_count; i++)
		if (matching->chains[i] == NO_INDEX &&
		    wanted->chains[i].role != ROLE_BASE)
			object_put_chain(&change->make, &wanted->chains[i]);
	for (size_t i = 0; i < wanted->line_count; i++) {
		const struct line *line = &wanted->lines[i];

		if (line_looks_up(line) && matching->sets[line->set] == NO_INDEX)
			object_put_set(&change->make, &wanted->sets[line->set],
				       line, line->set + 1);
	}
	for (size_t i = 0; i < wanted->set_count; i++)
		if (matching->sets[i] == NO_INDEX)
			fill_set(change, &wanted->sets[i]);
	for (size_t i = 0; i < wanted->chain_count; i++)
		if (matching->chains[i] == NO_INDEX &&
		    wanted->chains[i].role != ROLE_BASE)
			make_chain(change, &wanted->chains[i], &change->make);
}

static void prepare_swap(struct change *change)
{
	const struct view *wanted = change->wanted, *now = change->now;
	const struct matching *matching = &change->matching;

	for (size_t i = 0; i < wanted->set_count; i++)
		if (matching->sets[i] != NO_INDEX)
			edit_set(change, &now->sets[matching->sets[i]],
				 &wanted->sets[i]);
	for (size_t i = 0; i < wanted->chain_count; i++) {
		const struct chain *chain = &wanted->chains[i];

		if (matching->chains[i] != NO_INDEX) {
			if (chain->role != ROLE_BUCKET)
				edit_chain(change,
					   &now->chains[matching->chains[i]],
					   chain);
		} else if (chain->role == ROLE_BASE) {
			object_put_chain(&change->swap, chain);
			make_chain(change, chain, &change->swap);
		}
	}
	/* Of a base chain that nothing needs, at first only the jumps go. */
	for (size_t i = 0; i < now->chain_count; i++)
		if (now->chains[i].role == ROLE_BASE && !now->chains[i].wrong &&
		    !matching->chains_stay[i])
			edit_chain(change, &now->chains[i], NULL);
}

/* Deletes a chain, or of one that has somebody else's line, too, our lines. */
static void sweep_chain(struct change *change, const struct chain *chain)
{
	const struct line *lines = &change->now->lines[chain->first];
	bool has_alien = false;

	for (uint32_t i = 0; i < chain->count; i++)
		has_alien = has_alien || lines[i].kind == LINE_ALIEN;
	if (!has_alien) {
		object_delete_chain(&change->sweep, chain);
		return;
	}
	for (uint32_t i = 0; i < chain->count; i++)
		if (lines[i].kind != LINE_ALIEN)
			delete_line(&change->sweep, chain->name,
				    lines[i].handle);
}

/* Tells whether elements lead to chains. */
static bool leads_on(const struct view *view, const struct set *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (view->elements[set->first + i].chain != NO_INDEX)
			return true;
	return false;
}

/* Chains before the sets that their rules look up, sets before the chains that
   their elements lead to. */
static void prepare_sweep(struct change *change)
{
	const struct view *now = change->now;
	const struct matching *matching = &change->matching;

	for (int buckets = 0; buckets < 2; buckets++) {
		for (size_t i = 0; i < now->chain_count; i++) {
			const struct chain *chain = &now->chains[i];

			if (!matching->chains_stay[i] && !chain->wrong &&
			    chain->role != ROLE_ALIEN &&
			    (chain->role == ROLE_BUCKET) == buckets)
				sweep_chain(change, chain);
		}
		for (size_t i = 0; i < now->set_count; i++)
			if (!matching->sets_stay[i] && !now->sets[i].alien &&
			    leads_on(now, &now->sets[i]) != buckets)
				object_delete_set(&change->sweep, &now->sets[i]);
	}
}

/* ---- Rules in front ------------------------------------------------------- */

/* Puts a rule for each element of the set that changes into a chain in front of
   the line that looks it up; where that line stood is the jump, whose handle is
   known. */
static void put_front(struct change *change, const char *chain, uint64_t handle,
		      const struct line *map)
{
	const struct set *set = &change->wanted->sets[map->set];
	struct chain front = { .role = ROLE_BUCKET };
	struct line jump = { .kind = LINE_JUMP };
	size_t count = 0;

	(void)snprintf(front.name, sizeof(front.name), "%.60s-0", set->name);
	memcpy(jump.target, front.name, sizeof(jump.target));
	for (size_t i = 0; i < change->front_count; i++) {
		uint32_t place = change->fronts[i];
		const struct element *element =
			&change->wanted->elements[place];
		struct line rule = {
			.kind = LINE_RULE,
			.match = map->match,
			.exclude = set->verdict,
			.mark = element->mark,
			.mask = map->mask,
			.bearer = { .number = element->bearer.number,
				    .comment = element->bearer.comment },
		};

		if (place - set->first >= set->count ||
		    !rules_expand(&rule.match, map, set, element))
			continue;
		if (!count++)
			object_put_chain(&change->make, &front);
		put_line(change, &change->make, &rule,
			 &(struct position){ .chain = front.name });
	}
	if (!count)
		return;
	put_line(change, &change->make, map,
		 &(struct position){
			 .chain = chain, .handle = handle, .follows = true });
	put_line(change, &change->make, &jump,
		 &(struct position){
			 .chain = chain, .handle = handle, .replaces = true });
	delete_line(&change->sweep, chain, handle);
	object_delete_chain(&change->sweep, &front);
}

/*
 * On Linux 5.10 and 6.1 a packet can miss an interval that goes and comes again
 * in one transaction. A rule in front of the map marks it meanwhile. Only where
 * nothing else changes: the rules would be ahead of it.
 */
static void prepare_fronts(struct change *change)
{
	const struct view *wanted = change->wanted;

	if (change->moves || change->front_count > FRONTS_MAX ||
	    change->make.bytes.size || change->sweep.bytes.size)
		change->front_count = 0;
	for (size_t i = 0; change->front_count && i < wanted->chain_count; i++) {
		const struct chain *chain = &wanted->chains[i];

		for (uint32_t j = 0; j < chain->count; j++) {
			uint32_t place = chain->first + j;
			uint32_t partner = change->matching.lines[place];
			const struct line *line = &wanted->lines[place];

			if (line->kind == LINE_MAP && partner != NO_INDEX)
				put_front(change, chain->name,
					  change->now->lines[partner].handle,
					  line);
		}
	}
}

/* ---- Committing ---------------------------------------------------------- */

/* Tells whether no packet can reach a rule of ours. */
static bool is_idle(const struct view *view)
{
	for (size_t i = 0; i < view->chain_count; i++)
		if (view->chains[i].role == ROLE_BASE && view->chains[i].count)
			return false;
	return true;
}

/* A slow packet can see rules of one generation, and elements of a later one. */
static int commit(struct channel *channel, struct change *change)
{
	uint32_t generation = change->now->generation;
	struct batch *make = &change->make, *swap = &change->swap;
	int r = 0;

	/* What nobody sees yet can come in one piece. */
	if (is_idle(change->now) && swap->bytes.size &&
	    make->bytes.size + swap->bytes.size <=
		    channel_room(channel, make->bytes.size + swap->bytes.size)) {
		bytes_add(&make->bytes, swap->bytes.data, swap->bytes.size);
		swap->bytes.size = 0;
	}
	if (make->bytes.failed || swap->bytes.failed ||
	    change->sweep.bytes.failed)
		return -ENOMEM;
	if (make->bytes.size)
		r = channel_commit_parts(channel, &make->bytes, &generation);
	if (change->front_count)
		packets_await();
	if (r == 0 && swap->bytes.size)
		r = channel_commit(channel, &swap->bytes, &generation);
	if (r == 0 && change->sweep.bytes.size) {
		packets_await();
		r = channel_commit(channel, &change->sweep.bytes, &generation);
		/* Somebody else's rule may use what we leave. */
		if (r == -EBUSY)
			r = 0;
	}
	return r;
}

int change_commit(struct channel *channel, const struct view *now,
		  struct view *wanted, bool zero)
{
	struct change change = { .now = now, .wanted = wanted, .zero = zero };
	int r = matching_find(&change.matching, now, wanted);

	if (r == 0)
		r = counters_settle(&change.matching, zero);
	if (r == 0) {
		prepare_make(&change);
		prepare_swap(&change);
		prepare_sweep(&change);
		prepare_fronts(&change);
		r = now->aged && change.rewrites ? -ERESTART :
						   commit(channel, &change);
	}
	matching_free(&change.matching);
	batch_free(&change.make);
	batch_free(&change.swap);
	batch_free(&change.sweep);
	return r;
}
