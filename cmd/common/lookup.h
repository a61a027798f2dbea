/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Looks up names in DNS and /etc/services. */
#ifndef LBCTL_LOOKUP_H
#define LBCTL_LOOKUP_H

#include <ipvsctl.h>

#include "output/cleanup.h"

/*
 * Looks up a name's only address of that family or, if first, the first of
 * several. Returns 0 or -ENOENT.
 */
int lookup_address(const char *name, uint16_t family, bool first,
		   struct ipvsctl_address *ret_address) MUST_CHECK;
/* Finds a port; data is not used. Returns 0 or -ENOENT. */
int lookup_port(const char *name, uint16_t protocol, uint16_t *ret_port,
		void *data) MUST_CHECK;

struct lookup_answer;

/*
 * Asks DNS once for each host: a text is run again under the lock, and must
 * give the same result.
 */
struct lookup {
	struct ipvsctl_names names; /* for ipvsctl_ruleset_use_names() */
	struct lookup_answer *answers;
	bool first; /* take the first of several addresses, not none */
};

/* Starts look-ups. lookup must not move until lookup_end(). */
void lookup_begin(struct lookup *lookup, bool first);
void lookup_end(struct lookup *lookup);

#endif
