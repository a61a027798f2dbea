/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Follows the chains of a table as packets do. */
#ifndef LBCTL_RULESET_IPTABLES_WALK_H
#define LBCTL_RULESET_IPTABLES_WALK_H

#include "ruleset/iptables-order.h"
#include "ruleset/iptables-table.h"

/*
 * Makes the mark rules that give packets the marks that the mangle table gives
 * them; made->config must be empty. Returns 0, -ENOMEM, or -EINVAL if there are
 * no such rules, with the line at fault in *ret_line.
 */
int iptables_follow(struct iptables_table *table, struct iptables_made *made,
		    unsigned int *ret_line,
		    struct ipvsctl_error *err) MUST_CHECK;
/* Refuses marks that another table sets. Returns 0, or -EINVAL and the line. */
int iptables_check_other(struct iptables_table *table, const char *name,
			 unsigned int *ret_line,
			 struct ipvsctl_error *err) MUST_CHECK;
#endif
