/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The distance between two words, and the nearest of several. */
#include "common/suggest.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Fills row i of the table of distances between beginnings of a and b. */
static void distance_row(size_t table[][SUGGEST_MAX + 1], size_t i,
			 const char *a, const char *b)
{
	size_t length = strlen(b);

	table[i][0] = i;
	for (size_t j = 1; j <= length; j++) {
		size_t replaced = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
		size_t shorter = least(table[i - 1][j], table[i][j - 1]) + 1;

		table[i][j] = least(replaced, shorter);
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
		    a[i - 2] == b[j - 1])
			table[i][j] =
				least(table[i][j], table[i - 2][j - 2] + 1);
	}
}

size_t suggest_distance(const char *a, const char *b)
{
	size_t table[SUGGEST_MAX + 1][SUGGEST_MAX + 1];
	size_t length_a = strlen(a);
	size_t length_b = strlen(b);

	if (length_a > SUGGEST_MAX || length_b > SUGGEST_MAX)
		return SUGGEST_MAX + 1;
	for (size_t j = 0; j <= length_b; j++)
		table[0][j] = j;
	for (size_t i = 1; i <= length_a; i++)
		distance_row(table, i, a, b);
	return table[length_a][length_b];
}

/* Returns how near a word is. A prefix such as "del" is near, but a typing
   error is nearer. */
static size_t nearness(const char *typed, const char *word)
{
	size_t length = strlen(typed);
	size_t distance = suggest_distance(typed, word);

	if (length >= 2 && strncmp(typed, word, length) == 0)
		return least(distance, 2);
	return distance <= 2 && distance * 2 <= length ? distance :
							 SUGGEST_MAX + 1;
}

void suggest_offer(struct suggest *suggest, const char *word)
{
	size_t distance = nearness(suggest->typed, word);

	if (distance > SUGGEST_MAX)
		return;
	if (!suggest->best || distance < suggest->distance) {
		suggest->best = word;
		suggest->distance = distance;
	}
}
