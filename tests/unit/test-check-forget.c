/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks that go, or lose what they had. */
#include <errno.h>
#include <string.h>

#include "given.h"
#include "world.h"

/* ---- Checks that go ---- */

static void test_forgetting(void **state)
{
	static const struct {
		const char *check, *down, *forgotten, *later;
	} cases[] = {
		{ WEB, "10.0.0.1", ALL_UP, ALL_UP },
		{ WEB, "", ALL_UP, ALL_UP },
		{ WEB "--on-fail remove", "10.0.0.1 10.0.0.2", ALL_UP, ALL_UP },
		{ WEB "--quorum 2 --sorry 10.0.0.9", "10.0.0.1",
		  ALL_UP " 10.0.0.9=1(leaving:web)", ALL_UP },
		{ WEB "--quorum 2 --sorry 10.0.0.9 --on-fail remove",
		  "10.0.0.1", ALL_UP " 10.0.0.9=1(leaving:web)", ALL_UP },
		{ WEB "--backup 10.0.0.1=10.0.0.9", "10.0.0.1",
		  ALL_UP " 10.0.0.9=5(leaving:web)", ALL_UP },
	};
	static const char *const other[] = { "fwmark:2" FAST "--name b", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const checks[] = { cases[i].check, NULL };
		struct world world;

		open_world(&world, two, checks);
		run_with(&world, cases[i].down);
		forget(&world, "web", "fwmark:1");
		assert_world(&world, cases[i].forgotten);
		change_checks(&world, other);
		run_and_assert(&world, "", cases[i].later);
		assert_null(strstr(world.state, "\nserver "));
		assert_null(strstr(world.state, "\nquorum web "));
		close_world(&world);
	}
}

/* Removed while the quorum held it: back it is free of both. */
static void test_forgetting_who_was_held_for_a_quorum(void **state)
{
	static const char *const checks[] = {
		WEB "--quorum 2 --sorry 10.0.0.9 --on-fail remove", NULL
	};
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.2=6(quorum:web) 10.0.0.9=1");
	run_and_assert(&world, "10.0.0.1 10.0.0.2", "fwmark:1 10.0.0.9=1");
	forget(&world, "web", "fwmark:1");
	assert_world(&world, ALL_UP " 10.0.0.9=1(leaving:web)");
	close_world(&world);
}

/* An admin's hold is no check's to give back, and what others hold stays. */
static void test_forgetting_leaves_what_is_others(void **state)
{
	static const char *const checks[] = { "fwmark:1" FAST
					      "--name a --on-fail remove",
					      "fwmark:1" FAST "--name b",
					      NULL };
	struct world world;

	(void)state;
	open_world(&world, two_and_admin, checks);
	run_and_assert(&world, "b@10.0.0.1",
		       "fwmark:1 10.0.0.1=5(admin,check:b) 10.0.0.2=6");
	forget(&world, "a", "fwmark:1");
	assert_world(&world, "fwmark:1 10.0.0.1=5(admin,check:b) 10.0.0.2=6");
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	forget(&world, "a", "fwmark:1");
	assert_world(&world, "fwmark:1 10.0.0.2=6");
	forget(&world, "b", "fwmark:1");
	assert_world(&world, "fwmark:1 10.0.0.1=5(admin) 10.0.0.2=6");
	close_world(&world);
}

static const char *const two_services[] = {
	TWO, "service fwmark:2", "server fwmark:2 10.0.0.1 --weight 7", NULL
};

/* Two checks of one name, as they get by themselves, of different services:
   one that goes gives back what it has out, not what the other has. */
