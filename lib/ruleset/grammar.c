/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Parses the words of a line by the tables of nouns and verbs. */
#include "ruleset/grammar.h"

#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "array.h"
#include "fail.h"

static const struct noun nouns[] = {
	{ "svc", svc_verbs },	{ "mark", mark_verbs }, { "vip", vip_verbs },
	{ "sync", sync_verbs }, { NULL, NULL },
};

/* Options with a short form. */
static const struct {
	char letter;
	const char *name;
} letters[] = { { '4', "ipv4" }, { '6', "ipv6" }, { 'x', "exclude" } };

void grammar_free(struct grammar *grammar)
{
	free(grammar->options);
}

/* ---- Nouns and verbs --------------------------------------------------- */

static int fail_noun(const char *word, struct ipvsctl_error *err)
{
	int r = fail(err, -EINVAL, "'%.64s' is none of svc, mark, vip, sync",
		     word);

	if (strncmp(word, "lbctl", 5) == 0)
		return fail_hint(err, r, "leave '%s' out",
				 word[5] == '-' ? "lbctl-" : "lbctl");
	return fail_hint(err, r, "man 5 lbctl-ruleset");
}

static const struct noun *find_noun(const char *word)
{
	for (const struct noun *noun = nouns; noun->name; noun++)
		if (strcmp(noun->name, word) == 0)
			return noun;
	return NULL;
}

static int fail_verb(const struct noun *noun, const char *word,
		     struct ipvsctl_error *err)
{
	char known[192] = "";
	size_t used = 0;
	int r = word ? fail(err, -EINVAL,
			    "a ruleset cannot have the verb '%.64s'", word) :
		       fail(err, -EINVAL, "the verb is missing");

	for (const struct verb *verb = noun->verbs;
	     verb->name && used < sizeof(known); verb++)
		used += (size_t)snprintf(known + used, sizeof(known) - used,
					 "%s%s", used ? ", " : "", verb->name);
	return fail_about(err, fail_hint(err, r, "%s: %s", noun->name, known),
			  "%s", noun->name);
}

static const struct verb *find_verb(const struct noun *noun, const char *word)
{
	for (const struct verb *verb = noun->verbs; word && verb->name; verb++)
		if (strcmp(verb->name, word) == 0)
			return verb;
	return NULL;
}

/* ---- Options ----------------------------------------------------------- */

/* The words of a line after its verb, while they are parsed. */
struct line {
	const struct noun *noun;
	const struct run *run;
	char **words;
	size_t count;
	size_t next; /* the word to look at */
	struct statement statement;
};

static int fail_option(const struct line *line, const char *name, size_t length,
		       struct ipvsctl_error *err)
{
	const struct verb *verb = line->statement.verb;
	char known[192] = "";
	size_t used = 0;
	int r = fail(err, -EINVAL, "unknown option '%.*s'",
		     length > 64 ? 64 : (int)length, name);

	if (!verb->attributes)
		return fail_hint(err, r, "%s %s takes no options",
				 line->noun->name, verb->name);
	for (size_t i = 0;
	     verb->attributes->shown[i].name && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used,
					 " --%s",
					 verb->attributes->shown[i].name);
	return fail_hint(err, r, "%s %s takes%s", line->noun->name, verb->name,
			 known);
}

/* The name of an option in a word, without its dashes and its value. */
struct name_of_option {
	const char *text;
	size_t length;
	char *value; /* after an equals sign, or NULL */
};

static struct name_of_option split_option(char *word)
{
	/* A name that keeps its dash matches no option. */
	struct name_of_option name = { .text = word };

	if (word[1] != '-') {
		for (size_t i = 0; i < ARRAY_SIZE(letters) && !word[2]; i++)
			if (letters[i].letter == word[1])
				name.text = letters[i].name;
		name.length = strlen(name.text);
		return name;
	}
	name.text = word + 2;
	while (name.text[name.length] && name.text[name.length] != '=')
		name.length++;
	if (name.text[name.length])
		name.value = word + 2 + name.length + 1;
	return name;
}

static bool is_name(const struct name_of_option *name, const char *of)
{
	/* Nearly all names differ in the first letter. */
	return of && of[0] == name->text[0] &&
	       strncmp(of, name->text, name->length) == 0 && !of[name->length];
}

static int add_option(struct grammar *grammar, const struct option *option,
		      struct ipvsctl_error *err)
{
	const char *name = option->table->shown[option->position].name;
	const bool takes_value = option->table->shown[option->position].value;
	struct option *grown = grammar->options;

	/* Reuse the room that earlier lines needed. */
	if (grammar->option_count == grammar->capacity)
		grown = array_grow(grammar->options, &grammar->capacity,
				   grammar->option_count + 1, sizeof(*grown));
	if (!grown)
		return fail_memory(err);
	grammar->options = grown;
	for (size_t i = 0; takes_value && i < grammar->option_count; i++)
		if (grown[i].position == option->position)
			return fail(err, -EINVAL,
				    "option '--%s' is given twice", name);
	grown[grammar->option_count++] = *option;
	return 0;
}

