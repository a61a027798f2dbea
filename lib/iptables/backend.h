/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The functions of the backend, as struct mark_backend describes them. */
#ifndef LBCTL_IPTABLES_BACKEND_H
#define LBCTL_IPTABLES_BACKEND_H

#include "kernel/marks.h"

/*
 * Loads the rules. On a host without IPv6, IPv4 rules without addresses load as
 * rules of both families, since such rules are kept in IPv4 alone there.
 */
int backend_load(struct ipvsctl_config *config,
		 struct ipvsctl_error *err) MUST_CHECK;
/*
 * Applies the rules. On a host without IPv6, a rule for both families is for
 * IPv4 alone, and a rule for IPv6 is -EOPNOTSUPP. Reads them again, whatever
 * was loaded.
 */
int backend_apply(const struct ipvsctl_config *wanted,
		  const struct ipvsctl_config *loaded,
		  enum mark_counters counters,
		  struct ipvsctl_error *err) MUST_CHECK;
int backend_look(struct mark_sight *ret_sight,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Settles the rules, with the same refusals as backend_apply(). */
int backend_settle(const struct ipvsctl_config *wanted,
		   struct ipvsctl_config *settled,
		   struct ipvsctl_error *err) MUST_CHECK;
int backend_each_foreign(ipvsctl_foreign_rule_fn fn, void *data,
			 struct ipvsctl_error *err) MUST_CHECK;

extern const struct mark_backend lbctl_mark_backend;

#endif
