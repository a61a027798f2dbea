/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Quorums and sorry servers. */
#include <errno.h>
#include <string.h>

#include "given.h"
#include "world.h"

#define LOST                                                                \
	"fwmark:1 10.0.0.1=5(check:web,quorum:web) 10.0.0.2=6(quorum:web) " \
	"10.0.0.9=1"

static void test_quorums(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--quorum 2 --sorry 10.0.0.9" },
		  { { "", ALL_UP },
		    { "10.0.0.1", LOST },
		    { "10.0.0.1", LOST },
		    { "", ALL_UP " 10.0.0.9=1(leaving:web)" },
		    { "10.0.0.1", LOST },
		    { "", ALL_UP " 10.0.0.9=1(leaving:web)" },
		    { "", ALL_UP } } },
		/* One is enough when nothing is said. */
		{ { WEB "--sorry 10.0.0.9 --weight 4" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web,quorum:web) "
		      "10.0.0.2=6(check:web,quorum:web) 10.0.0.9=4" },
		    { "", ALL_UP " 10.0.0.9=4(leaving:web)" },
		    { "", ALL_UP } } },
		{ { WEB "--quorum 50% --sorry 10.0.0.9" },
		  { { "10.0.0.1",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" } } },
		{ { WEB "--quorum 51% --sorry 10.0.0.9" },
		  { { "10.0.0.1", LOST } } },
		{ { WEB "--quorum 100% --sorry 10.0.0.9" },
		  { { "10.0.0.1", LOST } } },
		/* Of those that are removed too. */
		{ { WEB "--quorum 51% --sorry 10.0.0.9 --on-fail remove" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.2=6(quorum:web) 10.0.0.9=1" },
		    { "10.0.0.1", "fwmark:1 10.0.0.2=6(quorum:web) 10.0.0.9=1" },
		    { "", ALL_UP " 10.0.0.9=1(leaving:web)" },
		    { "", ALL_UP } } },
		/* Without a sorry server nothing changes. */
		{ { WEB "--quorum 2" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "", ALL_UP } } },
		/* A stand-in counts. */
		{ { WEB "--quorum 2 --sorry 10.0.0.9 "
			"--backup 10.0.0.1=10.0.0.8" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.8=5" },
		    { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web,quorum:web) "
		      "10.0.0.2=6(check:web,quorum:web) "
		      "10.0.0.8=5(quorum:web) 10.0.0.9=1" } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

static void test_quorums_are_told_of(void **state)
{
	static const char *const checks[] = { WEB "--quorum 2", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	run_with(&world, "");
	assert_int_equal(world.told, 0);
	run_with(&world, "10.0.0.1");
	assert_non_null(strstr(world.news, "fwmark:1 has lost its quorum: 1 of "
					   "2 servers up\n"));
	assert_int_equal(world.lost, 1);
	run_with(&world, "10.0.0.1");
	assert_string_equal(world.news, "");
	assert_int_equal(world.lost, 1);
	run_with(&world, "");
	assert_non_null(strstr(world.news, "fwmark:1 has its quorum again: 2 "
					   "of 2 servers up\n"));
	assert_int_equal(world.lost, 0);
	close_world(&world);
}

/* Who a human holds does not count; the sorry server takes over. */
static void test_quorums_and_admins(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--quorum 2 --sorry 10.0.0.9" },
		  { { "", "fwmark:1 10.0.0.1=5(admin,quorum:web) "
			  "10.0.0.2=6(quorum:web) 10.0.0.9=1" } } },
	};

	(void)state;
	try_scenarios(two_and_admin, scenarios, ARRAY_SIZE(scenarios));
}

/* The sorry server is one of the pool: it is not held with the rest. */
static void test_sorry_server_that_is_in_the_pool(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--quorum 2 --sorry 10.0.0.2" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web,quorum:web) "
				  "10.0.0.2=6" },
		    { "", ALL_UP } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

/* Each check has lost its quorum: whom one has brought in the other does not
   hold, nor take away while it needs it. */
static void test_sorry_server_of_two_checks(void **state)
{
	static const char *const checks[] = {
		"fwmark:1" FAST "--name a --sorry 10.0.0.9",
		"fwmark:1" FAST "--name b --sorry 10.0.0.9", NULL
	};
	struct world world;
	char *text;

	(void)state;
	open_world(&world, two, checks);
	for (int i = 0; i < 3; i++) {
		run_with(&world, "10.0.0.1 10.0.0.2");
		text = describe(world.kernel);
		if (!strstr(text, " 10.0.0.9=1") || strstr(text, " 10.0.0.9=1("))
			fail_msg("both: %s", text);
		free(text);
	}
	for (int i = 0; i < 3; i++) {
		run_with(&world, "b@10.0.0.1 b@10.0.0.2");
		text = describe(world.kernel);
		if (!strstr(text, " 10.0.0.9=1") || strstr(text, " 10.0.0.9=1("))
			fail_msg("one: %s", text);
		free(text);
	}
	for (int i = 0; i < 3; i++)
		run_with(&world, "");
	assert_world(&world, ALL_UP);
	close_world(&world);
}

/* Each check holds the rest for its quorum: neither counts the other's hold. */
static void try_two_quorums(const char *const *checks, const char *sorry)
{
	struct world world;

	open_world(&world, two, checks);
	for (int i = 0; i < 3; i++) {
		char *text;

		run_with(&world, "10.0.0.1");
		text = describe(world.kernel);
		if (!strstr(text, sorry))
			fail_msg("down: no '%s' in %s", sorry, text);
		free(text);
	}
	for (int i = 0; i < 4; i++)
		run_with(&world, "");
	assert_world(&world, ALL_UP);
	close_world(&world);
}

static void test_quorums_of_two_checks(void **state)
{
	static const char *const checks[] = {
		"fwmark:1" FAST "--name a --quorum 2 --sorry 10.0.0.8",
		"fwmark:1" FAST "--name b --quorum 2 --sorry 10.0.0.9", NULL
	};

	(void)state;
	try_two_quorums(checks, " 10.0.0.8=1");
}

/* No service is without weight while a sorry server is there for it. */
static void test_quorums_of_two_checks_with_one_sorry_server(void **state)
{
	static const char *const checks[] = {
		"fwmark:1" FAST "--name a --quorum 2 --sorry 10.0.0.9",
		"fwmark:1" FAST "--name b --quorum 2 --sorry 10.0.0.9", NULL
	};
	struct ipvsctl_service service = given_service("fwmark:1");
	const struct ipvsctl_server *server = NULL;
	uint32_t weight = 0;
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	run_with(&world, "10.0.0.1");
	while ((server = ipvsctl_config_next_server(world.kernel, &service,
						    server)))
		weight += ipvsctl_server_effective_weight(server);
	assert_int_not_equal(weight, 0);
	close_world(&world);
	try_two_quorums(checks, " 10.0.0.9=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quorums),
		cmocka_unit_test(test_quorums_are_told_of),
		cmocka_unit_test(test_quorums_and_admins),
		cmocka_unit_test(test_sorry_server_that_is_in_the_pool),
		cmocka_unit_test(test_sorry_server_of_two_checks),
		cmocka_unit_test(test_quorums_of_two_checks),
		cmocka_unit_test(
			test_quorums_of_two_checks_with_one_sorry_server),
	};

	return cmocka_run_group_tests_name("check-quorums", tests, NULL, NULL);
}
