/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Command lines: words, and the options that popt would find in them. */
#include "compat.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void bail_out(const char *what, const char *why)
{
	(void)printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		bail_out("calloc", "out of memory");
	return memory;
}

char *duplicate(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		bail_out("strdup", "out of memory");
	return copy;
}

/* ---- Words ---------------------------------------------------------------- */

void command_add(struct command *command, const char *word)
{
	if (command->count < WORDS_MAX)
		command->words[command->count++] = duplicate(word);
}

void command_addf(struct command *command, const char *format, ...)
{
	va_list arguments;
	char *word;

	va_start(arguments, format);
	if (vasprintf(&word, format, arguments) < 0)
		bail_out("vasprintf", "out of memory");
	va_end(arguments);
	command_add(command, word);
	free(word);
}

void command_clear(struct command *command)
{
	for (size_t i = 0; i < command->count; i++)
		free(command->words[i]);
	free(command->input);
	*command = (struct command){ .count = 0 };
}

static void print_word(FILE *stream, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_=.,:/+%@";

	if (*word && strspn(word, plain) == strlen(word)) {
		(void)fputs(word, stream);
		return;
	}
	(void)fputc('\'', stream);
	for (; *word; word++)
		if (*word == '\'')
			(void)fputs("'\"'\"'", stream);
		else
			(void)fputc(*word, stream);
	(void)fputc('\'', stream);
}

/* As the script has it. */
static void print_input(FILE *stream, const char *text)
{
	char last = '\n';

	(void)fputs(" <<END\n", stream);
	for (; *text; last = *text++)
		if (*text == '\r')
			(void)fputs("\\r", stream);
		else if (*text == '\t')
			(void)fputs("\\t", stream);
		else if (*text == '\\')
			(void)fputs("\\\\", stream);
		else
			(void)fputc(*text, stream);
	(void)fputs(last == '\n' ? "END" : "\\c\nEND", stream);
}

void command_print(FILE *stream, const struct command *command)
{
	(void)fputs("ipvsadm", stream);
	for (size_t i = 0; i < command->count; i++) {
		(void)fputc(' ', stream);
		print_word(stream, command->words[i]);
	}
	if (command->input)
		print_input(stream, command->input);
	(void)fputc('\n', stream);
}

/* ---- Options ---------------------------------------------------------------- */

enum takes {
	NOTHING,
	VALUE,
	PERHAPS,
};

static const struct spelling {
	char letter; /* or 0 */
	const char *name;
	enum takes takes;
} spellings[] = {
	{ 'A', "add-service", NOTHING },
	{ 'E', "edit-service", NOTHING },
	{ 'D', "delete-service", NOTHING },
	{ 'C', "clear", NOTHING },
	{ 'L', "list", NOTHING },
	{ 'l', "list", NOTHING },
	{ 'a', "add-server", NOTHING },
	{ 'e', "edit-server", NOTHING },
	{ 'd', "delete-server", NOTHING },
	{ 'Z', "zero", NOTHING },
	{ 0, "set", NOTHING },
	{ 0, "start-daemon", VALUE },
	{ 0, "stop-daemon", VALUE },
	{ 'R', "restore", NOTHING },
	{ 'S', "save", NOTHING },
	{ 'h', "help", NOTHING },
	{ 'v', "version", NOTHING },
	{ 't', "tcp-service", VALUE },
	{ 'u', "udp-service", VALUE },
	{ 0, "sctp-service", VALUE },
	{ 'f', "fwmark-service", VALUE },
	{ '6', "ipv6", NOTHING },
	{ 's', "scheduler", VALUE },
	{ 'p', "persistent", PERHAPS },
	{ 'M', "netmask", VALUE },
	{ 0, "pe", VALUE },
	{ 'o', "ops", NOTHING },
	{ 'O', "ops", NOTHING },
	{ 'b', "sched-flags", VALUE },
	{ 'r', "real-server", VALUE },
	{ 'g', "gatewaying", NOTHING },
	{ 'i', "ipip", NOTHING },
	{ 'm', "masquerading", NOTHING },
	{ 'w', "weight", VALUE },
	{ 'x', "u-threshold", VALUE },
	{ 'y', "l-threshold", VALUE },
	{ 0, "tun-type", VALUE },
	{ 0, "tun-port", VALUE },
	{ 0, "tun-nocsum", NOTHING },
	{ 0, "tun-csum", NOTHING },
	{ 0, "tun-remcsum", NOTHING },
	{ 'c', "connection", NOTHING },
	{ 'n', "numeric", NOTHING },
	{ 'X', "exact", NOTHING },
	{ 0, "stats", NOTHING },
	{ 0, "rate", NOTHING },
	{ 0, "thresholds", NOTHING },
	{ 0, "persistent-conn", NOTHING },
	{ 0, "tun-info", NOTHING },
	{ 0, "timeout", NOTHING },
	{ 0, "daemon", NOTHING },
	{ 0, "nosort", NOTHING },
	{ 0, "sort", NOTHING },
	{ 0, "full", NOTHING },
	{ 0, "mcast-interface", VALUE },
	{ 0, "syncid", VALUE },
	{ 0, "sync-maxlen", VALUE },
	{ 0, "mcast-group", VALUE },
	{ 0, "mcast-port", VALUE },
	{ 0, "mcast-ttl", VALUE },
};

