/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Matches of iptables' words that mark rules have as attributes. */
#ifndef LBCTL_RULESET_IPTABLES_OWN_H
#define LBCTL_RULESET_IPTABLES_OWN_H

#include "ruleset/iptables-match.h"

/*
 * Makes attributes of the rule's further words, as far as there are such
 * attributes and the rule does not have them; the rest of the words is left in
 * rest. Afterwards, also after a failure, the addresses are the rule's own; all
 * else is borrowed as before. Returns 0, -ENOMEM, or -ENODATA if no packet can
 * match.
 */
int iptables_own(struct ipvsctl_mark *rule, match_words rest) MUST_CHECK;

#endif
