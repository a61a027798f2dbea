/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Turns the tables of verbs, options and attributes into popt's. */
#include "common/tables.h"

#include <errno.h>
#include <string.h>

const struct command_option command_common[] = {
	{ "json", 'j', NULL, "print one JSON document" },
	{ "quiet", 'q', NULL, "print nothing but requested data" },
	{ "dry-run", 0, NULL, "print what would change; 1 if anything would" },
	{ "netns", 0, "NETNS", "work in this network namespace" },
	{ "help", COMMAND_HELP, NULL, "print this and exit" },
	{ "version", COMMAND_VERSION, NULL, "print versions and exit" },
	{ 0 },
};

static const int common_values[] = {
	'j', 'q', TABLES_DRY_RUN, TABLES_NETNS, COMMAND_HELP, COMMAND_VERSION,
};

/* popt stores no values: our parser fetches them. */
static struct poptOption entry(const struct command_option *option, int value)
{
	/* "=NAME" can be left out, as in struct ipvsctl_attribute. */
	const bool optional = option->value && option->value[0] == '=';

	return (struct poptOption){
		.longName = option->name,
		.shortName = option->letter,
		.argInfo = (option->value ? POPT_ARG_STRING : POPT_ARG_NONE) |
			   (optional ? POPT_ARGFLAG_OPTIONAL : 0),
		.val = value,
		.descrip = option->summary,
		.argDescrip = optional ? option->value + 1 : option->value,
	};
}

static struct poptOption hidden(const char *name, const char *value, int val)
{
	struct poptOption option =
		entry(&(struct command_option){ .name = name, .value = value },
		      val);

	option.argInfo |= POPT_ARGFLAG_DOC_HIDDEN;
	return option;
}

static void build_common(struct tables *tables)
{
	size_t n = 0;

	for (; command_common[n].name; n++)
		tables->common[n] = entry(&command_common[n], common_values[n]);
	tables->common[n++] = hidden("describe", NULL, COMMAND_DESCRIBE);
	tables->common[n] = hidden("complete", "KIND", TABLES_COMPLETE);
}

/* Returns the letter of an attribute that has one. */
static char attribute_letter(const char *name)
{
	static const struct {
		const char *name;
		char letter;
	} letters[] = { { "ipv4", '4' }, { "ipv6", '6' } };

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (strcmp(letters[i].name, name) == 0)
			return letters[i].letter;
	return 0;
}

static size_t count_attributes(const struct ipvsctl_attribute *attributes)
{
	size_t count = 0;

	while (attributes && attributes[count].name)
		count++;
	return count;
}

static size_t count_options(const struct command_option *options)
{
	size_t count = 0;

	while (options && options[count].name)
		count++;
	return count;
}

/* Lays out the verb's own options, then its object's attributes. */
static void build_verb(struct tables *tables,
		       const struct command_option *options,
		       const struct ipvsctl_attribute *attributes)
{
	struct poptOption *next = tables->verb;
	int value = TABLES_FIRST;

	for (; options && options->name; options++)
		*next++ = entry(options, value++);
	for (; attributes && attributes->name; attributes++) {
		const struct command_option option = {
			.name = attributes->name,
			.letter = attribute_letter(attributes->name),
			.value = attributes->value,
			.summary = attributes->summary,
		};

		*next++ = entry(&option, value++);
	}
	*next = (struct poptOption){
		.argInfo = POPT_ARG_INCLUDE_TABLE,
		.arg = tables->common,
		.descrip = "Common options:",
	};
}

int tables_build(struct tables *tables, const struct command_verb *verb)
{
	static const struct command_verb none = { 0 };
	const struct ipvsctl_attribute *attributes;

	verb = verb ? verb : &none;
	attributes = verb->attributes ? verb->attributes() : NULL;
	*tables = (struct tables){ .own = count_options(verb->options) };
	tables->count = tables->own + count_attributes(attributes);
	build_common(tables);
	tables->verb = calloc(tables->count + 2, sizeof(*tables->verb));
	if (!tables->verb)
		return -ENOMEM;
	build_verb(tables, verb->options, attributes);
	return 0;
}

void tables_free(struct tables *tables)
{
	free(tables->verb);
	tables->verb = NULL;
}

/* Finds an option by name or letter in a table and those it includes. */
static const struct poptOption *find_option(const struct poptOption *option,
					    const char *name, size_t length)
{
	bool letter = length == 0;

	for (; option->longName || option->shortName || option->arg; option++) {
		if (option->argInfo == POPT_ARG_INCLUDE_TABLE) {
			const struct poptOption *found =
				find_option(option->arg, name, length);

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

bool tables_find(const void *options, const char *name, size_t length,
		 struct scan_option *ret_option)
{
	const struct poptOption *option = find_option(options, name, length);

	if (!option)
		return false;
	*ret_option = (struct scan_option){
		.number = option->val,
		.takes = option->argInfo & POPT_ARGFLAG_OPTIONAL ?
				 SCAN_VALUE_ATTACHED :
			 option->argInfo & POPT_ARG_MASK ? SCAN_VALUE :
							   SCAN_NOTHING,
	};
	return true;
}
