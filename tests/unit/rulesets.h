/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Texts of rulesets, run on a configuration and told again, for tests. */
#ifndef LBCTL_UNIT_RULESETS_H
#define LBCTL_UNIT_RULESETS_H

#include "given.h"

/* What failures call the text. */
#define TEXT_NAME "text"

/* What a ruleset is told before it gets its text; parts may be NULL. */
struct listener {
	const struct ipvsctl_names *names;
	ipvsctl_skipped_fn skipped;
	void *data;
};

/* A ruleset of that text, or a failed test. listener may be NULL. */
struct ipvsctl_ruleset *given_ruleset(const char *text,
				      const struct listener *listener);

/* Adds the text to a ruleset of its own. Returns what that returns. */
int read_ruleset(const char *text, size_t length,
		 const struct listener *listener, struct ipvsctl_error *err);

/*
 * Runs the text on a configuration in the lines of given_config(). Returns 0
 * or the first failure.
 */
int run_ruleset(const char *const *from, const char *text,
		const struct listener *listener, struct ipvsctl_config **ret_to,
		struct ipvsctl_error *err);

/*
 * Everything in a configuration as lines of a ruleset, without flushes and
 * comments, and with " held" behind servers that are; free it.
 */
char *tell(const struct ipvsctl_config *config);

/* Whether the text makes that of what stands. */
void assert_makes(const char *const *from, const char *text,
		  const struct listener *listener, const char *wanted);

/* A text that is refused, where and how. NULL and 0 are not looked at. */
struct refusal {
	const char *text;
	unsigned int line;
	const char *subject;
	const char *message;
	const char *hint;
};
/* Whether the text alone is refused so. */
void assert_refused(const struct refusal *refusal,
		    const struct listener *listener);

/*
 * Whether every allocation that fails while the text is added, run on what
 * stands, and written in both formats is told as such and leaves nothing
 * behind.
 */
void assert_survives_without_memory(const char *const *from, const char *text,
				    const struct listener *listener);

#endif
