/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* How verdicts move a server from one state to another. */
#include "clock.h"
#include "unit.h"

#include <string.h>

#include "check/pool/run.h"
#include "check/pool/verdict.h"

#define MILLISECONDS 1000 /* microseconds of one */

static enum probe_verdict verdict_of(char letter)
{
	return letter == 'u' ? PROBE_UP :
	       letter == 'd' ? PROBE_DOWN :
			       PROBE_UNKNOWN;
}

/* A letter a state: "n", "u", "d"; capital when it is news. */
static char letter_of(const struct state_row *row, bool news)
{
	static const char letters[] = "nud", capitals[] = "NUD";

	return (news ? capitals : letters)[row->state];
}

static void run_letters(const struct check *check, const char *verdicts,
			bool present, char *ret_states)
{
	struct state_row row = { 0 };
	int64_t now = 1000;

	for (; *verdicts; verdicts++, now++) {
		row.changed = false;
		verdict_step(check, &row, verdict_of(*verdicts), present, now);
		*ret_states++ = letter_of(&row, row.changed);
		assert_int_equal(row.last, now);
		assert_int_equal(row.verdict, verdict_of(*verdicts));
	}
	*ret_states = '\0';
}

#define AUTO  CHECK_START_AUTO
#define UP    CHECK_START_UP
#define DOWN  CHECK_START_DOWN
#define CHECK CHECK_START_CHECK

static void test_sequences(void **state)
{
	static const struct {
		enum check_start start;
		uint32_t fall, rise;
		bool present;
		const char *verdicts, *states;
	} cases[] = {
		/* What the first verdict makes of it. */
		{ AUTO, 3, 2, true, "u", "u" },
		{ AUTO, 3, 2, true, "d", "u" },
		{ AUTO, 3, 2, false, "u", "U" },
		{ AUTO, 3, 2, false, "d", "D" },
		{ UP, 3, 2, true, "u", "u" },
		{ UP, 3, 2, true, "d", "u" },
		{ UP, 3, 2, false, "u", "U" },
		{ UP, 3, 2, false, "d", "u" },
		{ DOWN, 3, 2, true, "u", "d" },
		{ DOWN, 3, 2, true, "d", "D" },
		{ DOWN, 3, 2, false, "u", "d" },
		{ DOWN, 3, 2, false, "d", "D" },
		{ CHECK, 3, 2, true, "u", "u" },
		{ CHECK, 3, 2, true, "d", "D" },
		{ CHECK, 3, 2, false, "u", "U" },
		{ CHECK, 3, 2, false, "d", "D" },
		/* One is enough. */
		{ AUTO, 1, 1, true, "d", "D" },
		{ AUTO, 1, 1, true, "dudu", "DUDU" },
		{ UP, 1, 1, true, "d", "D" },
		{ UP, 1, 1, false, "d", "D" },
		{ DOWN, 1, 1, true, "u", "U" },
		{ DOWN, 1, 1, false, "u", "U" },
		{ CHECK, 1, 1, true, "ud", "uD" },
		/* The first counts too. */
		{ AUTO, 3, 2, true, "ddd", "uuD" },
		{ AUTO, 2, 2, true, "dd", "uD" },
		{ DOWN, 3, 2, true, "uu", "dU" },
		{ DOWN, 3, 3, true, "uuu", "ddU" },
		{ UP, 3, 2, true, "uddd", "uuuD" },
		/* In a row. */
		{ AUTO, 3, 2, true, "udduddudd", "uuuuuuuuu" },
		{ AUTO, 3, 2, true, "udduddd", "uuuuuuD" },
		{ AUTO, 3, 2, true, "dddududuu", "uuDdddddU" },
		{ AUTO, 2, 3, true, "dduuduuu", "uDdddddU" },
		{ AUTO, 3, 2, true, "dddddd", "uuDddd" },
		{ AUTO, 3, 2, true, "dddddduuuu", "uuDddddUuu" },
		{ AUTO, 2, 1, true, "ddudduudd", "uDUuDUuuD" },
		/* What is not known is neither. */
		{ AUTO, 3, 2, true, "????", "nnnn" },
		{ CHECK, 1, 1, true, "?d?u", "nDdU" },
		{ DOWN, 1, 1, true, "??", "nn" },
		{ AUTO, 3, 2, true, "d?d?d", "uuuuD" },
		{ AUTO, 3, 2, true, "ddd?u?u", "uuDdddU" },
		{ AUTO, 3, 2, true, "dd??ud", "uuuuuu" },
		{ AUTO, 1, 1, true, "d????", "Ddddd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct check check = { .fall = cases[i].fall,
					     .rise = cases[i].rise,
					     .start = cases[i].start };
		char states[32];

		run_letters(&check, cases[i].verdicts, cases[i].present, states);
		if (strcmp(states, cases[i].states) != 0)
			fail_msg("case %zu: %s is %s, not %s", i,
				 cases[i].verdicts, states, cases[i].states);
	}
}

