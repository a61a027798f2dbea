/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Plans: which steps, in which order, written how. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "given.h"

#include "scope.h"
#include "text.h"

#define MAX_LINES 24

/* The plan's lines with +, ~, - or 0 in front, each ended by a newline. */
static char *describe(const struct ipvsctl_plan *plan)
{
	struct text text = { 0 };
	char *all = NULL;

	ipvsctl_for_each_step(plan, step) {
		char *line = NULL;

		assert_int_equal(ipvsctl_step_format(step, &line, NULL), 0);
		text_add(&text, "%c%s\n", "+~-0"[ipvsctl_step_action(step)],
			 line);
		free(line);
	}
	assert_int_equal(text_take(&text, &all), 0);
	return all;
}

struct example {
	const char *from[MAX_LINES];
	const char *to[MAX_LINES];
	const char *plan;
};

static void check_example(const struct example *example)
{
	struct ipvsctl_config *from = given_config(example->from);
	struct ipvsctl_config *to = given_config(example->to);
	struct ipvsctl_plan *plan = NULL;

	assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
	char *text = describe(plan);
	assert_string_equal(text, example->plan);
	size_t lines = 0;
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	assert_int_equal(ipvsctl_plan_count(plan), lines);
	free(text);
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
}

/* An address is there as long as a service needs it. */
static void test_vips_come_first_and_go_last(void **state)
{
	static const struct example example = {
		{ "vip 192.0.2.1 --dev eth0", "vip 192.0.2.2 --real-server",
		  "vip 192.0.2.0/24 --local-route --mark 7",
		  "vip 192.0.2.4 --dev eth0", "service tcp:192.0.2.1:80",
		  "mark 1 --proto udp" },
		{ "vip 192.0.2.3 --dev eth0", "vip 192.0.2.2 --real-server",
		  "vip 192.0.2.4/24 --dev eth1", "service tcp:192.0.2.3:80",
		  "mark 2 --proto tcp" },
		"+vip add 192.0.2.3 --dev eth0\n"
		"~vip replace 192.0.2.4/24 --dev eth1\n"
		"+svc add tcp:192.0.2.3:80 --scheduler wlc\n"
		"-mark delete 1 --proto udp\n"
		"+mark add 2 --proto tcp\n"
		"-svc delete tcp:192.0.2.1:80\n"
		"-vip delete 192.0.2.0/24 --mark 7\n"
		"-vip delete 192.0.2.1\n",
	};

	(void)state;
	check_example(&example);
}

static void test_what_is_equal_needs_no_step(void **state)
{
	static const char *const all[] = {
		"service tcp:192.0.2.1:80",
		"server tcp:192.0.2.1:80 10.0.0.1",
		"hold tcp:192.0.2.1:80 10.0.0.1 admin",
		"mark 1 --proto udp",
		"sync master --dev eth0",
		"timeouts 1 2 3",
		NULL,
	};
	struct example example = { .plan = "" };

	(void)state;
	check_example(&example);
	(void)memcpy(example.from, all, sizeof(all));
	(void)memcpy(example.to, all, sizeof(all));
	check_example(&example);
}

static void assert_steps(const struct ipvsctl_config *from,
			 const struct ipvsctl_config *to, size_t count)
{
	struct ipvsctl_plan *plan = NULL;

	assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
	assert_int_equal(ipvsctl_plan_count(plan), count);
	ipvsctl_plan_free(plan);
}

/* Keeps, changes or deletes the server; returns the number of steps. */
static size_t edit_server(struct ipvsctl_config *config,
			  const struct ipvsctl_service *service,
			  struct ipvsctl_server server, unsigned int edit)
{
	server.weight = 3;
	if (edit == 1)
		assert_int_equal(ipvsctl_config_change_server(config, service,
							      &server, NULL),
				 0);
	if (edit == 2)
		assert_int_equal(ipvsctl_config_delete_server(config, service,
							      &server, NULL),
				 0);
	return edit > 0;
}

