/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Scripts of commands: "reset", or "ipvsadm" and words in '' or "" where
 * needed. What a command reads follows it between "<<END" and a line "END":
 * \r, \t and \\ stand for themselves as in C, \c takes the newline away.
 */
#include "compat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct script {
	FILE *file;
	const char *path;
	char *text; /* of the line */
	size_t room;
	unsigned int line;
};

struct script *script_open(const char *path)
{
	struct script *script = allocate(sizeof(*script));

	script->path = path;
	script->file = fopen(path, "re");
	if (!script->file)
		bail_out(path, strerror(errno));
	return script;
}

void script_close(struct script *script)
{
	(void)fclose(script->file);
	free(script->text);
	free(script);
}

static _Noreturn void wrong(const struct script *script, const char *why)
{
	char place[32];

	(void)snprintf(place, sizeof(place), "line %u", script->line);
	(void)printf("# %s\n", script->path);
	bail_out(place, why);
}

static bool read_line(struct script *script)
{
	ssize_t length = getline(&script->text, &script->room, script->file);

	if (length < 0)
		return false;
	script->line++;
	if (length && script->text[length - 1] == '\n')
		script->text[length - 1] = '\0';
	return true;
}

/* Reads a word at *at into itself, without quotes; NULL at the end. */
static char *next_word(const struct script *script, char **at)
{
	char *word, *out, quote = '\0';
	char *in = *at + strspn(*at, " \t");

	if (!*in || *in == '#')
		return NULL;
	for (word = out = in; *in && (quote || !strchr(" \t", *in)); in++)
		if (quote && *in == quote)
			quote = '\0';
		else if (!quote && (*in == '\'' || *in == '"'))
			quote = *in;
		else
			*out++ = *in;
	if (quote)
		wrong(script, "a quote is not closed");
	*at = in + (*in != '\0');
	*out = '\0';
	return word;
}

static void put_text(FILE *stream, const char *text)
{
	for (; *text; text++) {
		if (*text != '\\') {
			(void)fputc(*text, stream);
			continue;
		}
		text++;
		if (*text == 'c' || !*text)
			return;
		(void)fputc(*text == 'r' ? '\r' :
			    *text == 't' ? '\t' :
					   *text,
			    stream);
	}
	(void)fputc('\n', stream);
}

static char *read_input(struct script *script)
{
	char *input = NULL;
	size_t length;
	FILE *stream = open_memstream(&input, &length);

	if (!stream)
		bail_out("open_memstream", "out of memory");
	for (;;) {
		if (!read_line(script))
			wrong(script, "no END");
		if (strcmp(script->text, "END") == 0)
			break;
		put_text(stream, script->text);
	}
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	return input;
}

enum script_line script_next(struct script *script, struct command *ret_command,
			     unsigned int *ret_line)
{
	char *at, *word;

	do {
		if (!read_line(script))
			return SCRIPT_END;
		at = script->text;
		word = next_word(script, &at);
	} while (!word);
	*ret_line = script->line;
	*ret_command = (struct command){ .count = 0 };
	if (strcmp(word, "reset") == 0)
		return SCRIPT_RESET;
	if (strcmp(word, "ipvsadm") != 0)
		wrong(script, "neither 'ipvsadm' nor 'reset'");
	while ((word = next_word(script, &at))) {
		if (strcmp(word, "<<END") == 0) {
			ret_command->input = read_input(script);
			break;
		}
		command_add(ret_command, word);
	}
	return SCRIPT_COMMAND;
}