/* All that can be between fall and rise of 1 to 3, against the rule itself. */
static void try_rule(uint32_t fall, uint32_t rise, unsigned int bits)
{
	const struct check check = { .fall = fall, .rise = rise };
	struct state_row row = { 0 };
	bool up = true;
	uint32_t streak = 0;

	for (unsigned int i = 0; i < 10; i++) {
		bool seen = bits >> i & 1;

		row.changed = false;
		verdict_step(&check, &row, seen ? PROBE_UP : PROBE_DOWN, true,
			     i + 1);
		streak = seen == up ? 0 : streak + 1;
		assert_int_equal(row.changed, streak == (up ? fall : rise));
		if (row.changed) {
			up = !up;
			streak = 0;
			assert_int_equal(row.since, i + 1);
		}
		assert_int_equal(row.state, up ? ROW_UP : ROW_DOWN);
		assert_int_equal(row.streak, streak);
	}
}

static void test_rule(void **state)
{
	(void)state;
	for (uint32_t fall = 1; fall <= 3; fall++)
		for (uint32_t rise = 1; rise <= 3; rise++)
			for (unsigned int bits = 0; bits < 1024; bits++)
				try_rule(fall, rise, bits);
}

/* Without a verdict only what was tried last is noted. */
static void test_unknown(void **state)
{
	(void)state;
	for (int start = AUTO; start <= (int)CHECK; start++)
		for (int row_state = ROW_NEW; row_state <= ROW_DOWN; row_state++)
			for (int present = 0; present < 2; present++) {
				const struct check check = {
					.fall = 1,
					.rise = 1,
					.start = (enum check_start)start
				};
				struct state_row row = {
					.state = (uint8_t)row_state,
					.streak = 2,
					.since = 5,
					.last = 6,
					.transitions = 7,
				};
				struct state_row wanted = row;

				wanted.last = 9;
				wanted.verdict = PROBE_UNKNOWN;
				verdict_step(&check, &row, PROBE_UNKNOWN,
					     present, 9);
				assert_memory_equal(&row, &wanted, sizeof(row));
			}
}

/* A fall that was lowered meanwhile, or a streak out of a damaged file. */
static void test_streaks_that_are_too_long(void **state)
{
	const struct check check = { .fall = 2, .rise = 2 };
	struct state_row row = { .state = ROW_UP, .streak = 7 };

	(void)state;
	verdict_step(&check, &row, PROBE_DOWN, true, 1);
	assert_int_equal(row.state, ROW_DOWN);
	assert_int_equal(row.streak, 0);
	assert_int_equal(row.transitions, 1);
	row.streak = 9;
	verdict_step(&check, &row, PROBE_UP, true, 2);
	assert_int_equal(row.state, ROW_UP);
	assert_int_equal(row.transitions, 2);
}

