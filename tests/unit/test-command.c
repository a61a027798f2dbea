/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Command lines understood, and what is said of those that are not. */
#include "alloc.h"

#include <errno.h>
#include <string.h>

#include "arguments.h"
#include "common/command.h"

static int run(struct command *command)
{
	(void)command;
	return 0;
}

static const struct ipvsctl_attribute *attributes(void)
{
	static const struct ipvsctl_attribute table[] = {
		{ "weight", "NUMBER", "share", NULL },
		{ "ipv4", NULL, "IPv4 only", NULL },
		{ 0 },
	};

	return table;
}

static const struct command_option options[] = {
	{ "wait", 'w', NULL, "wait" },
	{ "timeout", 't', "SECONDS", "no longer" },
	{ 0 },
};

static const struct command_verb verbs[] = {
	{
		.name = "show",
		.arguments = "[NAME]",
		.summary = "show",
		.run = run,
	},
	{
		.name = "add",
		.arguments = "NAME...",
		.summary = "add",
		.options = options,
		.attributes = attributes,
		.run = run,
	},
	{
		.name = "match",
		.arguments = "MARK",
		.summary = "match",
		.words = true,
		.run = run,
	},
	{
		.name = "flush",
		.arguments = "",
		.summary = "flush",
		.run = run,
	},
	{
		.name = "pass",
		.arguments = "",
		.summary = "pass on",
		.raw = true,
		.run = run,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-test",
	.summary = "test",
	.verbs = verbs,
	.standard = "show",
};

#define WORDS_MAX 16

/* Splits a line at blanks and parses it. */
static int parse(const char *line, struct command *command)
{
	static char text[256];
	const char *argv[WORDS_MAX + 1] = { "lbctl-test" };
	char *state = NULL;
	int argc = 1;

	(void)snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &state); word && argc < WORDS_MAX;
	     word = strtok_r(NULL, " ", &state))
		argv[argc++] = word;
	return command_parse(&program, argc, argv, command);
}

static void test_verbs(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse("", &command), 0);
	assert_string_equal(command.verb->name, "show");
	assert_int_equal(command.argument_count, 0);
	command_free(&command);

	assert_int_equal(parse("add a b", &command), 0);
	assert_string_equal(command.verb->name, "add");
	assert_int_equal(command.argument_count, 2);
	assert_string_equal(command.arguments[1], "b");
	command_free(&command);
}

static void test_common_options(void **state)
{
	static const char *const lines[] = {
		"-jq --dry-run --netns blue add a",
		"add a -j -q --dry-run --netns=blue",
		"--json add --quiet a --dry-run --netns red --netns blue",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct command command;

		assert_int_equal(parse(lines[i], &command), 0);
		assert_true(command.json);
		assert_true(command.quiet);
		assert_true(command.dry_run);
		assert_string_equal(command.netns, "blue");
		assert_int_equal(command.argument_count, 1);
		command_free(&command);
	}
}

static void test_values(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse("add -t 5 --weight=7 a --ipv4 -w", &command), 0);
	assert_true(command_has(&command, "wait"));
	assert_string_equal(command_value(&command, "timeout", NULL), "5");
	/* Attributes are for the object, not for the verb. */
	assert_null(command_value(&command, "weight", NULL));
	assert_int_equal(command.value_count, 4);
	assert_string_equal(command.values[1].name, "weight");
	assert_string_equal(command.values[1].value, "7");
	assert_true(command.values[1].attribute);
	assert_string_equal(command.values[2].name, "ipv4");
	assert_null(command.values[2].value);
	command_free(&command);

	assert_int_equal(parse("add -4 a", &command), 0);
	assert_string_equal(command.values[0].name, "ipv4");
	assert_string_equal(command_value(&command, "timeout", "9"), "9");
	command_free(&command);
}

static void test_words_of_a_line(void **state)
{
	static const struct {
		const char *line;
		const char *words;
	} cases[] = {
		{ "add a --weight 7 b -4 --wait",
		  "test add a b --weight=7 --ipv4 --wait " },
		{ "add --weight= a", "test add a --weight= " },
		/* Only an option cannot be a value, unless it is attached. */
		{ "add a --weight -4", "test add a --weight=-4 " },
		{ "add a --weight --ipv", "test add a --weight=--ipv " },
		{ "add a --weight --", "test add a --weight=-- " },
		{ "add a --weight --=", "test add a --weight=--= " },
		{ "add a --weight=--ipv4", "test add a --weight=--ipv4 " },
		{ "match 1 -- -m x --", "test match 1 -- -m x -- " },
		{ "match 1 --", "test match 1 " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct command command;
		const char **words = NULL;
		char text[128] = "";
		size_t count = 0;

		assert_int_equal(parse(cases[i].line, &command), 0);
		assert_int_equal(command_line_words(&command, &words, &count),
				 0);
		for (size_t j = 0; j < count; j++) {
			(void)strcat(text, words[j]);
			(void)strcat(text, " ");
		}
		assert_string_equal(text, cases[i].words);
		free(words);
		command_free(&command);
	}
}

static void test_words(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse("match 1 -- -m x --json --", &command), 0);
	assert_int_equal(command.argument_count, 1);
	assert_int_equal(command.word_count, 4);
	assert_string_equal(command.words[3], "--");
	assert_false(command.json);
	command_free(&command);

	/* Of other verbs "--" ends the options, as everywhere. */
	assert_int_equal(parse("add -- -x", &command), 0);
	assert_int_equal(command.argument_count, 1);
	assert_string_equal(command.arguments[0], "-x");
	command_free(&command);

	assert_int_equal(parse("-j pass add --json x --help", &command), 0);
	assert_true(command.json);
	assert_int_equal(command.argument_count, 4);
	assert_int_equal(command.special, 0);
	command_free(&command);
}

