/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds: reasons in memory, and the text that keeps them. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "given.h"

#include "model/config.h"
#include "model/holds.h"

static const char *const sample[] = {
	"service tcp:192.0.2.1:80",
	"server tcp:192.0.2.1:80 10.0.0.1 --weight 5",
	"server tcp:192.0.2.1:80 10.0.0.2 --weight 6",
	"service fwmark:1/inet6",
	"server fwmark:1/inet6 2001:db8::1 --weight 7",
	NULL,
};

/* As the kernel has it while both servers are held. */
static const char *const sample_at_zero[] = {
	"service tcp:192.0.2.1:80",
	"server tcp:192.0.2.1:80 10.0.0.1 --weight 0",
	"server tcp:192.0.2.1:80 10.0.0.2 --weight 6",
	"service fwmark:1/inet6",
	"server fwmark:1/inet6 2001:db8::1 --weight 0",
	NULL,
};

static void test_a_server_is_held_until_no_reason_is_left(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(config, &service, &server);
	const char *reason = NULL;

	(void)state;
	assert_null(ipvsctl_config_next_reason(config, &service, &server, NULL));
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(ipvsctl_config_hold(config, &service, &server,
						     "admin", NULL),
				 0);
		assert_int_equal(ipvsctl_config_hold(config, &service, &server,
						     "check:web", NULL),
				 0);
	}
	assert_true(found->held);
	assert_int_equal(found->weight, 5);
	assert_int_equal(ipvsctl_server_effective_weight(found), 0);
	reason = ipvsctl_config_next_reason(config, &service, &server, NULL);
	assert_string_equal(reason, "admin");
	reason = ipvsctl_config_next_reason(config, &service, &server, reason);
	assert_string_equal(reason, "check:web");
	assert_null(
		ipvsctl_config_next_reason(config, &service, &server, reason));
	assert_int_equal(ipvsctl_config_release(config, &service, &server,
						"admin", NULL),
			 0);
	assert_true(found->held);
	assert_int_equal(ipvsctl_config_release(config, &service, &server,
						"check:web", NULL),
			 0);
	assert_false(found->held);
	assert_int_equal(config->holds.count, 0);
	ipvsctl_config_free(config);
}

static void test_releasing_all_reasons_at_once(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");

	(void)state;
	assert_int_equal(ipvsctl_config_hold(config, &service, &server, "a",
					     NULL),
			 0);
	assert_int_equal(ipvsctl_config_hold(config, &service, &server, "b",
					     NULL),
			 0);
	assert_int_equal(ipvsctl_config_release(config, &service, &server, NULL,
						NULL),
			 0);
	assert_false(
		ipvsctl_config_find_server(config, &service, &server)->held);
	ipvsctl_config_free(config);
}

static void test_failures(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_service absent = given_service("tcp:192.0.2.9:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	struct ipvsctl_server other =
		given_server("tcp:192.0.2.1:80", "10.0.0.9");
	static const char *const bad[] = {
		"",
		"two words",
		"a,b",
		"a/b",
		"leaving",
		"leaving@1+2",
		"123456789-123456789-123456789-123456789-123456789-12345678=100"
		"00"
	};
	struct ipvsctl_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ipvsctl_config_hold(config, &service, &server,
						     bad[i], &err),
				 -EINVAL);
	assert_string_equal(err.message,
			    "reason '123456789-123456789-123456789-123456789-"
			    "123456789-12345678=10000' is not 1 to 63 letters, "
			    "digits and '-_.:', and perhaps =WEIGHT");
	assert_int_equal(ipvsctl_config_hold(config, &service, &other, "a",
					     &err),
			 -ENOENT);
	assert_failure(&err,
		       &(struct failure){ -ENOENT, "tcp:192.0.2.1:80 10.0.0.9",
					  "no such server", "" });
	assert_int_equal(ipvsctl_config_hold(config, &absent, &server, "a",
					     &err),
			 -ENOENT);
	assert_string_equal(err.message, "no such service");
	assert_int_equal(ipvsctl_config_release(config, &absent, &server, "a",
						&err),
			 -ENOENT);
	assert_int_equal(ipvsctl_config_release(config, &service, &server, "a",
						&err),
			 -ENOENT);
	assert_failure(&err, &(struct failure){ -ENOENT, "10.0.0.1:80",
						"the server is not held for "
						"'a'",
						"" });
	assert_int_equal(ipvsctl_config_release(config, &service, &server, NULL,
						&err),
			 -ENOENT);
	assert_string_equal(err.message, "the server is not held");
	assert_int_equal(config->holds.count, 0);
	ipvsctl_config_free(config);
}

