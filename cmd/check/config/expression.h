/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Regular expressions of --body, limited so that none can block a run. */
#ifndef LBCTL_CHECK_EXPRESSION_H
#define LBCTL_CHECK_EXPRESSION_H

#include "output/cleanup.h"

#define EXPRESSION_MAX	  1024 /* bytes of an expression */
#define EXPRESSION_REPEAT 255  /* repetitions, as RE_DUP_MAX of POSIX */
#define EXPRESSION_WEIGHT 1024 /* parts, repeated ones counted each time */

/* Room for any pattern: a repeated atom is in it twice, with a backslash before
   each byte. */
#define EXPRESSION_PATTERN (4 * EXPRESSION_MAX + 1)

/*
 * Translates a POSIX extended regular expression to a PCRE2 pattern with as
 * many states as characters. "x+" becomes "xx*", since pcre2_dfa_match() counts
 * repetitions of "x+" without a limit. Returns 0, or -EINVAL with the reason in
 * ret_why and the wrong rest of text in ret_rest.
 */
int expression_translate(const char *text, char ret_pattern[EXPRESSION_PATTERN],
			 const char **ret_why,
			 const char **ret_rest) MUST_CHECK;

#endif
