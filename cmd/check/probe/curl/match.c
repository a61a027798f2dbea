/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Uses PCRE2's DFA matcher, which reads a text once for any expression. */
#include "check/probe/curl/match.h"

#include <errno.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "check/config/expression.h"

/* Most states at once. Each byte costs their square at worst: 8 KiB take 0.3 ms
   for a word, 1 ms for most expressions, 50 ms for this many. */
#define STATES_MAX 128
/* See pcre2api(3): two lists of three words per state, and two words. */
#define WORKSPACE (2 + 2 * 3 * STATES_MAX)

#define OPTIONS                                                      \
	(PCRE2_ANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |      \
	 PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | \
	 PCRE2_NEVER_BACKSLASH_C)

struct matcher {
	pcre2_code *code;
	pcre2_match_data *data;
};

int matcher_new(const char *expression, struct matcher **ret_matcher)
{
	char pattern[EXPRESSION_PATTERN];
	AUTO_FREE char *anywhere = NULL;
	const char *why, *rest;
	struct matcher *matcher;
	PCRE2_SIZE offset;
	int code, r = expression_translate(expression, pattern, &why, &rest);

	if (r < 0)
		return r;
	/* Anchored, with a prefix that skips bytes: otherwise PCRE2 would try
	   at every byte, and each attempt could read all that follows. */
	if (asprintf(&anywhere, "(?:.*?)(?:%s)", pattern) < 0)
		return -ENOMEM;
	matcher = calloc(1, sizeof(*matcher));
	if (!matcher)
		return -ENOMEM;
	matcher->code =
		pcre2_compile((PCRE2_SPTR)anywhere, PCRE2_ZERO_TERMINATED,
			      OPTIONS, &code, &offset, NULL);
	matcher->data = pcre2_match_data_create(1, NULL);
	if (!matcher->code || !matcher->data) {
		r = matcher->code || code == PCRE2_ERROR_HEAP_FAILED ? -ENOMEM :
								       -EINVAL;
		matcher_free(matcher);
		return r;
	}
	*ret_matcher = matcher;
	return 0;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	pcre2_code_free(matcher->code);
	pcre2_match_data_free(matcher->data);
	free(matcher);
}

int matcher_find(const struct matcher *matcher, const char *bytes, size_t length)
{
	int workspace[WORKSPACE];
	int r = pcre2_dfa_match(matcher->code, (PCRE2_SPTR)bytes, length, 0,
				PCRE2_DFA_SHORTEST, matcher->data, NULL,
				workspace, WORKSPACE);

	if (r >= 0)
		return 1;
	if (r == PCRE2_ERROR_NOMATCH)
		return 0;
	return r == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -E2BIG;
}