static void test_deleting_a_server_deletes_its_hold(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");

	(void)state;
	assert_int_equal(ipvsctl_config_hold(config, &service, &server, "a",
					     NULL),
			 0);
	assert_int_equal(ipvsctl_config_delete_server(config, &service, &server,
						      NULL),
			 0);
	server.held = true;
	assert_int_equal(ipvsctl_config_add_server(config, &service, &server,
						   NULL),
			 0);
	assert_false(
		ipvsctl_config_find_server(config, &service, &server)->held);
	assert_null(ipvsctl_config_next_reason(config, &service, &server, NULL));
	ipvsctl_config_free(config);
}

static const char full_text[] =
	"lbctl-holds 1\n"
	"tcp:192.0.2.1:80 10.0.0.1:80 5 admin,check:web\n"
	"fwmark:1/inet6 [2001:db8::1]:0 7 check:web\n";

static void test_text_survives_format_and_parse(void **state)
{
	struct ipvsctl_config *config = given_config(sample_at_zero);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	size_t skipped = 9;
	char *text = NULL;

	(void)state;
	assert_int_equal(holds_parse(config, full_text, strlen(full_text),
				     &skipped, NULL),
			 0);
	assert_int_equal(skipped, 0);
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(config, &service, &server);
	assert_true(found->held);
	assert_int_equal(found->weight, 5);
	assert_int_equal(holds_format(config, &text), 0);
	assert_string_equal(text, full_text);
	free(text);
	/* What is written is the weight that is wanted by then. */
	server.weight = 50;
	assert_int_equal(ipvsctl_config_change_server(config, &service, &server,
						      NULL),
			 0);
	assert_int_equal(holds_format(config, &text), 0);
	assert_non_null(strstr(text, " 10.0.0.1:80 50 admin"));
	free(text);
	ipvsctl_config_free(config);
}

static void test_stale_and_broken_lines(void **state)
{
	static const struct {
		const char *text;
		size_t skipped;
		size_t held;
		bool stale;
	} cases[] = {
		{ "", 0, 0, false },
		{ "lbctl-holds 1", 0, 0, false },
		{ "lbctl-holds 1\n", 0, 0, false },
		{ "lbctl-holds 2\ntcp:192.0.2.1:80 10.0.0.1:80 5 a\n", 2, 0,
		  false },
		{ "garbage", 1, 0, false },
		/* gone, or back at a weight */
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.2:80 5 a\n", 0, 0,
		  true },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.9:80 5 a\n", 0, 0,
		  true },
		{ "lbctl-holds 1\ntcp:192.0.2.9:80 10.0.0.1:80 5 a\n", 0, 0,
		  true },
		/* of two kinds, one broken */
		{ "lbctl-holds 1\nx\ntcp:192.0.2.1:80 10.0.0.1:80 5 a\n", 1, 1,
		  false },
		{ "lbctl-holds 1\n\n\ntcp:192.0.2.1:80 10.0.0.1 5 a", 0, 1,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5\n", 1, 0,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 \n", 1, 0,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 a b\n", 1, 0,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 a,\n", 1, 0,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 a,,b\n", 1, 0,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 a/b\n", 1, 0,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 w=0,w=7\n", 1,
		  0, false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 "
		  "123456789-123456789-123456789-123456789-123456789-12345678"
		  "901234\n",
		  1, 0, false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 -5 a\n", 1, 0,
		  false },
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:x 5 a\n", 1, 0,
		  false },
		{ "lbctl-holds 1\nhttp:192.0.2.1:80 10.0.0.1:80 5 a\n", 1, 0,
		  false },
		/* the same server twice */
		{ "lbctl-holds 1\ntcp:192.0.2.1:80 10.0.0.1:80 5 a\n"
		  "tcp:192.0.2.1:80 10.0.0.1:80 5 a,b\n",
		  0, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_config *config = given_config(sample_at_zero);
		size_t skipped = 99;

		assert_int_equal(holds_parse(config, cases[i].text,
					     strlen(cases[i].text), &skipped,
					     NULL),
				 0);
		assert_int_equal(skipped, cases[i].skipped);
		assert_int_equal(config->holds.count, cases[i].held);
		assert_int_equal(config->holds.stale, cases[i].stale);
		ipvsctl_config_free(config);
	}
}

