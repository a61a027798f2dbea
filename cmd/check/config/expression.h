/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The regular expressions of --body, bounded so that none stops a run. */
#ifndef LBCTL_CHECK_EXPRESSION_H
#define LBCTL_CHECK_EXPRESSION_H

#include "common/cleanup.h"

#define EXPRESSION_MAX	  1024 /* bytes of an expression */
#define EXPRESSION_REPEAT 255  /* times, as POSIX has RE_DUP_MAX */
#define EXPRESSION_WEIGHT 1024 /* parts of it, repeated ones as often */

/* Room for the pattern of any expression: a repeated atom is in it twice, with
   a backslash before each of its bytes. */
#define EXPRESSION_PATTERN (4 * EXPRESSION_MAX + 1)

/*
 * Writes a POSIX extended regular expression as a pattern of PCRE2, with as
 * many states as it has characters: pcre2_dfa_match() counts the turns of "x+"
 * without an end, so that "xx*" is written. Returns 0, or -EINVAL with why and,
 * at ret_rest, the rest of text that is wrong.
 */
int expression_translate(const char *text, char ret_pattern[EXPRESSION_PATTERN],
			 const char **ret_why,
			 const char **ret_rest) MUST_CHECK;

#endif
