/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Plans between random configurations: carried out one step after the other
 * they lead from one to the other, and no pool is empty on the way that need
 * not be.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "given.h"

#include "model/config.h"
#include "model/object.h"
#include "model/plan.h"

#define ROUNDS 2000

/* Always the same numbers, so that a failure can be repeated. */
static uint32_t random_below(uint32_t *seed, uint32_t bound)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % bound;
}

static void add_random_servers(uint32_t *seed, struct ipvsctl_config *config,
			       const struct ipvsctl_service *service)
{
	static const char *const reasons[] = { "admin", "check:a", "check:b" };

	for (uint8_t i = 1; i <= 4; i++) {
		struct ipvsctl_server server = {
			.address = { 2, { 10, 0, 0, i } },
			.forward = (uint16_t)random_below(seed, 4),
			.weight = random_below(seed, 3),
			.upper_threshold = random_below(seed, 2),
		};

		if (!random_below(seed, 3))
			continue;
		assert_int_equal(ipvsctl_config_add_server(config, service,
							   &server, NULL),
				 0);
		while (!random_below(seed, 3))
			assert_int_equal(ipvsctl_config_hold(
						 config, service, &server,
						 reasons[random_below(seed, 3)],
						 NULL),
					 0);
	}
}

static void add_random_marks(uint32_t *seed, struct ipvsctl_config *config)
{
	static const uint16_t families[] = { AF_UNSPEC, AF_INET, AF_INET6 };

	for (uint32_t i = random_below(seed, 7); i; i--) {
		struct ipvsctl_mark rule;

		ipvsctl_mark_init(&rule, !random_below(seed, 3));
		rule.mark = random_below(seed, 3) + 1;
		rule.protocol = (uint16_t)random_below(seed, 6);
		rule.hook = (uint16_t)random_below(seed, 2);
		rule.family = families[random_below(seed, 3)];
		rule.priority = (uint16_t)random_below(seed, 2);
		int r = ipvsctl_config_add_mark(config, &rule, NULL);
		assert_true(!r || r == -EEXIST);
	}
	config->kinds |= IPVSCTL_MARKS;
}

static struct ipvsctl_config *random_config(uint32_t *seed)
{
	static const char *const none[] = { NULL };
	struct ipvsctl_config *config = given_config(none);

	for (uint32_t i = 1; i <= 3; i++) {
		struct ipvsctl_service service = given_service("fwmark:1");

		if (!random_below(seed, 4))
			continue;
		service.fwmark = i;
		service.persistence_seconds = random_below(seed, 2);
		assert_int_equal(ipvsctl_config_add_service(config, &service,
							    NULL),
				 0);
		add_random_servers(seed, config, &service);
	}
	config->kinds |= IPVSCTL_SERVICES;
	for (uint16_t role = 1; role <= 2; role++) {
		struct ipvsctl_sync sync = given_sync("master --dev eth0");

		sync.role = role;
		sync.id = random_below(seed, 2);
		if (random_below(seed, 2))
			ipvsctl_config_set_sync(config, &sync);
	}
	config->kinds |= IPVSCTL_SYNC;
	ipvsctl_config_set_timeouts(config,
				    &(struct ipvsctl_timeouts){
					    .tcp = random_below(seed, 2) + 1 });
	add_random_marks(seed, config);
	return config;
}

/* ---- Carrying out ------------------------------------------------------ */

/* Gives a server in config the holds it has in wanted. */
static void take_holds(struct ipvsctl_config *config,
		       const struct ipvsctl_config *wanted,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	int r = ipvsctl_config_release(config, service, server, NULL, NULL);
	assert_true(!r || r == -ENOENT);
	while ((reason = ipvsctl_config_next_reason(wanted, service, server,
						    reason)))
		assert_int_equal(ipvsctl_config_hold(config, service, server,
						     reason, NULL),
				 0);
}

static int apply_service(struct ipvsctl_config *config,
			 const struct ipvsctl_step *step)
{
	if (step->action == IPVSCTL_ADD)
		return ipvsctl_config_add_service(config, step->after, NULL);
	if (step->action == IPVSCTL_CHANGE)
		return ipvsctl_config_change_service(config, step->after, NULL);
	assert_int_equal(ipvsctl_config_count_servers(config, step->before), 0);
	return ipvsctl_config_delete_service(config, step->before, NULL);
}

static int apply_server(struct ipvsctl_config *config,
			const struct ipvsctl_step *step)
{
	int r;

	if (step->action == IPVSCTL_DELETE)
		return ipvsctl_config_delete_server(config, step->service,
						    step->before, NULL);
	if (step->action == IPVSCTL_ADD)
		r = ipvsctl_config_add_server(config, step->service,
					      step->after, NULL);
	else
		r = ipvsctl_config_change_server(config, step->service,
						 step->after, NULL);
	take_holds(config, step->plan->to, step->service, step->after);
	return r;
}

static int apply_mark(struct ipvsctl_config *config,
		      const struct ipvsctl_step *step)
{
	if (step->action == IPVSCTL_ADD)
		return ipvsctl_config_add_mark(config, step->after, NULL);
	if (step->action == IPVSCTL_CHANGE)
		return ipvsctl_config_change_mark(config, step->after, NULL);
	return ipvsctl_config_delete_mark(config, step->before, NULL);
}

