/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Weights that programs say, and the wanted ones behind them. */
#include <errno.h>
#include <string.h>

#include "check/pool/slow-start.h"
#include "given.h"
#include "world.h"

#define WEIGHED                                                             \
	"fwmark:1 --exec /bin/true --weight-from status --fall 1 --rise 1 " \
	"--name w "
#define REMOVES "fwmark:1" FAST "--name a --on-fail remove"

static const char *const weighed[] = { WEIGHED, NULL };

static void test_holds_at_weights(void **state)
{
	static const struct scenario scenarios[] = {
		{ { WEIGHED },
		  { { "", ALL_UP },
		    { "10.0.0.1=55",
		      "fwmark:1 10.0.0.1=5(weight:w=55) 10.0.0.2=6" },
		    { "10.0.0.1=5 10.0.0.2=0",
		      "fwmark:1 10.0.0.1=5(weight:w=5) 10.0.0.2=6(weight:w=0)" },
		    { "?10.0.0.1 10.0.0.2=9",
		      "fwmark:1 10.0.0.1=5(weight:w=5) 10.0.0.2=6(weight:w=9)" },
		    { "10.0.0.1 10.0.0.2=9",
		      "fwmark:1 10.0.0.1=5(weight:w=5,check:w) "
		      "10.0.0.2=6(weight:w=9)" },
		    { "10.0.0.1=7", "fwmark:1 10.0.0.1=5(weight:w=7) "
				    "10.0.0.2=6" },
		    { "", ALL_UP } } },
		{ { WEIGHED "--on-fail remove" },
		  { { "10.0.0.1=55",
		      "fwmark:1 10.0.0.1=5(weight:w=55) 10.0.0.2=6" },
		    { "10.0.0.1", "fwmark:1 10.0.0.2=6" },
		    { "10.0.0.1=3",
		      "fwmark:1 10.0.0.1=5(weight:w=3) 10.0.0.2=6" },
		    { "10.0.0.1", "fwmark:1 10.0.0.2=6" },
		    { "", ALL_UP } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

#define AGENT                                                           \
	"fwmark:1 --tcp 80 --weight-from agent:9999 --fall 1 --rise 1 " \
	"--name w "

/* A share is of the weight that is wanted now, and never 0 unless it is 0. Without
   an answer all stays; only the agent lifts its own drain. */
static void test_agents(void **state)
{
	static const struct scenario scenarios[] = {
		{ { AGENT },
		  { { "", ALL_UP },
		    { "10.0.0.1~50%",
		      "fwmark:1 10.0.0.1=5(weight:w=3) 10.0.0.2=6" },
		    { "", "fwmark:1 10.0.0.1=5(weight:w=3) 10.0.0.2=6" },
		    { "10.0.0.1~1%",
		      "fwmark:1 10.0.0.1=5(weight:w=1) 10.0.0.2=6" },
		    { "10.0.0.1~0%",
		      "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    { "10.0.0.1~ready",
		      "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    { "10.0.0.1~200%", ALL_UP },
		    { "10.0.0.1~ready,99%",
		      "fwmark:1 10.0.0.1=5(weight:w=5) 10.0.0.2=6" } } },
		{ { AGENT },
		  { { "10.0.0.1~drain",
		      "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    { "", "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    { "10.0.0.1~100%",
		      "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    { "10.0.0.1",
		      "fwmark:1 10.0.0.1=5(weight:w=0,check:w) 10.0.0.2=6" },
		    { "", "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    { "10.0.0.1~ready", ALL_UP },
		    { "10.0.0.1~maint,50%",
		      "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    /* As in HAProxy, this is another matter. */
		    { "10.0.0.1~up",
		      "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6" },
		    { "10.0.0.1~ready",
		      "fwmark:1 10.0.0.1=5(weight:w=3) 10.0.0.2=6" } } },
	};

	(void)state;
	try_scenarios(two, scenarios, ARRAY_SIZE(scenarios));
}

/* What an agent does is told once, with what it has said. */
static void test_what_is_told_of_agents(void **state)
{
	static const char *const agents[] = { AGENT, NULL };
	struct world world;
	char *told;

	(void)state;
	open_world(&world, two, agents);
	run_with(&world, "10.0.0.1~drain,50%");
	assert_string_equal(world.news,
			    "server 10.0.0.1 of fwmark:1 asks to be "
			    "drained: drain,50%\n");
	run_with(&world, "10.0.0.1~drain");
	assert_string_equal(world.news, "");
	run_with(&world, "");
	assert_string_equal(world.news, "");
	/* The run that saved it was killed before it told. */
	told = strstr(world.state, "said 3 1 0 0");
	assert_non_null(told);
	told[strlen("said 3 1 0 ")] = '1';
	run_with(&world, "");
	assert_string_equal(world.news,
			    "server 10.0.0.1 of fwmark:1 asks to be "
			    "drained: drain\n");
	run_with(&world, "");
	assert_string_equal(world.news, "");
	run_with(&world, "10.0.0.1~ready");
	assert_string_equal(world.news, "server 10.0.0.1 of fwmark:1 is ready "
					"again: ready\n");
	run_with(&world, "10.0.0.1~90%");
	assert_string_equal(world.news, "");
	close_world(&world);
}

/* An agent does not lift what an operator has drained. */
static void test_an_operators_drain(void **state)
{
	static const char *const agents[] = { AGENT, NULL };
	struct world world;

	(void)state;
	open_world(&world, two_and_admin, agents);
	run_and_assert(&world, "10.0.0.1~drain",
		       "fwmark:1 10.0.0.1=5(admin,weight:w=0) 10.0.0.2=6");
	run_and_assert(&world, "10.0.0.1~ready",
		       "fwmark:1 10.0.0.1=5(admin) 10.0.0.2=6");
	close_world(&world);
}

/* Of a state that is lost only the hold is left. What is ready is not at 0. */
static void test_a_lost_drain(void **state)
{
	static const char *const agents[] = { AGENT, NULL };
	struct world world;

	(void)state;
	open_world(&world, two, agents);
	run_with(&world, "10.0.0.1~drain");
	free(TAKE_PTR(world.state));
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6");
	run_and_assert(&world, "10.0.0.1~ready", ALL_UP);
	close_world(&world);
}

static void test_steps(void **state)
{
	static const struct {
		uint32_t target;
		int64_t elapsed, all;
		uint32_t step;
	} cases[] = {
		{ 100, 0, 60000, 1 },
		{ 100, -5, 60000, 1 },
		{ 100, 599, 60000, 1 },
		{ 100, 1200, 60000, 2 },
		{ 100, 30000, 60000, 50 },
		{ 100, 59999, 60000, 99 },
		{ 100, 60000, 60000, 100 },
		{ 100, 90000, 60000, 100 },
		{ 1, 0, 60000, 1 },
		{ 1, 60000, 60000, 1 },
		{ 0, 0, 60000, 1 },
		{ 0, 60000, 60000, 0 },
		{ INT32_MAX, 3599999, 3600000, INT32_MAX - 597 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (slow_start_step(cases[i].target, cases[i].elapsed,
				    cases[i].all) != cases[i].step)
			fail_msg("case %zu: %u", i,
				 slow_start_step(cases[i].target,
						 cases[i].elapsed,
						 cases[i].all));
}

#define SLOW "fwmark:1" FAST "--name w --slow-start 100 "

/* As if a check had run first so many seconds earlier. */
static void age_slow_start(struct world *world, int64_t seconds)
{
	char *line = strstr(world->state, "slow-start "), *aged = NULL;
	long long since;
	char *end;

	assert_non_null(line);
	since = strtoll(line + strlen("slow-start "), &end, 10);
	*line = '\0';
	assert_true(asprintf(&aged, "%sslow-start %lld%s", world->state,
			     since - seconds * 1000, end) > 0);
	free(world->state);
	world->state = aged;
}

/* Who comes back gets its weight in steps; who was there at first has it. */
static void test_slow_start(void **state)
{
	static const char *const slow[] = { SLOW, NULL };
	static const char *const plain[] = { "fwmark:1" FAST "--name w", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, slow);
	change_weight(&world, "10.0.0.1", 500, 0);
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=500 10.0.0.2=6");
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=500(check:w) 10.0.0.2=6");
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=500(slow-start:w=1) 10.0.0.2=6");
	age_slow_start(&world, 50);
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=500(slow-start:w=250) 10.0.0.2=6");
	/* Down again, and back: from the start. */
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=500(check:w) 10.0.0.2=6");
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=500(slow-start:w=1) 10.0.0.2=6");
	age_slow_start(&world, 100);
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=500 10.0.0.2=6");
	/* Nobody wants it any more. */
	run_with(&world, "10.0.0.1");
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=500(slow-start:w=1) 10.0.0.2=6");
	change_checks(&world, plain);
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=500 10.0.0.2=6");
	close_world(&world);
}

/* Who drops the hold ends it; a state that is lost begins it anew. */
static void test_ends_of_slow_starts(void **state)
{
	static const char *const slow[] = { SLOW, NULL };
	const struct ipvsctl_service service = given_service("fwmark:1");
	const struct ipvsctl_server server =
		given_server("fwmark:1", "10.0.0.1");
	struct world world;

	(void)state;
	open_world(&world, two, slow);
	run_with(&world, "10.0.0.1");
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5(slow-start:w=1) 10.0.0.2=6");
	assert_int_equal(ipvsctl_config_release(world.kernel, &service, &server,
						"slow-start:w", NULL),
			 0);
	run_and_assert(&world, "", ALL_UP);
	run_with(&world, "10.0.0.1");
	run_with(&world, "");
	free(TAKE_PTR(world.state));
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5(slow-start:w=1) 10.0.0.2=6");
	age_slow_start(&world, 60);
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5(slow-start:w=3) 10.0.0.2=6");
	forget(&world, "w", "fwmark:1");
	assert_world(&world, ALL_UP);
	close_world(&world);
}

/* A file's new server comes in slowly; one that is removed comes back so. */
static void test_slow_starts_of_others(void **state)
{
	static const char *const listed[] = { SLOW "--servers list", NULL };
	static const char *const removes[] = { SLOW "--on-fail remove", NULL };
	static const char *const keeps[] = { SLOW "--keep 2", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, listed);
	world.lists[0] = "10.0.0.1\n10.0.0.2\n";
	run_and_assert(&world, "", ALL_UP);
	world.lists[0] = "10.0.0.1\n10.0.0.2\nserver 10.0.0.3 weight=9;\n";
	run_and_assert(&world, "", ALL_UP " 10.0.0.3=9(slow-start:w=1)");
	close_world(&world);
	open_world(&world, two, removes);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5(slow-start:w=1) 10.0.0.2=6");
	close_world(&world);
	/* One that has stayed in has all its clients. */
	open_world(&world, two, keeps);
	run_and_assert(&world, "10.0.0.1", ALL_UP);
	run_and_assert(&world, "", ALL_UP);
	close_world(&world);
}

/* Services that share a server share a row, but not the end of a slow start. */
static void test_slow_starts_of_services(void **state)
{
	static const char *const config[] = {
		"service fwmark:1", "server fwmark:1 10.0.0.1 --weight 50",
		"service fwmark:2", "server fwmark:2 10.0.0.1 --weight 60", NULL
	};
	static const char *const slow[] = { "all" FAST
					    "--name w --slow-start 100",
					    NULL };
	const struct ipvsctl_service service = given_service("fwmark:1");
	const struct ipvsctl_server server =
		given_server("fwmark:1", "10.0.0.1");
	struct world world;

	(void)state;
	open_world(&world, config, slow);
	run_with(&world, "10.0.0.1");
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=50(slow-start:w=1)\n"
		       "fwmark:2 10.0.0.1=60(slow-start:w=1)");
	assert_int_equal(ipvsctl_config_release(world.kernel, &service, &server,
						"slow-start:w", NULL),
			 0);
	age_slow_start(&world, 50);
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=50\n"
		       "fwmark:2 10.0.0.1=60(slow-start:w=30)");
	age_slow_start(&world, 50);
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=50\nfwmark:2 10.0.0.1=60");
	close_world(&world);
}

/* Another check removes a server in its slow start: that goes on when the server is
   back, unless its check has gone. */
static void test_a_slow_start_that_is_removed(void **state)
{
	static const char *const both[] = { "fwmark:1" FAST
					    "--name a --on-fail remove",
					    SLOW, NULL };
	static const char *const other[] = { "fwmark:1" FAST
					     "--name a --on-fail remove",
					     NULL };
	struct world world;

	(void)state;
	for (int goes = 0; goes <= 1; goes++) {
		open_world(&world, two, both);
		run_with(&world, "w@10.0.0.1");
		run_and_assert(&world, "",
			       "fwmark:1 10.0.0.1=5(slow-start:w=1) "
			       "10.0.0.2=6");
		run_and_assert(&world, "a@10.0.0.1", "fwmark:1 10.0.0.2=6");
		age_slow_start(&world, 60);
		if (goes) {
			change_checks(&world, other);
			forget(&world, "w", "fwmark:1");
		}
		run_and_assert(&world, "",
			       goes ? ALL_UP :
				      "fwmark:1 10.0.0.1=5(slow-start:w=3) "
				      "10.0.0.2=6");
		close_world(&world);
	}
}

/* A standby comes in with its weight, however long it has been up. */
static void test_slow_start_of_a_standby(void **state)
{
	static const char *const standby[] = { SLOW "--standby 10.0.0.8", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, standby);
	run_with(&world, "10.0.0.8");
	run_and_assert(&world, "", ALL_UP);
	assert_null(strstr(world.state, "slow-start"));
	run_and_assert(&world, "10.0.0.1 10.0.0.2",
		       "fwmark:1 10.0.0.1=5(check:w) 10.0.0.2=6(check:w) "
		       "10.0.0.8=5");
	close_world(&world);
}

/* A standby has the weight that it reports, too; drained, it does not serve. */
static void test_agents_of_standbys(void **state)
{
	static const char *const standbys[] = {
		AGENT "--standby 10.0.0.8 --standby 10.0.0.9", NULL
	};
	struct world world;

	(void)state;
	open_world(&world, two, standbys);
	run_and_assert(&world, "10.0.0.8~20%", ALL_UP);
	run_and_assert(&world, "10.0.0.1 10.0.0.2",
		       "fwmark:1 10.0.0.1=5(check:w) 10.0.0.2=6(check:w) "
		       "10.0.0.8=5(weight:w=1)");
	assert_non_null(strstr(world.news, "10.0.0.8 of fwmark:1 comes in"));
	assert_non_null(strstr(world.news, "in with weight 1\n"));
	run_and_assert(&world, "10.0.0.1 10.0.0.2 10.0.0.8~drain",
		       "fwmark:1 10.0.0.1=5(check:w) 10.0.0.2=6(check:w) "
		       "10.0.0.8=5(weight:w=0) 10.0.0.9=5");
	forget(&world, "w", "fwmark:1");
	/* Nobody is with one that has drained itself. */
	assert_world(&world, ALL_UP " 10.0.0.9=5(leaving:w)");
	close_world(&world);
}

/* Agents that all ask for a drain do not empty a service that --keep guards. */
static void test_keep_and_agents(void **state)
{
	static const char *const keeps[] = { AGENT "--keep 1", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, keeps);
	run_with(&world, "10.0.0.1~50% 10.0.0.2~50%");
	run_and_assert(&world, "10.0.0.1~drain 10.0.0.2~0%",
		       "fwmark:1 10.0.0.1=5(weight:w=0) "
		       "10.0.0.2=6(weight:w=3)");
	assert_string_equal(world.news,
			    "server 10.0.0.1 of fwmark:1 asks to be "
			    "drained: drain\n");
	run_and_assert(&world, "10.0.0.2~drain",
		       "fwmark:1 10.0.0.1=5(weight:w=0) "
		       "10.0.0.2=6(weight:w=3)");
	assert_string_equal(world.news,
			    "server 10.0.0.2 of fwmark:1 asks to be "
			    "drained: drain; kept in service\n");
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5(weight:w=0) "
		       "10.0.0.2=6(weight:w=3)");
	assert_string_equal(world.news, "");
	/* The other is ready: now it may go. */
	run_and_assert(&world, "10.0.0.1~ready,100%",
		       "fwmark:1 10.0.0.1=5 10.0.0.2=6(weight:w=0)");
	assert_string_equal(world.news,
			    "server 10.0.0.1 of fwmark:1 is ready "
			    "again: ready,100%\n"
			    "server 10.0.0.2 of fwmark:1 asks to be "
			    "drained: drain\n");
	close_world(&world);
}

/* Steps lead to the weight that the agent gives. */
static void test_slow_start_to_a_share(void **state)
{
	static const char *const both[] = { AGENT "--slow-start 100", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, both);
	change_weight(&world, "10.0.0.1", 500, 0);
	run_with(&world, "10.0.0.1");
	run_and_assert(&world, "10.0.0.1~20%",
		       "fwmark:1 10.0.0.1=500(weight:w=100,slow-start:w=1) "
		       "10.0.0.2=6");
	age_slow_start(&world, 50);
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=500(weight:w=100,slow-start:w=50) "
		       "10.0.0.2=6");
	run_and_assert(&world, "10.0.0.1~drain",
		       "fwmark:1 10.0.0.1=500(weight:w=0,slow-start:w=1) "
		       "10.0.0.2=6");
	close_world(&world);
}

/* The agent is not asked any more: the weight is the wanted one. */
static void test_an_agent_that_is_not_asked(void **state)
{
	static const char *const agents[] = { AGENT, NULL };
	static const char *const plain[] = { "fwmark:1" FAST "--name w", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, agents);
	run_with(&world, "10.0.0.1~drain 10.0.0.2~20%");
	assert_world(&world, "fwmark:1 10.0.0.1=5(weight:w=0) "
			     "10.0.0.2=6(weight:w=2)");
	change_checks(&world, plain);
	run_and_assert(&world, "", ALL_UP);
	close_world(&world);
}

/* The weights come from somewhere else: a drain that only the agent could lift is
   forgotten with it. */
static void test_another_source(void **state)
{
	static const char *const agents[] = { AGENT, NULL };
	static const char *const files[] = {
		"fwmark:1" FAST "--name w --weight-from file:/w/{server}", NULL
	};
	struct world world;

	(void)state;
	open_world(&world, two, agents);
	run_and_assert(&world, "10.0.0.1~drain 10.0.0.2~50%",
		       "fwmark:1 10.0.0.1=5(weight:w=0) "
		       "10.0.0.2=6(weight:w=3)");
	change_checks(&world, files);
	run_and_assert(&world, "10.0.0.1=3",
		       "fwmark:1 10.0.0.1=5(weight:w=3) 10.0.0.2=6");
	/* The file is gone: as it was. */
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5(weight:w=3) 10.0.0.2=6");
	close_world(&world);
}

/* One check's removal loses nothing of what another's program has said. */
static void test_removed_by_another_check(void **state)
{
	static const char *const both[] = { WEIGHED, REMOVES, NULL };
	static const char *const removes[] = { REMOVES, NULL };
	struct world world;

	(void)state;
	open_world(&world, two, both);
	run_and_assert(&world, "10.0.0.1=0",
		       "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6");
	change_checks(&world, removes);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6");
	/* Nor does it keep what a check that is gone has said. */
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	forget(&world, "w", "fwmark:1");
	run_and_assert(&world, "", ALL_UP);
	close_world(&world);
}

/* A state that is lost is no reason to give a server its weight. */
static void test_a_lost_state(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, weighed);
	run_with(&world, "10.0.0.1=0");
	free(TAKE_PTR(world.state));
	run_and_assert(&world, "?10.0.0.1",
		       "fwmark:1 10.0.0.1=5(weight:w=0) 10.0.0.2=6");
	run_and_assert(&world, "", ALL_UP);
	close_world(&world);
}

/* The kernel's weight is all that is left of the wanted one, where no hold can be
   written: it must not be what a program has said. */
static void test_an_unsaved_run_leaves_wanted_weights(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, two, weighed);
	run_with(&world, "10.0.0.1=55");
	world.unsaved = true;
	/* What stands stands. */
	run_and_assert(&world, "10.0.0.1=70",
		       "fwmark:1 10.0.0.1=5(weight:w=55) 10.0.0.2=6");
	world.unsaved = false;
	run_with(&world, "10.0.0.1");
	assert_world(&world,
		     "fwmark:1 10.0.0.1=5(weight:w=55,check:w) 10.0.0.2=6");
	world.unsaved = true;
	run_and_assert(&world, "10.0.0.1=10", ALL_UP);
	close_world(&world);
}

/* Held at a weight is not drained: who leaves is, first. */
static void test_leaving_with_a_weight(void **state)
{
	static const char *const follows[] = { WEIGHED "--servers list", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, follows);
	world.lists[0] = "10.0.0.1\n10.0.0.2\n";
	run_with(&world, "10.0.0.2=55");
	world.lists[0] = "10.0.0.1\n";
	run_and_assert(&world, "",
		       "fwmark:1 10.0.0.1=5 "
		       "10.0.0.2=6(weight:w=55,leaving:w)");
	run_and_assert(&world, "", "fwmark:1 10.0.0.1=5");
	close_world(&world);
}

/* A quorum counts who takes connections. */
static void test_quorum(void **state)
{
	static const char *const quorum[] = { WEIGHED
					      "--quorum 2 --sorry 10.0.0.9",
					      NULL };
	struct world world;

	(void)state;
	open_world(&world, two, quorum);
	run_with(&world, "10.0.0.1=55 10.0.0.2=1");
	assert_int_equal(world.lost, 0);
	run_with(&world, "10.0.0.1=0 10.0.0.2=1");
	assert_int_equal(world.lost, 1);
	run_with(&world, "");
	assert_int_equal(world.lost, 0);
	close_world(&world);
}

/* Only who is down, and was drained, is said to be still down. */
static void test_what_the_log_is_told(void **state)
{
	static const char *const cuts[] = { WEB "--cut-after 0", NULL };
	static const char *const removes[] = { WEB "--on-fail remove "
						   "--start down",
					       NULL };
	static const char *const late[] = { WEB "--cut-after 3600", NULL };
	struct world world;

	(void)state;
	open_world(&world, two, late);
	run_and_assert(&world, "10.0.0.1",
		       "fwmark:1 10.0.0.1=5(check:web) 10.0.0.2=6");
	change_checks(&world, cuts);
	run_and_assert(&world, "10.0.0.1", "fwmark:1 10.0.0.2=6");
	assert_string_equal(world.news,
			    "server 10.0.0.1 of fwmark:1 is still down; "
			    "removed: its clients go to other servers\n");
	run_with(&world, "10.0.0.1");
	assert_string_equal(world.news, "");
	close_world(&world);
	open_world(&world, two, removes);
	run_and_assert(&world, "?10.0.0.1 ?10.0.0.2", "fwmark:1");
	assert_string_equal(world.news, "");
	close_world(&world);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds_at_weights),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_what_is_told_of_agents),
		cmocka_unit_test(test_an_operators_drain),
		cmocka_unit_test(test_a_lost_drain),
		cmocka_unit_test(test_an_agent_that_is_not_asked),
		cmocka_unit_test(test_another_source),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_slow_start),
		cmocka_unit_test(test_ends_of_slow_starts),
		cmocka_unit_test(test_slow_starts_of_others),
		cmocka_unit_test(test_slow_starts_of_services),
		cmocka_unit_test(test_a_slow_start_that_is_removed),
		cmocka_unit_test(test_slow_start_of_a_standby),
		cmocka_unit_test(test_agents_of_standbys),
		cmocka_unit_test(test_keep_and_agents),
		cmocka_unit_test(test_slow_start_to_a_share),
		cmocka_unit_test(test_removed_by_another_check),
		cmocka_unit_test(test_a_lost_state),
		cmocka_unit_test(test_an_unsaved_run_leaves_wanted_weights),
		cmocka_unit_test(test_leaving_with_a_weight),
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_what_the_log_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
