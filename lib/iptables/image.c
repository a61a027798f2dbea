/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Our chains of one family's mangle table as plain data. */
#include "image.h"

#include <string.h>

#include "array.h"
#include "index.h"

void image_free(struct image *image)
{
	bytes_free(&image->arena);
	free(image->rules);
	free(image->chains);
	*image = (struct image){ .layout = image->layout };
}

void image_add_chain(struct image *image, const struct chain_id *id)
{
	struct image_chain *grown =
		array_grow(image->chains, &image->chain_capacity,
			   image->chain_count + 1, sizeof(*grown));

	if (!grown) {
		image->failed = true;
		return;
	}
	image->chains = grown;
	struct image_chain *chain = &grown[image->chain_count++];
	*chain = (struct image_chain){ .id = *id, .first = image->rule_count };
	(void)chain_format(id, chain->name);
}

void image_add_rule(struct image *image, size_t offset, uint64_t packets,
		    uint64_t bytes)
{
	struct image_rule *grown =
		array_grow(image->rules, &image->rule_capacity,
			   image->rule_count + 1, sizeof(*grown));

	if (!grown || image->failed) {
		image->failed = true;
		image->rules = grown ? grown : image->rules;
		return;
	}
	image->rules = grown;
	grown[image->rule_count++] = (struct image_rule){ .offset = offset,
							  .packets = packets,
							  .bytes = bytes };
	image->chains[image->chain_count - 1].count++;
}

static int compare_chains(const void *a, const void *b)
{
	const struct image_chain *one = a;
	const struct image_chain *other = b;

	return strcmp(one->name, other->name);
}

void image_sort(struct image *image)
{
	if (image->chain_count)
		qsort(image->chains, image->chain_count, sizeof(*image->chains),
		      compare_chains);
}

int image_check(const struct image *image)
{
	return image->failed || image->arena.failed ? -ENOMEM : 0;
}

static int compare_name(const void *name, const void *chain)
{
	return strcmp(name, ((const struct image_chain *)chain)->name);
}

const struct image_chain *image_find(const struct image *image, const char *name)
{
	if (!image->chain_count)
		return NULL;
	return bsearch(name, image->chains, image->chain_count,
		       sizeof(*image->chains), compare_name);
}

const struct image_rule *image_rule(const struct image *image,
				    const struct image_chain *chain,
				    size_t number)
{
	return &image->rules[chain->first + number];
}

const void *image_entry(const struct image *image,
			const struct image_chain *chain, size_t number)
{
	return image->arena.data + image_rule(image, chain, number)->offset;
}

bool image_same_chain(const struct image *a, const struct image_chain *chain_a,
		      const struct image *b, const struct image_chain *chain_b)
{
	if (chain_a->count != chain_b->count)
		return false;
	for (size_t i = 0; i < chain_a->count; i++) {
		const void *one = image_entry(a, chain_a, i);
		const void *other = image_entry(b, chain_b, i);
		size_t length = entry_length(a->layout, one);
		if (length != entry_length(b->layout, other) ||
		    memcmp(one, other, length) != 0)
			return false;
	}
	return true;
}

bool image_same(const struct image *a, const struct image *b)
{
	if (a->chain_count != b->chain_count ||
	    memcmp(a->jumps, b->jumps, sizeof(a->jumps)) != 0)
		return false;
	for (size_t i = 0; i < a->chain_count; i++)
		if (strcmp(a->chains[i].name, b->chains[i].name) != 0 ||
		    !image_same_chain(a, &a->chains[i], b, &b->chains[i]))
			return false;
	return true;
}

/* Gets what the chain that the rule goes to sets. Returns false if nothing. */
static bool resolve_mark(const struct image *image, const char *label,
			 struct ipvsctl_mark *rule)
{
	const struct image_chain *chain = image_find(image, label);

	return chain && chain->id.kind == CHAIN_MARK && chain->count == 1 &&
	       decode_set_mark(image->layout, image_entry(image, chain, 0),
			       &rule->mark, &rule->mask);
}

/* Tells whether the label is that of a chain to go on with. */
static bool goes_on(const struct image_chain *chain, const char *label)
{
	if (!label)
		return false;
	struct chain_id next = chain_parse(label);
	return next.kind == CHAIN_PRIORITY && next.hook == chain->id.hook;
}

enum rule_kind image_classify(const struct image *image,
			      const struct image_chain *chain, size_t number,
			      struct decoded *ret_decoded)
{
	const void *entry = image_entry(image, chain, number);

