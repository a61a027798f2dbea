/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The words of agents, programs and files about weights. */
#include <string.h>

#include "check/probe/weight-report.h"
#include "output/cleanup.h"
#include "unit.h"

#define NOTHING   \
	{         \
		0 \
	}
#define DRAINS	.drain = REPORT_SETS
#define READY	.drain = REPORT_LIFTS
#define DOWN	.down = REPORT_SETS
#define UP	.down = REPORT_LIFTS
#define PERCENT .unit = REPORT_PERCENT, .weight
#define NUMBER	.unit = REPORT_NUMBER, .weight

static void test_words(void **state)
{
	static const struct {
		const char *line;
		bool numbers, known;
		struct weight_report report;
	} cases[] = {
		{ "ready", false, true, { READY } },
		{ "up", false, true, { UP } },
		{ "drain", false, true, { DRAINS } },
		{ "MAINT", false, true, { DRAINS } },
		{ "down", false, true, { DOWN } },
		{ "fail", false, true, { DOWN } },
		{ "failed", false, true, { DOWN } },
		{ "stopped", false, true, { DOWN } },
		{ "75%", false, true, { PERCENT = 75 } },
		{ "0%", false, true, { PERCENT = 0 } },
		{ "100%", false, true, { PERCENT = 100 } },
		/* Nobody gets more than is wanted by asking for it. */
		{ "256%", false, true, { PERCENT = 100 } },
		{ "99999%", false, true, { PERCENT = 100 } },
		{ "999999%", false, false, NOTHING },
		{ "20", true, true, { NUMBER = 20 } },
		{ "0", true, true, { NUMBER = 0 } },
		{ "65535", true, true, { NUMBER = 65535 } },
		{ "65536", true, false, NOTHING },
		{ "20", false, false, NOTHING },
		/* Several, by blanks and commas; the last weight counts. */
		{ "ready up 75%", false, true, { READY, UP, PERCENT = 75 } },
		{ ",up,,50%\t10%,", false, true, { UP, PERCENT = 10 } },
		{ "10% 7", true, true, { NUMBER = 7 } },
		{ "maxconn:30 up", false, true, { UP } },
		/* Where numbers count, all words must be known. */
		{ "OK 5 users of 20", true, false, NOTHING },
		{ "maxconn:30 up", true, false, NOTHING },
		{ "drian 50%", true, false, NOTHING },
		{ "50% 70000", true, false, NOTHING },
		{ "50% # of 20", true, true, { PERCENT = 50 } },
		{ "drian 50%", false, true, { PERCENT = 50 } },
		/* Who drains and is ready drains; who is up and down is down. */
		{ "drain up", false, true, { DRAINS, UP } },
		{ "drain ready", false, true, { DRAINS } },
		{ "ready drain", false, true, { DRAINS } },
		{ "up down", false, true, { DOWN } },
		/* Reasons are no words. */
		{ "drain # up 5%", false, true, { DRAINS } },
		{ "drain#up", false, true, { DRAINS } },
		{ "# drain", false, false, NOTHING },
		{ "#", false, false, NOTHING },
		{ "", false, false, NOTHING },
		{ "   ", false, false, NOTHING },
		{ "ok", false, false, NOTHING },
		{ "upp", false, false, NOTHING },
		{ "u", false, false, NOTHING },
		{ "%", false, false, NOTHING },
		{ "-1%", false, false, NOTHING },
		{ "+5", true, false, NOTHING },
		{ "1.5%", false, false, NOTHING },
		{ "0x10", true, false, NOTHING },
		{ "5%%", false, false, NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct weight_report report = { 0 };
		const bool known =
			weight_report_parse(cases[i].line,
					    strlen(cases[i].line),
					    cases[i].numbers, &report);

		if (known != cases[i].known ||
		    report.drain != cases[i].report.drain ||
		    report.down != cases[i].report.down ||
		    report.unit != cases[i].report.unit ||
		    report.weight != cases[i].report.weight)
			fail_msg("'%s': %d drain %u down %u unit %u weight %u",
				 cases[i].line, known, report.drain,
				 report.down, report.unit, report.weight);
		assert_true(weight_report_is_valid(&report, cases[i].numbers));
	}
}

static void test_first_line(void **state)
{
	size_t length = 99;

	(void)state;
	assert_false(weight_report_line("up", 2, false, &length));
	assert_int_equal(length, 99);
	assert_true(weight_report_line("up", 2, true, &length));
	assert_int_equal(length, 2);
	assert_true(weight_report_line("up\r\ndown\n", 9, false, &length));
	assert_int_equal(length, 2);
	assert_true(weight_report_line("\ndown", 5, false, &length));
	assert_int_equal(length, 0);
	assert_true(weight_report_line("5%\0up", 5, false, &length));
	assert_int_equal(length, 2);
	assert_true(weight_report_line("", 0, true, &length));
	assert_int_equal(length, 0);
}

/* The process that reads agents can be taken over. */
static void test_validity(void **state)
{
	static const struct {
		struct weight_report report;
		bool with, without; /* numbers */
	} cases[] = {
		{ NOTHING, true, true },
		{ { NUMBER = 65535 }, true, false },
		{ { NUMBER = 65536 }, false, false },
		{ { PERCENT = 100 }, true, true },
		{ { PERCENT = 101 }, false, false },
		{ { .weight = 1 }, false, false },
		{ { .unit = 3 }, false, false },
		{ { .unit = 255 }, false, false },
		{ { .drain = 3 }, false, false },
		{ { .down = 3 }, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(weight_report_is_valid(&cases[i].report, true),
				 cases[i].with);
		assert_int_equal(weight_report_is_valid(&cases[i].report, false),
				 cases[i].without);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_validity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
