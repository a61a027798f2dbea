/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* "did you mean": the known word that is nearest to an unknown one. */
#ifndef LBCTL_SUGGEST_H
#define LBCTL_SUGGEST_H

#include <stddef.h>

/* Longer words have no distance. */
#define SUGGEST_MAX 32

/*
 * Returns how many letters must be inserted, left out, replaced or swapped with
 * their neighbour to make b of a; SUGGEST_MAX + 1 if either is too long.
 */
size_t suggest_distance(const char *a, const char *b);

/* The best word so far for a typed word. */
struct suggest {
	const char *typed;
	const char *best; /* NULL: none is near */
	size_t distance;
};

/* Considers one more known word. */
void suggest_offer(struct suggest *suggest, const char *word);

#endif
