/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Random command lines: most of them right, the rest wrong in some way. */
#include "compat.h"

#include <stdlib.h>
#include <string.h>

/* ---- Chance -------------------------------------------------------------------- */

/* Seeds that are neighbours have nothing in common: splitmix64. */
uint32_t chance_below(struct chance *chance, uint32_t bound)
{
	uint64_t mixed = chance->state += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
	mixed ^= mixed >> 31;
	return (uint32_t)((mixed >> 32) * bound >> 32);
}

bool chance_percent(struct chance *chance, uint32_t percent)
{
	return chance_below(chance, 100) < percent;
}

const char *chance_of(struct chance *chance, const char *const *texts)
{
	uint32_t count = 0;

	while (texts[count])
		count++;
	return texts[chance_below(chance, count)];
}

void random_spell(struct chance *chance, struct command *command,
		  const char *letter, const char *name, const char *value)
{
	uint32_t way = chance_below(chance, 10);

	if (*letter && way < 7) {
		if (!value) {
			command_addf(command, "-%s", letter);
		} else if (way == 6 && *value) {
			command_addf(command, "-%s%s", letter, value);
		} else {
			command_addf(command, "-%s", letter);
			command_add(command, value);
		}
		return;
	}
	if (value && way % 2) {
		command_addf(command, "--%s=%s", name, value);
		return;
	}
	command_addf(command, "--%s", name);
	if (value)
		command_add(command, value);
}

/* ---- Commands ---------------------------------------------------------------------- */

static void add_set(struct chance *chance, struct command *command, bool careful)
{
	static const char *const right[] = { "0",   "900", "120",     "300",
					     "100", "1",   "2678400", NULL };
	static const char *const wrong[] = { "2678401", "-1",  "x", "",
					     "5x",	"010", NULL };
	uint32_t count = 3;

	if (!careful && chance_percent(chance, 10))
		count = chance_below(chance, 5);
	while (count--)
		command_add(command,
			    chance_of(chance,
				      !careful && chance_percent(chance, 8) ?
					      wrong :
					      right));
}

enum kind {
	ADD_SERVICE,
	EDIT_SERVICE,
	DELETE_SERVICE,
	ADD_SERVER,
	EDIT_SERVER,
	DELETE_SERVER,
	LIST,
	LIST_SHORT,
	SAVE,
	ZERO,
	SET,
	DAEMON,
	RESTORE,
	CLEAR,
	HELP,
	VERSION,
	NOTHING_AT_ALL,
};

