/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds the rules that heads exempt. */
#include "exemption.h"

#include <linux/netfilter/x_tables.h>
#include <string.h>

void heads_add(struct heads *heads, const void *entry)
{
	if (heads->count < HEADS_MAX)
		heads->entries[heads->count++] = entry;
}

/* Tells whether the header has no condition, or the same as the rule's. */
static bool same_header(const struct layout *layout, const uint8_t *head,
			const uint8_t *rule)
{
	bool same = true;
	bool empty = true;

	for (size_t i = 0; i < layout->match_size; i++) {
		uint8_t one = head[i];
		uint8_t other = rule[i];
		if (i == layout->flags) {
			one &= (uint8_t)~layout->goto_flag;
			other &= (uint8_t)~layout->goto_flag;
		}
		same = same && one == other;
		empty = empty && !one;
	}
	return same || empty;
}

static bool has_match(const struct layout *layout, const void *rule,
		      const struct part *wanted)
{
	struct part match;

	for (size_t at = layout->size;
	     entry_next_match(layout, rule, &at, &match);)
		if (strcmp(match.name, wanted->name) == 0 &&
		    match.revision == wanted->revision &&
		    match.size == wanted->size &&
		    memcmp(match.data, wanted->data, match.size) == 0)
			return true;
	return false;
}

/* Tells whether the rule has all conditions of the head but the socket. */
static bool covers(const struct layout *layout, const void *head,
		   const void *rule)
{
	struct part match;

	if (!same_header(layout, head, rule))
		return false;
	for (size_t at = layout->size;
	     entry_next_match(layout, head, &at, &match);)
		if (at < entry_target(layout, head) &&
		    !has_match(layout, rule, &match))
			return false;
	return true;
}

bool heads_cover(const struct heads *heads, const struct layout *layout,
		 const void *rule)
{
	for (size_t i = 0; i < heads->count; i++)
		if (covers(layout, heads->entries[i], rule))
			return true;
	return false;
}
