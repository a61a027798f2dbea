/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds what of a wanted view is there already. */
#include "nft/matching.h"

#include <string.h>

#include "rising.h"

/* ---- Lines --------------------------------------------------------------- */

static bool same_set(const struct set *a, const struct set *b)
{
	return !a->alien && a->interval == b->interval &&
	       a->verdict == b->verdict && a->key_length == b->key_length &&
	       a->snat == b->snat && a->address_length == b->address_length;
}

/* Tells whether the wanted line can continue that one. */
static bool same_line(const struct matching *matching, const struct line *now,
		      const struct line *wanted)
{
	uint32_t set;

	if (now->kind != wanted->kind)
		return false;
	switch (now->kind) {
	case LINE_JUMP:
		return !strcmp(now->target, wanted->target);
	case LINE_EXEMPT:
		return now->exempt == wanted->exempt &&
		       match_equal(&now->match, &wanted->match);
	case LINE_RULE:
		return match_equal(&now->match, &wanted->match);
	case LINE_MAP:
	case LINE_SNAT:
		set = view_set(matching->now, now->target);
		return set != NO_INDEX && !matching->sets_stay[set] &&
		       now->verdict == wanted->verdict &&
		       now->address == wanted->address &&
		       now->key_count == wanted->key_count &&
		       !memcmp(now->keys, wanted->keys, sizeof(now->keys)) &&
		       match_equal(&now->match, &wanted->match) &&
		       same_set(&matching->now->sets[set],
				&matching->wanted->sets[wanted->set]);
	case LINE_ALIEN:
		break;
	}
	return false;
}

static uint32_t hash_line(const struct line *line)
{
	uint32_t hash =
		index_hash(INDEX_HASH_START, &line->kind, sizeof(line->kind));

	if (line->kind == LINE_JUMP)
		return index_hash(hash, line->target, strlen(line->target));
	hash = index_hash(hash, &line->match.fields, 1);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (match_has(&line->match, (enum match_field)i))
			hash = index_hash(hash, line->match.spans[i].first,
					  sizeof(line->match.spans[i].first));
	return index_hash(hash, line->keys, line->key_count);
}

struct sought {
	const struct matching *matching;
	const struct line *wanted;
	const bool *taken;
};

static bool is_sought(const void *array, size_t position, const void *identity)
{
	const struct sought *sought = identity;
	const struct line *line = &((const struct line *)array)[position];

	return !sought->taken[position] &&
	       same_line(sought->matching, line, sought->wanted);
}

static int match_lines(struct matching *matching, const struct chain *now,
		       const struct chain *wanted)
{
	const struct line *lines = matching->now->lines;
	struct index index = { .used = 0 };
	size_t count = wanted->count;
	bool *taken = calloc(matching->now->line_count + 1, 1);
	uint32_t *partners = matching->lines + wanted->first;
	uint32_t next = now->first;
	int r = taken ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < now->count && r == 0; i++)
		r = index_add(&index, hash_line(&lines[now->first + i]),
			      now->first + i);
	for (size_t i = 0; i < count && r == 0; i++) {
		struct sought sought = {
			.matching = matching,
			.wanted = &matching->wanted->lines[wanted->first + i],
			.taken = taken,
		};
		size_t found = next;

		if (next >= now->first + now->count ||
		    !is_sought(lines, next, &sought))
			found = index_find(&index, hash_line(sought.wanted),
					   lines, is_sought, &sought);
		if (found == SIZE_MAX)
			continue;
		taken[found] = true;
		partners[i] = (uint32_t)found;
		next = (uint32_t)found + 1;
	}
	index_free(&index);
	free(taken);
	/* Lines do not change places. */
	if (r == 0)
		r = rising_keep(partners, count);
	for (size_t i = 0; i < count && r == 0; i++)
		if (partners[i] != NO_INDEX)
			matching->lines_stay[partners[i]] = true;
	return r;
}

/* ---- Elements ------------------------------------------------------------ */

static uint32_t hash_element(const struct element *element)
{
	return index_hash(INDEX_HASH_START, element->key, sizeof(element->key));
}

struct sought_element {
	const struct element *element;
	bool interval;
	bool address;
};

static bool same_element(const void *array, size_t position,
			 const void *identity)
{
	const struct sought_element *sought = identity;
	const struct element *element =
		&((const struct element *)array)[position];

	return !element->alien &&
	       !memcmp(element->key, sought->element->key,
		       sizeof(element->key)) &&
	       (!sought->interval ||
		!memcmp(element->last, sought->element->last,
			sizeof(element->last))) &&
	       (!sought->address ||
		!memcmp(element->address, sought->element->address,
			sizeof(element->address)));
}

static int match_set(struct matching *matching, uint32_t now_place,
		     uint32_t wanted_place);