static const struct form {
	enum kind kind;
	uint32_t weight;
	const char *letter, *name;
} forms[] = {
	{ ADD_SERVICE, 300, "A", "add-service" },
	{ EDIT_SERVICE, 80, "E", "edit-service" },
	{ DELETE_SERVICE, 20, "D", "delete-service" },
	{ ADD_SERVER, 230, "a", "add-server" },
	{ EDIT_SERVER, 90, "e", "edit-server" },
	{ DELETE_SERVER, 50, "d", "delete-server" },
	{ LIST, 130, "L", "list" },
	{ LIST_SHORT, 30, "l", "list" },
	{ SAVE, 50, "S", "save" },
	{ ZERO, 25, "Z", "zero" },
	{ SET, 25, "", "set" },
	{ DAEMON, 70, "", "" },
	{ RESTORE, 25, "R", "restore" },
	{ CLEAR, 2, "C", "clear" },
	{ HELP, 4, "h", "help" },
	{ VERSION, 4, "v", "version" },
	{ NOTHING_AT_ALL, 10, "", "" },
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static const struct form *choose_form(struct chance *chance, size_t count)
{
	uint32_t sum = 0, at;

	for (size_t i = 0; i < count; i++)
		sum += forms[i].weight;
	at = chance_below(chance, sum);
	for (size_t i = 0; i < count; i++) {
		if (at < forms[i].weight)
			return &forms[i];
		at -= forms[i].weight;
	}
	return forms;
}

static void add_options(struct chance *chance, struct command *command,
			enum kind kind, bool careful)
{
	switch (kind) {
	case ADD_SERVICE:
	case EDIT_SERVICE:
		random_service(chance, command, careful);
		random_service_options(chance, command, careful);
		return;
	case ADD_SERVER:
	case EDIT_SERVER:
	case DELETE_SERVER:
		random_service(chance, command, careful);
		random_server(chance, command, careful, kind != DELETE_SERVER);
		return;
	case DELETE_SERVICE:
		random_service(chance, command, careful);
		return;
	case LIST:
	case LIST_SHORT:
		random_listing(chance, command);
		return;
	case SAVE:
		if (chance_percent(chance, 70))
			command_add(command, "-n");
		return;
	case ZERO:
		if (chance_percent(chance, 60))
			random_service(chance, command, careful);
		return;
	case SET:
		add_set(chance, command, careful);
		return;
	case RESTORE:
		random_restore(chance, command);
		return;
	case DAEMON:
	case CLEAR:
	case HELP:
	case VERSION:
	case NOTHING_AT_ALL:
		return;
	}
}

static void add_form(struct chance *chance, struct command *command,
		     const struct form *form, bool careful)
{
	if (form->kind == NOTHING_AT_ALL)
		return;
	if (form->kind == DAEMON)
		random_daemon(chance, command, careful);
	else if (*form->letter && chance_percent(chance, 85))
		command_addf(command, "-%s", form->letter);
	else
		command_addf(command, "--%s", form->name);
	add_options(chance, command, form->kind, careful);
}

/* ---- Mistakes ------------------------------------------------------------------------- */

static void remove_word(struct command *command, size_t at)
{
	free(command->words[at]);
	command->count--;
	for (size_t i = at; i <= command->count; i++)
		command->words[i] = command->words[i + 1];
}

static void swap_words(struct command *command, size_t a, size_t b)
{
	char *word = command->words[a];

	command->words[a] = command->words[b];
	command->words[b] = word;
}

/* Moves the last word forward, to anywhere. */
static void move_last(struct chance *chance, struct command *command)
{
	size_t last = command->count - 1;
	size_t to = chance_below(chance, (uint32_t)command->count);

	while (last > to) {
		swap_words(command, last, last - 1);
		last--;
	}
}

/* Puts options in another order: each with the value behind it. */
static void turn(struct chance *chance, struct command *command)
{
	size_t start = 1, count = command->count;

	while (start < count &&
	       (command->words[start][0] != '-' || chance_percent(chance, 50)))
		start++;
	/* What came first behind the command comes last. */
	for (size_t i = 1; i < start && start < count; i++)
		for (size_t at = 1; at + 1 < count; at++)
			swap_words(command, at, at + 1);
}

static void join_first(struct command *command)
{
	char *joined;

	if (command->words[0][0] != '-' || command->words[0][1] == '-' ||
	    command->words[1][0] != '-' || command->words[1][1] == '-')
		return;
	if (asprintf(&joined, "%s%s", command->words[0],
		     command->words[1] + 1) < 0)
		bail_out("asprintf", "out of memory");
	remove_word(command, 0);
	free(command->words[0]);
	command->words[0] = joined;
}

static void spoil(struct chance *chance, struct command *command)
{
	uint32_t count = (uint32_t)command->count;

	switch (chance_below(chance, 9)) {
	case 6:
		/* As a rule an option and its value. */
		if (count > 3) {
			size_t at = 1 + chance_below(chance, count - 2);

			remove_word(command, at);
			remove_word(command, at);
		}
		return;
	case 0:
		remove_word(command, chance_below(chance, count));
		return;
	case 1:
		command_add(command,
			    command->words[chance_below(chance, count)]);
		move_last(chance, command);
		return;
	case 2:
		swap_words(command, chance_below(chance, count),
			   chance_below(chance, count));
		return;
	case 3:
		random_server(chance, command, false, true);
		return;
	case 4:
		random_service(chance, command, false);
		return;
	case 5:
		random_stray(chance, command);
		return;
	default:
		random_stray(chance, command);
		move_last(chance, command);
		return;
	}
}

void random_command(struct chance *chance, struct command *ret_command)
{
	*ret_command = (struct command){ .count = 0 };
	add_form(chance, ret_command, choose_form(chance, FORMS), false);
	if (ret_command->count > 1 && chance_percent(chance, 12))
		turn(chance, ret_command);
	if (ret_command->count > 1 && chance_percent(chance, 12))
		join_first(ret_command);
	while (ret_command->count && chance_percent(chance, 8))
		spoil(chance, ret_command);
}

/* ---- Files for -R ------------------------------------------------------------------------ */

static bool has_blanks(const struct command *command)
{
	for (size_t i = 0; i < command->count; i++)
		if (!*command->words[i] || strpbrk(command->words[i], " \t\n"))
			return true;
	return false;
}

/* Only what changes something: forms up to DELETE_SERVER, and a few more. */
static void add_line(struct chance *chance, FILE *stream, bool wrong)
{
	static const char *const ends[] = { "\n",   "\n",     "\n",   "\n",
					    "\n",   "\n",     "\r\n", " \n",
					    "\n\n", "\t\r\n", NULL };
	struct command line = { .count = 0 };
	size_t count = chance_percent(chance, 95) ? 6 : 0;

	add_form(chance, &line,
		 count ? choose_form(chance, count) : &forms[SET], true);
	if (wrong)
		spoil(chance, &line);
	if (!has_blanks(&line)) {
		if (chance_percent(chance, 10))
			(void)fputs("ipvsadm ", stream);
		for (size_t i = 0; i < line.count; i++)
			(void)fprintf(stream, "%s%s", i ? " " : "",
				      line.words[i]);
		(void)fputs(chance_of(chance, ends), stream);
	}
	command_clear(&line);
}

void random_restore(struct chance *chance, struct command *command)
{
	uint32_t lines = 1 + chance_below(chance, 12);
	uint32_t wrong = chance_percent(chance, 20) ?
				 chance_below(chance, lines) :
				 lines;
	size_t length;
	FILE *stream = open_memstream(&command->input, &length);

	if (!stream)
		bail_out("open_memstream", "out of memory");
	if (chance_percent(chance, 15))
		(void)fputs("-C\n", stream);
	for (uint32_t i = 0; i < lines; i++)
		add_line(chance, stream, i == wrong);
	if (chance_percent(chance, 3))
		(void)fputs("# a comment\n", stream);
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	if (length && chance_percent(chance, 10))
		command->input[length - 1] = '\0';
}
