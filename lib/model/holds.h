/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds of configurations, and the text that keeps them outside the kernel. */
#ifndef LBCTL_HOLDS_H
#define LBCTL_HOLDS_H

#include "model/config.h"

/* ---- As text (holds-text.c) ---- */

/* Writes the holds as text, "" for none; free *ret_text. 0 or -ENOMEM. */
int holds_format(const struct ipvsctl_config *config,
		 char **ret_text) MUST_CHECK;
/* Writes the holds of both, since either can be true when the text is read. */
int holds_format_both(const struct ipvsctl_config *from,
		      const struct ipvsctl_config *to,
		      char **ret_text) MUST_CHECK;
/*
 * Adds the holds of a text to a loaded configuration. A server at the weight of
 * its hold gets its wanted weight and is held. A line with the attributes of a
 * removed server adds that server. Lines about servers that are gone or have
 * another weight are dropped, which sets config->holds.stale; a partial
 * configuration keeps lines of services and servers that were not loaded.
 * Invalid lines are skipped and counted in *ret_skipped, which may be NULL.
 * Returns 0 or -ENOMEM.
 */
int holds_parse(struct ipvsctl_config *config, const char *text, size_t length,
		size_t *ret_skipped, struct ipvsctl_error *err) MUST_CHECK;

/*
 * Adds the reasons in from to the servers that both have, but not that a server
 * is leaving, and removes the servers that from has as removed. Returns 0 or
 * -ENOMEM.
 */
int holds_adopt(struct ipvsctl_config *config,
		const struct ipvsctl_config *from) MUST_CHECK;

/*
 * When everything is deleted, holds are set aside: they wait for a ruleset that
 * brings their servers back before the next boot.
 */

/* Sets all holds of from aside, into an empty table. Returns 0 or -ENOMEM. */
int holds_set_aside(const struct ipvsctl_config *from,
		    struct hold_table *to) MUST_CHECK;
/* Sets the holds of a text aside unparsed; free *ret_text. 0 or -ENOMEM. */
int holds_set_text_aside(const char *text, char **ret_text) MUST_CHECK;
/* Adds the holds that from has set aside to config. Returns 0 or -ENOMEM. */
int holds_keep_aside(struct ipvsctl_config *config,
		     const struct ipvsctl_config *from) MUST_CHECK;

#endif
