/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Rules as the kernel has them: a header (ipt_entry, ip6t_entry), matches, a
 * target. The bytes are those that iptables makes of the same words, so that it
 * can print and find our rules.
 *
 * Normal form: counters, the kernel's scratch fields and the bytes after the
 * NUL of a name are zero, and a standard target has the name of its verdict or
 * chain instead of a number. Two rules are the same if their normal forms are
 * the same bytes.
 */
#ifndef LBCTL_IPTABLES_ENTRY_H
#define LBCTL_IPTABLES_ENTRY_H

#include "bytes.h"
#include "chain-names.h"
#include "ipvsctl.h"
#include "model/mark-snat.h"
#include "scope.h"

/* The places of the fields that both families have. */
struct layout {
	uint16_t family;
	uint16_t size;	     /* of the header */
	uint16_t match_size; /* of the part to match */
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

/* Returns the whole length of an entry. */
size_t entry_length(const struct layout *layout, const void *entry);
/* Returns where the target begins. */
size_t entry_target(const struct layout *layout, const void *entry);
/* Tells whether all parts of an entry lie inside size bytes. */
bool entry_valid(const struct layout *layout, const void *entry, size_t size);
/* Tells whether size bytes are whole matches, one after the other. */
bool matches_valid(const void *matches, size_t size);

/* One match or target inside an entry. */
struct part {
	const char *name;
	uint8_t revision;
	const uint8_t *data;
	size_t size; /* of data */
};

/*
 * Gets the match at *offset, and moves *offset past it; start with
 * layout->size. Returns false at the end. The entry must be valid.
 */
bool entry_next_match(const struct layout *layout, const void *entry,
		      size_t *offset, struct part *ret_match);
void entry_get_target(const struct layout *layout, const void *entry,
		      struct part *ret_target);

/* Returns the length that decides what a rule matches: up to its comment. */
size_t entry_key_length(const struct layout *layout, const void *entry);

/*
 * Appends entry in its normal form; label is the meaning of its standard
 * target, or NULL for another target. out notes a lack of memory.
 */
void entry_normalize(const struct layout *layout, const void *entry,
		     const char *label, struct bytes *out);

/* Appends an unconditional rule that goes, or jumps, to a chain. */
void encode_link(const struct layout *layout, const char *chain, bool jump,
		 struct bytes *out);
/* Appends "-j MARK --set-xmark mark/mask". */
void encode_set_mark(const struct layout *layout, uint32_t mark, uint32_t mask,
		     struct bytes *out);
/* Appends "-m mark --mark MARK -m conntrack --ctdir ORIGINAL -j MASQUERADE", or
   "-j SNAT --to-source ADDRESS". */
void encode_snat(const struct layout *layout, const struct snat *snat,
		 struct bytes *out);
/* What the attributes of a rule do not say about an entry. */
struct mark_parts {
	size_t number; /* of the rule's entries, from 0 */
	bool tracked;  /* leaves out replies by connection tracking */
	const struct bytes *extra; /* compiled from rule->extra, or NULL */
};

/* Returns how many entries a rule needs. */
size_t mark_entry_count(const struct ipvsctl_mark *rule);
/*
 * Appends an entry of the rule. out notes a lack of memory; everything else was
 * checked with the rule.
 */
void encode_mark(const struct layout *layout, const struct ipvsctl_mark *rule,
		 const struct mark_parts *parts, struct bytes *out);
/*
 * Appends a head: packets of this host's sockets that have the addresses, ports
 * and header of the rule's entry of that number, or all such packets if rule is
 * NULL, go to a chain.
 */
void encode_head(const struct layout *layout, const struct ipvsctl_mark *rule,
		 size_t number, const char *chain, struct bytes *out);

/*
 * A decoded entry, and what the caller must add to it. It must not be moved:
 * the rule's addresses are in it.
 */
struct decoded {
	/* Hook and priority are the chain's; the comment points into entry. */
	struct ipvsctl_mark rule;
	char label[CHAIN_NAME_SIZE]; /* chain it goes to; "": it excludes */
	bool further;		     /* belongs to the rule before it */
	/* CONNTRACK, or NONE: the rule alone does not show a head. */
	enum ipvsctl_exemption exemption;
	struct bytes extra; /* a made-up entry with the other matches */
	/* Used as far as the rule says. */
	struct ipvsctl_address_range sources[IPVSCTL_ADDRESSES_MAX];
	struct ipvsctl_address_range destinations[IPVSCTL_ADDRESSES_MAX];
};

/*
 * Reads a rule in normal form. Returns whether a mark rule can express it (with
 * the words that the helper makes of extra).
 */
bool decode_mark(const struct layout *layout, const void *entry,
		 struct decoded *ret_decoded);
/* Returns the chain that a head goes to; NULL for a rule that is no head. */
const char *decode_head(const struct layout *layout, const void *entry);
/* Tells if entry is "-j MARK --set-xmark mark/mask" and nothing more. */
bool decode_set_mark(const struct layout *layout, const void *entry,
		     uint32_t *ret_mark, uint32_t *ret_mask);
/* Reads a rule in normal form. Returns whether encode_snat() makes the same. */
bool decode_snat(const struct layout *layout, const void *entry,
		 struct snat *ret_snat);
/*
 * Returns the target's name of an unconditional rule without (jump) or with the
 * goto flag; NULL for another rule. In normal form a jump has its chain's name.
 */
const char *decode_link(const struct layout *layout, const void *entry,
			bool jump);

#endif
