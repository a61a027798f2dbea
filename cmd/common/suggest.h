/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* "did you mean": the known word nearest to one that is not known. */
#ifndef LBCTL_SUGGEST_H
#define LBCTL_SUGGEST_H

#include <stddef.h>

/* Longer words are never near to anything. */
#define SUGGEST_MAX 32

/*
 * How many letters must be put in, left out, replaced or swapped with their
 * neighbour to make b of a; SUGGEST_MAX + 1 when either is too long.
 */
size_t suggest_distance(const char *a, const char *b);

/* The best word so far for one that was typed. */
struct suggest {
	const char *typed;
	const char *best; /* NULL: nothing near */
	size_t distance;
};

/* Considers one more known word. */
void suggest_offer(struct suggest *suggest, const char *word);

#endif
