/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds of configurations, and the text that keeps them beside the kernel's. */
#ifndef LBCTL_HOLDS_H
#define LBCTL_HOLDS_H

#include "model/config.h"

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
/* Has config know those of from, too. Returns 0 or -ENOMEM. */
int holds_keep_aside(struct ipvsctl_config *config,
		     const struct ipvsctl_config *from) MUST_CHECK;

#endif
