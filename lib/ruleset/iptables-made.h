/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The mark rules that an import makes, beside those that exist. */
#ifndef LBCTL_RULESET_IPTABLES_MADE_H
#define LBCTL_RULESET_IPTABLES_MADE_H

#include "ruleset/iptables-order.h"
#include "ruleset/run-lines.h"

/*
 * Adds the rules. Returns 0, -ENOMEM, or -EINVAL if a rule that exists would
 * decide before one that must come first, with the line at fault in *ret_line.
 */
int iptables_add_made(const struct iptables_made *made, struct run *run,
		      unsigned int *ret_line,
		      struct ipvsctl_error *err) MUST_CHECK;

void iptables_made_free(struct iptables_made *made);
/*
 * Puts the rules for IPv4 and those for IPv6 together; a rule that is the same
 * for both, and without addresses, becomes one. merged must be empty. Returns
 * 0 or -ENOMEM.
 */
int iptables_merge_made(const struct iptables_made *ipv4,
			const struct iptables_made *ipv6,
			struct iptables_made *merged) MUST_CHECK;

#endif
