/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* From verdicts to changes, run after run. */
#include <errno.h>
#include <string.h>

#include "given.h"
#include "world.h"

static void test_draining(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB },
		  { { "", ALL_UP },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "?10.0.0.1 ?10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6(check:web)" },
		    { "10.0.0.2", "fwmark:1 10.0.0.1=5 10.0.0.2=6(check:web)" },
		    { "", ALL_UP } } },
		{ { "fwmark:1 --tcp 80 --name web" },
		  { { "10.0.0.1", ALL_UP },
		    { "10.0.0.1", ALL_UP },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "", ALL_UP } } },
		/* Before anything is known. */
		{ { WEB "--start down" },
		  { { "?10.0.0.1 ?10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6(check:web)" },
		    { "", ALL_UP } } },
		{ { WEB }, { { "?10.0.0.1", ALL_UP } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

/* The last ones stay, and are replaced by those that recover. */
static void test_keeping(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--keep 1" },
		  { { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "10.0.0.2", "fwmark:1 10.0.0.1=5 10.0.0.2=6(check:web)" },
		    { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5 10.0.0.2=6(check:web)" },
		    { "", ALL_UP } } },
		{ { WEB "--keep 51%" }, { { "10.0.0.1 10.0.0.2", ALL_UP } } },
		{ { WEB "--keep 3" }, { { "10.0.0.1", ALL_UP } } },
		{ { WEB "--keep 50% --on-fail remove" },
		  { { "10.0.0.1 10.0.0.2", "fwmark:1 10.0.0.2=6" },
		    { "10.0.0.2", "fwmark:1 10.0.0.1=5" },
		    { "", ALL_UP } } },
		/* One that is kept does not count for the quorum. */
		{ { WEB "--keep 1 --quorum 1 --sorry 10.0.0.9" },
		  { { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web,quorum:web) "
		      "10.0.0.2=6(quorum:web) 10.0.0.9=1" },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.9=1(leaving:web)" } } },
		/* What another check has taken out is not there to be kept. */
		{ { "fwmark:1" FAST "--name b", WEB "--keep 1" },
		  { { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:b,check:web) "
		      "10.0.0.2=6(check:b,check:web)" } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

static void test_an_admins_drain_and_keeping(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--keep 1" },
		  { { "10.0.0.2", "fwmark:1 10.0.0.1=5(admin) 10.0.0.2=6" } } },
	};

	(void)state;
	try_scenarios(two_and_admin, scenarios, ARRAY_SIZE(scenarios));
}

static void test_news_of_those_kept(void **state)
{
	static const char *const checks[] = { WEB "--keep 1", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	run_with(&world, "10.0.0.1 10.0.0.2");
	assert_non_null(strstr(world.news, "10.0.0.1 of fwmark:1 is down"));
	assert_non_null(strstr(world.news, "kept in service"));
	assert_non_null(strstr(world.state, "\nkept\n"));
	run_with(&world, "10.0.0.1 10.0.0.2");
	assert_int_equal(world.told, 0);
	/* Taken out only now. */
	run_with(&world, "10.0.0.2");
	assert_int_equal(world.told, 2);
	assert_null(strstr(world.state, "\nkept\n"));
	close_world(&world);
}

static void test_holds_of_others(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB },
		  { { "", "fwmark:1 10.0.0.1=5(admin) 10.0.0.2=6" },
		    { "10.0.0.1",
		      "fwmark:1 10.0.0.1=5(admin,check:web) 10.0.0.2=6" },
		    { "", "fwmark:1 10.0.0.1=5(admin) 10.0.0.2=6" } } },
		{ { WEB "--on-fail remove" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.2=6" },
		    { "10.0.0.1", "fwmark:1 10.0.0.2=6" },
		    { "", "fwmark:1 10.0.0.1=5(admin) 10.0.0.2=6" } } },
		{ { WEB "--on-fail remove", "fwmark:1" FAST "--name b" },
		  { { "b@10.0.0.1",
		      "fwmark:1 10.0.0.1=5(admin,check:b) 10.0.0.2=6" },
		    { "10.0.0.1", "fwmark:1 10.0.0.2=6" },
		    { "web@10.0.0.1", "fwmark:1 10.0.0.2=6" },
		    { "", "fwmark:1 10.0.0.1=5(admin) 10.0.0.2=6" } } },
	};

	(void)state;
	try_scenarios(two_and_admin, scenarios, ARRAY_SIZE(scenarios));
}

/* A server that was removed is back just as it was. */
static void test_removing(void **state)
{
	static const char *const config[] = {
		"service tcp:192.0.2.1:80 --scheduler rr",
		"server tcp:192.0.2.1:80 10.0.0.1:8080 --forward nat "
		"--weight 7 --upper-threshold 100 --lower-threshold 50",
		"server tcp:192.0.2.1:80 10.0.0.2 --weight 0 --forward tun",
		NULL,
	};
	static const char *const checks[] = { "tcp:192.0.2.1:80" FAST
					      "--on-fail remove",
					      NULL };
	struct ipvsctl_config *before = given_config(config);
	struct ipvsctl_plan *plan = NULL;
	struct world world;

	(void)state;
	open_world(&world, config, checks);
	run_and_assert(&world, "10.0.0.1 10.0.0.2", "tcp:192.0.2.1:80");
	assert_int_equal(world.told, 2);
	run_and_assert(&world, "10.0.0.1", "tcp:192.0.2.1:80 10.0.0.2=0");
	run_with(&world, "");
	assert_string_equal(world.news,
			    "server 10.0.0.1:8080 of tcp:192.0.2.1:80 is up; "
			    "in with weight 7\n");
	assert_int_equal(ipvsctl_plan_compare(world.kernel, before, &plan, NULL),
			 0);
	assert_int_equal(ipvsctl_plan_count(plan), 0);
	assert_null(strstr(world.state, "removed"));
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(before);
	close_world(&world);
}

/* Both checks in all orders: out while either has it out, and then back. */
static void try_order(const char *const *checks, unsigned int order)
{
	static const char *const downs[] = { "", "a@10.0.0.1", "b@10.0.0.1",
					     "10.0.0.1" };
	struct world world;

	open_world(&world, two, checks);
	for (unsigned int i = 0; i < 4; i++, order /= 4) {
		char *text;
		bool in;

		run_with(&world, downs[order % 4]);
		text = describe(world.kernel);
		in = strstr(text, "10.0.0.1=5 ") != NULL;
		if (in != (order % 4 == 0))
			fail_msg("'%s': %s", downs[order % 4], text);
		assert_non_null(strstr(text, " 10.0.0.2=6"));
		free(text);
	}
	run_and_assert(&world, "", ALL_UP);
	assert_null(strstr(world.state, "\nserver "));
	close_world(&world);
}

static void test_two_checks_in_all_orders(void **state)
{
	static const char *const checks[][3] = {
		{ "fwmark:1" FAST "--name a --on-fail remove",
		  "fwmark:1" FAST "--name b", NULL },
		{ "fwmark:1" FAST "--name b",
		  "fwmark:1" FAST "--name a --on-fail remove", NULL },
		{ "fwmark:1" FAST "--name a --on-fail remove",
		  "all" FAST "--name b --on-fail remove", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		for (unsigned int order = 0; order < 256; order++)
			try_order(checks[i], order);
}

static void test_news(void **state)
{
	static const char *const checks[] = { WEB, NULL };
	struct world world;

	(void)state;
	open_world(&world, two_and_admin, checks);
	run_with(&world, "");
	assert_string_equal(world.news, "");
	run_with(&world, "10.0.0.2");
	assert_string_equal(world.news,
			    "server 10.0.0.2 of fwmark:1 is down; drained\n");
	run_with(&world, "10.0.0.2");
	assert_string_equal(world.news, "");
	run_with(&world, "10.0.0.1");
	assert_string_equal(world.news,
			    "server 10.0.0.1 of fwmark:1 is down; drained\n"
			    "server 10.0.0.2 of fwmark:1 is up; back with "
			    "weight 6\n");
	run_with(&world, "");
	assert_string_equal(world.news,
			    "server 10.0.0.1 of fwmark:1 is up; still "
			    "drained for another reason\n");
	close_world(&world);
}

/* ---- Wanted weights ---- */
static void test_weights_that_change_meanwhile(void **state)
{
	static const char *const checks[] = { WEB, NULL };
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	run_with(&world, "10.0.0.1");
	change_weight(&world, "10.0.0.1", 9, 0);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=9(check:web) 10.0.0.2=6");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=9 10.0.0.2=6");
	close_world(&world);
}

/* ---- By the hands of others ---- */

static void add_by_hand(struct world *world, const char *server)
{
	struct ipvsctl_service service = given_service("fwmark:1");
	struct ipvsctl_server added = given_server("fwmark:1", server);

	assert_int_equal(ipvsctl_config_add_server(world->kernel, &service,
						   &added, NULL),
			 0);
}

static void delete_by_hand(struct world *world, const char *server)
{
	struct ipvsctl_service service = given_service("fwmark:1");
	struct ipvsctl_server deleted = given_server("fwmark:1", server);

	assert_int_equal(ipvsctl_config_delete_server(world->kernel, &service,
						      &deleted, NULL),
			 0);
}

static const char *const removing[] = { WEB "--on-fail remove", NULL };

/* What others have put back is removed again, and comes back as they had it. */
static void test_removed_and_put_back_by_hand(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, removing);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	add_by_hand(&world, "10.0.0.1 --weight 8");
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=8 10.0.0.2=6");
	close_world(&world);
}

/* Who is in again is not remembered: what is deleted later stays deleted. */
static void test_removed_put_back_and_deleted_by_hand(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, removing);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	add_by_hand(&world, "10.0.0.1 --weight 8");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=8 10.0.0.2=6");
	delete_by_hand(&world, "10.0.0.1");
	run_and_assert(&world, "", "fwmark:1 10.0.0.2=6");
	close_world(&world);
}

