/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Matches of iptables' words that mark rules have as attributes. */
#ifndef LBCTL_IPTABLES_OWN_H
#define LBCTL_IPTABLES_OWN_H

#include "ipvsctl.h"
#include "scope.h"

/*
 * Makes attributes of the rule's further words, as far as there are such
 * attributes and the rule does not have them; the rest of the words is left in
 * rest. Afterwards, also after a failure, the addresses are the rule's own; all
 * else is borrowed as before. Returns 0, -ENOMEM, or -ENODATA if no packet can
 * match.
 */
int iptables_own(struct ipvsctl_mark *rule,
		 char rest[IPVSCTL_EXTRA_MAX + 1]) MUST_CHECK;
/* Frees what belongs to own: a copy by assignment, which got attributes. */
void iptables_own_clear(struct ipvsctl_mark *own,
			const struct ipvsctl_mark *rule);

#endif
