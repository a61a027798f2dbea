/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Parses a command line in two steps: up to the verb, and after it. */
#include <errno.h>
#include <string.h>

#include "arguments.h"
#include "common/suggest.h"
#include "common/tables.h"
#include "fail.h"

const struct command_verb *command_find(const struct command_program *program,
					const char *name)
{
	for (const struct command_verb *verb = program->verbs; verb->name;
	     verb++)
		if (strcmp(verb->name, name) == 0)
			return verb;
	return NULL;
}

/* Marks the command line as wrong, so that the report names --help. */
static int strange(struct command *command)
{
	command->strange = true;
	return -EINVAL;
}

static int unknown_verb(struct command *command, const char *name)
{
	struct suggest suggest = { .typed = name };

	for (const struct command_verb *verb = command->program->verbs;
	     verb->name; verb++)
		suggest_offer(&suggest, verb->name);
	(void)command_fail(command, -EINVAL, NULL,
			   suggest.best ?
				   "unknown verb '%s'; did you mean '%s'?" :
				   "unknown verb '%s'",
			   name, suggest.best);
	return strange(command);
}

static void offer_options(struct suggest *suggest,
			  const struct poptOption *options)
{
	for (; options->longName; options++)
		if (!(options->argInfo & POPT_ARGFLAG_DOC_HIDDEN))
			suggest_offer(suggest, options->longName);
}

static int unknown_option(struct command *command, const struct tables *tables,
			  const char *name)
{
	struct suggest suggest = { .typed = name + strspn(name, "-") };

	if (strncmp(name, "--", 2) == 0) {
		offer_options(&suggest, tables->common);
		offer_options(&suggest, tables->verb);
	}
	(void)command_fail(command, -EINVAL, NULL,
			   suggest.best ?
				   "unknown option '%s'; did you mean '--%s'?" :
				   "unknown option '%s'",
			   name, suggest.best);
	return strange(command);
}

/* Reports what is wrong with the last option. */
static int bad_option(struct command *command, const struct tables *tables,
		      const struct scan *scan, int code)
{
	char name[64];
	const char *bad = scan_word(scan);

	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(bad, "="), bad);
	if (code == SCAN_UNKNOWN)
		return unknown_option(command, tables, name);
	(void)command_fail(command, -EINVAL, NULL,
			   code == SCAN_NO_VALUE ? "option '%s' needs a value" :
						   "option '%s' takes no value",
			   name);
	return strange(command);
}

static int replace_text(struct command *command, char **text, const char *value)
{
	free(*text);
	*text = strdup(value);
	return *text ? 0 : command_no_memory(command);
}

static int take_common(struct command *command, int option, const char *value)
{
	switch (option) {
	case 'j':
		command->json = true;
		break;
	case 'q':
		command->quiet = true;
		break;
	case TABLES_DRY_RUN:
		command->dry_run = true;
		break;
	case TABLES_NETNS:
		return replace_text(command, &command->netns, value);
	case TABLES_COMPLETE:
		return replace_text(command, &command->complete, value);
	default:
		command->special = option;
		break;
	}
	return 0;
}

/* Tells whether the value's placeholder ends with "...". */
static bool is_repeatable(const struct poptOption *option)
{
	size_t length = option->argDescrip ? strlen(option->argDescrip) : 0;

	return length > 3 &&
	       strcmp(option->argDescrip + length - 3, "...") == 0;
}

/* Keeps an option of the verb; most with a value may be given once. */
static int take_value(struct command *command, const struct tables *tables,
		      size_t index, const char *value)
{
	const char *name = tables->verb[index].longName;
	bool once = tables->verb[index].argDescrip &&
		    !is_repeatable(&tables->verb[index]);
	struct command_value *values;
	char *word;

	for (size_t i = 0; once && i < command->value_count; i++)
		if (command->values[i].name == name) {
			(void)command_fail(command, -EINVAL, NULL,
					   "option '--%s' is given twice",
					   name);
			return strange(command);
		}
	values = reallocarray(command->values, command->value_count + 1,
			      sizeof(*values));
	if (!values)
		return command_no_memory(command);
	command->values = values;
	if (asprintf(&word, "--%s%s%s", name, value ? "=" : "",
		     value ? value : "") < 0)
		return command_no_memory(command);
	values[command->value_count++] = (struct command_value){
		.name = name,
		.word = word,
		.value = value ? word + strlen(name) + 3 : NULL,
		.attribute = index >= tables->own,
	};
	return 0;
}

