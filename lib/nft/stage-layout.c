/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lays stages out as chains, lines and sets. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "model/object.h"
#include "nft/stage.h"

/*
 * A map costs a packet as much as four rules, a map of maps as eight (measured
 * on 6.18: 70 and 110 ns against 20 to 28 for each rule that misses).
 */
#define MAP_MIN	 4
#define MAPS_MIN 8
/* So few exempt rules, too few for a map, have a head for each, so that only
   packets that they match cost a look-up of a socket. */
#define HEADS_MAX (MAP_MIN - 1)

struct layout {
	struct stages *stages;
	struct view *view;
	const struct piece **row; /* pieces without maps, in order */
	size_t row_count;
	size_t row_capacity;
	uint32_t *sets; /* of each stage: NO_INDEX if it is no map */
	bool failed;
};

/* A range that is the same for all, as the ports of many VIPs, goes with the
   line; others need a map for each bucket. */
static bool has_buckets(const struct stage *stage)
{
	return stage->shape.exact && stage->shape.range != FIELD_COUNT &&
	       stage->varies;
}

static bool is_map(const struct stage *stage)
{
	return !stage->shape.alone &&
	       stage->count >= (has_buckets(stage) ? MAPS_MIN : MAP_MIN);
}

static const struct ipvsctl_mark *rule_of(const struct stage *stage)
{
	return stage->first->rule;
}

/* ---- Lines --------------------------------------------------------------- */

static struct bearer bearer_of(struct view *view, const struct piece *piece)
{
	const char *comment = mark_text(piece->rule->comment);

	return (struct bearer){
		.number = piece->state.number,
		.comment = view_add_text(view, comment, strlen(comment)),
		.rule = piece->place,
		.exists = piece->state.exists,
		.packets = piece->state.packets,
		.bytes = piece->state.bytes,
	};
}

static void add_rule(struct view *view, const struct piece *piece)
{
	struct bearer bearer = bearer_of(view, piece);
	struct line *line = view_add_line(view);

	if (!line)
		return;
	line->kind = LINE_RULE;
	line->match = piece->match;
	line->exclude = piece->rule->exclude;
	line->mark = line->exclude ? 0 : piece->rule->mark;
	line->mask = line->exclude ? 0 : piece->rule->mask;
	line->bearer = bearer;
}

static void add_exemption(struct view *view, uint16_t exempt,
			  const struct match *match)
{
	struct line *line = view_add_line(view);

	if (!line)
		return;
	line->kind = LINE_EXEMPT;
	line->exempt = exempt;
	if (match)
		line->match = *match;
}

/* Adds the look-up of some of a shape's fields. Returns its set's index. */
static uint32_t add_map(struct view *view, const struct shape *shape,
			uint8_t fields, bool verdict, const char *name)
{
	struct set *set = view_add_set(view);
	struct line *line = view_add_line(view);

	if (!line || !set)
		return NO_INDEX;
	line->kind = LINE_MAP;
	line->match.family = shape->family;
	line->match.protocol = shape->protocol;
	memcpy(line->match.in_interface, shape->in_interface,
	       sizeof(line->match.in_interface));
	line->verdict = verdict;
	line->mask = verdict ? 0 : UINT32_MAX;
	line->set = (uint32_t)view->set_count - 1;
	(void)snprintf(line->target, sizeof(line->target), "%s", name);
	memcpy(set->name, line->target, sizeof(set->name));
	set->verdict = verdict;
	set->interval =
		shape->range != FIELD_COUNT && fields & FIELD_BIT(shape->range);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		size_t width = field_width((enum match_field)i, shape->family);

		if (!(fields & FIELD_BIT(i)))
			continue;
		line->keys[line->key_count++] = (uint8_t)i;
		set->key_length += (uint16_t)((width + 3) & ~(size_t)3);
		if (fields == FIELD_BIT(i))
			set->key_length = (uint16_t)width;
	}
	return line->set;
}

/* ---- Segments ------------------------------------------------------------ */

static int compare_numbers(const void *a, const void *b)
{
	const struct piece *one = *(const struct piece *const *)a;
	const struct piece *other = *(const struct piece *const *)b;

	/* Pieces of one rule lie in its order. */
	return one->state.number < other->state.number ? -1 :
	       one->state.number > other->state.number ? 1 :
	       one < other			       ? -1 :
							 one > other;
}

/* Puts pieces in the rules' order, which is one of those that are right. */
static void end_row(struct layout *layout)
{
	if (layout->row_count)
		qsort(layout->row, layout->row_count, sizeof(struct piece *),
		      compare_numbers);
	for (size_t i = 0; i < layout->row_count; i++)
		add_rule(layout->view, layout->row[i]);
	layout->row_count = 0;
}

