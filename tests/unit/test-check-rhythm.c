/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* When servers are probed next. */
#include "check/pool/rhythm.h"
#include "unit.h"

#define EVERY_US INT64_C(10000000)

static void test_waits(void **state)
{
	static const struct {
		enum row_state row;
		uint32_t streak;
		int64_t retry, down, wait; /* milliseconds */
	} cases[] = {
		{ ROW_UP, 0, 1000, 60000, 10000 },
		{ ROW_UP, 1, 1000, 60000, 1000 },
		{ ROW_UP, 1, 0, 60000, 10000 },
		{ ROW_DOWN, 0, 1000, 60000, 60000 },
		{ ROW_DOWN, 0, 1000, 0, 10000 },
		{ ROW_DOWN, 1, 1000, 60000, 1000 },
		{ ROW_DOWN, 1, 0, 60000, 10000 },
		{ ROW_NEW, 0, 1000, 60000, 10000 },
	};
	const struct rhythm rhythm = { .every_us = EVERY_US, .seed = 7 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct check check = {
			.retry_every_us = cases[i].retry * 1000,
			.every_down_us = cases[i].down * 1000,
		};
		const struct state_row row = { .state = (uint8_t)cases[i].row,
					       .streak = cases[i].streak };

		assert_int_equal(rhythm_wait(&rhythm, &check, &row),
				 cases[i].wait);
	}
}

/* Jitter only shortens, by all of its share at most, and not always the same. */
static void test_jitter(void **state)
{
	const struct check check = { .jitter_percent = 20 };
	const struct rhythm rhythm = { .every_us = EVERY_US, .seed = 7 };
	const struct rhythm other = { .every_us = EVERY_US, .seed = 8 };
	int64_t least = INT64_MAX, most = 0;
	size_t differ = 0;

	(void)state;
	for (int64_t asked = 1; asked <= 1000; asked++) {
		const struct state_row row = { .asked = asked };
		const int64_t wait = rhythm_wait(&rhythm, &check, &row);

		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
		differ += wait != rhythm_wait(&other, &check, &row);
		/* Asked twice, it is the same. */
		assert_int_equal(wait, rhythm_wait(&rhythm, &check, &row));
	}
	assert_in_range(least, 8000, 8100);
	assert_in_range(most, 9900, 10000);
	assert_true(differ > 900);
}

static void test_due(void **state)
{
	const struct check check = { .retry_every_us = 1000000 };
	const struct rhythm rhythm = { .every_us = EVERY_US };
	struct run run = { .rhythm = &rhythm, .began = 100000 };
	struct state_row row = { .state = ROW_UP };

	(void)state;
	assert_true(rhythm_is_due(&run, &check, &row));
	row.asked = 90100;
	assert_false(rhythm_is_due(&run, &check, &row));
	row.streak = 1;
	assert_true(rhythm_is_due(&run, &check, &row));
	row.streak = 0;
	/* A round that begins a little early probes the server all the same: the
	   next could not begin in time. */
	row.asked = 90099;
	assert_true(rhythm_is_due(&run, &check, &row));
	row.asked = 90000;
	assert_true(rhythm_is_due(&run, &check, &row));
	/* A time that has not come yet is of another boot. */
	row.asked = 100001;
	assert_true(rhythm_is_due(&run, &check, &row));
	row.asked = 99999;
	run.rhythm = NULL;
	assert_true(rhythm_is_due(&run, &check, &row));
}

static void test_next(void **state)
{
	const struct check check = { .retry_every_us = 1000000,
				     .every_down_us = 60000000 };
	const struct rhythm rhythm = { .every_us = EVERY_US };
	struct state_row rows[] = { { .state = ROW_UP, .asked = 100000 },
				    { .state = ROW_DOWN, .asked = 100000 } };
	struct member members[] = { { .check = &check, .row = &rows[0] },
				    { .check = &check, .row = &rows[1] },
				    { .check = &check } };
	struct run run = { .rhythm = &rhythm,
			   .began = 100000,
			   .members = { members, ARRAY_SIZE(members) } };

	(void)state;
	assert_int_equal(rhythm_next(&run), 10000000);
	rows[0].streak = 1;
	assert_int_equal(rhythm_next(&run), 1000000);
	rows[0].streak = 0;
	rows[1].asked = 45000;
	assert_int_equal(rhythm_next(&run), 5000000);
	/* Never without a pause, whatever was missed. */
	rows[1].asked = 0;
	assert_int_equal(rhythm_next(&run), 100000);
	run.members.count = 0;
	assert_int_equal(rhythm_next(&run), 10000000);
}

static void test_wanted(void **state)
{
	struct check list[2] = { 0 };
	const struct checks checks = { .checks = list, .count = 2 };

	(void)state;
	assert_false(rhythm_is_wanted(&checks));
	list[1].jitter_percent = 1;
	assert_true(rhythm_is_wanted(&checks));
	list[1].jitter_percent = 0;
	list[0].every_down_us = 1;
	assert_true(rhythm_is_wanted(&checks));
	list[0].every_down_us = 0;
	list[0].retry_every_us = 1;
	assert_true(rhythm_is_wanted(&checks));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits),  cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_due),    cmocka_unit_test(test_next),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
