/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Standbys: when they come in and go, by ranks. */
#include <string.h>

#include "check/pool/standby.h"
#include "given.h"
#include "world.h"

/* Percentages, and what is to be. */
static void test_wanted(void **state)
{
	static const struct {
		uint32_t below, above;
		size_t first;
		unsigned int serving;
		bool out, in; /* wanted, if it was out, or in */
	} cases[] = {
		{ 50, 75, 4, 4, false, false },
		{ 50, 75, 4, 3, false, false },
		{ 50, 75, 4, 2, false, true },
		{ 50, 75, 4, 1, true, true },
		{ 50, 75, 4, 0, true, true },
		{ 50, 75, 3, 2, false, true },
		{ 50, 75, 3, 1, true, true },
		{ 50, 75, 1, 1, false, false },
		{ 50, 75, 1, 0, true, true },
		{ 50, 50, 2, 1, false, false },
		{ 50, 50, 4, 1, true, true },
		{ 1, 1, 100, 1, false, false },
		{ 1, 1, 100, 0, true, true },
		{ 100, 100, 2, 1, true, true },
		{ 100, 100, 2, 2, false, false },
		/* Without a first server nobody serves, but for lower ranks. */
		{ 50, 75, 0, 0, true, true },
		{ 50, 75, 0, 1, false, false },
		/* More than there are: a lower rank is larger. */
		{ 50, 75, 2, 5, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct check check = {
			.standby_below = cases[i].below,
			.standby_above = cases[i].above,
		};

		if (standby_is_wanted(&check, cases[i].first, cases[i].serving,
				      false) != cases[i].out ||
		    standby_is_wanted(&check, cases[i].first, cases[i].serving,
				      true) != cases[i].in)
			fail_msg("case %zu", i);
	}
}

#define FOUR                                                       \
	"service fwmark:1", "server fwmark:1 10.0.0.1 --weight 5", \
		"server fwmark:1 10.0.0.2 --weight 5",             \
		"server fwmark:1 10.0.0.3 --weight 5",             \
		"server fwmark:1 10.0.0.4 --weight 5"
#define UP	 "10.0.0.1=5 10.0.0.2=5 10.0.0.3=5 10.0.0.4=5"
#define ONE_DOWN "10.0.0.1=5(check:web) 10.0.0.2=5 10.0.0.3=5 10.0.0.4=5"
#define TWO_DOWN \
	"10.0.0.1=5(check:web) 10.0.0.2=5(check:web) 10.0.0.3=5 10.0.0.4=5"
#define THREE_DOWN                                     \
	"10.0.0.1=5(check:web) 10.0.0.2=5(check:web) " \
	"10.0.0.3=5(check:web) 10.0.0.4=5"
#define FOUR_DOWN                                      \
	"10.0.0.1=5(check:web) 10.0.0.2=5(check:web) " \
	"10.0.0.3=5(check:web) 10.0.0.4=5(check:web)"

static const char *const four[] = { FOUR, NULL };
static const char *const four_and_9[] = { FOUR,
					  "server fwmark:1 10.0.0.9 --weight 2",
					  NULL };

static void test_one_rank(void **state)
{
	static const struct scenario scenarios[] = {
		/* It has the weight of the first; with hysteresis. */
		{ { WEB "--standby 10.0.0.9" },
		  { { "", "fwmark:1 " UP },
		    { "10.0.0.1 10.0.0.2", "fwmark:1 " TWO_DOWN },
		    { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=5" },
		    { "10.0.0.1 10.0.0.2", "fwmark:1 " TWO_DOWN " 10.0.0.9=5" },
		    { "10.0.0.1",
		      "fwmark:1 " ONE_DOWN " 10.0.0.9=5(leaving:web)" },
		    { "10.0.0.1", "fwmark:1 " ONE_DOWN },
		    { "", "fwmark:1 " UP } } },
		/* One that is down does not come in, and goes. */
		{ { WEB "--standby 10.0.0.9 --weight 2" },
		  { { "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.9",
		      "fwmark:1 " THREE_DOWN },
		    { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=2" },
		    { "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.9",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=2(leaving:web)" },
		    { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=2" },
		    /* What is not known changes nothing. */
		    { "10.0.0.1 10.0.0.2 10.0.0.3 ?10.0.0.9",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=2" },
		    { "?10.0.0.1 ?10.0.0.2 ?10.0.0.3 ?10.0.0.4 ?10.0.0.9",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=2" } } },
		{ { WEB "--standby 10.0.0.8,10.0.0.9 --standby-below 100 "
			"--standby-above 100" },
		  { { "", "fwmark:1 " UP },
		    { "10.0.0.1",
		      "fwmark:1 " ONE_DOWN " 10.0.0.8=5 10.0.0.9=5" },
		    { "10.0.0.1 10.0.0.8",
		      "fwmark:1 " ONE_DOWN
		      " 10.0.0.8=5(leaving:web) 10.0.0.9=5" },
		    { "", "fwmark:1 " UP " 10.0.0.9=5(leaving:web)" },
		    { "", "fwmark:1 " UP } } },
	};

	(void)state;
	try_scenarios(four, scenarios, ARRAY_SIZE(scenarios));
}

/* A rank comes in when those before it do not suffice. */
static void test_ranks(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--standby 10.0.0.7,10.0.0.8 --standby 10.0.0.9" },
		  { { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.7=5 10.0.0.8=5" },
		    { "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4",
		      "fwmark:1 " FOUR_DOWN " 10.0.0.7=5 10.0.0.8=5" },
		    { "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.7",
		      "fwmark:1 " FOUR_DOWN " 10.0.0.7=5(leaving:web) "
		      "10.0.0.8=5 10.0.0.9=5" },
		    /* Three of four are up again, with those of rank 1. */
		    { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.7=5 10.0.0.8=5 "
		      "10.0.0.9=5(leaving:web)" },
		    { "", "fwmark:1 " UP " 10.0.0.7=5(leaving:web) "
			  "10.0.0.8=5(leaving:web)" },
		    { "", "fwmark:1 " UP } } },
	};

	(void)state;
	try_scenarios(four, scenarios, ARRAY_SIZE(scenarios));
}

/* Who serves counts for the quorum, and who stands by does not. */
static void test_quorum(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--standby 10.0.0.9 --quorum 2 --sorry 10.0.0.10" },
		  { { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=5" },
		    { "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4",
		      "fwmark:1 10.0.0.1=5(check:web,quorum:web) "
		      "10.0.0.2=5(check:web,quorum:web) "
		      "10.0.0.3=5(check:web,quorum:web) "
		      "10.0.0.4=5(check:web,quorum:web) "
		      "10.0.0.9=5(quorum:web) 10.0.0.10=1" } } },
		/* Who leaves does not count. */
		{ { WEB "--standby 10.0.0.9 --quorum 2 --sorry 10.0.0.10" },
		  { { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=5" },
		    { "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.9",
		      "fwmark:1 10.0.0.1=5(check:web,quorum:web) "
		      "10.0.0.2=5(check:web,quorum:web) "
		      "10.0.0.3=5(check:web,quorum:web) 10.0.0.4=5(quorum:web) "
		      "10.0.0.9=5(leaving:web,quorum:web) 10.0.0.10=1" } } },
	};

	(void)state;
	try_scenarios(four, scenarios, ARRAY_SIZE(scenarios));
}

/* In the service without a state, as after a restore: it is one all the same. */
static void test_standbys_that_are_in(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--standby 10.0.0.9" },
		  { { "", "fwmark:1 " UP " 10.0.0.9=2(leaving:web)" },
		    { "", "fwmark:1 " UP } } },
		{ { WEB "--standby 10.0.0.9" },
		  { { "10.0.0.1 10.0.0.2 10.0.0.3",
		      "fwmark:1 " THREE_DOWN " 10.0.0.9=2" },
		    { "", "fwmark:1 " UP " 10.0.0.9=2(leaving:web)" },
		    { "", "fwmark:1 " UP } } },
	};

	(void)state;
	try_scenarios(four_and_9, scenarios, ARRAY_SIZE(scenarios));
}

static void test_news(void **state)
{
	static const char *const checks[] = { WEB "--standby 10.0.0.9", NULL };
	struct world world;

	(void)state;
	open_world(&world, four, checks);
	run_with(&world, "");
	assert_string_equal(world.news, "server 10.0.0.9 of fwmark:1 is up; "
					"standby of rank 1, not in\n");
	run_with(&world, "");
	assert_string_equal(world.news, "");
	run_with(&world, "10.0.0.1 10.0.0.2 10.0.0.3");
	assert_non_null(strstr(world.news,
			       "server 10.0.0.9 of fwmark:1 comes in: 1 of 4 "
			       "servers up; standby of rank 1, in with weight "
			       "5\n"));
	assert_non_null(strstr(world.state, "\nstandby 1 1\n"));
	run_with(&world, "");
	assert_non_null(strstr(world.news,
			       "server 10.0.0.9 of fwmark:1 goes out: 4 of 4 "
			       "servers up; standby of rank 1, drained\n"));
	assert_non_null(strstr(world.state, "\nstandby 1 0\n"));
	run_with(&world, "10.0.0.1 10.0.0.2 10.0.0.3");
	forget(&world, "web", "fwmark:1");
	assert_world(&world, "fwmark:1 " UP " 10.0.0.9=5(leaving:web)");
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_one_rank),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_standbys_that_are_in),
		cmocka_unit_test(test_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
