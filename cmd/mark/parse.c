/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules from the command line. */
#include <errno.h>
#include <string.h>

#include "common/options.h"
#include "mark/mark.h"

int mark_open(struct command *command)
{
	const char *backend = command_value(command, "backend", NULL);
	int r = command_open(command);

	if (r == 0 && backend)
		r = ipvsctl_use_mark_backend(command->ctx, backend,
					     &command->err);
	return r;
}

int mark_begin(struct command *command)
{
	int r = mark_open(command);

	return r < 0 ? r : command_begin(command, IPVSCTL_MARKS, NULL);
}

/* A word of iptables' grammar is quoted where it could be read as several. */
static bool needs_quotes(const char *word)
{
	return word[0] == '\0' || strpbrk(word, " \t\n\"'\\") != NULL;
}

/* Appends a word, quoted as iptables-save does. False: it does not fit. */
static bool append_word(char *text, size_t size, const char *word)
{
	size_t length = strlen(text);
	bool quote = needs_quotes(word);

	/* At worst each character takes two bytes, and quotes and a blank. */
	if (length + 2 * strlen(word) + 4 > size)
		return false;
	if (length > 0)
		text[length++] = ' ';
	if (quote)
		text[length++] = '"';
	for (; *word; word++) {
		if (quote && strchr("\"'\\", *word))
			text[length++] = '\\';
		text[length++] = *word;
	}
	if (quote)
		text[length++] = '"';
	text[length] = '\0';
	return true;
}

/* The words behind "--" become the rule's further matches. */
static int set_words(struct command *command, struct ipvsctl_mark *rule)
{
	char text[2 * IPVSCTL_EXTRA_MAX] = "";

	if (command->word_count == 0)
		return 0;
	if (rule->extra[0])
		return command_fail(command, -EINVAL, NULL,
				    "--extra and words after -- exclude each "
				    "other");
	for (size_t i = 0; i < command->word_count; i++)
		if (!append_word(text, sizeof(text), command->words[i]))
			return command_fail(command, -EINVAL, NULL,
					    "the words after -- are too long");
	return ipvsctl_mark_set(rule, "extra", text, &command->err);
}

int mark_parse(struct command *command, bool exclude,
	       struct ipvsctl_mark *ret_rule)
{
	struct ipvsctl_mark rule;
	int r = 0;

	ipvsctl_mark_init(&rule, exclude);
	if (!exclude) {
		const char *text = command->arguments[0];

		r = ipvsctl_mark_parse(text, &rule.mark, &command->err);
		if (r < 0)
			return command_about(command, r, text);
	}
	r = options_set_mark(command, &rule);
	if (r == 0)
		r = set_words(command, &rule);
	if (r == 0)
		r = ipvsctl_mark_check(&rule, &command->err);
	if (r < 0)
		return command_about(command, r,
				     exclude ? "exclude" :
					       command->arguments[0]);
	*ret_rule = rule;
	return 0;
}
