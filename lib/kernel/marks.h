/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What a mark backend is: the one interface through which mark rules reach
 * and leave the kernel. A backend lives in a module of its own, loaded when
 * first needed, so that programs without mark rules do not pay for it.
 */
#ifndef LBCTL_MARKS_H
#define LBCTL_MARKS_H

#include "ipvsctl.h"
#include "scope.h"

/* Every function works in the network namespace of the calling thread. */
struct mark_backend {
	const char *name;
	/* Adds the rules that are ours to config, in order, with counters. */
	int (*load)(struct ipvsctl_config *config, struct ipvsctl_error *err);
	/*
	 * Makes our rules those of wanted, in one transaction a family. Rules
	 * that stay keep their counters, or all are zeroed. What is not ours
	 * is not touched, and nothing is committed when nothing differs.
	 */
	int (*apply)(const struct ipvsctl_config *wanted, bool zero,
		     struct ipvsctl_error *err);
	/*
	 * Adds to settled the rules as load would read them if wanted were
	 * applied. Says what is wrong with words; the kernel's rules are
	 * neither read nor written.
	 */
	int (*settle)(const struct ipvsctl_config *wanted,
		      struct ipvsctl_config *settled,
		      struct ipvsctl_error *err);
	int (*each_foreign)(ipvsctl_foreign_rule_fn fn, void *data,
			    struct ipvsctl_error *err);
};

/* The symbol, of type const struct mark_backend, that a module exports. */
#define MARK_BACKEND_SYMBOL "lbctl_mark_backend"

/* The backend of that name ("auto" chooses), loading its module. */
int mark_backend_get(const char *name, const struct mark_backend **ret_backend,
		     struct ipvsctl_error *err) MUST_CHECK;

#endif
