/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Numbers for names in rulesets, from DNS and /etc/services. */
#ifndef LBCTL_LOOKUP_H
#define LBCTL_LOOKUP_H

#include <ipvsctl.h>

#include "common/cleanup.h"

struct lookup_answer;

/*
 * DNS is asked once for each host: texts are run again while the lock is held,
 * and are to mean what they meant.
 */
struct lookup {
	struct ipvsctl_names names; /* for ipvsctl_ruleset_use_names() */
	struct lookup_answer *answers;
	bool first; /* of several addresses the first is meant, not none */
};

/* Begins to answer. lookup must stay where it is until lookup_end(). */
void lookup_begin(struct lookup *lookup, bool first);
void lookup_end(struct lookup *lookup);

#endif
