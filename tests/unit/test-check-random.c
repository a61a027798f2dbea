/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Verdicts at random: what has to hold after each run, and at the end. */
#include <errno.h>
#include <string.h>

#include "check/pool/effect.h"
#include "check/pool/pool.h"
#include "check/pool/verdict.h"
#include "clock.h"
#include "given.h"
#include "world.h"

static uint32_t random_below(uint32_t *seed, uint32_t bound)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % bound;
}

static const char *const random_config[] = {
	TWO,
	"server fwmark:1 10.0.0.3 --weight 1",
	"service tcp:192.0.2.1:80",
	"server tcp:192.0.2.1:80 10.0.0.1:8080 --forward nat --weight 3",
	"server tcp:192.0.2.1:80 10.0.0.2 --weight 2",
	"service fwmark:1/inet6",
	"server fwmark:1/inet6 2001:db8::1 --weight 4",
	"server fwmark:1/inet6 2001:db8::2 --weight 4",
	NULL,
};

static const char *const random_checks[][4] = {
	{ "all --tcp 80 --name a --fall 2 --rise 2" },
	{ "all --tcp 80 --name a", "fwmark:1" FAST "--name b --on-fail remove",
	  "tcp:192.0.2.1:80 --ping --name c --rise 1 --on-fail remove" },
	{ "all --tcp 80 --name a --rise 1 --fall 2 --on-fail remove",
	  "fwmark:1" FAST "--name b --quorum 2 --sorry 10.0.0.9",
	  "fwmark:1/inet6" FAST "--name c --quorum 51% --sorry 2001:db8::9" },
	{ "fwmark:1" FAST "--name a --backup 10.0.0.1=10.0.0.9 "
	  "--backup 10.0.0.2=10.0.0.9 --backup 10.0.0.3=10.0.0.8",
	  "fwmark:1" FAST "--name b --on-fail remove",
	  "tcp:192.0.2.1:80" FAST "--name c --on-fail remove "
	  "--backup 10.0.0.1:8080=10.0.0.9:8080 --quorum 50%" },
	{ "all" FAST "--name a --start down",
	  "fwmark:1 --ping --name b "
	  "--start check --on-fail remove --quorum 67% --sorry 10.0.0.9 "
	  "--backup 10.0.0.1=10.0.0.8" },
	{ "fwmark:1" FAST "--name a --quorum 2 --sorry 10.0.0.9",
	  "fwmark:1" FAST "--name b --quorum 3 --sorry 10.0.0.8",
	  "all --ping --name c --on-fail remove" },
	{ "fwmark:1" FAST "--name a --standby 10.0.0.7,10.0.0.8 "
	  "--standby 10.0.0.9 --standby-above 50 --quorum 2",
	  "fwmark:1" FAST "--name b --quorum 3 --sorry 10.0.0.8 "
	  "--backup 10.0.0.1=10.0.0.7 --on-fail remove",
	  "all" FAST "--name c --standby 10.0.0.8 --standby-below 100" },
	{ "fwmark:1" FAST "--name a --quorum 2 --sorry 10.0.0.9 "
	  "--backup 10.0.0.1=10.0.0.8",
	  "all" FAST "--name b --on-fail remove",
	  "fwmark:1" FAST "--name c --quorum 50% --sorry 10.0.0.9 "
	  "--backup 10.0.0.1=10.0.0.8 --backup 10.0.0.2=10.0.0.7" },
};

static enum probe_verdict random_verdict(const struct member *member, void *data)
{
	static const enum probe_verdict verdicts[] = { PROBE_UP, PROBE_UP,
						       PROBE_DOWN, PROBE_DOWN,
						       PROBE_UNKNOWN };

	(void)member;
	return verdicts[random_below(data, ARRAY_SIZE(verdicts))];
}