static void test_forgetting_one_of_a_name(void **state)
{
	static const char *const both[] = {
		"fwmark:1" FAST "--on-fail remove --sorry 10.0.0.9",
		"fwmark:2" FAST "--on-fail remove --sorry 10.0.0.9", NULL
	};
	static const char *const second[] = { both[1], NULL };
	struct world world;

	(void)state;
	open_world(&world, two_services, both);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.2=6\nfwmark:2 10.0.0.9=1");
	change_checks(&world, second);
	forget(&world, "tcp-80", "fwmark:1");
	assert_world(&world, ALL_UP "\nfwmark:2 10.0.0.9=1");
	run_and_assert(&world, "10.0.0.1", ALL_UP "\nfwmark:2 10.0.0.9=1");
	assert_int_equal(world.told, 0);
	close_world(&world);
}

static void test_forgetting_one_of_a_name_that_drains(void **state)
{
	static const char *const both[] = { "fwmark:1" FAST, "fwmark:2" FAST,
					    NULL };
	struct world world;

	(void)state;
	open_world(&world, two_services, both);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=5(check:tcp-80) 10.0.0.2=6\n"
		       "fwmark:2 10.0.0.1=7(check:tcp-80)");
	forget(&world, "tcp-80", "fwmark:1");
	assert_world(&world, ALL_UP "\nfwmark:2 10.0.0.1=7(check:tcp-80)");
	close_world(&world);
}

/* ---- Options that go ---- */
static const char *const removing[] = { WEB "--on-fail remove", NULL };

/* A check that goes on without its sorry server or stand-in has no guests. */
static void test_guests_nobody_wants_any_more(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ WEB "--quorum 2 --sorry 10.0.0.9", WEB "--quorum 2" },
		{ WEB "--quorum 2 --sorry 10.0.0.9", WEB },
		{ WEB "--backup 10.0.0.1=10.0.0.9", WEB },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const before[] = { cases[i].before, NULL };
		const char *const after[] = { cases[i].after, NULL };
		struct world world;

		open_world(&world, two, before);
		run_with(&world, "10.0.0.1");
		change_checks(&world, after);
		for (int j = 0; j < 3; j++)
			run_with(&world, "10.0.0.1");
		assert_world(&world,
			     "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6");
		close_world(&world);
	}
}

static void test_another_stand_in(void **state)
{
	static const char *const before[] = {
		WEB "--backup 10.0.0.1=10.0.0.8 --sorry 10.0.0.6 --quorum 3",
		NULL
	};
	static const char *const after[] = {
		WEB "--backup 10.0.0.1=10.0.0.9 --sorry 10.0.0.7 --quorum 3",
		NULL
	};
	struct world world;

	(void)state;
	open_world(&world, two, before);
	run_with(&world, "10.0.0.1");
	change_checks(&world, after);
	for (int i = 0; i < 3; i++)
		run_with(&world, "10.0.0.1");
	assert_world(&world, "fwmark:1 10.0.0.1=5(check:web,quorum:web) "
			     "10.0.0.2=6(quorum:web) 10.0.0.7=1 "
			     "10.0.0.9=5(quorum:web)");
	close_world(&world);
}

/* From removing to draining, and the other way round. */
static void test_another_way_to_be_out(void **state)
{
	static const char *const draining[] = { WEB, NULL };
	struct world world;

	(void)state;
	open_world(&world, two, removing);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	change_checks(&world, draining);
	run_with(&world, "10.0.0.1");
	run_and_assert(&world, "", ALL_UP);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6");
	change_checks(&world, removing);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	run_and_assert(&world, "", ALL_UP);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forgetting),
		cmocka_unit_test(test_forgetting_who_was_held_for_a_quorum),
		cmocka_unit_test(test_forgetting_leaves_what_is_others),
		cmocka_unit_test(test_forgetting_one_of_a_name),
		cmocka_unit_test(test_forgetting_one_of_a_name_that_drains),
		cmocka_unit_test(test_guests_nobody_wants_any_more),
		cmocka_unit_test(test_another_stand_in),
		cmocka_unit_test(test_another_way_to_be_out),
	};

	return cmocka_run_group_tests_name("check-forget", tests, NULL, NULL);
}
