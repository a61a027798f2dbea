/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The chain of the postrouting hook. */
#include "nft/snat.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* ---- Layout -------------------------------------------------------------- */

/* The marks that share a line. */
struct share {
	uint16_t family;
	bool address; /* they have one */
};

static bool is_of(const struct share *share, const struct snat *snat)
{
	return snat->family == share->family &&
	       share->address == (snat->address.family != AF_UNSPEC);
}

static void add_elements(const struct snats *snats, const struct share *share,
			 struct view *view, struct set *set)
{
	set->first = (uint32_t)view->element_count;
	for (size_t i = 0; i < snats->count; i++) {
		const struct snat *snat = &snats->of[i];
		struct element *element =
			is_of(share, snat) ? view_add_element(view) : NULL;

		if (!element)
			continue;
		element->chain = NO_INDEX;
		element->bearer.number = NO_NUMBER;
		memcpy(element->key, &snat->mark, sizeof(snat->mark));
		memcpy(element->address, snat->address.bytes,
		       set->address_length);
	}
	set->count = (uint32_t)view->element_count - set->first;
}

static void add_line(const struct snats *snats, const struct share *share,
		     uint32_t number, struct view *view)
{
	struct set *set = view_add_set(view);
	struct line *line = view_add_line(view);

	if (!line || !set)
		return;
	line->kind = LINE_SNAT;
	line->match.family = share->family;
	line->address = share->address;
	line->set = (uint32_t)view->set_count - 1;
	(void)snprintf(line->target, sizeof(line->target), "%s-%s-%u",
		       hook_name(NFT_HOOK_POSTROUTING),
		       share->address ? "map" : "set", number);
	memcpy(set->name, line->target, sizeof(set->name));
	set->snat = true;
	set->key_length = sizeof(uint32_t);
	if (share->address)
		set->address_length =
			(uint16_t)field_width(FIELD_SOURCE, share->family);
	add_elements(snats, share, view, set);
}

void snat_layout(const struct snats *snats, uint32_t number, struct view *view)
{
	static const struct share shares[] = {
		{ AF_INET, false },
		{ AF_INET, true },
		{ AF_INET6, false },
		{ AF_INET6, true },
	};
	struct chain *chain;
	uint32_t first = (uint32_t)view->line_count;

	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		bool any = false;

		for (size_t s = 0; s < snats->count; s++)
			any = any || is_of(&shares[i], &snats->of[s]);
		if (any)
			add_line(snats, &shares[i], number++, view);
	}
	chain = snats->count ? view_add_chain(view) : NULL;
	if (!chain)
		return;
	chain->role = ROLE_BASE;
	chain->hook = NFT_HOOK_POSTROUTING;
	chain->first = first;
	chain->count = (uint32_t)view->line_count - first;
	chain_name_format(chain);
}

/* ---- Reading ------------------------------------------------------------- */

static int add_set(const struct view *view, const struct line *line,
		   struct snats *snats)
{
	size_t width = field_width(FIELD_SOURCE, line->match.family);
	uint32_t place = view_set(view, line->target);
	const struct set *set = place == NO_INDEX ? NULL : &view->sets[place];
	int r = 0;

	if (!set || set->alien || !set->snat ||
	    set->address_length != (line->address ? width : 0))
		return 0;
	for (uint32_t i = 0; i < set->count && r == 0; i++) {
		const struct element *element = &view->elements[set->first + i];
		struct snat snat = { .family = line->match.family };

		memcpy(&snat.mark, element->key, sizeof(snat.mark));
		if (line->address) {
			snat.address.family = line->match.family;
			memcpy(snat.address.bytes, element->address, width);
		}
		r = snats_add(snats, &snat);
	}
	return r;
}

int snat_of_view(const struct view *view, struct snats *snats)
{
	int r = 0;

	for (size_t i = 0; i < view->chain_count; i++) {
		const struct chain *chain = &view->chains[i];

		if (chain->role != ROLE_BASE || chain->wrong ||
		    chain->hook != NFT_HOOK_POSTROUTING)
			continue;
		for (uint32_t l = 0; l < chain->count && r == 0; l++) {
			const struct line *line =
				&view->lines[chain->first + l];

			if (line->kind == LINE_SNAT)
				r = add_set(view, line, snats);
		}
	}
	snats_sort(snats);
	return r;
}
