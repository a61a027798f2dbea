/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Rules as the kernel has them: a header (ipt_entry, ip6t_entry), matches, a
 * target. The bytes are those that iptables makes of the same words, so that
 * it prints our rules well and finds them.
 *
 * Normal form: counters, the kernel's scratch fields and what lies behind the
 * NUL of a name are zero, and a standard target has the name of its verdict or
 * chain instead of a number. Two rules are the same when their normal forms
 * are the same bytes.
 */
#ifndef LBCTL_IPTABLES_ENTRY_H
#define LBCTL_IPTABLES_ENTRY_H

#include "bytes.h"
#include "ipvsctl.h"
#include "names.h"
#include "scope.h"

/* Where the fields are that both families have. */
struct layout {
	uint16_t family;
	uint16_t size;	     /* of the header */
	uint16_t match_size; /* how much of it is what to match */
	uint16_t flags;
	uint16_t nfcache;
	uint16_t target_offset;
	uint16_t next_offset;
	uint16_t comefrom;
	uint16_t counters;
	uint8_t goto_flag;
};

extern const struct layout layout_ipv4;
extern const struct layout layout_ipv6;

/* The whole length of an entry. */
size_t entry_length(const struct layout *layout, const void *entry);
/* Where the target begins. */
size_t entry_target(const struct layout *layout, const void *entry);
/* Whether all its parts lie inside size bytes. */
bool entry_valid(const struct layout *layout, const void *entry, size_t size);
/* Whether matches are whole, one behind the other, in size bytes. */
bool matches_valid(const void *matches, size_t size);

/* One match or target inside an entry. */
struct part {
	const char *name;
	uint8_t revision;
	const uint8_t *data;
	size_t size; /* of data */
};

/*
 * The match at *offset, which it moves on; start with layout->size. Returns
 * whether there was one. The entry must be valid.
 */
bool entry_next_match(const struct layout *layout, const void *entry,
		      size_t *offset, struct part *ret_match);
void entry_get_target(const struct layout *layout, const void *entry,
		      struct part *ret_target);

/* How far two rules must agree to match the same packets: comment apart. */
size_t entry_key_length(const struct layout *layout, const void *entry);

/*
 * Appends entry in its normal form; label is what its standard target means,
 * or NULL for another target. A running out of memory shows in out.
 */
void entry_normalize(const struct layout *layout, const void *entry,
		     const char *label, struct bytes *out);

/* Appends an unconditional rule that goes (or jumps) to a chain. */
void encode_link(const struct layout *layout, const char *chain, bool jump,
		 struct bytes *out);
/* Appends "-j MARK --set-xmark mark/mask". */
void encode_set_mark(const struct layout *layout, uint32_t mark, uint32_t mask,
		     struct bytes *out);
/*
 * Appends the rule; exempt adds the match that leaves out replies, and extra
 * is what the helper compiled from rule->extra. A running out of memory shows
 * in out; everything else was checked with the rule.
 */
void encode_mark(const struct layout *layout, const struct ipvsctl_mark *rule,
		 bool exempt, const struct bytes *extra, struct bytes *out);

/* What decoding leaves to others. */
struct decoded {
	struct ipvsctl_mark rule;    /* hook and priority are the chain's */
	char label[CHAIN_NAME_SIZE]; /* chain it goes to; "": it excludes */
	bool exempt;		     /* it has the match for that */
	struct bytes extra; /* a made-up entry with the other matches */
};

/*
 * Reads a rule in normal form. Returns whether it can be said in a mark rule
 * (with the words that the helper makes of extra).
 */
bool decode_mark(const struct layout *layout, const void *entry,
		 struct decoded *ret_decoded);
/* Whether entry is "-j MARK --set-xmark mark/mask" and nothing more. */
bool decode_set_mark(const struct layout *layout, const void *entry,
		     uint32_t *ret_mark, uint32_t *ret_mask);
/*
 * What an unconditional rule without (or with) the goto flag has as the name
 * of its target, in normal form a chain's for a jump; NULL for other rules.
 */
const char *decode_link(const struct layout *layout, const void *entry,
			bool jump);

/* Whether replies to own conversations could match such a rule. */
bool mark_overlaps_own(const struct ipvsctl_mark *rule,
		       const struct ipvsctl_port_range *own);

#endif
