/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds options as popt does: "--name value", "--name=value", "-ab", "-nX". */
#include "scan.h"

#include <string.h>

static const char *peek(const struct scan *scan)
{
	return scan->argv[scan->next + 1];
}

/* Finds "name" or "name=value". */
static bool find_name(const struct scan *scan, const char *name,
		      struct scan_option *ret_option)
{
	size_t length = strcspn(name, "=");

	return length && scan->find(scan->options, name, length, ret_option);
}

/* Tells whether the next word is there, and can be a value. */
static bool has_value(const struct scan *scan)
{
	const char *word = peek(scan);
	struct scan_option other;

	return word && !(scan->wary && strncmp(word, "--", 2) == 0 &&
			 find_name(scan, word + 2, &other));
}

/* Takes the next word for the value of an option that has none attached. */
static int take_value(struct scan *scan)
{
	const bool optional = scan->found.takes == SCAN_VALUE_PERHAPS;

	if (!has_value(scan) && !optional)
		return SCAN_NO_VALUE;
	if (peek(scan) && !(optional && *peek(scan) == '-')) {
		scan->value = peek(scan);
		scan->next++;
	}
	return scan->found.number;
}

/* Reads the next of several letters behind one dash. */
static int take_letter(struct scan *scan)
{
	const char *letter = scan->letters;
	const char *rest = letter + 1;

	scan->letters = *rest ? rest : NULL;
	if (!scan->find(scan->options, letter, 0, &scan->found))
		return SCAN_UNKNOWN;
	if (scan->found.takes == SCAN_NOTHING)
		return *rest == '=' ? SCAN_UNWANTED : scan->found.number;
	if (!*rest)
		return take_value(scan);
	scan->value = rest + (*rest == '=');
	scan->letters = NULL;
	return scan->found.number;
}

static int take_name(struct scan *scan, const char *name)
{
	size_t length = strcspn(name, "=");

	if (!find_name(scan, name, &scan->found))
		return SCAN_UNKNOWN;
	if (scan->found.takes == SCAN_NOTHING)
		return name[length] ? SCAN_UNWANTED : scan->found.number;
	if (!name[length] && scan->found.takes == SCAN_VALUE_ATTACHED)
		return scan->found.number;
	if (!name[length])
		return take_value(scan);
	scan->value = name + length + 1;
	return scan->found.number;
}

int scan_next(struct scan *scan)
{
	scan->value = NULL;
	if (scan->letters)
		return take_letter(scan);
	while (peek(scan)) {
		const char *word = peek(scan);
		bool dashed = !scan->rest && word[0] == '-' && word[1];

		if (!dashed && scan->ordered)
			return -1;
		scan->next++;
		if (!dashed) {
			/* Move the words to the start of argv, over options. */
			scan->argv[1 + scan->count++] = word;
		} else if (strcmp(word, "--") == 0) {
			scan->rest = true;
		} else if (word[1] == '-') {
			return take_name(scan, word + 2);
		} else {
			scan->letters = word + 1;
			return take_letter(scan);
		}
	}
	return -1;
}

const char *scan_word(const struct scan *scan)
{
	return scan->argv[scan->next];
}

const char **scan_words(struct scan *scan)
{
	if (scan->ordered)
		return scan->argv + 1 + scan->next;
	scan->argv[1 + scan->count] = NULL;
	return scan->argv + 1;
}