/* To forget a check is no failure for what is in already. */
static void test_removed_put_back_by_hand_and_forgotten(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, removing);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	add_by_hand(&world, "10.0.0.1 --weight 8");
	forget(&world, "web", "fwmark:1");
	assert_world(&world, "fwmark:1 10.0.0.1=8 10.0.0.2=6");
	close_world(&world);
}

static void test_service_deleted_by_hand(void **state)
{
	struct ipvsctl_service service = given_service("fwmark:1");
	static const char *const checks[] = {
		WEB "--on-fail remove --quorum 2 --sorry 10.0.0.9", NULL
	};
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.2=6(quorum:web) 10.0.0.9=1");
	assert_int_equal(ipvsctl_config_delete_service(world.kernel, &service,
						       NULL),
			 0);
	run_and_assert(&world, "", "");
	forget(&world, "web", "fwmark:1");
	assert_world(&world, "");
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draining),
		cmocka_unit_test(test_keeping),
		cmocka_unit_test(test_an_admins_drain_and_keeping),
		cmocka_unit_test(test_news_of_those_kept),
		cmocka_unit_test(test_holds_of_others),
		cmocka_unit_test(test_removing),
		cmocka_unit_test(test_two_checks_in_all_orders),
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_weights_that_change_meanwhile),
		cmocka_unit_test(test_removed_and_put_back_by_hand),
		cmocka_unit_test(test_removed_put_back_and_deleted_by_hand),
		cmocka_unit_test(test_removed_put_back_by_hand_and_forgotten),
		cmocka_unit_test(test_service_deleted_by_hand),
	};

	return cmocka_run_group_tests_name("check-effect", tests, NULL, NULL);
}
