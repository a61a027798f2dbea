/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds expressions in answers of servers, in bounded time and memory. */
#ifndef LBCTL_CHECK_CURL_MATCH_H
#define LBCTL_CHECK_CURL_MATCH_H

#include <stddef.h>

#include "output/cleanup.h"

struct matcher;

/* Returns 0, -ENOMEM, or -EINVAL if expression_translate() or PCRE2 refuses. */
int matcher_new(const char *expression, struct matcher **ret_matcher) MUST_CHECK;
void matcher_free(struct matcher *matcher);

/*
 * Tells whether the expression matches anywhere in these bytes, in time
 * proportional to length. Returns 1, 0, -ENOMEM, or -E2BIG if the matcher would
 * have to follow more states at once than its fixed memory holds.
 */
int matcher_find(const struct matcher *matcher, const char *bytes,
		 size_t length) MUST_CHECK;

#endif
