/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Rules as they were found. A rule with lists of addresses is one entry of the
 * kernel for each combination; all but the first say that they belong to it.
 */
#ifndef LBCTL_IPTABLES_LISTS_H
#define LBCTL_IPTABLES_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "ipvsctl.h"
#include "scope.h"

/* A rule that was found; it owns its addresses and its further matches' text. */
struct found_rule {
	struct ipvsctl_mark rule; /* its comment lies in the image */
	bool asks;		  /* for the words of its further matches */
	bool further;		  /* it can belong to the rule before it */
	bool same_words;	  /* as the rule before it */
};

void found_rule_clear(struct found_rule *found);

/*
 * Makes rules of the entries that lists of addresses have become; *count gets
 * smaller. Entries that are not whole lists, since somebody changed some, are
 * rules each. Returns 0 or -ENOMEM.
 */
int lists_join(struct found_rule *rules, size_t *count) MUST_CHECK;

#endif