/* Reads options until one such as --help, or until they end. */
static int take_options(struct command *command, const struct tables *tables,
			struct scan *scan)
{
	int option = -1; /* as at the end */

	while (!command->special && (option = scan_next(scan)) >= 0) {
		int r = option >= TABLES_FIRST ?
				take_value(command, tables,
					   (size_t)option - TABLES_FIRST,
					   scan->value) :
				take_common(command, option, scan->value);

		if (r < 0)
			return r;
	}
	if (command->special || option == -1)
		return 0;
	return bad_option(command, tables, scan, option);
}

static size_t count_words(const char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

static void free_words(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

/* Copies words, which need not live as long as the command. */
static int copy_words(struct command *command, const char *const *words,
		      char ***ret_words, size_t *ret_count)
{
	size_t count = count_words(words);
	char **copy = calloc(count + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(words[i]);
		if (!copy[i]) {
			free_words(copy);
			copy = NULL;
		}
	}
	if (!copy)
		return command_no_memory(command);
	*ret_words = copy;
	*ret_count = count;
	return 0;
}

/* Parses up to the verb; what follows it goes to ret_rest. */
static int parse_front(struct command *command, const char **argv,
		       const char ***ret_rest)
{
	AUTO_TABLES struct tables tables = { 0 };
	struct scan scan = { .find = tables_find,
			     .options = tables.common,
			     .argv = argv,
			     .ordered = true,
			     .wary = true };
	int r = tables_build(&tables, NULL);

	if (r < 0)
		return command_no_memory(command);
	r = take_options(command, &tables, &scan);
	if (r < 0)
		return r;
	*ret_rest = scan_words(&scan);
	return 0;
}

/* Moves the words after "--" from args to command->words. */
static int split_words(struct command *command, const char **args, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(args[i], "--") == 0) {
			*count = i;
			return copy_words(command, args + i + 1,
					  &command->words,
					  &command->word_count);
		}
	return 0;
}

/* Says that there is a word too many; it may be meant for an option whose value
   can be left out. Returns -EINVAL. */
static int fail_word(struct command *command, const char *word)
{
	const struct command_verb *verb = command->verb;
	const struct ipvsctl_attribute *attribute =
		verb->attributes ? verb->attributes() : NULL;
	char name[COMMAND_NAME_SIZE];

	(void)command_fail(command, -EINVAL, NULL,
			   "unexpected argument '%s': %s%s%s", word,
			   command_name(command, name),
			   verb->arguments[0] ? " " : "", verb->arguments);
	for (; attribute && attribute->name; attribute++)
		for (size_t i = 0; i < command->value_count; i++)
			if (command->values[i].name == attribute->name &&
			    attribute->value && !command->values[i].value)
				return fail_hint(&command->err, -EINVAL,
						 "--%s=%s", attribute->name,
						 word);
	return strange(command);
}

static int check_count(struct command *command)
{
	const struct command_verb *verb = command->verb;
	const struct arguments_count takes = arguments_count(verb->arguments);
	char name[COMMAND_NAME_SIZE];

	if (command->argument_count > takes.most)
		return fail_word(command, command->arguments[takes.most]);
	if (command->argument_count >= takes.least)
		return 0;
	(void)command_fail(command, -EINVAL, NULL, "missing argument: %s %s",
			   command_name(command, name), verb->arguments);
	return strange(command);
}

/* Parses what follows the verb, which is args[0]. */
static int parse_back(struct command *command, const char **args)
{
	AUTO_TABLES struct tables tables = { 0 };
	struct scan scan = { .find = tables_find, .argv = args, .wary = true };
	int r = tables_build(&tables, command->verb);

	if (r < 0)
		return command_no_memory(command);
	scan.options = tables.verb;
	r = take_options(command, &tables, &scan);
	if (r < 0 || command->special)
		return r;
	return copy_words(command, scan_words(&scan), &command->arguments,
			  &command->argument_count);
}

/* Parses a copy of what follows the verb, since words change places. */
static int parse_copy(struct command *command, const char **rest)
{
	size_t count = count_words(rest);
	const char **args = calloc(count + 2, sizeof(const char *));
	int r;

	if (!args)
		return command_no_memory(command);
	for (size_t i = 0; i < count; i++)
		args[i] = rest[i];
	r = command->verb->words ? split_words(command, args, &count) : 0;
	args[count] = NULL;
	if (r == 0)
		r = parse_back(command, args);
	free(args);
	return r;
}

static int parse_verb(struct command *command, const char **rest)
{
	const char *name = rest[0] ? rest[0] : command->program->standard;
	int r;

	command->verb = command_find(command->program, name);
	if (!command->verb)
		return unknown_verb(command, name);
	if (command->verb->raw)
		return copy_words(command, rest + (rest[0] ? 1 : 0),
				  &command->arguments,
				  &command->argument_count);
	r = parse_copy(command, rest);
	return r < 0 || command->special ? r : check_count(command);
}

/* Tells whether a word asks about the program as a whole. */
static bool is_special(const char *word)
{
	static const char *const words[] = { "--help", "-h", "--version", "-V",
					     "--describe" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/*
 * Tells whether the verb was left out: there is a service or an option, and no
 * verb. A single word that is neither is a misspelt verb.
 */
static bool is_implied(const struct command_program *program, const char **argv)
{
	bool implied = argv[1] && argv[1][0] == '-';

	if (!program->implied)
		return false;
	for (argv++; *argv && strcmp(*argv, "--") != 0; argv++) {
		if (command_find(program, *argv) || is_special(*argv))
			return false;
		/* An address without a port is reported later. */
		implied = implied || strcmp(*argv, "all") == 0 ||
			  strpbrk(*argv, ":.");
	}
	return implied;
}

/* Parses all words as options or arguments of the only or standard verb. */
static int parse_only(struct command *command, const char **argv)
{
	const char *standard = command->program->standard;
	int r;

	command->verb = standard ? command_find(command->program, standard) :
				   command->program->verbs;
	r = parse_copy(command, argv);
	return r < 0 || command->special || command->complete ?
		       r :
		       check_count(command);
}

/* Tells whether errors must be JSON even if found before "--json". */
static bool asks_for_json(const char **argv)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (strcmp(*argv, "--json") == 0 || strcmp(*argv, "-j") == 0)
			return true;
	return false;
}

int command_parse(const struct command_program *program, int argc,
		  const char **argv, struct command *ret_command)
{
	const char **rest = argv + argc;
	int r;

	*ret_command = (struct command){ .program = program };
	if (!program->standard || is_implied(program, argv)) {
		r = parse_only(ret_command, argv);
		if (r < 0 && asks_for_json(argv))
			ret_command->json = true;
		return r;
	}
	r = parse_front(ret_command, argv, &rest);
	if (r == 0 && ret_command->complete)
		return copy_words(ret_command, rest, &ret_command->arguments,
				  &ret_command->argument_count);
	if (r == 0 && !ret_command->special)
		r = parse_verb(ret_command, rest);
	if (r < 0 && asks_for_json(argv))
		ret_command->json = true;
	return r;
}

void command_free(struct command *command)
{
	ipvsctl_edit_free(command->edit);
	ipvsctl_config_free(command->from);
	ipvsctl_config_free(command->to);
	ipvsctl_close(command->ctx);
	for (size_t i = 0; i < command->value_count; i++)
		free(command->values[i].word);
	free_words(command->stands);
	free(command->values);
	free_words(command->arguments);
	free_words(command->words);
	free(command->netns);
	free(command->complete);
	*command = (struct command){ 0 };
}
