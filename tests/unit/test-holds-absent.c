/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds of servers that are not in the kernel: removed, or set aside. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

#include "model/config.h"
#include "model/holds.h"

/* ---- Removed servers --------------------------------------------------- */

static const char *const removed[] = {
	"service tcp:192.0.2.1:80",
	"server tcp:192.0.2.1:80 10.0.0.1 --weight 5",
	"server tcp:192.0.2.1:80 10.0.0.2:80 --forward tun --weight 6 "
	"--upper-threshold 9 --tunnel gue --tunnel-port 6080",
	"remove tcp:192.0.2.1:80 10.0.0.2 check:a",
	"hold tcp:192.0.2.1:80 10.0.0.2 admin",
	NULL,
};
static const char *const without[] = {
	"service tcp:192.0.2.1:80",
	"server tcp:192.0.2.1:80 10.0.0.1 --weight 5", NULL
};

static const struct ipvsctl_server *
find_second(const struct ipvsctl_config *config)
{
	const struct ipvsctl_service service =
		given_service("tcp:192.0.2.1:80");
	const struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.2");

	return ipvsctl_config_find_server(config, &service, &server);
}

/* Nobody else knows its attributes. */
static void test_removed_servers_are_kept_whole(void **state)
{
	struct ipvsctl_config *config = given_config(removed);
	struct ipvsctl_config *kernel = given_config(without);
	struct ipvsctl_config *partial = given_config(without + 2);
	struct ipvsctl_config *both = NULL;
	const struct ipvsctl_server *found;
	char *text = NULL, *again = NULL;

	(void)state;
	assert_true(find_second(config)->removed);
	assert_int_equal(ipvsctl_server_effective_weight(find_second(config)),
			 0);
	assert_int_equal(holds_format(config, &text), 0);
	assert_int_equal(holds_parse(kernel, text, strlen(text), NULL, NULL), 0);
	assert_false(kernel->holds.stale);
	found = find_second(kernel);
	assert_true(found && found->removed && found->held);
	assert_int_equal(found->forward, IPVSCTL_FORWARD_TUN);
	assert_int_equal(found->weight, 6);
	assert_int_equal(found->upper_threshold, 9);
	assert_int_equal(found->tunnel, IPVSCTL_TUNNEL_GUE);
	assert_int_equal(found->tunnel_port, 6080);
	assert_int_equal(holds_format(kernel, &again), 0);
	assert_string_equal(again, text);
	free(again);
	/* Also where the service was not loaded. */
	partial->partial = true;
	assert_int_equal(holds_parse(partial, text, strlen(text), NULL, NULL),
			 0);
	assert_int_equal(ipvsctl_config_copy(partial, &both, NULL), 0);
	assert_int_equal(holds_format(both, &again), 0);
	assert_string_equal(again, text);
	free(again);
	free(text);
	ipvsctl_config_free(both);
	ipvsctl_config_free(partial);
	ipvsctl_config_free(kernel);
	ipvsctl_config_free(config);
}

static void test_removed_servers_are_changed_and_returned(void **state)
{
	struct ipvsctl_config *config = given_config(removed);
	struct ipvsctl_config *from = given_config(removed);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server changed =
		given_server("tcp:192.0.2.1:80",
			     "10.0.0.2:80 --forward nat --weight 2");
	char *text = NULL;

	(void)state;
	assert_int_equal(ipvsctl_config_change_server(config, &service,
						      &changed, NULL),
			 0);
	assert_true(find_second(config)->removed);
	assert_int_equal(find_second(config)->weight, 2);
	assert_int_equal(ipvsctl_config_release(config, &service, &changed,
						"admin", NULL),
			 0);
	assert_true(find_second(config)->removed);
	assert_int_equal(ipvsctl_config_release(config, &service, &changed,
						"check:a", NULL),
			 0);
	assert_false(find_second(config)->removed || find_second(config)->held);
	/* Until it is in the kernel, the text of both sides has it removed. */
	assert_int_equal(holds_format_both(from, config, &text), 0);
	assert_string_equal(text, "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.2:80 "
				  "6 check:a,admin removed --forward tun "
				  "--weight 6 --upper-threshold 9 --tunnel gue "
				  "--tunnel-port 6080\n");
	free(text);
	ipvsctl_config_free(from);
	ipvsctl_config_free(config);
}

