/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds in memory, and the text that keeps them beside the kernel's state. */
#ifndef LBCTL_HOLDS_H
#define LBCTL_HOLDS_H

#include "model/config.h"

/* Whether a reason has a form that can be kept; the weight that it leaves. */
bool holds_reason_parse(const char *reason, uint32_t *ret_weight);
/* Adds a reason to the hold on a server, which may be new. 0 or -ENOMEM. */
int holds_add(struct ipvsctl_config *config,
	      const struct ipvsctl_service *service,
	      const struct ipvsctl_server *server,
	      const char *reason) MUST_CHECK;

/* ---- As text (holds-text.c) ---- */

/* The holds as text, "" without any; free *ret_text. 0 or -ENOMEM. */
int holds_format(const struct ipvsctl_config *config,
		 char **ret_text) MUST_CHECK;
/* As either may be the one that is true when it is read. */
int holds_format_both(const struct ipvsctl_config *from,
		      const struct ipvsctl_config *to,
		      char **ret_text) MUST_CHECK;
/*
 * Adds the holds of a text to a configuration as the kernel has it: a server
 * at the weight of its hold gets its wanted weight and is held. Lines about
 * servers that are gone or have another weight are dropped, which
 * config->holds.stale tells;
 * in a partial configuration those of services that it does not have are kept as
 * they stand.
 * A line with the attributes of a removed server adds it.
 * Lines that make no sense are skipped and counted in *ret_skipped, which may be NULL.
 * Returns 0 or -ENOMEM.
 */
int holds_parse(struct ipvsctl_config *config, const char *text, size_t length,
		size_t *ret_skipped, struct ipvsctl_error *err) MUST_CHECK;

/*
 * Holds the servers that both have for the reasons that from has, beside their
 * own; those that from has removed are removed. Returns 0 or -ENOMEM.
 */
int holds_adopt(struct ipvsctl_config *config,
		const struct ipvsctl_config *from) MUST_CHECK;

/*
 * Holds that are set aside, since everything was emptied: they wait for a
 * ruleset that brings their servers back before the next boot.
 */

/* Sets all of from aside, into an empty table. Returns 0 or -ENOMEM. */
int holds_set_aside(const struct ipvsctl_config *from,
		    struct hold_table *to) MUST_CHECK;
/* The same of a text that nobody has read yet; free *ret_text. */
int holds_set_text_aside(const char *text, char **ret_text) MUST_CHECK;
/* Drops the lines of the service from those of services that were not looked at. */
void holds_drop_others(struct hold_table *table,
		       const struct ipvsctl_service *service);
/* Has config know those of from, too. Returns 0 or -ENOMEM. */
int holds_keep_aside(struct ipvsctl_config *config,
		     const struct ipvsctl_config *from) MUST_CHECK;
/* Drops those of the service that are not set aside. */
void holds_drop_present(struct hold_table *table,
			const struct ipvsctl_service *service);
/* Copies all holds into an empty table. Returns 0 or -ENOMEM. */
int holds_copy(const struct hold_table *from, struct hold_table *to) MUST_CHECK;
void holds_free(struct hold_table *table);
/* Drops the holds of one server, or of all of a service when it is NULL. */
void holds_drop(struct hold_table *table, const struct ipvsctl_service *service,
		const struct ipvsctl_server *server);
/* Sets what the server says of its hold, if it has one. */
void holds_mark(const struct hold_table *table,
		const struct ipvsctl_service *service,
		struct ipvsctl_server *server);
/* Whether two configurations hold the server for the same reasons, at the same
   weights. */
bool holds_equal(const struct hold *a, const struct hold *b);
/* The first reason of a that b does not have at this weight, or NULL. */
const char *holds_new_reason(const struct hold *a, const struct hold *b);
/* The first reason of a that b does not have at all, or NULL. */
const char *holds_extra_reason(const struct hold *a, const struct hold *b);

#endif
