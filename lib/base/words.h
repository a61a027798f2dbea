/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads lines of words as a shell does: separated by blanks,
 * 'quoted' or "quoted", with a backslash before any character, comments from #
 * to the end of the line, and lines joined by a backslash at the end.
 */
#ifndef LBCTL_BASE_WORDS_H
#define LBCTL_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "ipvsctl.h"
#include "scope.h"

struct words {
	const char *at;	   /* text not read yet; NUL-terminated */
	unsigned int next; /* the number of the line that begins there */

	/* The line that words_next() has read. */
	unsigned int line; /* where it begins */
	char **words;	   /* until the next line is read */
	size_t count;
	size_t capacity;
	char *buffer; /* holds the words */
	char *to;     /* where the next word goes */
};

/* Starts to read a NUL-terminated text, which must not change meanwhile. */
void words_open(struct words *words, const char *text);
/* Reads the next line with words. Returns 1, 0 at the end, -EINVAL, -ENOMEM. */
int words_next(struct words *words, struct ipvsctl_error *err) MUST_CHECK;
void words_free(struct words *words);
#define AUTO_WORDS CLEANUP(words_free)

#endif
