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

/* A service without servers has lost its quorum, whether or not one is given;
   it is told of once, and once when a server is up. */
static void test_empty_services(void **state)
{
	static const char *const config[] = { TWO, "service fwmark:2", NULL };
	static const char *const checks[] = { "fwmark:1 fwmark:2" FAST
					      "--name web --sorry 10.0.0.9 "
					      "--forward nat",
					      NULL };
	const struct ipvsctl_service service = given_service("fwmark:2");
	const struct ipvsctl_server server =
		given_server("fwmark:2", "10.0.0.3");
	struct world world;

	(void)state;
	open_world(&world, config, checks);
	run_with(&world, "");
	assert_string_equal(world.news, "fwmark:2 has lost its quorum: it has "
					"no server\n");
	assert_int_equal(world.lost, 1);
	assert_world(&world, ALL_UP "\nfwmark:2 10.0.0.9=1");
	run_with(&world, "");
	assert_string_equal(world.news, "");
	assert_int_equal(world.lost, 1);
	/* Still lost while it is down. */
	assert_int_equal(ipvsctl_config_add_server(world.kernel, &service,
						   &server, NULL),
			 0);
	run_with(&world, "10.0.0.3");
	assert_int_equal(world.lost, 1);
	assert_null(strstr(world.news, "quorum"));
	run_with(&world, "");
	assert_non_null(strstr(world.news, "fwmark:2 has its quorum again: 1 "
					   "of 1 servers up\n"));
	run_with(&world, "");
	assert_world(&world, ALL_UP "\nfwmark:2 10.0.0.3=1");
	close_world(&world);
}

/* The same without a quorum, of services that are gone and come back. */
static void test_missing_services(void **state)
{
	static const char *const config[] = { TWO, NULL };
	static const char *const checks[] = { "fwmark:1 fwmark:2 "
					      "tcp:[2001:db8::1]:80" FAST
					      "--name web",
					      NULL };
	const struct ipvsctl_service mark = given_service("fwmark:2");
	const struct ipvsctl_server server =
		given_server("fwmark:2", "10.0.0.3");
	struct world world;

	(void)state;
	open_world(&world, config, checks);
	run_with(&world, "");
	assert_string_equal(world.news,
			    "tcp:[2001:db8::1]:80 has lost its quorum: there "
			    "is no such service\nfwmark:2 has lost its quorum: "
			    "there is no such service\n");
	assert_int_equal(world.lost, 2);
	assert_int_equal(ipvsctl_config_add_service(world.kernel, &mark, NULL),
			 0);
	run_with(&world, "");
	assert_int_equal(world.told, 0);
	assert_int_equal(world.lost, 2);
	assert_int_equal(ipvsctl_config_add_server(world.kernel, &mark, &server,
						   NULL),
			 0);
	run_with(&world, "");
	assert_non_null(strstr(world.news, "fwmark:2 has its quorum again"));
	assert_int_equal(world.lost, 1);
	/* A check that is reset misses nothing. */
	forget(&world, "web", world.checks.checks[0].selected);
	assert_null(strstr(world.state, "quorum"));
	close_world(&world);
}

static void delete_service(struct world *world, const char *text)
{
	const struct ipvsctl_service service = given_service(text);

	assert_int_equal(ipvsctl_config_delete_service(world->kernel, &service,
						       NULL),
			 0);
}

#define RANGE "tcp:192.0.2.1:80:90"

/* Of a range, ports that were there are missed until a reset; of "all", only
   what exists counts. */
static void test_ranges(void **state)
{
	static const char *const config[] = {
		"service tcp:192.0.2.1:80", "server tcp:192.0.2.1:80 10.0.0.1",
		"service tcp:192.0.2.1:81", "server tcp:192.0.2.1:81 10.0.0.1",
		"service tcp:192.0.2.1:83", "server tcp:192.0.2.1:83 10.0.0.1",
		"service fwmark:1",	    NULL
	};
	static const char *const checks[] = { RANGE FAST "--name r",
					      "all" FAST "--name a", NULL };
	struct world world;

	(void)state;
	open_world(&world, config, checks);
	run_with(&world, "");
	assert_string_equal(world.news,
			    "fwmark:1 has lost its quorum: it has no server\n");
	assert_non_null(strstr(world.state, "\nknown tcp:192.0.2.1:80:81,"
					    "tcp:192.0.2.1:83\n"));
	delete_service(&world, "tcp:192.0.2.1:81");
	delete_service(&world, "fwmark:1");
	run_with(&world, "");
	assert_string_equal(world.news, "tcp:192.0.2.1:81 has lost its quorum: "
					"there is no such service\n");
	assert_int_equal(world.lost, 1);
	assert_null(strstr(world.state, "fwmark:1"));
	run_with(&world, "");
	assert_int_equal(world.told, 0);
	assert_int_equal(world.lost, 1);
	forget(&world, "r", RANGE);
	run_with(&world, "");
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
	uint32_t weight = 0;
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	run_with(&world, "10.0.0.1");
	ipvsctl_for_each_server(world.kernel, &service, server)
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
		cmocka_unit_test(test_empty_services),
		cmocka_unit_test(test_missing_services),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_quorums_and_admins),
		cmocka_unit_test(test_sorry_server_that_is_in_the_pool),
		cmocka_unit_test(test_sorry_server_of_two_checks),
		cmocka_unit_test(test_quorums_of_two_checks),
		cmocka_unit_test(
			test_quorums_of_two_checks_with_one_sorry_server),
	};

	return cmocka_run_group_tests_name("check-quorums", tests, NULL, NULL);
}