/* A chain of a map goes on if its one line can. */
static int match_bucket(struct matching *matching, uint32_t now_place,
			uint32_t wanted_place)
{
	const struct view *now = matching->now;
	struct chain *wanted = &matching->wanted->chains[wanted_place];
	const struct chain *chain = &now->chains[now_place];
	struct line *line = &matching->wanted->lines[wanted->first];

	if (chain->role != ROLE_BUCKET || chain->count != 1 || chain->wrong ||
	    matching->chains_stay[now_place] ||
	    !same_line(matching, &now->lines[chain->first], line))
		return 0;
	matching->chains[wanted_place] = now_place;
	matching->chains_stay[now_place] = true;
	matching->lines[wanted->first] = chain->first;
	matching->lines_stay[chain->first] = true;
	memcpy(wanted->name, chain->name, sizeof(wanted->name));
	memcpy(line->target, now->lines[chain->first].target,
	       sizeof(line->target));
	return match_set(matching, view_set(now, line->target), line->set);
}

static int match_elements(struct matching *matching, const struct set *now,
			  const struct set *wanted)
{
	const struct element *elements = matching->now->elements;
	const struct element *want = matching->wanted->elements;
	struct index index = { .used = 0 };
	int r = 0;

	for (uint32_t i = 0; i < now->count && r == 0; i++)
		r = index_add(&index, hash_element(&elements[now->first + i]),
			      now->first + i);
	for (uint32_t i = 0; i < wanted->count && r == 0; i++) {
		uint32_t place = wanted->first + i;
		struct sought_element sought = { &want[place], wanted->interval,
						 wanted->address_length };
		size_t found = index_find(&index, hash_element(&want[place]),
					  elements, same_element, &sought);

		if (found == SIZE_MAX || matching->elements_stay[found])
			continue;
		matching->elements[place] = (uint32_t)found;
		matching->elements_stay[found] = true;
		if (want[place].chain != NO_INDEX &&
		    elements[found].chain != NO_INDEX)
			r = match_bucket(matching, elements[found].chain,
					 want[place].chain);
	}
	index_free(&index);
	return r;
}

static int match_set(struct matching *matching, uint32_t now_place,
		     uint32_t wanted_place)
{
	const struct set *now = &matching->now->sets[now_place];
	struct set *wanted = &matching->wanted->sets[wanted_place];

	matching->sets[wanted_place] = now_place;
	matching->sets_stay[now_place] = true;
	memcpy(wanted->name, now->name, sizeof(wanted->name));
	return match_elements(matching, now, wanted);
}

/* ---- The whole ----------------------------------------------------------- */

static int match_chain(struct matching *matching, uint32_t wanted_place)
{
	struct view *wanted = matching->wanted;
	const struct chain *chain = &wanted->chains[wanted_place];
	uint32_t place = view_chain(matching->now, chain->name);
	int r;

	if (place == NO_INDEX)
		return 0;
	if (matching->now->chains[place].wrong)
		return -EEXIST;
	matching->chains[wanted_place] = place;
	matching->chains_stay[place] = true;
	r = match_lines(matching, &matching->now->chains[place], chain);
	for (uint32_t i = 0; i < chain->count && r == 0; i++) {
		struct line *line = &wanted->lines[chain->first + i];
		uint32_t partner = matching->lines[chain->first + i];

		if (partner == NO_INDEX || !line_looks_up(line))
			continue;
		memcpy(line->target, matching->now->lines[partner].target,
		       sizeof(line->target));
		r = match_set(matching, view_set(matching->now, line->target),
			      line->set);
	}
	return r;
}

static uint32_t *no_indexes(size_t count)
{
	uint32_t *indexes = malloc((count + 1) * sizeof(*indexes));

	for (size_t i = 0; i < count && indexes; i++)
		indexes[i] = NO_INDEX;
	return indexes;
}

void matching_free(struct matching *matching)
{
	free(matching->chains);
	free(matching->sets);
	free(matching->lines);
	free(matching->elements);
	free(matching->chains_stay);
	free(matching->sets_stay);
	free(matching->lines_stay);
	free(matching->elements_stay);
}

int matching_find(struct matching *matching, const struct view *now,
		  struct view *wanted)
{
	int r = 0;

	*matching = (struct matching){
		.now = now,
		.wanted = wanted,
		.chains = no_indexes(wanted->chain_count),
		.sets = no_indexes(wanted->set_count),
		.lines = no_indexes(wanted->line_count),
		.elements = no_indexes(wanted->element_count),
		.chains_stay = calloc(now->chain_count + 1, 1),
		.sets_stay = calloc(now->set_count + 1, 1),
		.lines_stay = calloc(now->line_count + 1, 1),
		.elements_stay = calloc(now->element_count + 1, 1),
	};
	if (!matching->chains || !matching->sets || !matching->lines ||
	    !matching->elements || !matching->chains_stay ||
	    !matching->sets_stay || !matching->lines_stay ||
	    !matching->elements_stay)
		return -ENOMEM;
	for (size_t i = 0; i < wanted->chain_count && r == 0; i++)
		if (wanted->chains[i].role != ROLE_BUCKET)
			r = match_chain(matching, (uint32_t)i);
	return r;
}
