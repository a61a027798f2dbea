/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A mark backend: the one interface through which mark rules reach and leave
 * the kernel. That of nf_tables is a part of the library; that of ip_tables is a
 * module of its own, loaded when first needed, so that programs without mark
 * rules do not pay for it.
 */
#ifndef LBCTL_MARKS_H
#define LBCTL_MARKS_H

#include "ipvsctl.h"
#include "scope.h"

/* What an apply does about the counters of rules. */
enum mark_counters {
	MARK_COUNTERS_KEEP,  /* rules that stay keep them, others begin at 0 */
	MARK_COUNTERS_ZERO,  /* all become 0 */
	MARK_COUNTERS_CARRY, /* rules that are new have those of wanted */
};

/* What a backend finds in the kernel. */
struct mark_sight {
	bool ours;   /* rules of ours; in nf_tables also our table */
	bool chains; /* chains of ours, with whatever rules */
	bool others; /* rules of others: mangle's, or any of nf_tables */
};

/* Every function works in the network namespace of the calling thread. */
struct mark_backend {
	/* Looks, without changing anything but loading modules. */
	int (*look)(struct mark_sight *ret_sight, struct ipvsctl_error *err);
	/* Adds our rules to config, in order, with counters. */
	int (*load)(struct ipvsctl_config *config, struct ipvsctl_error *err);
	/*
	 * Makes our rules those of wanted. Leaves other rules alone, and commits
	 * nothing if nothing differs. After a failure rules can be partly new.
	 * loaded is what load made, or NULL: it can save reading them again.
	 */
	int (*apply)(const struct ipvsctl_config *wanted,
		     const struct ipvsctl_config *loaded,
		     enum mark_counters counters, struct ipvsctl_error *err);
	/*
	 * Adds to settled the rules as load would read them if wanted were
	 * applied; or returns 1 if they are such already. Refuses wrong words;
	 * neither reads nor writes the kernel's rules.
	 */
	int (*settle)(const struct ipvsctl_config *wanted,
		      struct ipvsctl_config *settled,
		      struct ipvsctl_error *err);
	int (*each_foreign)(ipvsctl_foreign_rule_fn fn, void *data,
			    struct ipvsctl_error *err);
};

/* The symbol, of type const struct mark_backend, that a module exports. */
#define MARK_BACKEND_SYMBOL "lbctl_mark_backend"

/* The backend in nf_tables. */
extern const struct mark_backend mark_backend_nft;

/* Gets a backend, and loads its module. Returns 0, -EOPNOTSUPP or -ENOMEM. */
int mark_backend_get(enum ipvsctl_backend backend,
		     const struct mark_backend **ret_backend,
		     struct ipvsctl_error *err) MUST_CHECK;

/* Whether the kernel can carry rules in a backend. */
enum mark_presence {
	MARK_ABSENT,
	MARK_LOADABLE, /* by a module that is not loaded: it has no rules */
	MARK_PRESENT,  /* or nobody knows */
};
/* Each tells it by files only: to ask the kernel would load modules. */
enum mark_presence mark_presence_nft(void);
enum mark_presence mark_presence_iptables(void);

/* The backends that have rules of ours, and what else decides. */
struct mark_places {
	enum mark_presence nft;
	enum mark_presence iptables;
	struct mark_sight in_nft;
	struct mark_sight in_iptables;
};
int mark_places_find(struct mark_places *ret_places,
		     struct ipvsctl_error *err) MUST_CHECK;
/* Returns the backend for new rules; words: some have further matches. AUTO:
   the kernel has none. */
enum ipvsctl_backend mark_places_choose(const struct mark_places *places,
					bool words);

#endif
