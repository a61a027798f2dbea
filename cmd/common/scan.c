/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds options as popt does: "--name value", "--name=value", "-ab", "-nX". */
#include "common/scan.h"

#include <stddef.h>
#include <string.h>

/* An option by its name or its letter, in a table and those it includes. */
static const struct poptOption *find(const struct poptOption *option,
				     const char *name, size_t length)
{
	bool letter = length == 0;

	for (; option->longName || option->shortName || option->arg; option++) {
		if (option->argInfo == POPT_ARG_INCLUDE_TABLE) {
			const struct poptOption *found =
				find(option->arg, name, length);

			if (found)
				return found;
		} else if (letter ?
				   option->shortName == *name :
				   option->longName &&
					   strlen(option->longName) == length &&
					   memcmp(option->longName, name,
						  length) == 0) {
			return option;
		}
	}
	return NULL;
}

static const char *peek(const struct scan *scan)
{
	return scan->argv[scan->next + 1];
}

/* Takes the next word for the value of an option that has none attached. */
static int take_value(struct scan *scan, const struct poptOption *option)
{
	bool optional = option->argInfo & POPT_ARGFLAG_OPTIONAL;

	if (!peek(scan) && !optional)
		return POPT_ERROR_NOARG;
	if (!peek(scan) || (optional && *peek(scan) == '-'))
		return option->val;
	scan->value = peek(scan);
	scan->next++;
	return option->val;
}

static bool takes_value(const struct poptOption *option)
{
	return (option->argInfo & POPT_ARG_MASK) == POPT_ARG_STRING;
}

/* Reads the next of several letters behind one dash. */
static int take_letter(struct scan *scan)
{
	const char *rest = scan->letters + 1;
	const struct poptOption *option = find(scan->options, scan->letters, 0);

	scan->letters = *rest ? rest : NULL;
	if (!option)
		return POPT_ERROR_BADOPT;
	if (!takes_value(option))
		return *rest == '=' ? POPT_ERROR_UNWANTEDARG : option->val;
	if (!*rest)
		return take_value(scan, option);
	scan->value = rest + (*rest == '=');
	scan->letters = NULL;
	return option->val;
}

static int take_name(struct scan *scan, const char *name)
{
	size_t length = strcspn(name, "=");
	const struct poptOption *option =
		length ? find(scan->options, name, length) : NULL;

	if (!option)
		return POPT_ERROR_BADOPT;
	if (!takes_value(option))
		return name[length] ? POPT_ERROR_UNWANTEDARG : option->val;
	if (!name[length])
		return take_value(scan, option);
	scan->value = name + length + 1;
	return option->val;
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
			/* Words gather where options have been. */
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
