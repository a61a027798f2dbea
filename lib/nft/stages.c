/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sorts mark rules into stages. */
#include "nft/stages.h"

#include <search.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "model/address.h"
#include "model/object.h"
#include "nft/snat.h"
#include "nft/span-list.h"
#include "nft/stage.h"

/* ---- Pieces -------------------------------------------------------------- */

/* The values of each field of a rule. */
struct values {
	struct span_list of[FIELD_COUNT];
};

static void get_values(const struct ipvsctl_mark *rule, struct values *values)
{
	spans_of_addresses(&rule->source, &values->of[FIELD_SOURCE]);
	spans_of_addresses(&rule->destination, &values->of[FIELD_DESTINATION]);
	spans_of_ports(&rule->source_ports, &values->of[FIELD_SOURCE_PORT]);
	spans_of_ports(&rule->destination_ports,
		       &values->of[FIELD_DESTINATION_PORT]);
}

/* DSCP is at another place in each family. */
static size_t families(const struct ipvsctl_mark *rule)
{
	return rule->has_dscp && rule->family == AF_UNSPEC ? 2 : 1;
}

static size_t count_combinations(const struct ipvsctl_mark *rule,
				 const struct values *values)
{
	size_t count = families(rule);

	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (values->of[i].count)
			count *= values->of[i].count;
	return count;
}

static struct match match_of(const struct ipvsctl_mark *rule)
{
	struct match match = {
		.family = rule->family,
		.protocol = (uint8_t)rule->protocol,
		.conditions = {
			.negated = rule->negated,
			.source_type = rule->source_type,
			.destination_type = rule->destination_type,
			.state = rule->state,
			.has_dscp = rule->has_dscp,
			.dscp = rule->dscp,
			.has_mac = rule->has_mac,
		},
	};

	memcpy(match.conditions.mac, rule->mac, sizeof(rule->mac));
	/* "+" is every interface. */
	if (strcmp(rule->in_interface, "+") != 0)
		memcpy(match.in_interface, rule->in_interface,
		       sizeof(match.in_interface));
	return match;
}

/* Sets what the combination of that number has of each list. */
static void combine(struct match *match, const struct values *values,
		    size_t number)
{
	for (size_t i = FIELD_COUNT; i-- > 0;) {
		const struct span_list *list = &values->of[i];

		if (!list->count)
			continue;
		match->fields |= (uint8_t)FIELD_BIT(i);
		match->spans[i] = list->spans[number % list->count];
		number /= list->count;
	}
	if (match->conditions.has_dscp && match->family == AF_UNSPEC)
		match->family = number ? AF_INET6 : AF_INET;
}

size_t stages_combinations(const struct ipvsctl_mark *rule)
{
	struct values values;

	get_values(rule, &values);
	return count_combinations(rule, &values);
}

/* Counts all combinations. Returns 0 or -E2BIG. */
static int count_pieces(const struct ipvsctl_config *config, size_t *ret_count)
{
	size_t count = 0;

	ipvsctl_for_each_mark(config, rule) {
		size_t combinations = stages_combinations(rule);

		if (combinations > COMBINATIONS_MAX)
			return -E2BIG;
		count += combinations;
	}
	*ret_count = count;
	return 0;
}

/* ---- Overlaps ------------------------------------------------------------ */

static int compare_spans(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	if (memcmp(one->last, other->first, sizeof(one->last)) < 0)
		return -1;
	return memcmp(other->last, one->first, sizeof(one->last)) < 0;
}

static uint32_t hash_key(const struct match *match, uint8_t fields)
{
	uint32_t hash = INDEX_HASH_START;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (fields & FIELD_BIT(i))
			hash = index_hash(hash, match->spans[i].first,
					  sizeof(match->spans[i].first));
	return hash;
}

static bool same_key(const void *array, size_t position, const void *identity)
{
	const struct bucket *bucket = &((const struct bucket *)array)[position];
	const struct match *match = identity;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (bucket->exact & FIELD_BIT(i) &&
		    memcmp(match->spans[i].first,
			   bucket->piece->match.spans[i].first,
			   sizeof(match->spans[i].first)) != 0)
			return false;
	return true;
}