static void test_removed_lines_that_are_stale_or_broken(void **state)
{
	static const struct {
		const char *line;
		size_t skipped;
		bool stale;
	} cases[] = {
		/* Somebody has put it in. */
		{ "tcp:192.0.2.1:80 10.0.0.1:80 5 check:a removed --forward dr "
		  "--weight 5",
		  0, true },
		{ "fwmark:9 10.0.0.1:0 5 check:a removed --forward dr", 0,
		  true },
		{ "tcp:192.0.2.1:80 10.0.0.2:80 5 check:a removed", 1, false },
		{ "tcp:192.0.2.1:80 10.0.0.2:80 5 check:a gone --forward dr", 1,
		  false },
		{ "tcp:192.0.2.1:80 10.0.0.2:80 5 check:a removed --forward", 1,
		  false },
		{ "tcp:192.0.2.1:80 10.0.0.2:80 5 check:a removed --forward x",
		  1, false },
		{ "tcp:192.0.2.1:80 10.0.0.2:80 5 check:a removed forward dr",
		  1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ipvsctl_config *config = given_config(without);
		size_t skipped = 0;
		char text[256];

		(void)snprintf(text, sizeof(text), "lbctl-holds 1\n%s\n",
			       cases[i].line);
		assert_int_equal(holds_parse(config, text, strlen(text),
					     &skipped, NULL),
				 0);
		assert_int_equal(skipped, cases[i].skipped);
		assert_int_equal(config->holds.stale, cases[i].stale);
		assert_int_equal(config->holds.count, 0);
		assert_null(find_second(config));
		ipvsctl_config_free(config);
	}
}

/* A damaged file has a server twice: the first line counts. */
static void test_removed_and_set_aside(void **state)
{
	static const char text[] =
		"lbctl-holds 1\n"
		"tcp:192.0.2.1:80 10.0.0.2:80 5 check:a removed --forward nat "
		"--weight 5\n"
		"aside tcp:192.0.2.1:80 10.0.0.2:80 9 admin\n"
		"tcp:192.0.2.1:80 10.0.0.2:80 9 admin\n";
	struct ipvsctl_config *config = given_config(without);

	(void)state;
	assert_int_equal(holds_parse(config, text, strlen(text), NULL, NULL), 0);
	assert_true(find_second(config)->removed);
	assert_int_equal(find_second(config)->weight, 5);
	assert_int_equal(config->holds.holds[0].reason_count, 1);
	assert_true(config->holds.stale);
	ipvsctl_config_free(config);
}

/* ---- Set aside --------------------------------------------------------- */

#define ASIDE                                                                \
	"lbctl-holds 1\naside tcp:192.0.2.1:80 10.0.0.2:80 6 check:a,admin " \
	"removed --forward tun --weight 6 --upper-threshold 9 --tunnel gue " \
	"--tunnel-port 6080\n"

static void test_emptying_sets_holds_aside(void **state)
{
	struct ipvsctl_config *config = given_config(removed);
	struct ipvsctl_config *kernel = given_config(without + 2);
	struct ipvsctl_config *again = given_config(without);
	struct ipvsctl_config *full = given_config(removed);
	char *text = NULL, *held = NULL;

	(void)state;
	assert_int_equal(ipvsctl_config_count_waiting(config), 0);
	assert_int_equal(holds_format(config, &held), 0);
	assert_int_equal(ipvsctl_config_flush_services(config, NULL), 0);
	assert_null(ipvsctl_config_next_service(config, NULL));
	assert_int_equal(ipvsctl_config_count_waiting(config), 1);
	assert_int_equal(holds_format(config, &text), 0);
	assert_string_equal(text, ASIDE);
	free(text);
	/* The same of a text that was not read, once and twice. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(holds_set_text_aside(held, &text), 0);
		assert_string_equal(text, ASIDE);
		free(held);
		held = text;
	}
	/* It waits, with its service and without. */
	assert_int_equal(holds_parse(kernel, held, strlen(held), NULL, NULL), 0);
	assert_int_equal(holds_parse(again, held, strlen(held), NULL, NULL), 0);
	assert_int_equal(ipvsctl_config_count_waiting(kernel), 1);
	assert_int_equal(ipvsctl_config_count_waiting(again), 1);
	assert_false(kernel->holds.stale || again->holds.stale);
	assert_null(find_second(again));
	/* Whoever adds a server, or deletes the service, means it. */
	assert_int_equal(ipvsctl_config_add_server(
				 again, ipvsctl_config_next_service(again, NULL),
				 find_second(full), NULL),
			 0);
	assert_int_equal(again->holds.count, 0);
	free(held);
	ipvsctl_config_free(full);
	ipvsctl_config_free(again);
	ipvsctl_config_free(kernel);
	ipvsctl_config_free(config);
}

/* One that was restored before the text could say so is held. */
static void test_aside_and_there_already(void **state)
{
	static const char line[] = "lbctl-holds 1\naside tcp:192.0.2.1:80 "
				   "10.0.0.1:80 5 admin\n";
	static const char *const at_zero[] = {
		"service tcp:192.0.2.1:80",
		"server tcp:192.0.2.1:80 10.0.0.1 --weight 0", NULL
	};
	struct ipvsctl_config *held = given_config(at_zero);
	struct ipvsctl_config *free_again = given_config(without);
	const struct ipvsctl_service *service =
		ipvsctl_config_next_service(held, NULL);

	(void)state;
	assert_int_equal(holds_parse(held, line, strlen(line), NULL, NULL), 0);
	assert_true(ipvsctl_config_next_server(held, service, NULL)->held);
	assert_int_equal(ipvsctl_config_next_server(held, service, NULL)->weight,
			 5);
	assert_int_equal(ipvsctl_config_count_waiting(held), 0);
	assert_int_equal(holds_parse(free_again, line, strlen(line), NULL, NULL),
			 0);
	assert_true(free_again->holds.stale);
	assert_int_equal(free_again->holds.count, 0);
	assert_int_equal(ipvsctl_config_delete_service(held, service, NULL), 0);
	assert_int_equal(held->holds.count, 0);
	ipvsctl_config_free(free_again);
	ipvsctl_config_free(held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_removed_servers_are_kept_whole),
		cmocka_unit_test(test_removed_servers_are_changed_and_returned),
		cmocka_unit_test(test_removed_lines_that_are_stale_or_broken),
		cmocka_unit_test(test_removed_and_set_aside),
		cmocka_unit_test(test_emptying_sets_holds_aside),
		cmocka_unit_test(test_aside_and_there_already),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
