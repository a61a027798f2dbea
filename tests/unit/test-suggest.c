/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Distances between words, and the nearest of some. */
#include "unit.h"

#include "common/suggest.h"

static void test_distance(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		size_t distance;
	} cases[] = {
		{ "", "", 0 },
		{ "", "add", 3 },
		{ "add", "add", 0 },
		{ "ad", "add", 1 },
		{ "addd", "add", 1 },
		{ "dad", "add", 1 },
		{ "shwo", "show", 1 },
		{ "kitten", "sitting", 3 },
		{ "delete-sevrer", "delete-server", 1 },
		{ "abcdefghijklmnopqrstuvwxyzabcdefg", "a", SUGGEST_MAX + 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(suggest_distance(cases[i].a, cases[i].b),
				 cases[i].distance);
		assert_int_equal(suggest_distance(cases[i].b, cases[i].a),
				 cases[i].distance);
	}
}

static const char *best(const char *typed)
{
	static const char *const words[] = { "add",    "add-server", "change",
					     "delete", "drain",	     "undrain",
					     "show" };
	struct suggest suggest = { .typed = typed };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		suggest_offer(&suggest, words[i]);
	return suggest.best;
}

static void test_suggest(void **state)
{
	(void)state;
	assert_string_equal(best("ad"), "add");
	assert_string_equal(best("shw"), "show");
	assert_string_equal(best("del"), "delete");
	assert_string_equal(best("dran"), "drain");
	assert_string_equal(best("undrian"), "undrain");
	assert_string_equal(best("add-sever"), "add-server");
	assert_null(best("x"));
	assert_null(best(""));
	assert_null(best("restore"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
