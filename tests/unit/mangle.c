/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads tables of iptables-save, and tells what became of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mangle.h"

#include "scope.h"
#include "text.h"

const char *const nothing[] = { NULL };

/* Notes what was passed over, as "LINE: RULE: WHY" lines. */
void note_skipped(const char *name, unsigned int line, const char *rule,
		  const char *why, void *data)
{
	assert_string_equal(name, TEXT_NAME);
	text_add(data, "%u: %s: %s\n", line, rule, why);
}

/* All that is imported has it, and is easier to read without. */
static void drop_words(char *text)
{
	static const char words[] = " --no-exempt-own";
	size_t length = strlen(words);

	for (char *at = text; (at = strstr(at, words));)
		(void)memmove(at, at + length, strlen(at + length) + 1);
}

void assert_converts(const char *text, const char *wanted, const char *skipped)
{
	struct text noted = { 0 };
	const struct listener listener = { .skipped = note_skipped,
					   .data = &noted };
	struct ipvsctl_config *made = NULL;
	struct ipvsctl_error err = { 0 };
	char *told = NULL;

	if (run_ruleset(nothing, text, &listener, &made, &err))
		fail_msg("%s:%u: %s\n%s", err.file, err.line, err.message, text);
	assert_int_equal(err.code, 0);
	assert_string_equal(err.message, "");
	told = tell(made);
	ipvsctl_config_free(made);
	drop_words(told);
	if (strcmp(told, wanted) != 0)
		print_error("of '%s':\n", text);
	assert_string_equal(told, wanted);
	free(told);
	told = NULL;
	assert_int_equal(text_take(&noted, &told), 0);
	if (strcmp(told, skipped) != 0)
		print_error("of '%s':\n", text);
	assert_string_equal(told, skipped);
	free(told);
}
