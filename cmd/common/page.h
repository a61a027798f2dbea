/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Text on its way to a stream, for output too long to be formatted by printf. */
#ifndef LBCTL_PAGE_H
#define LBCTL_PAGE_H

#include <stdint.h>
#include <stdio.h>

#include "common/cleanup.h"

/* What was not yet written; starts as zeros but for the stream. */
struct page {
	FILE *stream;
	char *text;
	size_t length;
	size_t capacity;
	int r; /* 0 or a negative errno, after which nothing more is written */
};

/* The end of the text, with room for so many bytes; NULL once page->r < 0. */
char *page_reserve(struct page *page, size_t length) MUST_CHECK;
/* The text now ends here; every now and then it is written. */
void page_end(struct page *page, const char *at);
/* Adds a text. */
void page_add(struct page *page, const char *text);
/* Writes what is left and frees; returns page->r. */
int page_close(struct page *page) MUST_CHECK;

/* Write at at, and return the end: a text, at least width bytes wide... */
char *page_put_text(char *at, const char *text, size_t width);
/* ...a text behind another... */
char *page_put_words(char *at, const char *word, const char *text);
/* ...and a number, with blanks before it up to the width. */
char *page_put_number(char *at, uint64_t number, size_t width);

#endif