#define SPELLINGS (sizeof(spellings) / sizeof(spellings[0]))

static const struct spelling *find_letter(char letter)
{
	for (size_t i = 0; i < SPELLINGS; i++)
		if (letter && spellings[i].letter == letter)
			return &spellings[i];
	return NULL;
}

static const struct spelling *find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < SPELLINGS; i++)
		if (strlen(spellings[i].name) == length &&
		    memcmp(spellings[i].name, name, length) == 0)
			return &spellings[i];
	return NULL;
}

struct reader {
	const struct command *command;
	size_t at;
	struct options *options;
};

/* One that was found; value is what stands with it in its word, or NULL. */
static void found(struct reader *reader, const struct spelling *spelling,
		  const char *value)
{
	struct options *options = reader->options;
	const char *next = reader->command->words[reader->at];
	bool takes = spelling->takes == VALUE ||
		     (spelling->takes == PERHAPS && next && next[0] != '-');

	if (!value && takes && next) {
		value = next;
		reader->at++;
	}
	if (options->count < SEEN_MAX)
		options->seen[options->count++] =
			(struct seen){ spelling->name, value };
}

static void read_letters(struct reader *reader, const char *letters)
{
	for (; *letters; letters++) {
		const struct spelling *spelling = find_letter(*letters);

		if (!spelling)
			return;
		if (spelling->takes == NOTHING || !letters[1]) {
			found(reader, spelling, NULL);
			continue;
		}
		letters += 1 + (letters[1] == '=');
		found(reader, spelling, letters);
		return;
	}
}

void options_read(const struct command *command, struct options *ret_options)
{
	struct reader reader = { command, 0, ret_options };

	ret_options->count = 0;
	while (reader.at < command->count) {
		const char *word = command->words[reader.at++];
		const struct spelling *spelling;
		size_t length;

		if (word[0] != '-')
			continue;
		if (word[1] != '-') {
			read_letters(&reader, word + 1);
			continue;
		}
		length = strcspn(word + 2, "=");
		spelling = find_name(word + 2, length);
		if (spelling)
			found(&reader, spelling,
			      word[2 + length] ? word + 3 + length : NULL);
	}
}

int options_find(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->count; i++)
		if (strcmp(options->seen[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool options_have(const struct options *options, const char *name)
{
	return options_find(options, name) >= 0;
}

int options_find_service(const struct options *options)
{
	for (size_t i = 0; i < options->count; i++) {
		const char *name = options->seen[i].name;
		size_t length = strlen(name);

		if (length > 8 && strcmp(name + length - 8, "-service") == 0 &&
		    options->seen[i].value)
			return (int)i;
	}
	return -1;
}