static int apply_sync(struct ipvsctl_config *config,
		      const struct ipvsctl_step *step)
{
	const struct ipvsctl_sync *sync =
		step->after ? step->after : step->before;
	enum ipvsctl_sync_role role = sync->role;

	assert_true(!ipvsctl_config_get_sync(config, role) == !!step->after);
	if (step->after)
		ipvsctl_config_set_sync(config, sync);
	else
		ipvsctl_config_remove_sync(config, role);
	return 0;
}

static int apply_timeouts(struct ipvsctl_config *config,
			  const struct ipvsctl_step *step)
{
	ipvsctl_config_set_timeouts(config, step->after);
	return 0;
}

static void apply_step(struct ipvsctl_config *config,
		       const struct ipvsctl_step *step)
{
	static int (*const applies[])(struct ipvsctl_config *,
				      const struct ipvsctl_step *) = {
		[IPVSCTL_OBJECT_SERVICE] = apply_service,
		[IPVSCTL_OBJECT_SERVER] = apply_server,
		[IPVSCTL_OBJECT_MARK] = apply_mark,
		[IPVSCTL_OBJECT_SYNC] = apply_sync,
		[IPVSCTL_OBJECT_TIMEOUTS] = apply_timeouts,
	};

	assert_int_equal(applies[step->object](config, step), 0);
}

/* ---- What has to hold -------------------------------------------------- */

static bool takes_connections(const struct ipvsctl_config *config,
			      const struct ipvsctl_service *service)
{
	ipvsctl_for_each_server(config, service, server)
		if (ipvsctl_server_effective_weight(server))
			return true;
	return false;
}

static void check_pools(const struct ipvsctl_config *from,
			const struct ipvsctl_config *now,
			const struct ipvsctl_config *to)
{
	ipvsctl_for_each_service(from, service)
		if (takes_connections(from, service) &&
		    takes_connections(to, service))
			assert_true(takes_connections(now, service));
}

static size_t count_steps(const struct ipvsctl_config *from,
			  const struct ipvsctl_config *to, bool only_marks)
{
	struct ipvsctl_plan *plan = NULL;
	size_t count = 0;

	assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
	ipvsctl_for_each_step(plan, step)
		count += !only_marks ||
			 ipvsctl_step_object(step) == IPVSCTL_OBJECT_MARK;
	ipvsctl_plan_free(plan);
	return count;
}

/* The rule behind prev that a family has. */
static const struct ipvsctl_mark *next_of(const struct ipvsctl_config *config,
					  const struct ipvsctl_mark *prev,
					  uint16_t family)
{
	do
		prev = ipvsctl_config_next_mark(config, prev);
	while (prev && prev->family != AF_UNSPEC && prev->family != family);
	return prev;
}

static bool same_marks(const struct ipvsctl_config *a,
		       const struct ipvsctl_config *b, uint16_t family)
{
	const struct ipvsctl_mark *one = next_of(a, NULL, family);
	const struct ipvsctl_mark *other = next_of(b, NULL, family);

	while (one && other && ipvsctl_mark_same_match(one, other) &&
	       mark_equal(one, other)) {
		one = next_of(a, one, family);
		other = next_of(b, other, family);
	}
	return !one && !other;
}

/* Every rule of b is in a and says the same, and there are as many. */
static void check_mark_sets(const struct ipvsctl_config *a,
			    const struct ipvsctl_config *b)
{
	assert_int_equal(a->marks.count, b->marks.count);
	ipvsctl_for_each_mark(b, rule) {
		const struct ipvsctl_mark *found =
			ipvsctl_config_find_mark(a, rule);

		assert_non_null(found);
		assert_true(mark_equal(found, rule));
	}
}

static void check_round(const struct ipvsctl_config *from,
			const struct ipvsctl_config *to)
{
	struct ipvsctl_config *now = NULL;
	struct ipvsctl_plan *plan = NULL;

	assert_int_equal(ipvsctl_config_copy(from, &now, NULL), 0);
	assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
	ipvsctl_for_each_step(plan, step) {
		apply_step(now, step);
		check_pools(from, now, to);
	}
	check_mark_sets(now, to);
	assert_int_equal(count_steps(now, to, false),
			 count_steps(now, to, true));
	assert_int_equal(count_steps(from, to, true) == 0,
			 same_marks(from, to, AF_INET) &&
				 same_marks(from, to, AF_INET6));
	assert_int_equal(now->count, to->count);
	assert_int_equal(now->holds.count, to->holds.count);
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(now);
}

static void test_random_plans_lead_to_the_goal(void **state)
{
	uint32_t seed = 20240229;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct ipvsctl_config *from = random_config(&seed);
		struct ipvsctl_config *to = random_config(&seed);

		check_round(from, to);
		assert_int_equal(count_steps(to, to, false), 0);
		ipvsctl_config_free(from);
		ipvsctl_config_free(to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_plans_lead_to_the_goal),
	};

	return cmocka_run_group_tests_name("plan-random", tests, NULL, NULL);
}
