/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Decides which characters of other people's texts are shown. */
#include "clean.h"

#include <string.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Unicode's table of well-formed UTF-8: the second byte's range depends on the
   first, all later ones are 0x80 to 0xbf. */
static const struct form {
	unsigned char first, last;
	unsigned char second_min, second_max;
	size_t length;
} forms[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Returns how many bytes the character has, 0 if there is none. */
static size_t character_length(const unsigned char *text)
{
	const struct form *form = forms;

	while (text[0] > form->last)
		if (++form == forms + ARRAY_SIZE(forms))
			return 0;
	if (text[0] < form->first)
		return 0;
	/* A NUL is in no range, so nothing after it is read. */
	for (size_t i = 1; i < form->length; i++)
		if (text[i] < (i == 1 ? form->second_min : 0x80) ||
		    text[i] > (i == 1 ? form->second_max : 0xbf))
			return 0;
	return form->length;
}

static bool is_control(const unsigned char *text, size_t length)
{
	if (length == 2)
		return text[0] == 0xc2 && text[1] < 0xa0;
	return length == 1 && (text[0] < ' ' || text[0] == 0x7f);
}

static size_t copy(const char *text, char *ret_text, size_t size, bool controls)
{
	const char *const first = text, *const end = ret_text + size;

	while (*text) {
		const unsigned char *at = (const unsigned char *)text;
		size_t length = character_length(at), shown_length = length;
		const char *shown = text;

		if (length == 0) {
			shown = replacement;
			shown_length = sizeof(replacement) - 1;
			length = 1;
		} else if (!controls && is_control(at, length)) {
			shown = "?";
			shown_length = 1;
		}
		if (shown_length >= (size_t)(end - ret_text))
			break;
		ret_text = mempcpy(ret_text, shown, shown_length);
		text += length;
	}
	*ret_text = '\0';
	return (size_t)(text - first);
}

size_t clean_text(const char *text, char *ret_text, size_t size)
{
	return copy(text, ret_text, size, false);
}

size_t clean_utf8(const char *text, char *ret_text, size_t size)
{
	return copy(text, ret_text, size, true);
}

bool clean_is_utf8(const char *text)
{
	size_t length = 1;

	while (*text && length > 0) {
		length = character_length((const unsigned char *)text);
		text += length;
	}
	return length > 0;
}

void clean_ascii(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}
