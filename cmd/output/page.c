/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Gathers text into few writes to a stream. */
#include "output/page.h"

#include <errno.h>
#include <string.h>

#include "output/output.h"
#include "output/render.h"

#define FLUSH_SIZE ((size_t)1 << 16)

char *page_reserve(struct page *page, size_t length)
{
	size_t capacity = 2 * page->capacity;
	char *text;

	if (page->r < 0)
		return NULL;
	if (page->length + length <= page->capacity)
		return page->text + page->length;
	if (capacity < page->length + length + FLUSH_SIZE)
		capacity = page->length + length + FLUSH_SIZE;
	text = realloc(page->text, capacity);
	if (!text) {
		page->r = -ENOMEM;
		return NULL;
	}
	page->text = text;
	page->capacity = capacity;
	return text + page->length;
}

static void flush(struct page *page)
{
	if (page->r == 0 && page->length > 0)
		page->r = output_write(page->stream, page->text, page->length);
	page->length = 0;
}

void page_end(struct page *page, const char *at)
{
	page->length = (size_t)(at - page->text);
	if (page->length > FLUSH_SIZE)
		flush(page);
}

void page_add(struct page *page, const char *text)
{
	char *at = page_reserve(page, strlen(text) + 1);

	if (at)
		page_end(page, stpcpy(at, text));
}

int page_close(struct page *page)
{
	flush(page);
	free(TAKE_PTR(page->text));
	page->capacity = 0;
	return page->r;
}

char *page_put_text(char *at, const char *text, size_t width)
{
	char *end = stpcpy(at, text);

	if (end >= at + width)
		return end;
	(void)memset(end, ' ', width - (size_t)(end - at));
	return at + width;
}

char *page_put_words(char *at, const char *word, const char *text)
{
	return stpcpy(stpcpy(at, word), text);
}

char *page_put_number(char *at, uint64_t number, size_t width)
{
	char digits[RENDER_NUMBER];
	size_t length = (size_t)(render_number(digits, number) - digits);

	if (length < width) {
		(void)memset(at, ' ', width - length);
		at += width - length;
	}
	return stpcpy(at, digits);
}
