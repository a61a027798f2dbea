/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Single rules in the words of iptables-save. */
#ifndef LBCTL_RULESET_IPTABLES_RULE_H
#define LBCTL_RULESET_IPTABLES_RULE_H

#include "base.h"
#include "ipvsctl.h"

/* What is to become of a rule. */
enum iptables_verdict {
	IPTABLES_MARK,	 /* it sets a mark */
	IPTABLES_RETURN, /* it exempts from marks */
	IPTABLES_OURS,	 /* one of our own, or the way to it */
	IPTABLES_OTHER,	 /* it has no equal here */
};

struct iptables_rule {
	struct ipvsctl_mark mark;
	enum iptables_verdict verdict;
	const char *why; /* it is IPTABLES_OTHER */
};

/*
 * Understands the words of a rule, "-A" first, of the family that rule->mark
 * has. Returns 0, or -EINVAL for what iptables-save does not write.
 */
int iptables_parse(char *const *words, size_t count, struct iptables_rule *rule,
		   struct ipvsctl_error *err) MUST_CHECK;

#endif