static void add_to_row(struct layout *layout, const struct stage *stage)
{
	for (const struct piece *piece = stage->first; piece;
	     piece = piece->next) {
		const struct piece **grown =
			array_grow(layout->row, &layout->row_capacity,
				   layout->row_count + 1,
				   sizeof(const struct piece *));

		if (!grown) {
			layout->failed = true;
			return;
		}
		layout->row = grown;
		grown[layout->row_count++] = piece;
	}
}

/* The fields by which a stage's map is looked up first. */
static uint8_t first_keys(const struct stage *stage)
{
	if (stage->shape.exact)
		return stage->shape.exact;
	return (uint8_t)FIELD_BIT(stage->shape.range);
}

static void add_stage(struct layout *layout, size_t place)
{
	const struct stage *stage = &layout->stages->of[place];
	enum match_field range = stage->shape.range;
	struct line *line;
	char name[NFT_NAME];

	if (!is_map(stage)) {
		add_to_row(layout, stage);
		return;
	}
	end_row(layout);
	(void)snprintf(name, sizeof(name), "%s-map-%u",
		       hook_name(rule_of(stage)->hook),
		       layout->stages->number++);
	layout->sets[place] =
		add_map(layout->view, &stage->shape, first_keys(stage),
			stage->shape.exclude || has_buckets(stage), name);
	if (layout->sets[place] == NO_INDEX || !stage->shape.exact ||
	    range == FIELD_COUNT || stage->varies)
		return;
	line = &layout->view->lines[layout->view->line_count - 1];
	line->match.fields |= (uint8_t)FIELD_BIT(range);
	line->match.spans[range] = stage->first->match.spans[range];
}

static bool same_place(const struct stage *a, const struct stage *b)
{
	return rule_of(a)->hook == rule_of(b)->hook &&
	       rule_of(a)->priority == rule_of(b)->priority;
}

/* Exempt rules come behind lines by which own conversations leave. */
static void add_heads(struct layout *layout, size_t from, size_t to)
{
	const struct stage *stages = layout->stages->of;
	uint16_t exempt = stages[from].shape.exempt;
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		count += stages[i].count;
	if (exempt == IPVSCTL_EXEMPT_SOCKET && count <= HEADS_MAX) {
		for (size_t i = from; i < to; i++)
			for (const struct piece *piece = stages[i].first; piece;
			     piece = piece->next)
				add_exemption(layout->view, exempt,
					      &piece->match);
	} else if (exempt != IPVSCTL_EXEMPT_NONE) {
		add_exemption(layout->view, exempt, NULL);
	}
}

/* Adds the segment that begins with a stage. Returns where the next begins. */
static size_t add_segment(struct layout *layout, size_t from, uint32_t ordinal)
{
	const struct stage *stages = layout->stages->of;
	struct chain *chain = view_add_chain(layout->view);
	size_t place = layout->view->chain_count - 1, to = from + 1;

	if (!chain)
		return layout->stages->count;
	while (to < layout->stages->count &&
	       same_place(&stages[from], &stages[to]) &&
	       stages[to].shape.exempt == stages[from].shape.exempt)
		to++;
	chain->role = ROLE_SEGMENT;
	chain->hook = rule_of(&stages[from])->hook;
	chain->priority = rule_of(&stages[from])->priority;
	chain->ordinal = ordinal;
	chain->first = (uint32_t)layout->view->line_count;
	chain_name_format(chain);
	add_heads(layout, from, to);
	for (size_t i = from; i < to; i++)
		add_stage(layout, i);
	end_row(layout);
	chain = &layout->view->chains[place];
	chain->count = (uint32_t)layout->view->line_count - chain->first;
	return to;
}

static void add_segments(struct layout *layout)
{
	const struct stages *stages = layout->stages;
	uint32_t ordinal = 1;

	for (size_t next, i = 0; i < stages->count; i = next) {
		next = add_segment(layout, i, ordinal);
		ordinal =
			next < stages->count && same_place(&stages->of[i],
							   &stages->of[next]) ?
				ordinal + 1 :
				1;
	}
}

/* Adds a base chain for each hook that has segments, with a jump to each. */
static void add_bases(struct view *view)
{
	size_t segments = view->chain_count;

	for (uint16_t hook = 0; hook < NFT_HOOKS; hook++) {
		struct chain base = { .role = ROLE_BASE,
				      .hook = hook,
				      .first = (uint32_t)view->line_count };
		struct chain *added;

		for (size_t i = 0; i < segments; i++) {
			const struct chain *segment = &view->chains[i];
			struct line *line =
				segment->role == ROLE_SEGMENT &&
						segment->hook == hook ?
					view_add_line(view) :
					NULL;
			if (!line)
				continue;
			line->kind = LINE_JUMP;
			memcpy(line->target, segment->name,
			       sizeof(line->target));
			base.count++;
		}
		chain_name_format(&base);
		added = base.count ? view_add_chain(view) : NULL;
		if (added)
			*added = base;
	}
}

/* ---- Elements ------------------------------------------------------------ */

