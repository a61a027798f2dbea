/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A growing text that remembers running out of memory until it is taken. */
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "array.h"

static bool reserve(struct text *text, size_t more)
{
	if (text->failed)
		return false;
	char *grown = array_grow(text->bytes, &text->capacity,
				 text->length + more + 1, 1);
	if (grown)
		text->bytes = grown;
	else
		text->failed = true;
	return !text->failed;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0 || !reserve(text, (size_t)length)) {
		text->failed = true;
		return;
	}
	va_start(arguments, format);
	(void)vsnprintf(text->bytes + text->length, (size_t)length + 1, format,
			arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	(void)memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

void text_add_text(struct text *text, const char *more)
{
	text_add_bytes(text, more, strlen(more));
}

static bool is_plain(const char *word)
{
	for (const char *at = word; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("_-.,:/+@%=[]", *at))
			return false;
	return *word != '\0';
}

void text_add_word(struct text *text, const char *word)
{
	if (is_plain(word)) {
		text_add_text(text, word);
		return;
	}
	text_add(text, "'");
	for (const char *at = word; *at; at++)
		text_add(text, *at == '\'' ? "'\\''" : "%c", *at);
	text_add(text, "'");
}

int text_take(struct text *text, char **ret_text)
{
	if (!reserve(text, 0))
		return -ENOMEM;
	text->bytes[text->length] = '\0';
	*ret_text = text->bytes;
	*text = (struct text){ 0 };
	return 0;
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}

/* ---- As a stream --------------------------------------------------------- */

static ssize_t take_part(void *data, const char *bytes, size_t length)
{
	struct text *text = data;

	text_add_bytes(text, bytes, length);
	return text->failed ? 0 : (ssize_t)length;
}

FILE *text_open(struct text *text)
{
	return fopencookie(text, "w",
			   (cookie_io_functions_t){ .write = take_part });
}

int text_close(FILE *stream, struct text *text, char **ret_text,
	       size_t *ret_length)
{
	const bool failed = ferror(stream) != 0;
	size_t length;

	if (fclose(stream) != 0 || failed)
		text->failed = true;
	length = text->length;
	if (text_take(text, ret_text) < 0) {
		text_free(text);
		return -ENOMEM;
	}
	if (ret_length)
		*ret_length = length;
	return 0;
}