	ret_decoded->extra = (struct bytes){ 0 };
	if (goes_on(chain, decode_link(image->layout, entry, false)))
		return RULE_LINK;
	if (chain->id.kind != CHAIN_PRIORITY)
		return RULE_ALIEN;
	if (goes_on(chain, decode_head(image->layout, entry)))
		return RULE_HEAD;
	bool ours = decode_mark(image->layout, entry, ret_decoded);
	struct ipvsctl_mark *rule = &ret_decoded->rule;
	if (ours &&
	    (rule->exclude || resolve_mark(image, ret_decoded->label, rule))) {
		rule->hook = chain->id.hook;
		rule->priority = chain->id.priority;
		rule->packets = image_rule(image, chain, number)->packets;
		rule->bytes = image_rule(image, chain, number)->bytes;
		return RULE_MARK;
	}
	bytes_free(&ret_decoded->extra);
	return RULE_ALIEN;
}

/* ---- Counters ---------------------------------------------------------- */

static bool has_head(const struct image *image, const struct image_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		if (decode_head(image->layout, image_entry(image, chain, i)))
			return true;
	return false;
}

/* Notes in chains and rules what says where a rule belongs. */
static void note_places(struct image *image)
{
	for (size_t c = 0; c < image->chain_count; c++) {
		struct image_chain *chain = &image->chains[c];
		chain->exempt = chain->id.kind == CHAIN_PRIORITY &&
				has_head(image, chain);
		for (size_t i = 0; i < chain->count; i++)
			image->rules[chain->first + i].chain = (uint32_t)c;
	}
}

/* The chains of one priority are one place, but for exempt rules and others. */
static bool same_place(const struct image_chain *a, const struct image_chain *b)
{
	return a->id.kind == b->id.kind && a->id.hook == b->id.hook &&
	       a->id.priority == b->id.priority && a->id.mark == b->id.mark &&
	       a->id.mask == b->id.mask && a->exempt == b->exempt;
}

/* A rule of an image, which is recognised by its entry and its chain. */
struct key {
	const struct image *image;
	size_t position;
};

static const struct image_chain *key_chain(const struct key *key)
{
	return &key->image->chains[key->image->rules[key->position].chain];
}

static const uint8_t *key_entry(const struct key *key)
{
	return key->image->arena.data + key->image->rules[key->position].offset;
}

/* Hashes the part of an entry by which a rule is recognised, and its place. */
static uint32_t key_hash(const struct key *key)
{
	const struct layout *layout = key->image->layout;
	const struct image_chain *chain = key_chain(key);
	const uint8_t *entry = key_entry(key);
	const uint32_t numbers[] = { chain->id.kind, chain->id.hook,
				     chain->id.priority, chain->id.mark,
				     chain->id.mask };
	uint32_t hash = index_hash(INDEX_HASH_START, numbers, sizeof(numbers));

	hash = index_hash(hash, entry, layout->match_size);
	return index_hash(hash, entry + layout->size,
			  entry_key_length(layout, entry) - layout->size);
}

static uint32_t hash_at(const void *array, size_t position)
{
	return key_hash(&(struct key){ array, position });
}

static bool same_key(const void *array, size_t position, const void *identity)
{
	const struct key key = { array, position };
	const struct layout *layout = key.image->layout;
	const uint8_t *one = key_entry(&key);
	const uint8_t *other = key_entry(identity);
	size_t length = entry_key_length(layout, one);

	return same_place(key_chain(&key), key_chain(identity)) &&
	       length == entry_key_length(layout, other) &&
	       memcmp(one, other, layout->match_size) == 0 &&
	       memcmp(one + layout->size, other + layout->size,
		      length - layout->size) == 0;
}

static int carry_indexed(const struct image *from, struct image *to,
			 struct index *index)
{
	for (size_t i = 0; i < from->rule_count; i++)
		if (index_add(index, hash_at(from, i), i) < 0)
			return -ENOMEM;
	for (size_t i = 0; i < to->rule_count; i++) {
		const struct key key = { to, i };
		size_t found =
			index_find(index, key_hash(&key), from, same_key, &key);
		if (found == SIZE_MAX)
			continue;
		to->rules[i].packets = from->rules[found].packets;
		to->rules[i].bytes = from->rules[found].bytes;
	}
	return 0;
}

int image_carry_counters(struct image *from, struct image *to)
{
	struct index index = { 0 };

	note_places(from);
	note_places(to);
	int r = carry_indexed(from, to, &index);
	index_free(&index);
	return r;
}
