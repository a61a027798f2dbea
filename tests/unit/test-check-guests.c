/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Files of servers, who leaves by them, and stand-ins. */
#include <errno.h>
#include <string.h>

#include "given.h"
#include "world.h"

/* ---- Files of servers ---- */

static const char *const listing[] = { WEB "--servers /x --weight 3", NULL };

static void test_lists(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	world.lists[0] = "10.0.0.1\n10.0.0.2\n10.0.0.3\n";
	/* It comes in when it is up, and not before. */
	run_and_assert(&world, "10.0.0.3", ALL_UP);
	run_and_assert(&world, "?10.0.0.3", ALL_UP);
	run_and_assert(&world, "", ALL_UP " 10.0.0.3=3");
	run_and_assert(&world, "10.0.0.3", ALL_UP " 10.0.0.3=3(check:web)");
	run_and_assert(&world, "", ALL_UP " 10.0.0.3=3");
	/* Who is left out is drained and goes by the next run. */
	world.lists[0] = "10.0.0.1\n10.0.0.3\n";
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5 10.0.0.2=6(leaving:web) "
		       "10.0.0.3=3");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5 10.0.0.3=3");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5 10.0.0.3=3");
	/* Without a file nothing goes. */
	world.lists[0] = NULL;
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5 10.0.0.3=3");
	close_world(&world);
}

static void test_lists_with_weights(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	world.lists[0] = "upstream x {\n"
			 "\tserver 10.0.0.1:80 weight=9;\n"
			 "\tserver 10.0.0.2;\n"
			 "\tserver 10.0.0.3:7880 weight=2;\n"
			 "\tserver 10.0.0.4 down;\n"
			 "}\n";
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=9 10.0.0.2=6 10.0.0.3=2");
	close_world(&world);
}

/* A backup comes in while no other is up, as in nginx; one that turns into a
   backup leaves, and back. */
static void test_backups(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	world.lists[0] = "server 10.0.0.1;\nserver 10.0.0.2;\n"
			 "server 10.0.0.3 backup;\n";
	run_and_assert(&world, "", ALL_UP);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6");
	run_and_assert(&world, "10.0.0.1 10.0.0.2",
		       "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6(check:web) "
		       "10.0.0.3=3");
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
		       "10.0.0.3=3(leaving:web)");
	run_and_assert(&world, "", ALL_UP);
	assert_non_null(strstr(world.state, "\nstandby 1 0\n"));
	change_weight(&world, "10.0.0.2", 6, 1);
	world.lists[0] = "server 10.0.0.1;\nserver 10.0.0.2 weight=7 backup;\n";
	for (int i = 0; i < 2; i++) {
		run_and_assert(&world, "",
			       "fwmark:1 10.0.0.1=5 10.0.0.2=6(leaving:web)");
		assert_non_null(strstr(world.state, "\nstandby 1 0\n"));
	}
	assert_null(strstr(world.state, "row 10.0.0.3"));
	world.lists[0] = "server 10.0.0.1;\nserver 10.0.0.2;\n";
	run_and_assert(&world, "10.0.0.2",
		       "fwmark:1 10.0.0.1=5 10.0.0.2=6(check:web)");
	run_and_assert(&world, "", ALL_UP);
	/* While the file cannot be read, its backups are what they were. */
	world.lists[0] = "server 10.0.0.1;\nserver 10.0.0.2 backup;\n";
	run_with(&world, "");
	world.lists[0] = NULL;
	run_with(&world, "");
	close_world(&world);
}

/* The rows of backups move none of the members'. */
static void test_backups_before_members(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	world.lists[0] = "server 10.0.0.0 backup;\nserver 10.0.0.1;\n"
			 "server 10.0.0.2;\n";
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6");
	assert_non_null(strstr(world.state, "\nrow 10.0.0.0 80 1 "));
	assert_non_null(strstr(world.state, "\nrow 10.0.0.1 80 2 "));
	run_and_assert(&world, "", ALL_UP);
	close_world(&world);
}

