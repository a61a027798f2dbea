/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Writes a JSON document as text, with two blanks for each level. Nothing is
 * built before: a document of many thousand objects costs no more than its text.
 */
#ifndef LBCTL_RULESET_JSON_TEXT_H
#define LBCTL_RULESET_JSON_TEXT_H

#include <stdint.h>

#include "text.h"

struct json_text {
	struct text text; /* a lack of memory shows when it is taken */
	unsigned int depth;
	bool has_members; /* the object or array that is open */
};

/* Each writes a member of the object that is open; in an array, and for the
   whole document, the key is NULL. */
void json_text_open(struct json_text *json, const char *key, char bracket);
void json_text_close(struct json_text *json, char bracket);
/* The text must be UTF-8. */
void json_text_string(struct json_text *json, const char *key, const char *text);
void json_text_number(struct json_text *json, const char *key, int64_t number);
/* Writes true, false or null. */
void json_text_word(struct json_text *json, const char *key, const char *word);

#endif
