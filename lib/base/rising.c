/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The longest rising run of a sequence, by patience sorting. */
#include "rising.h"

/* Returns how many of the tails are below number; they rise. */
static size_t count_below(const uint32_t *numbers, const uint32_t *tails,
			  size_t length, uint32_t number)
{
	size_t low = 0, high = length;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (numbers[tails[middle]] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int rising_keep(uint32_t *numbers, size_t count)
{
	/* The best last place of a run of each length; the place before each. */
	uint32_t *tails = malloc((2 * count + 1) * sizeof(*tails));
	uint32_t *before;
	uint32_t kept = RISING_NONE;
	size_t length = 0;

	if (!tails)
		return -ENOMEM;
	before = tails + count;
	for (size_t i = 0; i < count; i++) {
		size_t below;

		if (numbers[i] == RISING_NONE)
			continue;
		below = count_below(numbers, tails, length, numbers[i]);
		before[i] = below ? tails[below - 1] : RISING_NONE;
		tails[below] = (uint32_t)i;
		length += below == length;
	}
	if (length)
		kept = tails[length - 1];
	for (size_t end = count;; end = kept, kept = before[kept]) {
		size_t from = kept == RISING_NONE ? 0 : kept + 1;

		for (size_t i = from; i < end; i++)
			numbers[i] = RISING_NONE;
		if (kept == RISING_NONE)
			break;
	}
	free(tails);
	return 0;
}
