/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The further matches of a mark rule, from words and to words. */
#include "model/mark-extra.h"

#include <string.h>

#include "fail.h"

#define BLANKS " \t\n"

/* Writes the word, after a blank and in quotes if it needs them. */
static size_t put_word(char *out, bool first, const char *word)
{
	bool quote = !word[0] || strpbrk(word, BLANKS "\"'\\");
	char *at = out;

	if (!first)
		*at++ = ' ';
	if (quote)
		*at++ = '"';
	for (; *word; word++) {
		if (strchr("\"'\\", *word))
			*at++ = '\\';
		*at++ = *word;
	}
	if (quote)
		*at++ = '"';
	*at = '\0';
	return (size_t)(at - out);
}

bool extra_add(char extra[IPVSCTL_EXTRA_MAX + 1], const char *word)
{
	/* At worst each character takes two bytes, and quotes and a blank. */
	char quoted[2 * IPVSCTL_EXTRA_MAX + 4];
	size_t used = strlen(extra);
	size_t length;

	if (strlen(word) > IPVSCTL_EXTRA_MAX)
		return false;
	length = put_word(quoted, !used, word);
	if (used + length > IPVSCTL_EXTRA_MAX)
		return false;
	(void)memcpy(extra + used, quoted, length + 1);
	return true;
}

int extra_next(const char **extra, char *word)
{
	const char *at = *extra + strspn(*extra, BLANKS);
	char quote = '\0';

	if (!*at)
		return 0;
	for (; *at && (quote || !strchr(BLANKS, *at)); at++) {
		if (*at == quote)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else if (*at == '\\' && quote != '\'' && at[1])
			*word++ = *++at;
		else
			*word++ = *at;
	}
	*word = '\0';
	*extra = at;
	return quote ? -EINVAL : 1;
}
