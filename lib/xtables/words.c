/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Splitting a line into words. */
#include <string.h>

#include "xtables.h"

/* Copies one word down to *to and moves both behind it. */
static void take_word(char **from, char **to)
{
	char quote = '\0';
	char *in = *from;
	char *out = *to;

	for (; *in && (quote || !strchr(" \t\n", *in)); in++) {
		if (*in == quote)
			quote = '\0';
		else if (!quote && (*in == '"' || *in == '\''))
			quote = *in;
		else if (*in == '\\' && quote != '\'' && in[1])
			*out++ = *++in;
		else
			*out++ = *in;
	}
	if (quote)
		complain("a quote is not closed");
	*from = in + (*in != '\0');
	*out = '\0';
	*to = out + 1;
}

int split_words(char *text, char *words[WORDS_MAX + 1])
{
	static char name[] = "xtables";
	int count = 1;

	words[0] = name;
	/* Words only ever get shorter, so they fit where they came from. */
	char *to = text;
	for (;;) {
		text += strspn(text, " \t\n");
		if (!*text)
			break;
		if (count == WORDS_MAX)
			complain("too many words");
		words[count++] = to;
		take_word(&text, &to);
	}
	words[count] = NULL;
	return count;
}