static size_t bucket_place(const struct stage *stage, const struct match *match)
{
	return index_find(&stage->index, hash_key(match, stage->shape.exact),
			  stage->buckets, same_key, match);
}

static struct bucket *find_bucket(const struct stage *stage,
				  const struct match *match)
{
	size_t place = bucket_place(stage, match);

	return place == SIZE_MAX ? NULL : &stage->buckets[place];
}

size_t stage_bucket(const struct stage *stage, const struct piece *piece)
{
	return bucket_place(stage, &piece->match);
}

static bool overlaps_each(const struct stage *stage, const struct match *match)
{
	for (const struct piece *piece = stage->first; piece;
	     piece = piece->next)
		if (match_overlap(&piece->match, match))
			return true;
	return false;
}

/* Stages of no more pieces are searched one by one. */
#define FEW 16

/* Tells whether a packet could match both; may err on the side of true. */
static bool overlaps(const struct stage *stage, const struct piece *piece)
{
	const struct match *match = &piece->match;
	const struct shape *shape = &stage->shape;
	struct match constants = { .family = shape->family,
				   .protocol = shape->protocol };
	const struct bucket *bucket;

	memcpy(constants.in_interface, shape->in_interface,
	       sizeof(constants.in_interface));
	if (!shape->alone && !match_overlap(&constants, match))
		return false;
	if (shape->alone || stage->count <= FEW)
		return overlaps_each(stage, match);
	if ((piece->shape.exact & shape->exact) != shape->exact)
		return true;
	bucket = find_bucket(stage, match);
	if (!bucket || shape->range == FIELD_COUNT)
		return bucket;
	if (!match_has(match, shape->range))
		return true;
	return tfind(&match->spans[shape->range], &bucket->tree, compare_spans);
}

/* ---- Joining ------------------------------------------------------------- */

static struct shape shape_of(const struct piece *piece)
{
	const struct match *match = &piece->match;
	struct shape shape = { .family = match->family,
			       .protocol = match->protocol,
			       .exempt = piece->exempt,
			       .exclude = piece->rule->exclude,
			       .range = FIELD_COUNT };

	memcpy(shape.in_interface, match->in_interface,
	       sizeof(shape.in_interface));
	/* A map sets whole marks, and needs something to look up. */
	shape.alone = !match->fields || match_has_conditions(match) ||
		      (!shape.exclude && piece->rule->mask != UINT32_MAX);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (!match_has(match, (enum match_field)i))
			continue;
		if (match_is_exact(match, (enum match_field)i))
			shape.exact |= (uint8_t)FIELD_BIT(i);
		else if (shape.range == FIELD_COUNT)
			shape.range = (enum match_field)i;
		else
			shape.alone = true; /* intervals have one dimension */
	}
	return shape;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
	if (a->exempt != b->exempt || a->alone != b->alone)
		return false;
	return a->alone ||
	       (a->family == b->family && a->protocol == b->protocol &&
		a->exact == b->exact && a->range == b->range &&
		a->exclude == b->exclude &&
		!strcmp(a->in_interface, b->in_interface));
}