/* Under a mark ports do not matter: listed once as a server, it is one. */
static void test_backups_of_marks(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	world.lists[0] = "server 10.0.0.1:80 backup;\nserver 10.0.0.1:81;\n"
			 "server 10.0.0.2:80;\nserver 10.0.0.2:81 backup;\n"
			 "server 10.0.0.4:79 backup;\nserver 10.0.0.4:80;\n";
	for (int i = 0; i < 2; i++)
		run_and_assert(&world, "", ALL_UP " 10.0.0.4=3");
	assert_null(strstr(world.state, "standby"));
	close_world(&world);
}

/* Removed for being down, and then left out: nobody waits for it any more. */
static void test_lists_without_who_is_removed(void **state)
{
	static const char *const checks[] = { WEB
					      "--servers /x --on-fail remove",
					      NULL };
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	world.lists[0] = "10.0.0.1\n10.0.0.2\n";
	run_and_assert(&world, "10.0.0.2", "fwmark:1 10.0.0.1=5");
	world.lists[0] = "10.0.0.1\n";
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5");
	forget(&world, "web", "fwmark:1");
	assert_world(&world, "fwmark:1 10.0.0.1=5");
	close_world(&world);
}

/* Another check has brought them in: the file is not about them. */
static void test_lists_and_guests_of_others(void **state)
{
	static const char *const checks[] = {
		"fwmark:1" FAST "--name a --servers /x",
		"fwmark:1" FAST "--name b --backup 10.0.0.1=10.0.0.9", NULL
	};
	struct world world;

	(void)state;
	open_world(&world, two, checks);
	world.lists[0] = "10.0.0.1\n10.0.0.2\n";
	for (int i = 0; i < 3; i++)
		run_and_assert(&world, "b@10.0.0.1",
			       "fwmark:1 10.0.0.1=5(check:b) 10.0.0.2=6 "
			       "10.0.0.9=5");
	close_world(&world);
}

static void test_leaving_takes_as_long_as_connections(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	change_weight(&world, "10.0.0.2", 6, 1);
	world.lists[0] = "10.0.0.1\n";
	for (int i = 0; i < 3; i++)
		run_and_assert(&world, "",
			       "fwmark:1 10.0.0.1=5 10.0.0.2=6(leaving:web)");
	/* Listed again it is in again. */
	world.lists[0] = "10.0.0.1\n10.0.0.2\n";
	run_and_assert(&world, "", ALL_UP);
	world.lists[0] = "10.0.0.1\n";
	run_with(&world, "");
	change_weight(&world, "10.0.0.2", 6, 0);
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5");
	close_world(&world);
}

/* However long that takes: they are with a server that is well. */
static void test_leaving_waits_for_connections(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	change_weight(&world, "10.0.0.2", 6, 1);
	world.lists[0] = "10.0.0.1\n";
	run_with(&world, "");
	world.older = 90000000;
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5 10.0.0.2=6(leaving:web)");
	close_world(&world);
}

/* A server that is held by another hand leaves all the same, and one that is
   released while it leaves is drained again. */
static void test_leaving_and_holds(void **state)
{
	struct ipvsctl_service service = given_service("fwmark:1");
	struct ipvsctl_server server = given_server("fwmark:1", "10.0.0.2");
	struct world world;

	(void)state;
	open_world(&world, two, listing);
	change_weight(&world, "10.0.0.2", 6, 1);
	world.lists[0] = "10.0.0.1\n";
	run_with(&world, "");
	assert_int_equal(ipvsctl_config_release(world.kernel, &service, &server,
						NULL, NULL),
			 0);
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5 10.0.0.2=6(leaving:web)");
	close_world(&world);
}

/* ---- Stand-ins ---- */

