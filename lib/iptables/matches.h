/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The matches of the kernel's rules. A positive list of addresses needs a rule
 * for each combination of a source and a destination; these have numbers from 0.
 */
#ifndef LBCTL_IPTABLES_MATCHES_H
#define LBCTL_IPTABLES_MATCHES_H

#include "entry.h"

/* ---- Encoding (encode-match.c) ------------------------------------------ */

/* Appends a match or target with zero data. Returns the data or NULL. */
void *part_add(struct bytes *out, const char *name, uint8_t revision,
	       size_t size);

/* Each returns the item of the list that the rule of that number is for. */
size_t entry_source(const struct ipvsctl_mark *rule, size_t number);
size_t entry_destination(const struct ipvsctl_mark *rule, size_t number);
/* Returns the range of that position if the header says it, or NULL. */
const struct ipvsctl_address_range *
header_range(const struct ipvsctl_addresses *addresses, size_t position);

/* Adds ports and the addresses that the header does not say. */
void add_addressing(const struct ipvsctl_mark *rule, size_t number,
		    struct bytes *out);
/* Adds the other attributes of the rule. */
void add_others(const struct ipvsctl_mark *rule, struct bytes *out);
/* Adds the match that leaves out replies by connection tracking. */
void add_exempt(struct bytes *out);
/* Adds the match that says that the rule belongs to the one before it. */
void add_further(struct bytes *out);
void add_comment(struct bytes *out, const char *comment);

/* ---- Decoding (decode-match.c) ------------------------------------------ */

/* Reads a match into the rule. Returns false if the rule cannot express it. */
bool match_get(const struct layout *layout, const struct part *match,
	       struct decoded *decoded);
/* Adds a range to the list. Returns false if it does not fit. */
bool match_put_range(struct ipvsctl_addresses *addresses,
		     struct ipvsctl_address_range *ranges,
		     const struct ipvsctl_address_range *range, bool negated);

#endif
