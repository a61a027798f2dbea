/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A hash index over an array that somebody else owns: finds the position of
 * an element by its identity in constant time.
 */
#ifndef LBCTL_INDEX_H
#define LBCTL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scope.h"

struct index {
	uint32_t *slots; /* position + 1; 0: free */
	size_t size;	 /* a power of two, or 0 while empty */
	size_t used;
};

/* Whether the element at that position is the one looked for. */
typedef bool (*index_same_fn)(const void *array, size_t position,
			      const void *identity);
/* The hash of the element at that position, for growing. */
typedef uint32_t (*index_hash_fn)(const void *array, size_t position);
/* Elements of an array some of which have been deleted. */
struct index_elements {
	size_t size; /* of one */
	bool (*is_gone)(const void *array, size_t position);
	index_hash_fn hash;
};

/* FNV-1a over bytes; start with hash = INDEX_HASH_START. */
#define INDEX_HASH_START 2166136261u
uint32_t index_hash(uint32_t hash, const void *bytes, size_t length);

/* Returns the position, or SIZE_MAX. */
size_t index_find(const struct index *index, uint32_t hash, const void *array,
		  index_same_fn same, const void *identity);
/* Adds a position that is not in it. Returns 0 or -ENOMEM. */
int index_add(struct index *index, uint32_t hash, size_t position,
	      const void *array, index_hash_fn hash_of) MUST_CHECK;
/* Removes a position that is in it, while array still has all elements. */
void index_remove(struct index *index, uint32_t hash, size_t position,
		  const void *array, index_hash_fn hash_of);
/* The element of that hash has moved to another position. */
void index_move(struct index *index, uint32_t hash, size_t from, size_t to);
/* The element at that position, which is in it, had that hash before. */
void index_rehash(struct index *index, uint32_t before, size_t position,
		  const void *array, index_hash_fn hash_of);
/* Whether of the first end positions so many are gone that it is time to. */
bool index_has_gaps(const struct index *index, size_t end);
/*
 * Moves those of the first end elements that are not gone together, in order,
 * and indexes them anew. Returns how many there are.
 */
size_t index_close_gaps(struct index *index, void *array, size_t end,
			const struct index_elements *elements);
/* Empties it, keeping its memory, so that positions can be added anew. */
void index_clear(struct index *index);
/* Indexes the first count positions, which are at most as many as it had. */
void index_rebuild(struct index *index, const void *array, size_t count,
		   index_hash_fn hash_of);
/* Copies into one that is empty. Returns 0 or -ENOMEM. */
int index_copy(const struct index *from, struct index *to) MUST_CHECK;
void index_free(struct index *index);

#endif
