/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A hash index over the caller's array: finds the position of an element by its
 * identity in constant time.
 */
#ifndef LBCTL_INDEX_H
#define LBCTL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scope.h"

struct index_slot {
	uint32_t position; /* + 1; 0: free */
	uint32_t hash;	   /* elements are compared only if it is the same */
};

struct index {
	struct index_slot *slots;
	size_t size; /* a power of two, or 0 while empty */
	size_t used;
};

/* Tells whether the element at that position has that identity. */
typedef bool (*index_same_fn)(const void *array, size_t position,
			      const void *identity);
/* Returns the hash of the element at that position. */
typedef uint32_t (*index_hash_fn)(const void *array, size_t position);
/* The elements of an array, some of which have been deleted. */
struct index_elements {
	size_t size; /* of one */
	bool (*is_gone)(const void *array, size_t position);
	index_hash_fn hash;
};

/* Continues a hash over bytes; the first is INDEX_HASH_START. */
#define INDEX_HASH_START 2166136261u
uint32_t index_hash(uint32_t hash, const void *bytes, size_t length);

/* Returns the position of the element with that identity, or SIZE_MAX. */
size_t index_find(const struct index *index, uint32_t hash, const void *array,
		  index_same_fn same, const void *identity);
/* Adds a position that the index does not have. Returns 0 or -ENOMEM. */
int index_add(struct index *index, uint32_t hash, size_t position) MUST_CHECK;
/* Removes a position of the index. */
void index_remove(struct index *index, uint32_t hash, size_t position);
/* Records that the element with that hash has moved to another position. */
void index_move(struct index *index, uint32_t hash, size_t from, size_t to);
/* Indexes an element anew whose hash has changed. */
void index_rehash(struct index *index, uint32_t before, uint32_t after,
		  size_t position);
/* Tells whether the first end positions have gaps enough to close them. */
bool index_has_gaps(const struct index *index, size_t end);
/*
 * Moves together those of the first end elements that are not gone, in order,
 * and indexes them anew. Returns their number.
 */
size_t index_close_gaps(struct index *index, void *array, size_t end,
			const struct index_elements *elements);
/* Empties the index but keeps its memory, for adding positions anew. */
void index_clear(struct index *index);
/* Indexes the first count positions anew. The index must have had as many or
   more; one that was never added to stays empty. */
void index_rebuild(struct index *index, const void *array, size_t count,
		   index_hash_fn hash_of);
/* Copies an index into an empty one. Returns 0 or -ENOMEM. */
int index_copy(const struct index *from, struct index *to) MUST_CHECK;
void index_free(struct index *index);

#endif