/* Whether a check has the server out, or a quorum has it held. */
static bool is_wanted_out(const struct run *run,
			  const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server)
{
	for (size_t i = 0; i < run->checks->count; i++)
		if (run->checks->checks[i].sorry &&
		    state_server(&run->state, STATE_QUORUM,
				 run->checks->checks[i].name, service, NULL))
			return true;
	for (size_t i = 0; i < run->members.count; i++) {
		const struct member *member = &run->members.list[i];

		if (!ipvsctl_service_compare(member->service, service) &&
		    !ipvsctl_server_compare(&member->server, server) &&
		    verdict_member_is_out(member))
			return true;
	}
	return false;
}

static bool has_weight(const struct ipvsctl_config *config,
		       const struct ipvsctl_service *service)
{
	ipvsctl_for_each_server(config, service, server)
		if (ipvsctl_server_effective_weight(server))
			return true;
	return false;
}

static bool is_admins(const struct ipvsctl_config *config,
		      const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	while ((reason = ipvsctl_config_next_reason(config, service, server,
						    reason)))
		if (strcmp(reason, "admin") == 0)
			return true;
	return false;
}

static void check_server(const struct run *run,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *original)
{
	const struct ipvsctl_config *to = run->command->to;
	const struct ipvsctl_server *server =
		ipvsctl_config_find_server(to, service, original);

	if (server)
		assert_int_equal(server->weight, original->weight);
	if (is_wanted_out(run, service, original))
		return;
	if (!server || (!is_admins(to, service, server) &&
			(server->held || !has_weight(to, service)))) {
		char name[IPVSCTL_IDENTITY_TEXT], *text = describe(to);

		fail_msg("%s is up, but: %s",
			 ipvsctl_server_format(original, name), text);
	}
}

static void check_invariants(const struct run *run,
			     const struct ipvsctl_config *original)
{
	ipvsctl_for_each_service(original, service) {

		ipvsctl_for_each_server(original, service, server)
			check_server(run, service, server);
	}
}

static void run_random(struct world *world,
		       const struct ipvsctl_config *original, uint32_t *seed)
{
	struct command command;
	struct run run;

	open_run(world, &command, &run);
	assert_int_equal(pool_find(&run), 0);
	take_verdicts(&run, random_verdict, seed);
	if (effect_all(&run) != 0)
		fail_msg("%s", command.err.message);
	check_invariants(&run, original);
	close_run(world, &command, &run);
}

/* An admin holds or releases the first server, if it is there. */
static void play_admin(struct world *world, bool hold)
{
	struct ipvsctl_service service = given_service("fwmark:1");
	struct ipvsctl_server server = given_server("fwmark:1", "10.0.0.1");
	int r;

	if (!ipvsctl_config_find_server(world->kernel, &service, &server))
		return;
	r = hold ? ipvsctl_config_hold(world->kernel, &service, &server,
				       "admin", NULL) :
		   ipvsctl_config_release(world->kernel, &service, &server,
					  "admin", NULL);
	assert_true(r == 0 || r == -ENOENT);
}

static void try_random(const char *const *checks, uint32_t *seed)
{
	struct ipvsctl_config *original = given_config(random_config);
	char *wanted = describe(original), *text;
	struct world world;

	open_world(&world, random_config, checks);
	for (int i = 0; i < 20; i++) {
		run_random(&world, original, seed);
		if (random_below(seed, 5) == 0)
			play_admin(&world, random_below(seed, 2));
	}
	for (int i = 0; i < 8; i++) {
		run_with(&world, "");
		play_admin(&world, false);
	}
	text = describe(world.kernel);
	if (strcmp(text, wanted) != 0)
		fail_msg("'%s', not '%s'; state:\n%s", text, wanted,
			 world.state);
	assert_null(strstr(world.state, "\nserver "));
	free(text);
	free(wanted);
	ipvsctl_config_free(original);
	close_world(&world);
}

static void test_random(void **state)
{
	uint32_t seed = 20261126;
	int64_t end = clock_now() + 300000;

	(void)state;
	for (size_t i = 0; i < 200 && clock_now() < end; i++)
		try_random(random_checks[i % ARRAY_SIZE(random_checks)], &seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("check-random", tests, NULL, NULL);
}
