/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The scanner finds what popt finds, and tells the same mistakes. */
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "common/tables.h"
#include "output/cleanup.h"

static struct poptOption common[] = {
	{ .longName = "json", .shortName = 'j', .val = 1 },
	{ .longName = "netns", .argInfo = POPT_ARG_STRING, .val = 2 },
	POPT_TABLEEND,
};

static struct poptOption table[] = {
	{ .longName = "weight",
	  .shortName = 'w',
	  .argInfo = POPT_ARG_STRING,
	  .val = 3 },
	{ .longName = "persistent",
	  .shortName = 'p',
	  .argInfo = POPT_ARG_STRING | POPT_ARGFLAG_OPTIONAL,
	  .val = 4 },
	{ .shortName = 'x', .val = 5 },
	{ .argInfo = POPT_ARG_INCLUDE_TABLE, .arg = common },
	POPT_TABLEEND,
};

/* Of ours an optional value is never a word of its own. */
static bool find_as_popt(const void *options, const char *name, size_t length,
			 struct scan_option *ret_option)
{
	bool found = tables_find(options, name, length, ret_option);

	if (found && ret_option->takes == SCAN_VALUE_ATTACHED)
		ret_option->takes = SCAN_VALUE_PERHAPS;
	return found;
}

static const char *const pieces[] = {
	"word",
	"",
	"-",
	"--",
	"--json",
	"--json=1",
	"-j",
	"-jx",
	"-xj",
	"-j=1",
	"--netns",
	"--netns=",
	"-w",
	"-w5",
	"-w=5",
	"-xw5",
	"-xw",
	"--weight=7",
	"-p",
	"-p60",
	"-p=60",
	"--persistent",
	"--persistent=9",
	"-xp",
	"-Q",
	"-xQ",
	"--nosuch",
	"--nosuch=1",
	"--js",
	"--=1",
	"-x",
};

static void assert_words(const char **words, const char **others)
{
	size_t i = 0;

	for (; words && words[i]; i++) {
		assert_non_null(others[i]);
		assert_string_equal(words[i], others[i]);
	}
	assert_null(others[i]);
}

/* Both read the same line; popt is right. */
static void assert_same(const char *const line[6], int count, bool ordered)
{
	const char *theirs[6], *ours[6];
	struct scan scan = { .find = find_as_popt,
			     .options = table,
			     .argv = ours,
			     .ordered = ordered };
	poptContext context;
	int expected;

	(void)memcpy(theirs, line, sizeof(theirs));
	(void)memcpy(ours, line, sizeof(ours));
	context = poptGetContext(NULL, count, theirs, table,
				 ordered ? POPT_CONTEXT_POSIXMEHARDER : 0);
	assert_non_null(context);
	do {
		char *value;

		expected = poptGetNextOpt(context);
		assert_int_equal(scan_next(&scan), expected);
		value = poptGetOptArg(context);
		if (expected > 0 && value)
			assert_string_equal(scan.value, value);
		else if (expected > 0)
			assert_null(scan.value);
		free(value);
	} while (expected > 0);
	if (expected < -1)
		assert_string_equal(scan_word(&scan),
				    poptBadOption(context,
						  POPT_BADOPTION_NOALIAS));
	else
		assert_words(poptGetArgs(context), scan_words(&scan));
	poptFreeContext(context);
}

/* All lines of up to four of the pieces, but not all of four. */
static void test_lines(void **state)
{
	const size_t count = ARRAY_SIZE(pieces);

	(void)state;
	for (size_t i = 0; i < count * count * count; i++) {
		const char *const line[6] = {
			"program",
			pieces[i % count],
			pieces[i / count % count],
			pieces[i / count / count],
			i % 3 ? pieces[i * 7 % count] : NULL,
		};

		for (int words = 1; words <= (i % 3 ? 5 : 4); words++) {
			const char *cut[6] = { 0 };

			(void)memcpy(cut, line, (size_t)words * sizeof(*cut));
			assert_same(cut, words, false);
			assert_same(cut, words, true);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
