/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What must be true of every configuration that a text has made. */
#ifndef LBCTL_FUZZ_AGAIN_H
#define LBCTL_FUZZ_AGAIN_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipvsctl.h"

#define EVERYTHING                                                        \
	(IPVSCTL_SERVICES | IPVSCTL_MARKS | IPVSCTL_VIPS | IPVSCTL_SYNC | \
	 IPVSCTL_TIMEOUTS)

static inline void must(bool truth)
{
	if (!truth)
		abort();
}

/* What the text makes of nothing; it has to. */
static inline struct ipvsctl_config *read_text(const char *text)
{
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_config *nothing = NULL;
	struct ipvsctl_config *to = NULL;

	must(ipvsctl_ruleset_new(&ruleset, NULL) == 0);
	must(ipvsctl_config_new(&nothing, NULL) == 0);
	must(ipvsctl_ruleset_add(ruleset, "again", text, strlen(text), NULL) ==
	     0);
	must(ipvsctl_ruleset_run(ruleset, nothing, &to, NULL) == 0);
	ipvsctl_config_free(nothing);
	ipvsctl_ruleset_free(ruleset);
	return to;
}

/*
 * Written in that format and read again, a configuration tells the same lines
 * as before.
 */
static inline void must_come_again(const struct ipvsctl_config *config,
				   unsigned int as, const char *lines)
{
	struct ipvsctl_config *copy;
	char *text = NULL;
	char *again = NULL;

	must(ipvsctl_ruleset_format(config, EVERYTHING, as, &text, NULL) == 0);
	copy = read_text(text);
	must(ipvsctl_ruleset_format(copy, EVERYTHING, IPVSCTL_FORMAT_RULESET,
				    &again, NULL) == 0);
	must(strcmp(again, lines) == 0);
	free(again);
	free(text);
	ipvsctl_config_free(copy);
}

/* As lines, as JSON, and as JSON that is shown. */
static inline void must_survive(const struct ipvsctl_config *config)
{
	char *lines = NULL;
	char *text = NULL;
	int r = ipvsctl_ruleset_format(config, EVERYTHING, IPVSCTL_FORMAT_JSON,
				       &text, NULL);

	must(ipvsctl_ruleset_format(config, EVERYTHING, IPVSCTL_FORMAT_RULESET,
				    &lines, NULL) == 0);
	must_come_again(config, IPVSCTL_FORMAT_RULESET, lines);
	/* JSON cannot have every byte. */
	must(r == 0 || r == -EINVAL);
	if (r == 0) {
		must_come_again(config, IPVSCTL_FORMAT_JSON, lines);
		must_come_again(config,
				IPVSCTL_FORMAT_JSON | IPVSCTL_FORMAT_RUNTIME,
				lines);
	}
	free(text);
	free(lines);
}

#endif