/* While a held server is deleted its record stays: the kernel may refuse. */
static void test_while_it_changes_the_text_has_both_sides(void **state)
{
	struct ipvsctl_config *from = given_config(sample);
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server first =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	struct ipvsctl_server second =
		given_server("tcp:192.0.2.1:80", "10.0.0.2");
	char *text = NULL;

	(void)state;
	assert_int_equal(ipvsctl_config_hold(from, &service, &first, "a", NULL),
			 0);
	assert_int_equal(ipvsctl_config_hold(from, &service, &second, "a", NULL),
			 0);
	assert_int_equal(ipvsctl_config_copy(from, &to, NULL), 0);
	assert_int_equal(ipvsctl_config_delete_server(to, &service, &first,
						      NULL),
			 0);
	assert_int_equal(ipvsctl_config_release(to, &service, &second, "a",
						NULL),
			 0);
	assert_int_equal(ipvsctl_config_hold(to, &service, &second, "b", NULL),
			 0);
	assert_int_equal(holds_format_both(from, to, &text), 0);
	assert_string_equal(text, "lbctl-holds 1\n"
				  "tcp:192.0.2.1:80 10.0.0.1:80 5 a\n"
				  "tcp:192.0.2.1:80 10.0.0.2:80 6 a\n"
				  "tcp:192.0.2.1:80 10.0.0.2:80 6 b\n");
	free(text);
	/* What stays as it is stands there once. */
	assert_int_equal(holds_format_both(to, to, &text), 0);
	assert_string_equal(text, "lbctl-holds 1\n"
				  "tcp:192.0.2.1:80 10.0.0.2:80 6 b\n");
	free(text);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
}

/* The weight of the server after a text was read in a kernel that has it at this
   one. */
static uint32_t wanted_after(const char *text, const char *kernel,
			     uint32_t *ret_effective)
{
	const char *const lines[] = { "service tcp:192.0.2.1:80", kernel, NULL };
	struct ipvsctl_config *config = given_config(lines);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	const struct ipvsctl_server *found;
	uint32_t weight;

	assert_int_equal(holds_parse(config, text, strlen(text), NULL, NULL), 0);
	found = ipvsctl_config_find_server(config, &service, &server);
	weight = found->weight;
	*ret_effective = ipvsctl_server_effective_weight(found);
	ipvsctl_config_free(config);
	return weight;
}

#define LINE "tcp:192.0.2.1:80 10.0.0.1:80 5 "

/* Whenever a change of weights is broken off, the wanted one is known. */
static void test_the_kernels_weight_tells_which_line_is_true(void **state)
{
	static const struct {
		const char *from, *to; /* reasons, "" for none */
		uint32_t before, after;
	} cases[] = {
		{ "", "w=55", 5, 55 },	     { "w=55", "", 55, 5 },
		{ "w=55", "w=60", 55, 60 },  { "w=3", "w=5", 3, 5 },
		{ "a", "w=55", 0, 55 },	     { "w=55", "a,w=55", 55, 0 },
		{ "a,w=55", "w=55", 0, 55 }, { "w=2", "w=2,v=1", 2, 1 },
		{ "w=0", "w=1", 0, 1 },	     { "a", "b", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int later = 0; later < 2; later++) {
			uint32_t kernel =
				later ? cases[i].after : cases[i].before;
			uint32_t effective;
			char text[256], server[64];

			(void)snprintf(text, sizeof(text),
				       "lbctl-holds 1\n%s%s%s%s%s%s",
				       *cases[i].from ? LINE : "",
				       cases[i].from,
				       *cases[i].from ? "\n" : "",
				       *cases[i].to ? LINE : "", cases[i].to,
				       *cases[i].to ? "\n" : "");
			(void)snprintf(server, sizeof(server),
				       "server tcp:192.0.2.1:80 10.0.0.1 "
				       "--weight %u",
				       kernel);
			assert_int_equal(wanted_after(text, server, &effective),
					 5);
			assert_int_equal(effective, kernel);
		}
}

static void test_a_reason_may_leave_a_weight(void **state)
{
	static const struct {
		const char *reason;
		bool releases;
		uint32_t effective;
	} steps[] = {
		{ "w=55", false, 55 }, { "w=3", false, 3 },
		{ "v=4", false, 3 },   { "admin", false, 0 },
		{ "admin", true, 3 },  { "w", true, 4 },
		{ "v=1", true, 5 },
	};
	static const char *const invalid[] = { "w=", "w=-1",  "w=x",
					       "=5", "w=5=6", "w=4294967296" };
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_config *copy = NULL;
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(config, &service, &server);

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(
			steps[i].releases ?
				ipvsctl_config_release(config, &service, &server,
						       steps[i].reason, NULL) :
				ipvsctl_config_hold(config, &service, &server,
						    steps[i].reason, NULL),
			0);
		assert_int_equal(ipvsctl_server_effective_weight(found),
				 steps[i].effective);
		assert_int_equal(found->weight, 5);
	}
	assert_false(found->held);
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		assert_int_equal(ipvsctl_config_hold(config, &service, &server,
						     invalid[i], NULL),
				 -EINVAL);
	/* Whom nobody wants to be used is not. */
	server.weight = 0;
	assert_int_equal(ipvsctl_config_change_server(config, &service, &server,
						      NULL),
			 0);
	assert_int_equal(ipvsctl_config_hold(config, &service, &server, "w=7",
					     NULL),
			 0);
	assert_int_equal(ipvsctl_server_effective_weight(found), 0);
	assert_int_equal(ipvsctl_reason_weight("w=7"), 7);
	assert_int_equal(ipvsctl_reason_weight("admin"), 0);
	assert_true(ipvsctl_reason_is("w=7", "w"));
	assert_false(ipvsctl_reason_is("w=7", "web=7"));
	/* Another weight is another hold. */
	assert_int_equal(ipvsctl_config_copy(config, &copy, NULL), 0);
	assert_int_equal(ipvsctl_config_hold(copy, &service, &server, "w=8",
					     NULL),
			 0);
	assert_string_equal(hold_new_reason(hold_table_find(&copy->holds,
							    &service, &server),
					    hold_table_find(&config->holds,
							    &service, &server)),
			    "w=8");
	ipvsctl_config_free(copy);
	ipvsctl_config_free(config);
}