/* Every edit of every server of a pool, with one added before or behind, or not. */
static void test_what_is_the_same_around_edits(void **state)
{
	static const char *const lines[] = {
		"service fwmark:1",	    "server fwmark:1 10.0.0.1",
		"server fwmark:1 10.0.0.2", "server fwmark:1 10.0.0.3",
		"server fwmark:1 10.0.0.4", NULL
	};
	static const char *const added[] = { "10.0.0.0", "10.0.0.5" };
	const struct ipvsctl_service service = given_service("fwmark:1");
	struct ipvsctl_config *from = given_config(lines);

	(void)state;
	for (unsigned int edits = 0; edits < 3 * 3 * 3 * 3 * 3; edits++) {
		struct ipvsctl_config *to = NULL;
		unsigned int rest = edits / 3;
		size_t steps = 0;

		assert_int_equal(ipvsctl_config_copy(from, &to, NULL), 0);
		ipvsctl_for_each_server(from, &service, server) {
			steps += edit_server(to, &service, *server, rest % 3);
			rest /= 3;
		}
		if (edits % 3 > 0) {
			const struct ipvsctl_server new =
				given_server("fwmark:1", added[edits % 3 - 1]);

			assert_int_equal(ipvsctl_config_add_server(to, &service,
								   &new, NULL),
					 0);
			steps++;
		}
		assert_steps(from, to, steps);
		assert_steps(to, from, steps);
		ipvsctl_config_sort(to);
		assert_steps(from, to, steps);
		assert_steps(to, from, steps);
		ipvsctl_config_free(to);
	}
	ipvsctl_config_free(from);
}

