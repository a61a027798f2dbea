/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shares the counters of rules out among their pieces. */
#include "nft/counters.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* What is left of a rule's counters for those of its pieces that are new. */
struct remainder {
	uint64_t packets;
	uint64_t bytes;
};

/* Does something with a piece; now is that which it continues, or NULL. */
typedef void (*piece_fn)(const struct bearer *now, struct bearer *wanted,
			 struct remainder *remainder);

static void each_piece(const struct matching *matching, piece_fn fn,
		       struct remainder *remainders)
{
	const struct view *now = matching->now;
	struct view *wanted = matching->wanted;

	for (size_t i = 0; i < wanted->line_count; i++) {
		struct bearer *bearer = &wanted->lines[i].bearer;
		uint32_t partner = matching->lines[i];

		if (wanted->lines[i].kind == LINE_RULE)
			fn(partner == NO_INDEX ? NULL :
						 &now->lines[partner].bearer,
			   bearer, &remainders[bearer->rule]);
	}
	for (size_t i = 0; i < wanted->element_count; i++) {
		struct bearer *bearer = &wanted->elements[i].bearer;
		uint32_t partner = matching->elements[i];

		/* What leads to a chain, or is a mark, is no piece. */
		if (wanted->elements[i].chain == NO_INDEX &&
		    bearer->number != NO_NUMBER)
			fn(partner == NO_INDEX ? NULL :
						 &now->elements[partner].bearer,
			   bearer, &remainders[bearer->rule]);
	}
}

static void keep_counters(const struct bearer *now, struct bearer *wanted,
			  struct remainder *remainder)
{
	bool stays = now && now->number == wanted->number;

	remainder->packets += wanted->packets - (stays ? now->packets : 0);
	remainder->bytes += wanted->bytes - (stays ? now->bytes : 0);
	wanted->packets = stays ? now->packets : 0;
	wanted->bytes = stays ? now->bytes : 0;
}

static void give_remainder(const struct bearer *now, struct bearer *wanted,
			   struct remainder *remainder)
{
	/* More than all is left if a rule took the place of another. */
	if ((now && now->number == wanted->number) ||
	    remainder->packets > INT64_MAX || remainder->bytes > INT64_MAX)
		return;
	wanted->packets = remainder->packets;
	wanted->bytes = remainder->bytes;
	*remainder = (struct remainder){ 0 };
}

static void forget_counters(const struct bearer *now, struct bearer *wanted,
			    struct remainder *remainder)
{
	(void)now;
	(void)remainder;
	wanted->packets = wanted->bytes = 0;
}

int counters_settle(const struct matching *matching, bool zero)
{
	struct remainder *remainders;

	remainders =
		calloc(matching->wanted->rule_count + 1, sizeof(*remainders));
	if (!remainders)
		return -ENOMEM;
	each_piece(matching, zero ? forget_counters : keep_counters, remainders);
	if (!zero)
		each_piece(matching, give_remainder, remainders);
	free(remainders);
	return 0;
}
