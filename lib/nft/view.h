/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The table "inet lbctl" as plain data: as the kernel has it, or as it should
 * be. A base chain for each hook jumps to segments, chains by hook and
 * priority. A line of a segment is one mark rule, or looks up many in a map.
 *
 *   prerouting             the hook, priority -149; only jumps
 *   prerouting-100         the first segment of priority 100
 *   prerouting-100-2       the second: its exemption is another
 *   prerouting-map-7       a map, and with chains for values:
 *   prerouting-map-7-3     such a chain, and the map of its own
 *   prerouting-map-7-0     in front of the first map while its values change
 *   postrouting            gives packets another source, by their marks:
 *   postrouting-set-8      marks whose packets get the interface's address
 *   postrouting-map-9      marks, each with an address
 */
#ifndef LBCTL_NFT_VIEW_H
#define LBCTL_NFT_VIEW_H

#include <net/if.h>

#include "bytes.h"
#include "index.h"
#include "ipvsctl.h"
#include "scope.h"

#define NFT_TABLE "lbctl"
/* The hooks of mark rules, enum ipvsctl_hook, and the one behind them. */
#define NFT_HOOK_POSTROUTING 3
#define NFT_HOOKS	     4

/* ---- Matches ------------------------------------------------------------ */

enum match_field {
	FIELD_SOURCE,
	FIELD_DESTINATION,
	FIELD_SOURCE_PORT,
	FIELD_DESTINATION_PORT,
	FIELD_COUNT,
};
#define FIELD_BIT(field) (1U << (field))
/* The fields that are addresses. */
#define FIELDS_OF_ADDRESSES \
	(FIELD_BIT(FIELD_SOURCE) | FIELD_BIT(FIELD_DESTINATION))

/* The values of a field, in network order; the bytes behind are zero. */
struct span {
	uint8_t first[16];
	uint8_t last[16];
};

/* Conditions that no map looks up; zero where there is none. No padding. */
struct conditions {
	uint16_t negated; /* bits of enum ipvsctl_negated */
	uint8_t source_type;
	uint8_t destination_type;
	uint8_t state;
	uint8_t has_dscp;
	uint8_t dscp;
	uint8_t has_mac;
	uint8_t mac[6];
};

/* What one rule or element of the kernel matches. */
struct match {
	uint16_t family; /* AF_UNSPEC: both */
	uint8_t protocol;
	uint8_t fields;		     /* FIELD_BIT of those that have a span */
	char in_interface[IFNAMSIZ]; /* "eth+": all that begin with it */
	struct span spans[FIELD_COUNT];
	struct conditions conditions;
};

/* Returns the bytes of a field's value. */
size_t field_width(enum match_field field, uint16_t family);
static inline bool match_has(const struct match *match, enum match_field field)
{
	return match->fields & FIELD_BIT(field);
}
/* Tells whether a field has one value only. */
bool match_is_exact(const struct match *match, enum match_field field);
bool match_equal(const struct match *a, const struct match *b);
bool match_has_conditions(const struct match *match);
/* Tells whether a packet could match both; may err on the side of true. */
bool match_overlap(const struct match *a, const struct match *b);

/* ---- The table ---------------------------------------------------------- */

#define NFT_NAME 64 /* of chains and sets of ours, with NUL */

/* A mark rule's own part of a line or element. */
struct bearer {
	uint32_t number;  /* rules of a hook and priority go by it */
	uint32_t comment; /* offset in the view's texts; 0: none */
	uint32_t rule;	  /* place of the rule that is wanted */
	bool exists;	  /* the kernel has that rule, with counters */
	uint64_t packets;
	uint64_t bytes;
};
#define NO_NUMBER UINT32_MAX

enum line_kind {
	LINE_ALIEN,  /* somebody else's; it stays */
	LINE_JUMP,   /* of a base chain to a segment */
	LINE_EXEMPT, /* own conversations leave the segment */
	LINE_RULE,   /* one mark rule, or a part of one */
	LINE_MAP,    /* looks up mark rules in a set */
	LINE_SNAT,   /* looks up the mark, and changes the source */
};