/* What is removed is out of the kernel, and still in the service. */
static void test_removed_servers(void **state)
{
#define WEB_1 "service fwmark:1", "server fwmark:1 10.0.0.1 --weight 3"
	static const struct example examples[] = {
		/* Into it, out of it, and nothing. */
		{ { WEB_1, NULL },
		  { WEB_1, "remove fwmark:1 10.0.0.1 check:a", NULL },
		  "-svc delete-server fwmark:1 10.0.0.1\n" },
		{ { WEB_1, "remove fwmark:1 10.0.0.1 check:a", NULL },
		  { WEB_1, NULL },
		  "+svc add-server fwmark:1 10.0.0.1 --forward dr --weight 3\n" },
		{ { WEB_1, "remove fwmark:1 10.0.0.1 check:a", NULL },
		  { WEB_1, "remove fwmark:1 10.0.0.1 check:a", NULL },
		  "" },
		/* It is changed, held and deleted as others are. */
		{ { WEB_1, "remove fwmark:1 10.0.0.1 check:a", NULL },
		  { "service fwmark:1",
		    "server fwmark:1 10.0.0.1 --forward nat --weight 4",
		    "remove fwmark:1 10.0.0.1 check:a", NULL },
		  "~svc change-server fwmark:1 10.0.0.1 --forward nat --weight "
		  "4\n" },
		{ { WEB_1, "remove fwmark:1 10.0.0.1 check:a", NULL },
		  { WEB_1, "remove fwmark:1 10.0.0.1 check:a",
		    "hold fwmark:1 10.0.0.1 admin", NULL },
		  "~svc drain fwmark:1 10.0.0.1\n" },
		{ { WEB_1, "remove fwmark:1 10.0.0.1 check:a", NULL },
		  { "service fwmark:1", NULL },
		  "-svc delete-server fwmark:1 10.0.0.1\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		check_example(&examples[i]);
}

static void test_make_before_break(void **state)
{
	static const struct example example = {
		.from = { "timeouts 900 120 300", "service tcp:192.0.2.1:80",
			  "server tcp:192.0.2.1:80 10.0.0.1 --weight 5",
			  "server tcp:192.0.2.1:80 10.0.0.2 --weight 1",
			  "server tcp:192.0.2.1:80 10.0.0.3",
			  "service tcp:192.0.2.9:80",
			  "server tcp:192.0.2.9:80 10.0.0.1",
			  "sync master --dev eth0", "mark 1 --proto udp",
			  "mark 2 --proto tcp" },
		.to = { "timeouts 900 120 60",
			"service tcp:192.0.2.1:80 --scheduler rr",
			"server tcp:192.0.2.1:80 10.0.0.1 --weight 0",
			"server tcp:192.0.2.1:80 10.0.0.2 --weight 5",
			"server tcp:192.0.2.1:80 10.0.0.4", "service fwmark:1",
			"server fwmark:1 10.0.0.7", "sync master --dev eth1",
			"sync backup --dev eth1", "mark 1 --proto sctp",
			"mark 3 --proto tcp" },
		.plan = "~svc timeouts 900 120 60\n"
			"+svc add fwmark:1 --scheduler wlc\n"
			"+svc add-server tcp:192.0.2.1:80 10.0.0.4 --forward "
			"dr --weight 1\n"
			"+svc add-server fwmark:1 10.0.0.7 --forward dr "
			"--weight 1\n"
			"~svc change tcp:192.0.2.1:80 --scheduler rr\n"
			"~svc change-server tcp:192.0.2.1:80 10.0.0.2 "
			"--weight 5\n"
			"~svc change-server tcp:192.0.2.1:80 10.0.0.1 "
			"--weight 0\n"
			"-sync stop master\n"
			"+sync start master --dev eth1\n"
			"+sync start backup --dev eth1\n"
			"-mark delete 1 --proto udp\n"
			"+mark add 1 --proto sctp\n"
			"~mark replace 3 --proto tcp\n"
			"-svc delete-server tcp:192.0.2.1:80 10.0.0.3\n"
			"-svc delete-server tcp:192.0.2.9:80 10.0.0.1\n"
			"-svc delete tcp:192.0.2.9:80\n",
	};

	(void)state;
	check_example(&example);
}

static void test_changes_show_what_changes(void **state)
{
	static const struct example example = {
		.from = { "service udp:192.0.2.1:53 --one-packet --scheduler sh "
			  "--sched-flags sh-port --persistent 9 --netmask 24 "
			  "--pe sip",
			  "server udp:192.0.2.1:53 10.0.0.1 --forward tun "
			  "--tunnel gue --tunnel-port 5 --tunnel-checksum full",
			  "server udp:192.0.2.1:53 10.0.0.2:5353 --forward nat "
			  "--upper-threshold 9 --lower-threshold 5" },
		.to = { "service udp:192.0.2.1:53",
			"server udp:192.0.2.1:53 10.0.0.1 --forward tun",
			"server udp:192.0.2.1:53 10.0.0.2:5353 --forward nat" },
		.plan = "~svc change udp:192.0.2.1:53 --scheduler wlc "
			"--sched-flags none --no-one-packet --persistent 0 "
			"--netmask 32 --pe none\n"
			"~svc change-server udp:192.0.2.1:53 10.0.0.1 "
			"--tunnel ipip --tunnel-port 0 "
			"--tunnel-checksum none\n"
			"~svc change-server udp:192.0.2.1:53 10.0.0.2:5353 "
			"--upper-threshold 0 --lower-threshold 0\n",
	};

	(void)state;
	check_example(&example);
}

static void test_holds_are_changes(void **state)
{
	static const struct example examples[] = {
		{ .from = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			    "server fwmark:1 10.0.0.2" },
		  .to = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			  "server fwmark:1 10.0.0.2",
			  "hold fwmark:1 10.0.0.1 admin",
			  "hold fwmark:1 10.0.0.2 check:web" },
		  .plan = "~svc drain fwmark:1 10.0.0.1\n"
			  "~svc drain fwmark:1 10.0.0.2 --reason check:web\n" },
		{ .from = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			    "hold fwmark:1 10.0.0.1 admin" },
		  .to = { "service fwmark:1", "server fwmark:1 10.0.0.1" },
		  .plan = "~svc undrain fwmark:1 10.0.0.1\n" },
		{ .from = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			    "hold fwmark:1 10.0.0.1 admin",
			    "hold fwmark:1 10.0.0.1 check:a" },
		  .to = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			  "hold fwmark:1 10.0.0.1 admin" },
		  .plan = "~svc undrain fwmark:1 10.0.0.1 --reason check:a\n" },
		{ .from = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			    "hold fwmark:1 10.0.0.1 a" },
		  .to = { "service fwmark:1",
			  "server fwmark:1 10.0.0.1 --weight 3",
			  "hold fwmark:1 10.0.0.1 b" },
		  .plan = "~svc change-server fwmark:1 10.0.0.1 "
			  "--weight 3\n" },
		/* The order of reasons does not matter. */
		{ .from = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			    "hold fwmark:1 10.0.0.1 a",
			    "hold fwmark:1 10.0.0.1 b" },
		  .to = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			  "hold fwmark:1 10.0.0.1 b",
			  "hold fwmark:1 10.0.0.1 a" },
		  .plan = "" },
		/* Who is let go comes before who is held. */
		{ .from = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			    "server fwmark:1 10.0.0.2",
			    "hold fwmark:1 10.0.0.2 admin" },
		  .to = { "service fwmark:1", "server fwmark:1 10.0.0.1",
			  "server fwmark:1 10.0.0.2",
			  "hold fwmark:1 10.0.0.1 admin" },
		  .plan = "~svc undrain fwmark:1 10.0.0.2\n"
			  "~svc drain fwmark:1 10.0.0.1\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		check_example(&examples[i]);
}

