/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A mail as text. */
#ifndef LBCTL_CHECK_LETTER_H
#define LBCTL_CHECK_LETTER_H

#include "check/tell/news.h"
#include <time.h>

struct letter {
	const char *from, *to; /* addresses */
	const char *host;
	time_t time;
	unsigned int number; /* of this process's letters */
	const struct news *const *news;
	size_t count;
};

/* Writes header and lines; free *ret_text. Returns 0, -EINVAL if an address or
   host is not value_is_mail(), or -ENOMEM. */
int letter_compose(const struct letter *letter, char **ret_text) MUST_CHECK;

#endif
