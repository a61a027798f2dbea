/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A mark backend: the one interface through which mark rules reach and leave
 * the kernel. A backend is a module of its own, loaded when first needed, so
 * that programs without mark rules do not pay for it.
 */
#ifndef LBCTL_MARKS_H
#define LBCTL_MARKS_H

#include "ipvsctl.h"
#include "scope.h"

/* Every function works in the network namespace of the calling thread. */
struct mark_backend {
	const char *name;
	/* Adds our rules to config, in order, with counters. */
	int (*load)(struct ipvsctl_config *config, struct ipvsctl_error *err);
	/*
	 * Makes our rules those of wanted, in one transaction per family. Rules
	 * that stay keep their counters; with zero all become 0. Leaves other
	 * rules alone, and commits nothing if nothing differs.
	 */
	int (*apply)(const struct ipvsctl_config *wanted, bool zero,
		     struct ipvsctl_error *err);
	/*
	 * Adds to settled the rules as load would read them if wanted were
	 * applied. Refuses wrong words; neither reads nor writes the kernel's
	 * rules.
	 */
	int (*settle)(const struct ipvsctl_config *wanted,
		      struct ipvsctl_config *settled,
		      struct ipvsctl_error *err);
	int (*each_foreign)(ipvsctl_foreign_rule_fn fn, void *data,
			    struct ipvsctl_error *err);
};

/* The symbol, of type const struct mark_backend, that a module exports. */
#define MARK_BACKEND_SYMBOL "lbctl_mark_backend"

/* The backend in nf_tables, which is part of the library. */
extern const struct mark_backend mark_backend_nft;

/* Gets the backend of that name ("auto" chooses), and loads its module. */
int mark_backend_get(const char *name, const struct mark_backend **ret_backend,
		     struct ipvsctl_error *err) MUST_CHECK;

#endif
