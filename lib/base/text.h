/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A growing text that remembers running out of memory until it is taken. */
#ifndef LBCTL_TEXT_H
#define LBCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "scope.h"

struct text {
	char *bytes;
	size_t length;
	size_t capacity;
	bool failed; /* memory ran out: later additions are lost */
};

void text_add(struct text *text, const char *format, ...) PRINTF(2, 3);
void text_add_text(struct text *text, const char *more);
/* Adds a word, in single quotes if a shell needs them. */
void text_add_word(struct text *text, const char *word);
/* Hands the text over and empties it. Returns 0 or -ENOMEM. */
int text_take(struct text *text, char **ret_text) MUST_CHECK;
/* Frees a text that was not taken. */
void text_free(struct text *text);
#define AUTO_TEXT CLEANUP(text_free)

void text_add_bytes(struct text *text, const char *bytes, size_t length);
/*
 * Opens a stream that adds to a text, or returns NULL. Unlike open_memstream(),
 * it does not drop data silently when memory runs out.
 */
FILE *text_open(struct text *text);
/* Closes the stream and hands the text over, with its length unless ret_length
   is NULL. Returns 0 or -ENOMEM. */
int text_close(FILE *stream, struct text *text, char **ret_text,
	       size_t *ret_length) MUST_CHECK;

#endif