/* Takes the value after the equals sign, or the next word. */
static int take_attribute(struct line *line, size_t position, char *value,
			  struct ipvsctl_error *err)
{
	const struct attribute_table *table = line->statement.verb->attributes;
	const struct ipvsctl_attribute *shown = &table->shown[position];

	if (shown->value && !value && !attribute_is_optional(shown)) {
		if (line->next == line->count) {
			int r = fail(err, -EINVAL,
				     "option '--%s' needs a value",
				     shown->name);

			if (strchr(shown->value, '|'))
				r = fail_hint(err, r, "--%s %s", shown->name,
					      shown->value);
			return r;
		}
		value = line->words[line->next++];
	} else if (!shown->value && value) {
		return fail(err, -EINVAL, "option '--%s' takes no value",
			    shown->name);
	}
	return add_option(line->statement.grammar,
			  &(struct option){ .table = table,
					    .position = position,
					    .value = value },
			  err);
}

static int take_option(struct line *line, char *word, struct ipvsctl_error *err)
{
	const struct verb *verb = line->statement.verb;
	struct name_of_option name = split_option(word);

	if (is_name(&name, verb->flag) && !name.value) {
		line->statement.flag = true;
		return 0;
	}
	for (size_t i = 0; verb->attributes && verb->attributes->shown[i].name;
	     i++)
		if (is_name(&name, verb->attributes->shown[i].name))
			return take_attribute(line, i, name.value, err);
	return fail_option(line, word, strcspn(word, "="), err);
}

/* ---- Lines ------------------------------------------------------------- */

/* Hints at an option whose value, which can be left out, was to be that word. */
static int hint_value(const struct grammar *grammar, const char *word, int r,
		      struct ipvsctl_error *err)
{
	for (size_t i = 0; i < grammar->option_count; i++) {
		const struct option *option = &grammar->options[i];
		const struct ipvsctl_attribute *shown =
			&option->table->shown[option->position];

		if (!option->value && attribute_is_optional(shown))
			return fail_hint(err, r, "--%s=%.64s", shown->name,
					 word);
	}
	return r;
}

static int check_count(const struct line *line, struct ipvsctl_error *err)
{
	const struct statement *statement = &line->statement;
	const struct verb *verb = statement->verb;
	const struct arguments_count takes = arguments_count(verb->arguments);
	const char *program = line->run->strict ? "lbctl-" : "";
	const char *word;

	if (statement->argument_count < takes.least)
		return fail(err, -EINVAL, "missing argument: %s%s %s %s",
			    program, line->noun->name, verb->name,
			    verb->arguments);
	if (statement->argument_count <= takes.most)
		return 0;
	word = statement->arguments[takes.most];
	return hint_value(statement->grammar, word,
			  fail(err, -EINVAL,
			       "unexpected argument '%.64s': %s%s %s %s", word,
			       program, line->noun->name, verb->name,
			       verb->arguments),
			  err);
}

/* Moves the arguments together, and takes the options. */
static int take_words(struct line *line, struct ipvsctl_error *err)
{
	struct statement *statement = &line->statement;
	int r = 0;

	while (r == 0 && line->next < line->count) {
		char *word = line->words[line->next++];

		if (word[0] != '-' || !word[1]) {
			statement->arguments[statement->argument_count++] =
				word;
		} else if (strcmp(word, "--") == 0) {
			if (!statement->verb->extras)
				return fail_option(line, word, 2, err);
			statement->extras = line->words + line->next;
			statement->extra_count = line->count - line->next;
			break;
		} else {
			r = take_option(line, word, err);
		}
	}
	return r < 0 ? r : check_count(line, err);
}

int grammar_run(struct grammar *grammar, struct run *run, char **words,
		size_t count, struct ipvsctl_error *err)
{
	const struct noun *noun = find_noun(words[0]);
	const char *name = count > 1 ? words[1] : NULL;
	const struct verb *verb = noun ? find_verb(noun, name) : NULL;
	struct line line = { .noun = noun,
			     .run = run,
			     .words = words,
			     .count = count,
			     .next = 2,
			     .statement.verb = verb,
			     .statement.grammar = grammar,
			     .statement.arguments = words + 2 };
	int r;

	if (!noun)
		return fail_noun(words[0], err);
	if (!verb)
		return fail_verb(noun, name, err);
	grammar->option_count = 0;
	grammar->pool = false;
	r = take_words(&line, err);
	return r < 0 ? r : verb->run(run, &line.statement, err);
}

int statement_set(const struct statement *statement, void *object,
		  const char *subject, struct ipvsctl_error *err)
{
	const struct grammar *grammar = statement->grammar;

	for (size_t i = 0; i < grammar->option_count; i++) {
		const struct option *option = &grammar->options[i];
		int r = attribute_set_at(option->table, option->position,
					 object, option->value, err);

		if (r < 0)
			return fail_subject(err, r, subject);
	}
	return 0;
}