static void test_out(void **state)
{
	static const struct {
		enum check_start start;
		enum row_state row;
		bool present, out;
	} cases[] = {
		{ AUTO, ROW_UP, true, false },
		{ AUTO, ROW_UP, false, false },
		{ AUTO, ROW_DOWN, true, true },
		{ AUTO, ROW_DOWN, false, true },
		{ DOWN, ROW_UP, true, false },
		{ DOWN, ROW_UP, false, false },
		{ UP, ROW_DOWN, true, true },
		{ UP, ROW_DOWN, false, true },
		/* Who has had no verdict stays where it is. */
		{ AUTO, ROW_NEW, true, false },
		{ AUTO, ROW_NEW, false, true },
		{ UP, ROW_NEW, true, false },
		{ UP, ROW_NEW, false, true },
		{ CHECK, ROW_NEW, true, false },
		{ CHECK, ROW_NEW, false, true },
		{ DOWN, ROW_NEW, true, true },
		{ DOWN, ROW_NEW, false, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct check check = { .start = cases[i].start };
		const struct state_row row = { .state = (uint8_t)cases[i].row };

		if (verdict_is_out(&check, &row, cases[i].present) !=
		    cases[i].out)
			fail_msg("case %zu", i);
	}
}

/* ---- Taking ------------------------------------------------------------------ */

/* One server, or two services that share it. */
struct scene {
	struct check check;
	struct checks checks;
	struct state_check kept;
	struct state_row row;
	struct member members[2];
	struct probe probe;
	struct run run;
};

static void set_up(struct scene *scene, size_t members)
{
	*scene = (struct scene){
		.check = { .fall = 2, .rise = 2 },
		.checks = { &scene->check, 1 },
		.row = { .state = ROW_UP, .seen = true },
		.probe = { .check = &scene->check, .verdict = PROBE_DOWN },
		.run = { .checks = &scene->checks,
			 .members = { scene->members, members, members },
			 .probes = &scene->probe,
			 .probe_count = 1 },
	};
	for (size_t i = 0; i < members; i++)
		scene->members[i] = (struct member){
			.check = &scene->check,
			.state = &scene->kept,
			.row = &scene->row,
		};
	(void)strcpy(scene->probe.message, "connection refused");
	scene->probe.latency_us = 77;
}

static void test_take(void **state)
{
	struct scene scene;
	int64_t before = state_now();

	(void)state;
	set_up(&scene, 1);
	scene.probe.started = clock_now();
	verdict_take(&scene.run);
	assert_int_equal(scene.row.streak, 1);
	assert_true(scene.row.last >= before);
	assert_true(scene.kept.last >= before);
	assert_string_equal(scene.row.message, "connection refused");
	assert_int_equal(scene.row.latency_us, 0);

	scene.row.seen = true;
	scene.row.last -= 1000;
	scene.probe.verdict = PROBE_UP;
	verdict_take(&scene.run);
	assert_int_equal(scene.row.streak, 0);
	assert_string_equal(scene.row.message, "");
	assert_int_equal(scene.row.latency_us, 77);
}

/* Two services share it, one look is one look. */
static void test_take_shared(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene, 2);
	scene.probe.started = clock_now();
	verdict_take(&scene.run);
	assert_int_equal(scene.row.streak, 1);
	assert_int_equal(scene.row.state, ROW_UP);
}

/* Another run has had its look since this one began. */
static void test_take_overlapping(void **state)
{
	static const struct {
		int64_t started; /* milliseconds ago; -1: not at all */
		int64_t last;	 /* the same; of the row */
		bool counted;
	} cases[] = {
		{ 100, 5000, true },  { 100, 50, false }, { 3000, 10, false },
		{ 100, 101, true },   { 0, 5000, true },  { -1, 5000, false },
		{ 100, -60000, true } /* the clock is another's */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scene scene;

		set_up(&scene, 1);
		scene.row.last = state_now() - cases[i].last;
		if (cases[i].started >= 0)
			scene.probe.started =
				clock_now() - cases[i].started * MILLISECONDS;
		verdict_take(&scene.run);
		if ((scene.row.streak == 1) != cases[i].counted)
			fail_msg("case %zu: streak %u", i, scene.row.streak);
		if (!cases[i].counted)
			assert_string_equal(scene.row.message, "");
	}
}