static void test_no_holds_are_no_text(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	char *text = NULL;

	(void)state;
	assert_int_equal(holds_format(config, &text), 0);
	assert_string_equal(text, "");
	free(text);
	ipvsctl_config_free(config);
}

static void test_text_need_not_end_in_a_nul(void **state)
{
	struct ipvsctl_config *config = given_config(sample_at_zero);
	const char *end = strchr(strchr(full_text, '\n') + 1, '\n');

	(void)state;
	assert_int_equal(holds_parse(config, full_text,
				     (size_t)(end - full_text), NULL, NULL),
			 0);
	assert_int_equal(config->holds.count, 1);
	ipvsctl_config_free(config);
}

/* ---- Without memory ---------------------------------------------------- */

static int hold_twice(void *data)
{
	struct ipvsctl_config *config = data;
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	int r = ipvsctl_config_hold(config, &service, &server, "a", NULL);

	if (r) {
		assert_int_equal(config->holds.count, 0);
		assert_false(
			ipvsctl_config_find_server(config, &service, &server)
				->held);
		return r;
	}
	r = ipvsctl_config_hold(config, &service, &server, "b", NULL);
	assert_int_equal(config->holds.holds[0].reason_count, r ? 1 : 2);
	assert_int_equal(ipvsctl_config_release(config, &service, &server, NULL,
						NULL),
			 0);
	return r;
}

static int parse_all(void *data)
{
	struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err = { 0 };
	size_t skipped = 99;

	(void)data;
	alloc_pause();
	config = given_config(sample_at_zero);
	alloc_resume();
	int r = holds_parse(config, full_text, strlen(full_text), &skipped,
			    &err);
	assert_int_equal(err.code, r);
	assert_int_equal(skipped, r ? 99 : 0);
	ipvsctl_config_free(config);
	return r;
}

static int format_all(void *data)
{
	char *text = data;
	int r = holds_format(data, &text);

	if (r)
		assert_ptr_equal(text, data);
	else
		free(text);
	return r;
}

static void test_everything_survives_running_out_of_memory(void **state)
{
	struct ipvsctl_config *config = given_config(sample);

	(void)state;
	alloc_each_failure(hold_twice, config);
	alloc_each_failure(parse_all, NULL);
	ipvsctl_config_free(config);
	config = given_config(sample_at_zero);
	assert_int_equal(holds_parse(config, full_text, strlen(full_text), NULL,
				     NULL),
			 0);
	alloc_each_failure(format_all, config);
	ipvsctl_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_server_is_held_until_no_reason_is_left),
		cmocka_unit_test(test_releasing_all_reasons_at_once),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_deleting_a_server_deletes_its_hold),
		cmocka_unit_test(test_text_survives_format_and_parse),
		cmocka_unit_test(test_stale_and_broken_lines),
		cmocka_unit_test(test_while_it_changes_the_text_has_both_sides),
		cmocka_unit_test(
			test_the_kernels_weight_tells_which_line_is_true),
		cmocka_unit_test(test_a_reason_may_leave_a_weight),
		cmocka_unit_test(test_no_holds_are_no_text),
		cmocka_unit_test(test_text_need_not_end_in_a_nul),
		cmocka_unit_test(test_everything_survives_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("holds", tests, NULL, NULL);
}
