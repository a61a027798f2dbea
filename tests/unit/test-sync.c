/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sync daemons: attributes, checks, lines. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

#include "model/object.h"
#include "scope.h"

static void test_lines_survive_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		const char *line;
	} cases[] = {
		{ "master --dev eth0 --id 1", "master --dev eth0 --id 1" },
		{ "backup --id 0 --dev eth0.7", "backup --dev eth0.7" },
		{ "master --dev eth0 --group 224.0.0.81 --port 8848 --ttl 1",
		  "master --dev eth0" },
		{ "master --ttl 255 --port 1 --group ff02::5 --max-length 1400 "
		  "--id 255 --dev e",
		  "master --dev e --id 255 --max-length 1400 --group ff02::5 "
		  "--port 1 --ttl 255" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_sync sync = given_sync(cases[i].text);
		struct ipvsctl_sync copy;
		char *line = NULL;
		char *again = NULL;

		assert_int_equal(ipvsctl_sync_line(&sync, &line, NULL), 0);
		assert_memory_equal(line, "sync start ", 11);
		assert_string_equal(line + 11, cases[i].line);
		copy = given_sync(line + 11);
		assert_true(sync_equal(&sync, &copy));
		assert_int_equal(ipvsctl_sync_line(&copy, &again, NULL), 0);
		assert_string_equal(again, line);
		free(line);
		free(again);
	}
}

static void test_bad_attributes_and_combinations(void **state)
{
	static const struct {
		const char *text;
		const char *message;
		const char *hint;
	} cases[] = {
		{ "leader --dev eth0",
		  "role 'leader' is none of master, backup", "" },
		{ "master", "the interface is missing", "--dev eth0" },
		{ "master --dev a:b",
		  "interface name 'a:b' contains an invalid character", "" },
		{ "master --dev eth0 --id 256",
		  "id '256' is not a number from 0 to 255", "" },
		{ "master --dev eth0 --max-length 0", NULL, "" },
		{ "master --dev eth0 --max-length 65508", NULL, "" },
		{ "master --dev eth0 --group 10.0.0.1",
		  "'10.0.0.1' is not a multicast address",
		  "--group 224.0.0.81" },
		{ "master --dev eth0 --group x", NULL, "" },
		{ "master --dev eth0 --port 0", NULL, "" },
		{ "master --dev eth0 --ttl 256", NULL, "" },
		{ "master --dev eth0 --speed 1", "unknown option '--speed'",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_sync sync = { .id = 77 };
		struct ipvsctl_error err = { 0 };

		assert_int_equal(read_sync(cases[i].text, &sync, &err), -EINVAL);
		assert_failure(&err, &(struct failure){ -EINVAL, NULL,
							cases[i].message,
							cases[i].hint });
	}
}

static void test_odd_daemons_fail_the_check(void **state)
{
	struct ipvsctl_sync sync = given_sync("master --dev eth0");
	struct ipvsctl_error err = { 0 };

	(void)state;
	sync.id = 300;
	assert_int_equal(ipvsctl_sync_check(&sync, &err), -EINVAL);
	assert_failure(&err, &(struct failure){ -EINVAL, "master",
						"id 300 is above 255", "" });
	sync.id = 0;
	sync.group = (struct ipvsctl_address){ 2, { 10 } };
	assert_int_equal(ipvsctl_sync_check(&sync, NULL), -EINVAL);
	sync.role = 3;
	assert_int_equal(ipvsctl_sync_check(&sync, NULL), -EINVAL);
	assert_string_equal(ipvsctl_sync_role_name(3), "?");
}

/* The kernel fills in what it was not told: that is no difference. */
static void test_what_the_kernel_fills_in_is_equal(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		bool equal;
	} cases[] = {
		{ "master --dev eth0",
		  "master --dev eth0 --max-length 1472 --group 224.0.0.81 "
		  "--port 8848 --ttl 1",
		  true },
		{ "master --dev eth0", "backup --dev eth0", false },
		{ "master --dev eth0", "master --dev eth1", false },
		{ "master --dev eth0", "master --dev eth0 --id 1", false },
		{ "master --dev eth0", "master --dev eth0 --port 1", false },
		{ "master --dev eth0", "master --dev eth0 --ttl 2", false },
		{ "master --dev eth0", "master --dev eth0 --group ff02::1",
		  false },
		{ "master --dev eth0 --max-length 9",
		  "master --dev eth0 --max-length 8", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_sync a = given_sync(cases[i].a);
		struct ipvsctl_sync b = given_sync(cases[i].b);

		assert_int_equal(sync_equal(&a, &b), cases[i].equal);
		assert_int_equal(sync_equal(&b, &a), cases[i].equal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_survive_parse_and_format),
		cmocka_unit_test(test_bad_attributes_and_combinations),
		cmocka_unit_test(test_odd_daemons_fail_the_check),
		cmocka_unit_test(test_what_the_kernel_fills_in_is_equal),
	};

	return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