/* A member that came after the probes, or has no port, has none. */
static void test_take_without_probe(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene, 2);
	scene.row.port = 81;
	scene.members[1].row = NULL;
	scene.probe.started = clock_now();
	verdict_take(&scene.run);
	assert_int_equal(scene.row.streak, 0);
	assert_int_equal(scene.row.last, 0);
	assert_true(scene.kept.last > 0);
}

#define CUT_OFF 99

/* What a server reports of itself counts at once, whatever is probed, and until it
   reports the opposite. */
static void test_take_reports(void **state)
{
	static const struct {
		const char *report; /* NULL: no answer */
		int verdict;	    /* or CUT_OFF */
		enum row_state state;
		const char *message;
	} cases[] = {
		{ "up", PROBE_UP, ROW_UP, "" },
		{ "down # disk", PROBE_UP, ROW_DOWN,
		  "up, but reported down; last report: down # disk" },
		{ NULL, PROBE_UP, ROW_DOWN,
		  "up, but reported down; last report: down # disk" },
		{ "50%", PROBE_UP, ROW_DOWN,
		  "up, but reported down; last report: 50%" },
		{ "up", PROBE_UP, ROW_DOWN, "" },
		{ NULL, PROBE_UP, ROW_UP, "" },
		{ "fail", PROBE_DOWN, ROW_DOWN, "refused" },
		{ "up", PROBE_UP, ROW_DOWN, "" },
		{ NULL, PROBE_UP, ROW_UP, "" },
		/* Datagrams that nobody has to answer say nothing, but agents do. */
		{ "stopped", PROBE_UNKNOWN, ROW_DOWN,
		  "reported down; last report: stopped" },
		{ "up", PROBE_UP, ROW_DOWN, "" },
		{ NULL, PROBE_UP, ROW_UP, "" },
		/* One that this host cannot reach stays as it is. */
		{ "fail", CUT_OFF, ROW_UP, "refused" },
	};
	struct check reporter = { .way.kind = CHECK_AGENT };
	struct probe probes[2];
	struct scene scene;

	(void)state;
	set_up(&scene, 1);
	scene.check.way.weight_from = CHECK_WEIGHT_FROM_AGENT;
	scene.check.reporter = &reporter;
	scene.run.probes = probes;
	scene.run.probe_count = 2;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *report = cases[i].report;

		const bool cut_off = cases[i].verdict == CUT_OFF;

		probes[0] = (struct probe){
			.check = &scene.check,
			.verdict = (uint8_t)(cut_off ? PROBE_UNKNOWN :
						       cases[i].verdict),
			.cut_off = cut_off,
			.message = "refused",
			.started = clock_now()
		};
		probes[1] = (struct probe){ .check = &reporter,
					    .verdict = report ? PROBE_UP :
								PROBE_DOWN };
		if (report) {
			assert_true(weight_report_parse(report, strlen(report),
							false,
							&probes[1].report));
			(void)strcpy(probes[1].message, report);
		}
		scene.row.seen = true;
		scene.row.last -= 1000;
		verdict_take(&scene.run);
		if (scene.row.state != cases[i].state ||
		    strcmp(scene.row.message, cases[i].message) != 0)
			fail_msg("case %zu: state %u, '%s'", i, scene.row.state,
				 scene.row.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_streaks_that_are_too_long),
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_take_shared),
		cmocka_unit_test(test_take_overlapping),
		cmocka_unit_test(test_take_without_probe),
		cmocka_unit_test(test_take_reports),
	};

	return cmocka_run_group_tests_name("check-verdict", tests, NULL, NULL);
}