struct line {
	enum line_kind kind;
	uint64_t handle;
	struct match match; /* of a map's line: without the keys */
	bool exclude;
	uint32_t mark;
	uint32_t mask;
	uint16_t exempt; /* enum ipvsctl_exemption of a LINE_EXEMPT */
	bool verdict;	 /* the map's values are verdicts, not marks */
	bool address;	 /* of a LINE_SNAT: the values are addresses */
	uint8_t key_count;
	uint8_t keys[FIELD_COUNT]; /* enum match_field, in order */
	char target[NFT_NAME];	   /* a jump's chain, or the set looked up */
	uint32_t set;		   /* index of the set, if it is known */
	struct bearer bearer;
};

#define NO_INDEX UINT32_MAX

/* Tells whether the line looks up a set. */
static inline bool line_looks_up(const struct line *line)
{
	return line->kind == LINE_MAP || line->kind == LINE_SNAT;
}

enum chain_role {
	ROLE_ALIEN,
	ROLE_BASE,
	ROLE_SEGMENT,
	ROLE_BUCKET, /* reached by a map's value */
};

struct chain {
	char name[NFT_NAME];
	enum chain_role role;
	uint16_t hook;
	uint16_t priority;
	uint32_t ordinal; /* of a segment, from 1 */
	uint32_t first;	  /* line */
	uint32_t count;
	bool wrong; /* a base chain of ours with another hook or priority */
};

/* Keys: each field in turn, padded to four bytes if there are several. */
#define KEY_SIZE 40

struct element {
	uint8_t key[KEY_SIZE];
	union {
		uint8_t last[16];    /* of an interval */
		uint8_t address[16]; /* that becomes the source */
	};
	uint32_t mark;
	uint32_t chain; /* of a verdict: index, or NO_INDEX: accept */
	bool alien;	/* somebody else's verdict: it stays */
	bool ends;	/* as read: an interval ends in front of the key */
	struct bearer bearer;
};

struct set {
	char name[NFT_NAME];
	bool alien;
	bool interval;
	bool verdict;
	bool snat;		 /* keys are marks, in host order */
	uint16_t address_length; /* of the values, if they are addresses */
	uint16_t key_length;
	uint32_t first; /* element */
	uint32_t count;
};

struct view {
	bool exists;
	uint32_t generation;
	bool aged; /* read so long ago that counters have risen since */
	struct chain *chains;
	size_t chain_count, chain_capacity;
	struct index chain_index; /* by name */
	struct line *lines;
	size_t line_count, line_capacity;
	struct set *sets;
	size_t set_count, set_capacity;
	struct index set_index;
	struct element *elements;
	size_t element_count, element_capacity;
	size_t rule_count;  /* those that are wanted */
	struct bytes texts; /* comments, each with its NUL; the first is "" */
	bool failed;	    /* memory ran out: what was added is lost */
};

void view_free(struct view *view);
#define AUTO_VIEW CLEANUP(view_free)

/* Each adds one, zeroed, behind the last; its place is the count before. They
   return NULL without memory, which view.failed remembers. */
struct chain *view_add_chain(struct view *view);
struct line *view_add_line(struct view *view);
struct set *view_add_set(struct view *view);
struct element *view_add_element(struct view *view);
/* Keeps a text, and returns its offset; 0 for "". */
uint32_t view_add_text(struct view *view, const char *text, size_t length);
const char *view_text(const struct view *view, uint32_t offset);

/* Index the names of all chains and sets. Returns 0 or -ENOMEM. */
int view_index(struct view *view) MUST_CHECK;
/* Return the index of that name, or NO_INDEX. */
uint32_t view_chain(const struct view *view, const char *name);
uint32_t view_set(const struct view *view, const char *name);

/* ---- Names -------------------------------------------------------------- */

/* Gets role, hook, priority and ordinal by the chain's name. */
void chain_name_parse(struct chain *chain);
void chain_name_format(struct chain *chain);
/* Tells whether a set's name is ours; *number is raised to its number. */
bool set_name_parse(const char *name, uint32_t *number);
const char *hook_name(unsigned int hook);

#endif
