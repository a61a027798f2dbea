/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* --help, --version and --describe, all from the tables. */
#include <errno.h>
#include <string.h>

#include "common/tables.h"

/* Prints the usage line and the options as popt lays them out. */
static int print_options(const struct command *command, const char *usage,
			 const struct poptOption *options)
{
	AUTO_CONTEXT poptContext context = NULL;
	char name[COMMAND_NAME_SIZE];
	const char *argv[] = { name, NULL };

	(void)command_name(command, name);
	context = poptGetContext(NULL, 1, argv, options, 0);
	if (!context)
		return -ENOMEM;
	poptSetOtherOptionHelp(context, usage);
	poptPrintHelp(context, stdout, 0);
	return 0;
}

static void print_verbs(const struct command_program *program)
{
	size_t width = 0;

	for (const struct command_verb *verb = program->verbs; verb->name;
	     verb++) {
		size_t length = strlen(verb->name) + strlen(verb->arguments);

		width = length > width ? length : width;
	}
	(void)printf("\nVerbs (without one: %s):\n", program->standard);
	for (const struct command_verb *verb = program->verbs; verb->name;
	     verb++)
		(void)printf("  %s %-*s  %s\n", verb->name,
			     (int)(width - strlen(verb->name)), verb->arguments,
			     verb->summary);
	(void)printf("\n%s VERB --help tells more of a verb.\n", program->name);
}

static int help(const struct command *command)
{
	AUTO_TABLES struct tables tables = { 0 };
	const struct command_verb *verb = command->verb;
	char name[COMMAND_NAME_SIZE];
	char usage[128];
	int r = tables_build(&tables, verb);

	if (r < 0)
		return r;
	if (!verb) {
		(void)printf("%s: %s\n", command->program->name,
			     command->program->summary);
		r = print_options(command, "[OPTIONS] [VERB] [ARGUMENTS]",
				  tables.common);
		print_verbs(command->program);
		return r;
	}
	(void)snprintf(usage, sizeof(usage), "[OPTIONS] %s%s", verb->arguments,
		       verb->words ? " [-- WORDS...]" : "");
	(void)printf("%s: %s\n", command_name(command, name),
		     command->program->standard ? verb->summary :
						  command->program->summary);
	return print_options(command, usage, tables.verb);
}

static void version(const struct command *command)
{
	(void)printf("%s %s (libipvsctl %s)\n", command->program->name,
		     LBCTL_VERSION, ipvsctl_version());
}

/* The format is stable: scripts make completions from it and check pages. */
static void describe_option(const char *verb, const struct poptOption *option)
{
	char letter[2] = { '-' };

	if (option->argInfo & POPT_ARGFLAG_DOC_HIDDEN)
		return;
	if (option->shortName)
		letter[0] = option->shortName;
	(void)printf("option\t%s\t--%s\t%s\t%s%s\t%s\n", verb, option->longName,
		     letter, option->argInfo & POPT_ARGFLAG_OPTIONAL ? "=" : "",
		     option->argDescrip ? option->argDescrip : "-",
		     option->descrip);
}

static int describe_verb(const struct command_verb *verb)
{
	AUTO_TABLES struct tables tables = { 0 };
	int r = tables_build(&tables, verb);

	if (r < 0)
		return r;
	(void)printf("verb\t%s\t%s%s\t%s\n", verb->name, verb->arguments,
		     verb->words ? " [-- WORDS...]" : "", verb->summary);
	for (size_t i = 0; i < tables.count; i++)
		describe_option(verb->name, &tables.verb[i]);
	return 0;
}

static int describe(const struct command_program *program)
{
	AUTO_TABLES struct tables tables = { 0 };
	int r = tables_build(&tables, NULL);

	(void)printf("program\t%s\t%s\n", program->name, program->summary);
	for (const struct poptOption *option = tables.common;
	     r == 0 && option->longName; option++)
		describe_option("*", option);
	for (const struct command_verb *verb = program->verbs;
	     r == 0 && verb->name; verb++)
		r = describe_verb(verb);
	return r;
}

int command_special(const struct command *command)
{
	switch (command->special) {
	case COMMAND_HELP:
		return help(command);
	case COMMAND_VERSION:
		version(command);
		return 0;
	default:
		return describe(command->program);
	}
}
