/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The values of one field of a mark rule as spans, in order: a list, or what a
 * negated list leaves. So a negation can be in a map, as everything else.
 */
#ifndef LBCTL_NFT_SPAN_LIST_H
#define LBCTL_NFT_SPAN_LIST_H

#include "nft/view.h"

/* What a list of the most items leaves is one span more. */
#define SPANS_MAX (IPVSCTL_ADDRESSES_MAX + 1)

struct span_list {
	size_t width; /* bytes of a value */
	size_t count; /* 0: any value */
	struct span spans[SPANS_MAX];
};

/* The lists of a rule that ipvsctl_mark_check() has settled: a negated one leaves
   something. */
void spans_of_addresses(const struct ipvsctl_addresses *addresses,
			struct span_list *list);
void spans_of_ports(const struct ipvsctl_ports *ports, struct span_list *list);

/* Adds a span in its order; returns false without room, or if it overlaps
   another. One that is there already is added. */
bool spans_add(struct span_list *list, const struct span *span);
/*
 * Each makes the list of a rule. A list with both the lowest and the highest
 * value becomes a negated one. ranges has room for SPANS_MAX. Returns false if
 * the list does not fit.
 */
bool addresses_of_spans(const struct span_list *list, uint16_t family,
			struct ipvsctl_address_range *ranges,
			struct ipvsctl_addresses *addresses);
bool ports_of_spans(const struct span_list *list, struct ipvsctl_ports *ports);
/* Each puts a list in the form in which it comes back; addresses get their
   ranges from ranges, which has room for SPANS_MAX. */
void ports_as_spans(struct ipvsctl_ports *ports);
void addresses_as_spans(struct ipvsctl_addresses *addresses,
			struct ipvsctl_address_range *ranges);

#endif
