/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Gathers text for a stream, if there is too much for printf. */
#ifndef LBCTL_PAGE_H
#define LBCTL_PAGE_H

#include <stdint.h>
#include <stdio.h>

#include "output/cleanup.h"

/* Text not yet written; starts as zeros, except for the stream. */
struct page {
	FILE *stream;
	char *text;
	size_t length;
	size_t capacity;
	int r; /* 0, or a negative errno that stops all writing */
};

/* Returns the text's end, with room for length bytes; NULL once page->r < 0. */
char *page_reserve(struct page *page, size_t length) MUST_CHECK;
/* Sets the end of the text, and writes the text if it is long. */
void page_end(struct page *page, const char *at);
/* Adds a text. */
void page_add(struct page *page, const char *text);
/* Writes the rest and frees the text. Returns page->r. */
int page_close(struct page *page) MUST_CHECK;

/* Writes a text at at, at least width bytes wide. Returns its end. */
char *page_put_text(char *at, const char *text, size_t width);
/* Writes a word and then a text at at. Returns the end. */
char *page_put_words(char *at, const char *word, const char *text);
/* Writes a number at at, with blanks before it up to width. Returns the end. */
char *page_put_number(char *at, uint64_t number, size_t width);

#endif
