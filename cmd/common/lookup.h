/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Numbers for names in rulesets, from DNS and /etc/services. */
#ifndef LBCTL_LOOKUP_H
#define LBCTL_LOOKUP_H

#include <ipvsctl.h>

#include "common/cleanup.h"

struct lookup_answer;

/*
 * Asks DNS once for each host: a text is run again under the lock, and must
 * mean the same.
 */
struct lookup {
	struct ipvsctl_names names; /* for ipvsctl_ruleset_use_names() */
	struct lookup_answer *answers;
	bool first; /* take the first of several addresses, not none */
};

/* Begins to answer. lookup must not move until lookup_end(). */
void lookup_begin(struct lookup *lookup, bool first);
void lookup_end(struct lookup *lookup);

#endif
