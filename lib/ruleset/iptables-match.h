/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Matches of iptables' rules, as far as a mark rule can have them, and the
 * changes of a mark by the target MARK.
 */
#ifndef LBCTL_RULESET_IPTABLES_MATCH_H
#define LBCTL_RULESET_IPTABLES_MATCH_H

#include "ipvsctl.h"
#include "scope.h"

#define CONDITIONS_MAX 4

/* "-m mark [!] --mark VALUE/MASK". */
struct condition {
	uint32_t value;
	uint32_t mask;
	bool negated;
};

/* A match that was joined borrows its further words and its addresses. */
struct match {
	struct ipvsctl_mark rule; /* its match; conditions are not in extra */
	struct condition conditions[CONDITIONS_MAX];
	size_t condition_count;
	bool keeps_state;
	bool reads_mark; /* in other ways than conditions */
};

/* A change of a mark, to (mark & keep) ^ flip. */
struct change {
	uint32_t keep;
	uint32_t flip;
};

#define CHANGE_NOTHING ((struct change){ UINT32_MAX, 0 })

static inline bool change_is_nothing(struct change change)
{
	return change.keep == UINT32_MAX && !change.flip;
}

/* Returns the change that makes first, then second. */
struct change change_both(struct change first, struct change second);

enum joined {
	JOINED,
	JOINED_EMPTY, /* no packet matches both */
	JOINED_NOT,   /* no single rule can express it */
};

/* Room for the further words of a match. */
typedef char match_words[IPVSCTL_EXTRA_MAX + 1];
/* Room for what two matches that are joined have in common. */
struct match_room {
	match_words words;
	struct ipvsctl_address_range source;
	struct ipvsctl_address_range destination;
};

/*
 * Makes the match of packets that match both; first's words come first. The
 * words and addresses of the new match are those of first or second, or in room.
 */
enum joined match_join(const struct match *first, const struct match *second,
		       struct match_room *room,
		       struct match *ret_joined) MUST_CHECK;
/* Tells whether no packet matches both. */
bool match_is_apart(const struct match *a, const struct match *b);
/* Narrows a match by a condition on the mark that the packet came with. */
enum joined match_add_condition(struct match *match,
				const struct condition *condition) MUST_CHECK;
/*
 * Narrows a match by the conditions of another, which test the mark after
 * change.
 */
enum joined match_add_conditions(struct match *match, const struct match *other,
				 struct change change) MUST_CHECK;
/* Tells whether both are the same in all their parts. */
bool match_is_same(const struct match *a, const struct match *b);
/* Writes conditions and further words as the words of a rule. Returns false if
   they do not fit. */
bool match_write_words(const struct match *match, match_words extra) MUST_CHECK;
/* Tells whether every packet matches. */
bool match_is_all(const struct match *match);

#endif
