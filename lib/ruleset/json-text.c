/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes a JSON document as text. */
#include "ruleset/json-text.h"

#include <string.h>

#include "model/address.h"

static void add_escape(struct text *text, unsigned char c)
{
	static const char escaped[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *found = strchr(escaped, c);

	if (found)
		text_add(text, "\\%c", letters[found - escaped]);
	else
		text_add(text, "\\u%04X", c);
}

static void add_string(struct text *text, const char *string)
{
	text_add_bytes(text, "\"", 1);
	while (*string) {
		const char *end = string;

		while ((unsigned char)*end >= ' ' && *end != '"' && *end != '\\')
			end++;
		text_add_bytes(text, string, (size_t)(end - string));
		if (*end)
			add_escape(text, (unsigned char)*end++);
		string = end;
	}
	text_add_bytes(text, "\"", 1);
}

static void end_line(struct json_text *json)
{
	text_add_bytes(&json->text, "\n", 1);
	for (unsigned int i = 0; i < json->depth; i++)
		text_add_bytes(&json->text, "  ", 2);
}

static void begin(struct json_text *json, const char *key)
{
	if (json->has_members)
		text_add_bytes(&json->text, ",", 1);
	if (json->depth)
		end_line(json);
	json->has_members = true;
	if (!key)
		return;
	add_string(&json->text, key);
	text_add_bytes(&json->text, ": ", 2);
}

void json_text_open(struct json_text *json, const char *key, char bracket)
{
	begin(json, key);
	text_add_bytes(&json->text, &bracket, 1);
	json->depth++;
	json->has_members = false;
}

void json_text_close(struct json_text *json, char bracket)
{
	json->depth--;
	if (json->has_members)
		end_line(json);
	text_add_bytes(&json->text, &bracket, 1);
	json->has_members = true;
}

void json_text_string(struct json_text *json, const char *key, const char *text)
{
	begin(json, key);
	add_string(&json->text, text);
}

void json_text_number(struct json_text *json, const char *key, int64_t number)
{
	uint64_t magnitude = (uint64_t)number;
	char digits[24], *end = digits;

	if (number < 0) {
		magnitude = -magnitude;
		*end++ = '-';
	}
	end = number_put(end, magnitude);
	begin(json, key);
	text_add_bytes(&json->text, digits, (size_t)(end - digits));
}

void json_text_word(struct json_text *json, const char *key, const char *word)
{
	begin(json, key);
	text_add_text(&json->text, word);
}
