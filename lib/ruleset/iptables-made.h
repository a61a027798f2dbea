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

#endif
