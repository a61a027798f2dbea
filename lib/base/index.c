/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A hash index: open addressing over positions in the caller's array. */
#include "index.h"

#include <string.h>

/* Multiplying moves bits up only; the shift brings them down to the low half,
   from which the slot comes. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ (hash >> 32);
}

/* Identities are short, but there are many: takes eight bytes at a time. */
uint32_t index_hash(uint32_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	uint64_t mixed = hash;
	uint64_t eight;
	uint32_t four;

	for (; length >= sizeof(eight); length -= sizeof(eight)) {
		(void)memcpy(&eight, at, sizeof(eight));
		mixed = mix(mixed, eight);
		at += sizeof(eight);
	}
	if (length & sizeof(four)) {
		(void)memcpy(&four, at, sizeof(four));
		mixed = mix(mixed, four);
		at += sizeof(four);
	}
	for (length &= sizeof(four) - 1; length; length--)
		mixed = mix(mixed, *at++);
	return (uint32_t)mixed;
}

/* Folds the high bits in, since the low ones choose the slot. */
static size_t first_slot(const struct index *index, uint32_t hash)
{
	return (hash ^ (hash >> 15)) & (index->size - 1);
}

static void place(struct index *index, struct index_slot element)
{
	size_t slot = first_slot(index, element.hash);

	while (index->slots[slot].position)
		slot = (slot + 1) & (index->size - 1);
	index->slots[slot] = element;
}

size_t index_find(const struct index *index, uint32_t hash, const void *array,
		  index_same_fn same, const void *identity)
{
	if (!index->used)
		return SIZE_MAX;
	for (size_t i = first_slot(index, hash); index->slots[i].position;
	     i = (i + 1) & (index->size - 1))
		if (index->slots[i].hash == hash &&
		    same(array, index->slots[i].position - 1, identity))
			return index->slots[i].position - 1;
	return SIZE_MAX;
}

static int grow(struct index *index)
{
	struct index grown = { .size = index->size ? index->size * 2 : 16,
			       .used = index->used };

	grown.slots = calloc(grown.size, sizeof(*grown.slots));
	if (!grown.slots)
		return -ENOMEM;
	for (size_t slot = 0; slot < index->size; slot++)
		if (index->slots[slot].position)
			place(&grown, index->slots[slot]);
	free(index->slots);
	*index = grown;
	return 0;
}

int index_add(struct index *index, uint32_t hash, size_t position)
{
	if (position >= UINT32_MAX)
		return -ENOMEM;
	if ((index->used + 1) * 4 > index->size * 3 && grow(index) < 0)
		return -ENOMEM;
	place(index, (struct index_slot){ (uint32_t)position + 1, hash });
	index->used++;
	return 0;
}

/* Returns the slot of a position, which must be in the index. */
static size_t slot_of(const struct index *index, uint32_t hash, size_t position)
{
	size_t slot = first_slot(index, hash);

	while (index->slots[slot].position != position + 1)
		slot = (slot + 1) & (index->size - 1);
	return slot;
}

/* Moves up the entries that the removed one had pushed on, so that a search
   from their first slot to a free one still finds them. */
void index_remove(struct index *index, uint32_t hash, size_t position)
{
	const size_t mask = index->size - 1;
	size_t hole = slot_of(index, hash, position);

	for (size_t slot = (hole + 1) & mask; index->slots[slot].position;
	     slot = (slot + 1) & mask) {
		size_t first = first_slot(index, index->slots[slot].hash);

		if (((slot - first) & mask) < ((slot - hole) & mask))
			continue;
		index->slots[hole] = index->slots[slot];
		hole = slot;
	}
	index->slots[hole] = (struct index_slot){ 0 };
	index->used--;
}

void index_move(struct index *index, uint32_t hash, size_t from, size_t to)
{
	index->slots[slot_of(index, hash, from)].position = (uint32_t)to + 1;
}

void index_rehash(struct index *index, uint32_t before, uint32_t after,
		  size_t position)
{
	index_remove(index, before, position);
	place(index, (struct index_slot){ (uint32_t)position + 1, after });
	index->used++;
}

/* Closing gaps is linear: with this many gaps, it is constant per deletion. */
bool index_has_gaps(const struct index *index, size_t end)
{
	return end - index->used > index->size / 4;
}

size_t index_close_gaps(struct index *index, void *array, size_t end,
			const struct index_elements *elements)
{
	const size_t size = elements->size;
	unsigned char *bytes = array;
	size_t kept = 0;

	for (size_t i = 0; i < end; i++) {
		if (elements->is_gone(array, i))
			continue;
		if (kept != i)
			(void)memcpy(bytes + kept * size, bytes + i * size,
				     size);
		kept++;
	}
	index_rebuild(index, array, kept, elements->hash);
	return kept;
}

void index_rebuild(struct index *index, const void *array, size_t count,
		   index_hash_fn hash_of)
{
	if (!index->size)
		return;
	index_clear(index);
	for (size_t i = 0; i < count; i++)
		place(index, (struct index_slot){ (uint32_t)i + 1,
						  hash_of(array, i) });
	index->used = count;
}

void index_clear(struct index *index)
{
	for (size_t slot = 0; slot < index->size; slot++)
		index->slots[slot] = (struct index_slot){ 0 };
	index->used = 0;
}

int index_copy(const struct index *from, struct index *to)
{
	struct index copy = *from;

	if (from->size) {
		copy.slots = calloc(from->size, sizeof(*copy.slots));
		if (!copy.slots)
			return -ENOMEM;
		(void)memcpy(copy.slots, from->slots,
			     from->size * sizeof(*copy.slots));
	}
	*to = copy;
	return 0;
}

void index_free(struct index *index)
{
	free(index->slots);
	*index = (struct index){ 0 };
}