static void put_keys(const struct match *match, uint8_t fields,
		     struct element *element)
{
	size_t at = 0;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		size_t width = field_width((enum match_field)i, match->family);

		if (!(fields & FIELD_BIT(i)))
			continue;
		memcpy(element->key + at, match->spans[i].first, width);
		if (fields == FIELD_BIT(i))
			memcpy(element->last, match->spans[i].last, width);
		at += (width + 3) & ~(size_t)3;
	}
}

static void add_element(struct view *view, const struct piece *piece,
			uint8_t fields)
{
	struct bearer bearer = bearer_of(view, piece);
	struct element *element = view_add_element(view);

	if (!element)
		return;
	put_keys(&piece->match, fields, element);
	element->chain = NO_INDEX;
	element->mark = piece->rule->exclude ? 0 : piece->rule->mark;
	element->bearer = bearer;
}

/* Adds the chain of a bucket, its line and its set, and leads to it. */
static void add_bucket(struct layout *layout, const struct stage *stage,
		       const struct bucket *bucket, const char *name)
{
	struct view *view = layout->view;
	struct element *element = view_add_element(view);
	struct chain *chain = view_add_chain(view);

	if (!element || !chain)
		return;
	put_keys(&bucket->piece->match, stage->shape.exact, element);
	element->chain = (uint32_t)view->chain_count - 1;
	element->bearer.number = NO_NUMBER;
	chain->role = ROLE_BUCKET;
	chain->hook = rule_of(stage)->hook;
	chain->first = (uint32_t)view->line_count;
	chain->count = 1;
	(void)snprintf(chain->name, sizeof(chain->name), "%s", name);
	(void)add_map(view, &stage->shape,
		      (uint8_t)FIELD_BIT(stage->shape.range),
		      stage->shape.exclude, name);
}

/*
 * Adds one set for each bucket. The elements of a set lie together, and pieces
 * of a stage do not: they are added bucket by bucket.
 */
static void add_buckets(struct layout *layout, const struct stage *stage,
			struct set *outer)
{
	struct view *view = layout->view;
	uint32_t first_set = (uint32_t)view->set_count;
	const struct piece **pieces =
		calloc(stage->count, sizeof(struct piece *));
	size_t *ends = calloc(stage->bucket_count + 1, sizeof(*ends));
	char prefix[NFT_NAME - 24], name[NFT_NAME];

	(void)snprintf(prefix, sizeof(prefix), "%.39s", outer->name);
	outer->first = (uint32_t)view->element_count;
	outer->count = (uint32_t)stage->bucket_count;
	for (size_t i = 0; i < stage->bucket_count && ends; i++) {
		(void)snprintf(name, sizeof(name), "%s-%zu", prefix, i + 1);
		add_bucket(layout, stage, &stage->buckets[i], name);
		ends[i + 1] = ends[i] + stage->buckets[i].count;
	}
	layout->failed = layout->failed || view->failed || !pieces || !ends;
	if (layout->failed) {
		free(pieces);
		free(ends);
		return;
	}
	for (const struct piece *piece = stage->first; piece;
	     piece = piece->next)
		pieces[ends[stage_bucket(stage, piece)]++] = piece;
	/* Now each end is where the next bucket begins. */
	for (size_t i = 0, at = 0; i < stage->bucket_count; i++) {
		struct set *set = &view->sets[first_set + i];

		set->first = (uint32_t)view->element_count;
		set->count = (uint32_t)stage->buckets[i].count;
		for (; at < ends[i]; at++)
			add_element(view, pieces[at],
				    (uint8_t)FIELD_BIT(stage->shape.range));
	}
	free(pieces);
	free(ends);
}

static void add_elements(struct layout *layout, size_t place)
{
	const struct stage *stage = &layout->stages->of[place];
	struct view *view = layout->view;
	struct set *set;

	if (layout->sets[place] == NO_INDEX || view->failed)
		return;
	set = &view->sets[layout->sets[place]];
	if (has_buckets(stage)) {
		add_buckets(layout, stage, set);
		return;
	}
	set->first = (uint32_t)view->element_count;
	set->count = (uint32_t)stage->count;
	for (const struct piece *piece = stage->first; piece;
	     piece = piece->next)
		add_element(view, piece, first_keys(stage));
}

int stages_layout(struct stages *stages, struct view *view)
{
	struct layout layout = { .stages = stages, .view = view };

	layout.sets = malloc((stages->count + 1) * sizeof(*layout.sets));
	if (!layout.sets)
		return -ENOMEM;
	for (size_t i = 0; i < stages->count; i++)
		layout.sets[i] = NO_INDEX;
	view->exists = true;
	add_segments(&layout);
	add_bases(view);
	for (size_t i = 0; i < stages->count; i++)
		add_elements(&layout, i);
	free(layout.row);
	free(layout.sets);
	return layout.failed || view->failed ? -ENOMEM : 0;
}