static void test_stand_ins(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--backup 10.0.0.1=10.0.0.9" },
		  { { "", ALL_UP },
		    { "10.0.0.2", "fwmark:1 10.0.0.1=5 10.0.0.2=6(check:web)" },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.9=5" },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.9=5" },
		    { "", ALL_UP " 10.0.0.9=5(leaving:web)" },
		    { "", ALL_UP },
		    { "", ALL_UP } } },
		/* Back in before it has left. */
		{ { WEB "--backup 10.0.0.1=10.0.0.9" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.9=5" },
		    { "", ALL_UP " 10.0.0.9=5(leaving:web)" },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.9=5" },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.9=5" } } },
		/* For one that is removed; with attributes of its own. */
		{ { WEB "--on-fail remove --weight 3 "
			"--backup 10.0.0.1=10.0.0.9" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.2=6 10.0.0.9=3" },
		    { "", ALL_UP " 10.0.0.9=3(leaving:web)" },
		    { "", ALL_UP } } },
		/* For two. */
		{ { WEB "--backup 10.0.0.1=10.0.0.9 "
			"--backup 10.0.0.2=10.0.0.9" },
		  { { "10.0.0.2", "fwmark:1 10.0.0.1=5 10.0.0.2=6(check:web) "
				  "10.0.0.9=6" },
		    { "10.0.0.1 10.0.0.2",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6(check:web) "
		      "10.0.0.9=6" },
		    { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
				  "10.0.0.9=6" },
		    { "", ALL_UP " 10.0.0.9=6(leaving:web)" },
		    { "", ALL_UP } } },
		/* Who is in on its own account is not touched. */
		{ { WEB "--backup 10.0.0.1=10.0.0.2" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6" },
		    { "", ALL_UP },
		    { "", ALL_UP } } },
		/* Not probed, so the other check has nothing against it. */
		{ { WEB "--backup 10.0.0.1=10.0.0.9", "all" FAST "--name b" },
		  { { "web@10.0.0.1 10.0.0.9",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 10.0.0.9=5" },
		    { "web@10.0.0.1 10.0.0.9",
		      "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6 "
		      "10.0.0.9=5" } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

/* A server that is down, and removed for it, does not stand in for another. */
static void test_stand_ins_that_are_down(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEB "--on-fail remove --backup 10.0.0.1=10.0.0.2" },
		  { { "10.0.0.2", "fwmark:1 10.0.0.1=5" },
		    { "10.0.0.1 10.0.0.2", "fwmark:1" },
		    { "", ALL_UP } } },
		{ { WEB "--on-fail remove --backup 10.0.0.1=10.0.0.1" },
		  { { "10.0.0.1", "fwmark:1 10.0.0.2=6" }, { "", ALL_UP } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

/* Two checks want one stand-in; it goes when neither needs it. */
static void test_stand_ins_of_two_checks(void **state)
{
	static const struct scenario scenarios[] = {
		{ { "fwmark:1" FAST "--name a --backup 10.0.0.1=10.0.0.9",
		    "fwmark:1" FAST "--name b --backup 10.0.0.1=10.0.0.9" },
		  { { "10.0.0.1",
		      "fwmark:1 10.0.0.1=5(check:a,check:b) 10.0.0.2=6 "
		      "10.0.0.9=5" },
		    { "b@10.0.0.1", "fwmark:1 10.0.0.1=5(check:b) 10.0.0.2=6 "
				    "10.0.0.9=5" },
		    { "b@10.0.0.1", "fwmark:1 10.0.0.1=5(check:b) 10.0.0.2=6 "
				    "10.0.0.9=5" } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_lists_with_weights),
		cmocka_unit_test(test_backups),
		cmocka_unit_test(test_backups_before_members),
		cmocka_unit_test(test_backups_of_marks),
		cmocka_unit_test(test_lists_without_who_is_removed),
		cmocka_unit_test(test_lists_and_guests_of_others),
		cmocka_unit_test(test_leaving_takes_as_long_as_connections),
		cmocka_unit_test(test_leaving_waits_for_connections),
		cmocka_unit_test(test_leaving_and_holds),
		cmocka_unit_test(test_stand_ins),
		cmocka_unit_test(test_stand_ins_that_are_down),
		cmocka_unit_test(test_stand_ins_of_two_checks),
	};

	return cmocka_run_group_tests_name("check-guests", tests, NULL, NULL);
}