static void test_special(void **state)
{
	static const struct {
		const char *line;
		int special;
		const char *verb;
	} cases[] = {
		{ "--help", COMMAND_HELP, NULL },
		{ "-h nonsense --more", COMMAND_HELP, NULL },
		{ "add --help", COMMAND_HELP, "add" },
		{ "add a -V", COMMAND_VERSION, "add" },
		{ "--version", COMMAND_VERSION, NULL },
		{ "--describe", COMMAND_DESCRIBE, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct command command;

		assert_int_equal(parse(cases[i].line, &command), 0);
		assert_int_equal(command.special, cases[i].special);
		if (cases[i].verb)
			assert_string_equal(command.verb->name, cases[i].verb);
		else
			assert_null(command.verb);
		command_free(&command);
	}
}

static void test_complete(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse("--complete servers tcp:1", &command), 0);
	assert_string_equal(command.complete, "servers");
	assert_int_equal(command.argument_count, 1);
	assert_string_equal(command.arguments[0], "tcp:1");
	command_free(&command);
}

static void test_faults(void **state)
{
	static const struct {
		const char *line;
		const char *message;
	} cases[] = {
		{ "ad a", "unknown verb 'ad'; did you mean 'add'?" },
		{ "xyz", "unknown verb 'xyz'" },
		{ "ADD a", "unknown verb 'ADD'" },
		{ "--jsn", "unknown option '--jsn'; did you mean '--json'?" },
		{ "add a --wieght 3",
		  "unknown option '--wieght'; did you mean '--weight'?" },
		{ "add a --xyz=3", "unknown option '--xyz'" },
		{ "add a -x", "unknown option '-x'" },
		{ "show --wait", "unknown option '--wait'" },
		{ "--wait add a", "unknown option '--wait'" },
		{ "add a --json=yes", "option '--json' takes no value" },
		{ "add a --weight", "option '--weight' needs a value" },
		{ "--netns", "option '--netns' needs a value" },
		{ "--netns --quiet show", "option '--netns' needs a value" },
		{ "add a --weight --ipv4", "option '--weight' needs a value" },
		{ "add a --weight --timeout=3 b",
		  "option '--weight' needs a value" },
		{ "add a -wt --netns blue", "option '-wt' needs a value" },
		{ "add a --weight 1 --weight 1",
		  "option '--weight' is given twice" },
		{ "add", "missing argument: lbctl-test add NAME..." },
		{ "show a b",
		  "unexpected argument 'b': lbctl-test show [NAME]" },
		{ "flush a", "unexpected argument 'a': lbctl-test flush" },
		{ "match -- 1", "missing argument: lbctl-test match MARK" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct command command;

		assert_int_equal(parse(cases[i].line, &command), -EINVAL);
		assert_string_equal(command.err.message, cases[i].message);
		assert_true(command.strange);
		assert_false(command.json);
		command_free(&command);
	}
}

/* Whoever asks for JSON gets it, even if the fault comes first. */
static void test_json_faults(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse("add --bad a --json", &command), -EINVAL);
	assert_true(command.json);
	command_free(&command);
	assert_int_equal(parse("add --bad -- --json", &command), -EINVAL);
	assert_false(command.json);
	command_free(&command);
}

static int parse_long(void *data)
{
	struct command command;
	int r = parse("-j add a b --weight 1 -t 5", &command);

	(void)data;
	command_free(&command);
	if (r < 0)
		return r;
	r = parse("match 1 -- -m x", &command);
	command_free(&command);
	return r;
}

static void test_no_memory(void **state)
{
	(void)state;
	alloc_each_failure(parse_long, NULL);
}

static void test_arguments_counts(void **state)
{
	static const struct {
		const char *usage;
		struct arguments_count count;
	} cases[] = {
		{ "", { 0, 0 } },
		{ "SERVICE", { 1, 1 } },
		{ "master|backup", { 1, 1 } },
		{ "SERVICE SERVER...", { 2, SIZE_MAX } },
		{ "[FILE...]", { 0, SIZE_MAX } },
		{ "[VERB]...", { 0, SIZE_MAX } },
		{ "[TCP TCP-FIN UDP]", { 0, 3 } },
		{ "A [B] C", { 2, 3 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arguments_count count = arguments_count(cases[i].usage);

		assert_int_equal(count.least, cases[i].count.least);
		assert_int_equal(count.most, cases[i].count.most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_counts),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_common_options),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_words_of_a_line),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_json_faults),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
