/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Whom checks are about. */
#include <errno.h>
#include <string.h>

#include "given.h"
#include "world.h"

#include "check/pool/pool.h"
#include "model/leaving.h"

static size_t count_members(const char *const *config, const char *check)
{
	const char *const checks[] = { check, NULL };
	struct command command;
	struct world world;
	struct run run;
	size_t count;

	open_world(&world, config, checks);
	open_run(&world, &command, &run);
	assert_int_equal(pool_find(&run), 0);
	count = run.members.count;
	close_run(&world, &command, &run);
	close_world(&world);
	return count;
}

static const char *const ports[] = {
	"service udp:192.0.2.1:10",
	"server udp:192.0.2.1:10 10.0.0.1",
	"service udp:192.0.2.1:11",
	"server udp:192.0.2.1:11 10.0.0.1",
	"service udp:192.0.2.2:10",
	"server udp:192.0.2.2:10 10.0.0.1",
	"service fwmark:1",
	"server fwmark:1 10.0.0.1",
	NULL,
};

static void test_members(void **state)
{
	static const struct {
		const char *check;
		size_t members;
	} cases[] = {
		{ "all --ping", 4 },
		{ "fwmark:1 --ping", 1 },
		{ "fwmark:2 --ping", 0 },
		{ "udp:192.0.2.1:10:10 --ping", 1 },
		{ "udp:192.0.2.1:1:65535 --ping", 2 },
		{ "udp:192.0.2.1:10 udp:192.0.2.1:11 --ping", 2 },
		{ "udp:192.0.2.1:11 fwmark:1 udp:192.0.2.2:10 --ping", 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (count_members(ports, cases[i].check) != cases[i].members)
			fail_msg("%s", cases[i].check);
}

/* A service that several selectors of a check name is checked once. */
static void test_members_are_there_once(void **state)
{
	static const struct {
		const char *check;
		size_t members;
	} cases[] = {
		{ "udp:192.0.2.1:1:99 udp:192.0.2.2:1:99 --ping", 3 },
		{ "fwmark:1 udp:192.0.2.1:1:99 --ping", 3 },
		{ "udp:192.0.2.1:1:10 udp:192.0.2.1:10:20 --ping", 2 },
		{ "fwmark:1 fwmark:1 --ping", 1 },
		{ "fwmark:1 all --ping", 4 },
		{ "all all --ping", 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t count = count_members(ports, cases[i].check);

		if (count != cases[i].members)
			fail_msg("%s: %zu members, not %zu", cases[i].check,
				 count, cases[i].members);
	}
}

/* Ports of a file do not matter under a mark: a server that it has with two
   ports is one, also where a percentage is counted. */
static void test_listed_members_are_there_once(void **state)
{
	static const char *const checks[] = { WEB "--servers /x", NULL };
	struct command command;
	struct world world;
	struct run run;

	(void)state;
	open_world(&world, two, checks);
	world.lists[0] = "10.0.0.1:1\n10.0.0.1:2\n10.0.0.3:1\n10.0.0.3:2\n";
	open_run(&world, &command, &run);
	assert_int_equal(pool_find(&run), 0);
	assert_int_equal(run.members.count, 2);
	close_run(&world, &command, &run);
	close_world(&world);
}

#define TIME "leaving@0+2147483647"

/* What leaves the kernel of a world, busy as it is. */
static void open_leaving(struct world *world, const char *const *stays,
			 const char *check)
{
	static const struct ipvsctl_leaving how = { .seconds = INT32_MAX };
	const char *const checks[] = { check, NULL };
	struct ipvsctl_config *to = given_config(stays);

	open_world(world, two, checks);
	change_weight(world, "10.0.0.1", 5, 1);
	change_weight(world, "10.0.0.2", 6, 1);
	assert_int_equal(leaving_put_back(to, world->kernel, &how), 0);
	ipvsctl_config_free(world->kernel);
	world->kernel = to;
}

/* A service that is deleted gets no sorry server, no standby, no list's server. */
static void test_a_service_leaves(void **state)
{
	static const char *const nothing[] = { NULL };
	static const char leaving[] = "fwmark:1 10.0.0.1=5(" TIME ":service) "
				      "10.0.0.2=6(" TIME ":service)";
	struct world world;

	(void)state;
	open_leaving(&world, nothing,
		     WEB "--sorry 10.0.0.9:80 --standby 10.0.0.2,10.0.0.8 "
			 "--servers /x");
	world.lists[0] = "10.0.0.1\n10.0.0.3\n";
	run_and_assert(&world, "", leaving);
	run_and_assert(&world, "10.0.0.3", leaving);
	assert_string_equal(world.news, "");
	assert_int_equal(world.lost, 0);
	close_world(&world);
}

/* A standby that leaves is no standby, nor a member. */
static void test_a_standby_leaves(void **state)
{
	static const char *const first[] = { "service fwmark:1",
					     "server fwmark:1 10.0.0.1 "
					     "--weight 5",
					     NULL };
	struct world world;

	(void)state;
	open_leaving(&world, first, WEB "--standby 10.0.0.2");
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6(" TIME ")");
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_a_service_leaves),
		cmocka_unit_test(test_a_standby_leaves),
		cmocka_unit_test(test_members_are_there_once),
		cmocka_unit_test(test_listed_members_are_there_once),
	};

	return cmocka_run_group_tests_name("check-members", tests, NULL, NULL);
}
