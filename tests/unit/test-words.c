/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The words of a ruleset's lines: quotes, joined lines, where lines begin. */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "given.h"

#include "text.h"
#include "words.h"

/*
 * "3|svc|add" for each line: its number, its words. *ret_line is the last one
 * that was begun. Returns 0 or a failure.
 */
static int read_words(const char *text, char **ret_told, unsigned int *ret_line,
		      struct ipvsctl_error *err)
{
	AUTO_FREE char *copy = strdup(text);
	AUTO_TEXT struct text told = { 0 };
	AUTO_WORDS struct words words = { 0 };
	int r;

	if (!copy)
		return -ENOMEM;
	words_open(&words, copy);
	while ((r = words_next(&words, err)) > 0) {
		text_add(&told, "%s%u", told.length ? " " : "", words.line);
		for (size_t i = 0; i < words.count; i++)
			text_add(&told, "|%s", words.words[i]);
	}
	*ret_line = words.line;
	return r < 0 ? r : text_take(&told, ret_told);
}

static void test_words_are_read_as_a_shell_would(void **state)
{
	static const struct {
		const char *text;
		const char *told;
	} cases[] = {
		{ "", "" },
		{ "\n\n \t\n", "" },
		{ "a", "1|a" },
		{ "a b\n", "1|a|b" },
		{ " \ta \t b\t \n", "1|a|b" },
		{ "a\nb\n\n\nc\n", "1|a 2|b 5|c" },
		/* Comments. */
		{ "# a\nb\n", "2|b" },
		{ "  # a\nb # c\nd\n", "2|b 3|d" },
		{ "a#b #c\n", "1|a#b" },
		{ "'#a' \\#b \"#c\"\n", "1|#a|#b|#c" },
		{ "# a \\\nb\n", "2|b" },
		{ "# it's\nb\n", "2|b" },
		{ "a #", "1|a" },
		/* Quotes. */
		{ "'a b' \"c d\"\n", "1|a b|c d" },
		{ "'' \"\" a\n", "1|||a" },
		{ "a'b'\"c\"d\n", "1|abcd" },
		{ "'\"' \"'\"\n", "1|\"|'" },
		{ "'it'\\''s'\n", "1|it's" },
		{ "'a\\nb\\'\n", "1|a\\nb\\" },
		{ "\"a\\\"b\\\\c\\$d\\`e\"\n", "1|a\"b\\c$d`e" },
		{ "\"a\\b\\'\"\n", "1|a\\b\\'" },
		{ "'a\nb' c\nd\n", "1|a\nb|c 3|d" },
		{ "\"a\n\nb\"\nd\n", "1|a\n\nb 4|d" },
		/* Backslashes. */
		{ "\\a\\ b \\\\ \\'\\\"\n", "1|a b|\\|'\"" },
		{ "a \\\n b\nc\n", "1|a|b 3|c" },
		{ "a\\\nb\nc\n", "1|ab 3|c" },
		{ "a \\\n\\\n \\\nb\nc\n", "1|a|b 5|c" },
		{ "a \\\n\nb\n", "1|a 3|b" },
		{ "\\\na\n", "1|a" },
		{ "\"a\\\nb\" c\nd\n", "1|ab|c 3|d" },
		{ "\"a\\\n\\\nb\\\n\" c\nd\n", "1|ab|c 5|d" },
		{ "a \\\n# b\nc\n", "1|a 3|c" },
		{ "a \\\\\nb\n", "1|a|\\ 2|b" },
		/* The line ends of other systems. */
		{ "a b\r\nc\r\n", "1|a|b 2|c" },
		{ "\r\n# x\r\na\r\n", "3|a" },
		{ "a \\\r\nb\r\nc\r\n", "1|a|b 3|c" },
		{ "a 'b'\r\nc", "1|a|b 2|c" },
		/* What is no ASCII is part of words. */
		{ "\xc3\xa9\xff a\v\n", "1|\xc3\xa9\xff|a\v" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_error err = { 0 };
		unsigned int line = 0;
		char *told = NULL;

		if (read_words(cases[i].text, &told, &line, &err))
			fail_msg("'%s': %s", cases[i].text, err.message);
		assert_string_equal(told, cases[i].told);
		free(told);
	}
}

static void test_what_has_no_end_is_refused_at_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *message;
	} cases[] = {
		{ "a\nb 'c\nd\n", 2, "a quote, ', is not closed" },
		{ "\"a\n", 1, "a quote, \", is not closed" },
		{ "\"a\\\"\n", 1, "a quote, \", is not closed" },
		{ "\"a\\", 1, "a quote, \", is not closed" },
		{ "a\n\n'", 3, "a quote, ', is not closed" },
		{ "a \\\nb 'c\n", 1, "a quote, ', is not closed" },
		{ "a\nb \\", 2, "nothing follows the last \\" },
		{ "a\rb\n", 1, "a carriage return that does not end the line" },
		{ "a\n\r\rb\n", 2,
		  "a carriage return that does not end the line" },
		{ "a \r", 1, "a carriage return that does not end the line" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_error err = { 0 };
		unsigned int line = 0;
		char *told = NULL;

		assert_int_equal(read_words(cases[i].text, &told, &line, &err),
				 -EINVAL);
		assert_failure(&err, &(struct failure){ -EINVAL, "",
							cases[i].message, "" });
		assert_int_equal(line, cases[i].line);
		assert_int_equal(read_words(cases[i].text, &told, &line, NULL),
				 -EINVAL);
	}
}

static int read_many(void *data)
{
	unsigned int line = 0;
	char *told = NULL;
	int r = read_words(data, &told, &line, NULL);

	free(told);
	return r;
}

static void test_reading_without_memory(void **state)
{
	char text[] = "a b c d e f g h i j k l m n\no 'p' \"q\" r\n";

	(void)state;
	alloc_each_failure(read_many, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_read_as_a_shell_would),
		cmocka_unit_test(test_what_has_no_end_is_refused_at_its_line),
		cmocka_unit_test(test_reading_without_memory),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