static void test_kinds_that_one_side_does_not_speak_for_are_left(void **state)
{
	static const struct example examples[] = {
		{ .from = { "service fwmark:1", "mark 1", "timeouts 1 2 3",
			    "sync master --dev eth0" },
		  .to = { NULL },
		  .plan = "" },
		{ .from = { "service fwmark:1", "mark 1" },
		  .to = { "service fwmark:2", "sync master --dev eth0",
			  "timeouts 1 2 3" },
		  .plan = "+svc add fwmark:2 --scheduler wlc\n"
			  "-svc delete fwmark:1\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		check_example(&examples[i]);
}

static void test_timeouts_of_zero_stay(void **state)
{
	static const struct example examples[] = {
		{ .from = { "timeouts 1 2 3" },
		  .to = { "timeouts 0 2 0" },
		  .plan = "" },
		{ .from = { "timeouts 1 2 3" },
		  .to = { "timeouts 0 5 0" },
		  .plan = "~svc timeouts 0 5 0\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		check_example(&examples[i]);
}

static void test_mark_rules(void **state)
{
	static const struct example examples[] = {
		{ .from = { "mark 1 --proto udp", "mark 1 --proto tcp" },
		  .to = { "mark 1 --proto tcp", "mark 1 --proto udp" },
		  .plan = "-mark delete 1 --proto udp\n"
			  "+mark add 1 --proto udp\n" },
		{ .from = { "mark exclude --proto udp", "mark 1" },
		  .to = { "mark 1" },
		  .plan = "-mark delete --exclude --proto udp\n" },
		{ .from = { "mark exclude --proto udp" },
		  .to = { "mark exclude --proto udp --comment why" },
		  .plan = "~mark replace --exclude --proto udp --comment why\n" },
		{ .from = { "mark 1 --mask 0xf", "mark 1 --proto 5" },
		  .to = { "mark 1 --mask 0xff",
			  "mark 1 --proto 5 --comment 'a b'" },
		  .plan = "~mark replace 1 --mask 0xff\n"
			  "~mark replace 1 --proto 5 --comment 'a b'\n" },
		{ .from = { "mark 9 --proto 5" },
		  .to = { "mark 9 --proto 5 --snat" },
		  .plan = "~mark replace 9 --proto 5 --snat\n" },
		{ .from = { "mark 9 --proto 5 --ipv4 --snat" },
		  .to = { "mark 9 --proto 5 --snat=192.0.2.9" },
		  .plan = "~mark replace 9 --proto 5 --snat=192.0.2.9 --ipv4\n" },
		{ .from = { "mark 9 --snat", "mark 9 --proto 5 --snat" },
		  .to = { "mark 9", "mark 9 --proto 5" },
		  .plan = "~mark replace 9\n"
			  "~mark replace 9 --proto 5\n" },
		/* How rules of two families are mixed does not count ... */
		{ .from = { "mark 1 --ipv4", "mark 2 --ipv6", "mark 3" },
		  .to = { "mark 2 --ipv6", "mark 1 --ipv4", "mark 3" },
		  .plan = "" },
		/* ... but how each stands to those of both. */
		{ .from = { "mark 1 --ipv4", "mark 2 --ipv6", "mark 3" },
		  .to = { "mark 2 --ipv6", "mark 3", "mark 1 --ipv4" },
		  .plan = "-mark delete 1 --ipv4\n"
			  "+mark add 1 --ipv4\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		check_example(&examples[i]);
}

/* The source goes by family and mark: the rules of one have to agree. */
static void test_rules_of_one_mark_agree_on_the_source(void **state)
{
	static const struct {
		const char *lines[4];
		bool agree;
	} cases[] = {
		{ { "mark 9 --proto 5 --snat", "mark 9 --proto 6 --snat" },
		  true },
		{ { "mark 9 --proto 5 --snat", "mark 8 --proto 6" }, true },
		{ { "mark 9 --proto 5 --snat", "mark 9 --proto 6" }, false },
		{ { "mark 9 --proto 5", "mark 9 --proto 6 --snat" }, false },
		{ { "mark 9 --proto 5 --snat",
		    "mark 9 --proto 6 --snat=192.0.2.1" },
		  false },
		{ { "mark 9 --proto 5 --snat=192.0.2.1",
		    "mark 9 --proto 6 --snat=192.0.2.1" },
		  true },
		{ { "mark 9 --proto 5 --snat=192.0.2.1",
		    "mark 9 --proto 6 --snat=192.0.2.2" },
		  false },
		{ { "mark 9 --ipv4 --snat", "mark 9 --ipv6" }, true },
		{ { "mark 9 --snat=192.0.2.1", "mark 9 --snat=2001:db8::1" },
		  true },
		{ { "mark 9 --ipv4 --snat", "mark 9 --proto 6" }, false },
		{ { "mark 9 --snat", "mark 9 --mask 0xff --proto 6" }, true },
		{ { "mark 1 --snat", "mark exclude --proto 6" }, true },
	};
	static const char *const none[] = { NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_config *from = given_config(none);
		struct ipvsctl_config *to = given_config(cases[i].lines);
		struct ipvsctl_plan *plan = NULL;
		struct ipvsctl_error err = { 0 };
		int r = ipvsctl_plan_compare(from, to, &plan, &err);

		assert_int_equal(r, cases[i].agree ? 0 : -EINVAL);
		if (r < 0)
			assert_failure(&err,
				       &(struct failure){
					       -EINVAL, NULL,
					       "--snat goes by the mark, and "
					       "rules of this mark differ in it",
					       NULL });
		ipvsctl_plan_free(plan);
		ipvsctl_config_free(from);
		ipvsctl_config_free(to);
	}
}

static void test_steps_about_all(void **state)
{
	static const char *const none[] = { NULL };
	struct ipvsctl_config *config = given_config(none);
	struct ipvsctl_plan *plan = NULL;

	(void)state;
	assert_int_equal(ipvsctl_plan_compare(config, config, &plan, NULL), 0);
	assert_null(ipvsctl_plan_next(plan, NULL));
	assert_int_equal(ipvsctl_plan_zero(plan, IPVSCTL_SERVICES, NULL, NULL),
			 0);
	for (int i = 1; i <= 2; i++) {
		/* The caller's struct may go away before the plan does. */
		struct ipvsctl_service service = given_service("fwmark:7");

		service.fwmark = (uint32_t)i;
		assert_int_equal(ipvsctl_plan_zero(plan, IPVSCTL_SERVICES,
						   &service, NULL),
				 0);
		service.fwmark = 99;
	}
	assert_int_equal(ipvsctl_plan_zero(plan, IPVSCTL_MARKS, NULL, NULL), 0);
	assert_int_equal(ipvsctl_plan_zero(plan, IPVSCTL_SYNC, NULL, NULL), 0);
	assert_int_equal(ipvsctl_plan_flush(plan, NULL), 0);
	char *text = describe(plan);
	assert_string_equal(text, "0svc zero\n"
				  "0svc zero fwmark:1\n"
				  "0svc zero fwmark:2\n"
				  "0mark zero\n"
				  "-svc flush\n");
	free(text);
	const struct ipvsctl_step *step = ipvsctl_plan_next(plan, NULL);
	assert_int_equal(ipvsctl_step_action(step), IPVSCTL_ZERO);
	assert_int_equal(ipvsctl_step_object(step), IPVSCTL_OBJECT_SERVICE);
	ipvsctl_plan_free(plan);
	ipvsctl_plan_free(NULL);
	ipvsctl_config_free(config);
}

/* ---- Without memory ---------------------------------------------------- */

struct two {
	struct ipvsctl_config *from;
	struct ipvsctl_config *to;
};

static int plan_all(void *data)
{
	struct two *two = data;
	struct ipvsctl_service service = given_service("fwmark:1");
	struct ipvsctl_plan *untouched = data;
	struct ipvsctl_plan *plan = untouched;
	struct ipvsctl_error err = { 0 };
	const struct ipvsctl_step *step = NULL;
	int r = ipvsctl_plan_compare(two->from, two->to, &plan, &err);

	assert_int_equal(err.code, r);
	if (r) {
		assert_ptr_equal(plan, untouched);
		return r;
	}
	size_t count = ipvsctl_plan_count(plan);
	r = ipvsctl_plan_zero(plan, IPVSCTL_SERVICES | IPVSCTL_MARKS, &service,
			      NULL);
	assert_int_equal(ipvsctl_plan_count(plan), r ? count : count + 2);
	while (!r && (step = ipvsctl_plan_next(plan, step))) {
		char *line = data;

		r = ipvsctl_step_format(step, &line, NULL);
		if (r)
			assert_ptr_equal(line, data);
		else
			free(line);
	}
	ipvsctl_plan_free(plan);
	return r;
}

static void test_everything_survives_running_out_of_memory(void **state)
{
	static const char *const from[] = { "service fwmark:1",
					    "server fwmark:1 10.0.0.1",
					    "service fwmark:2",
					    "server fwmark:2 10.0.0.1",
					    "sync master --dev eth0",
					    "timeouts 1 2 3",
					    "mark 1",
					    "mark 1 --proto 5",
					    NULL };
	static const char *const to[] = { "service fwmark:1 --scheduler rr",
					  "server fwmark:1 10.0.0.1 --weight 3",
					  "server fwmark:1 10.0.0.2 --weight 3",
					  "service fwmark:3",
					  "server fwmark:3 10.0.0.1",
					  "sync master --dev eth1",
					  "timeouts 3 2 1",
					  "mark 1 --proto 5",
					  "mark 2",
					  "mark 7 --proto 6",
					  NULL };
	struct two two = { given_config(from), given_config(to) };

	(void)state;
	alloc_each_failure(plan_all, &two);
	ipvsctl_config_free(two.from);
	ipvsctl_config_free(two.to);
}

/* Without servers there is nothing to interrupt. */
static void test_changes_of_schedulers_interrupt(void **state)
{
	static const struct {
		const char *from[MAX_LINES];
		const char *to[MAX_LINES];
		bool interrupts;
	} cases[] = {
		{ { "service fwmark:1 --scheduler rr",
		    "server fwmark:1 10.0.0.1" },
		  { "service fwmark:1 --scheduler wrr",
		    "server fwmark:1 10.0.0.1" },
		  true },
		{ { "service fwmark:1 --scheduler rr" },
		  { "service fwmark:1 --scheduler wrr" },
		  false },
		{ { "service fwmark:1 --scheduler rr",
		    "server fwmark:1 10.0.0.1" },
		  { "service fwmark:1 --scheduler rr --persistent 5",
		    "server fwmark:1 10.0.0.1" },
		  false },
		{ { "service fwmark:1", "server fwmark:1 10.0.0.1" },
		  { "service fwmark:1", "server fwmark:1 10.0.0.1",
		    "service fwmark:2 --scheduler rr" },
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CONFIG struct ipvsctl_config *from =
			given_config(cases[i].from);
		AUTO_CONFIG struct ipvsctl_config *to =
			given_config(cases[i].to);
		AUTO_PLAN struct ipvsctl_plan *plan = NULL;
		const struct ipvsctl_step *step;

		assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
		assert_int_equal(ipvsctl_plan_count(plan), 1);
		step = ipvsctl_plan_next(plan, NULL);
		assert_int_equal(ipvsctl_step_interrupts(step),
				 cases[i].interrupts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vips_come_first_and_go_last),
		cmocka_unit_test(test_what_is_equal_needs_no_step),
		cmocka_unit_test(test_what_is_the_same_around_edits),
		cmocka_unit_test(test_removed_servers),
		cmocka_unit_test(test_make_before_break),
		cmocka_unit_test(test_changes_show_what_changes),
		cmocka_unit_test(test_holds_are_changes),
		cmocka_unit_test(
			test_kinds_that_one_side_does_not_speak_for_are_left),
		cmocka_unit_test(test_timeouts_of_zero_stay),
		cmocka_unit_test(test_mark_rules),
		cmocka_unit_test(test_rules_of_one_mark_agree_on_the_source),
		cmocka_unit_test(test_steps_about_all),
		cmocka_unit_test(test_changes_of_schedulers_interrupt),
		cmocka_unit_test(test_everything_survives_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
