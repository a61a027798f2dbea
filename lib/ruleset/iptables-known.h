/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The effects of iptables' targets and matches, and what these read. */
#ifndef LBCTL_RULESET_IPTABLES_KNOWN_H
#define LBCTL_RULESET_IPTABLES_KNOWN_H

#include <stdbool.h>

/* The things that rules can read and set. */
enum {
	THING_MARK = 1 << 0,
	THING_TOS = 1 << 1, /* of the packet: TOS, DSCP, ECN */
	THING_TTL = 1 << 2, /* of the packet: TTL, hop limit */
	THING_TCP = 1 << 3, /* of the packet: TCP's header and options */
	/* These outlive the packet. */
	THING_CONNMARK = 1 << 4,
	THING_LABEL = 1 << 5, /* of the connection */
	THING_SET = 1 << 6,
	THING_RECENT = 1 << 7,
	THING_BUCKET = 1 << 8, /* of hashlimit, by its name */
	THING_RATE = 1 << 9,
	THING_TRACKING = 1 << 10,
	/* Addresses and ports; only the reading of nft notes who reads them. */
	THING_ADDRESS = 1 << 11,

	THINGS_HEADER = THING_TOS | THING_TTL | THING_TCP,
	THINGS_LASTING = THING_CONNMARK | THING_LABEL | THING_SET |
			 THING_RECENT | THING_BUCKET | THING_RATE |
			 THING_TRACKING,
	THINGS_ALL = (1 << 12) - 1,
};

/* How a target leaves the packet. */
enum ending {
	ENDING_NONE,   /* it goes on to the next rule */
	ENDING_ACCEPT, /* it leaves the hook */
	ENDING_RETURN, /* it leaves the chain */
	ENDING_DROP,   /* it is gone */
	ENDING_BREAK,  /* it leaves a chain that is a part of a rule of nft */
};

enum known_kind { KNOWN_TARGET, KNOWN_MATCH };

struct known {
	enum known_kind kind;
	const char *name;
	const char *option; /* the row is for this option; NULL: for any use */
	unsigned int reads; /* things */
	unsigned int sets;
	enum ending ending;
	bool keeps_state; /* or is random: it must see the same packets */
};

/*
 * Returns what is known of a target or match by its name. With an option,
 * returns what that adds, or NULL if it adds nothing. Without one never returns
 * NULL: an unknown target or match may do anything.
 */
const struct known *known_find(enum known_kind kind, const char *name,
			       const char *option);

#endif