static struct stage *add_stage(struct stages *stages, const struct shape *shape)
{
	struct stage *grown = array_grow(stages->of, &stages->capacity,
					 stages->count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	stages->of = grown;
	grown[stages->count] = (struct stage){ .shape = *shape };
	return &grown[stages->count++];
}

/*
 * Finds the stage to join: the last of the piece's shape, if nothing in it and
 * behind it overlaps. Rules that cannot be in a map join the last stage, if it
 * is one of theirs, in their order.
 */
static struct stage *choose(struct stages *stages, size_t from,
			    const struct piece *piece)
{
	for (size_t i = stages->count; i-- > from;) {
		struct stage *stage = &stages->of[i];

		if (piece->shape.alone)
			return same_shape(&stage->shape, &piece->shape) ?
				       stage :
				       NULL;
		if (overlaps(stage, piece))
			return NULL;
		if (same_shape(&stage->shape, &piece->shape))
			return stage;
	}
	return NULL;
}

static int add_bucket(struct stage *stage, const struct piece *piece)
{
	struct bucket *grown =
		array_grow(stage->buckets, &stage->bucket_capacity,
			   stage->bucket_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	stage->buckets = grown;
	grown[stage->bucket_count] = (struct bucket){
		.piece = piece,
		.exact = stage->shape.exact,
	};
	return index_add(&stage->index,
			 hash_key(&piece->match, stage->shape.exact),
			 stage->bucket_count++);
}

static int join(struct stage *stage, struct piece *piece)
{
	struct bucket *bucket;
	int r;

	if (stage->first && stage->shape.range != FIELD_COUNT &&
	    memcmp(&stage->first->match.spans[stage->shape.range],
		   &piece->match.spans[stage->shape.range],
		   sizeof(struct span)) != 0)
		stage->varies = true;
	if (stage->last)
		stage->last->next = piece;
	else
		stage->first = piece;
	stage->last = piece;
	stage->count++;
	if (stage->shape.alone)
		return 0;
	bucket = find_bucket(stage, &piece->match);
	if (!bucket) {
		r = add_bucket(stage, piece);
		if (r < 0)
			return r;
		bucket = &stage->buckets[stage->bucket_count - 1];
	}
	bucket->count++;
	if (stage->shape.range == FIELD_COUNT)
		return 0;
	return tsearch(&piece->match.spans[stage->shape.range], &bucket->tree,
		       compare_spans) ?
		       0 :
		       -ENOMEM;
}

static int add_piece(struct stages *stages, size_t from, struct piece *piece)
{
	struct stage *stage;

	piece->shape = shape_of(piece);
	stage = choose(stages, from, piece);
	if (!stage)
		stage = add_stage(stages, &piece->shape);
	return stage ? join(stage, piece) : -ENOMEM;
}

/* Adds the combinations of a rule's lists. */
static int add_rule(struct stages *stages, size_t from,
		    const struct piece *pattern)
{
	struct values values;
	size_t count;
	int r = 0;

	get_values(pattern->rule, &values);
	count = count_combinations(pattern->rule, &values);
	for (size_t i = 0; i < count && r == 0; i++) {
		struct piece *piece = stages->next_piece++;

		*piece = *pattern;
		/* The rule's counters are the sum of its pieces'. */
		if (i)
			piece->state.packets = piece->state.bytes = 0;
		combine(&piece->match, &values, i);
		r = add_piece(stages, from, piece);
	}
	return r;
}

/* The keys of trees are parts of pieces. */
static void leave_key(void *key)
{
	(void)key;
}

static void stages_free(struct stages *stages)
{
	for (size_t i = 0; i < stages->count; i++) {
		struct stage *stage = &stages->of[i];

		for (size_t b = 0; b < stage->bucket_count; b++)
			tdestroy(stage->buckets[b].tree, leave_key);
		free(stage->buckets);
		index_free(&stage->index);
	}
	free(stages->of);
}

static int add_snat(const struct ipvsctl_config *config, uint32_t number,
		    struct view *view)
{
	AUTO_SNATS struct snats snats = { .count = 0 };
	int r = snats_collect(&snats, config);

	if (r == 0)
		snat_layout(&snats, number, view);
	return view->failed ? -ENOMEM : r;
}

int stages_compile(const struct stage_request *request, struct view *view)
{
	struct stages stages = { .number = request->set_number };
	const struct ipvsctl_mark *last = NULL;
	struct piece *pieces;
	size_t from = 0, count = 0;
	uint32_t place = 0;
	int r = count_pieces(request->config, &count);

	if (r < 0)
		return r;
	pieces = calloc(count + 1, sizeof(*pieces));
	if (!pieces)
		return -ENOMEM;
	stages.next_piece = pieces;
	ipvsctl_for_each_mark(request->config, rule) {
		struct piece piece = {
			.rule = rule,
			.match = match_of(rule),
			.state = request->states[place],
			.place = place,
			.exempt = (uint16_t)mark_shown_exemption(rule,
								 request->own),
		};

		if (last && (rule->hook != last->hook ||
			     rule->priority != last->priority))
			from = stages.count;
		last = rule;
		place++;
		if (r == 0)
			r = add_rule(&stages, from, &piece);
	}
	if (r == 0)
		r = stages_layout(&stages, view);
	if (r == 0)
		r = add_snat(request->config, stages.number, view);
	view->rule_count = place;
	stages_free(&stages);
	free(pieces);
	return r < 0 ? r : view_index(view);
}
