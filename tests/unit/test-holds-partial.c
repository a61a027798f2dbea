/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds of services and servers that were not loaded. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

#include "model/config.h"
#include "model/holds.h"

static const char full_text[] =
	"lbctl-holds 1\n"
	"tcp:192.0.2.1:80 10.0.0.1:80 5 admin,check:web\n"
	"fwmark:1/inet6 [2001:db8::1]:0 7 check:web\n";

/* One service was loaded: the holds of the others must not be lost. */
static void test_a_partial_configuration_keeps_foreign_holds(void **state)
{
	static const char *const one[] = {
		"service fwmark:1/inet6",
		"server fwmark:1/inet6 2001:db8::1 --weight 0", NULL
	};
	struct ipvsctl_config *config = given_config(one);
	struct ipvsctl_config *copy = NULL;
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	char *text = NULL;

	(void)state;
	config->partial = true;
	assert_int_equal(holds_parse(config, full_text, strlen(full_text), NULL,
				     NULL),
			 0);
	assert_int_equal(ipvsctl_config_copy(config, &copy, NULL), 0);
	assert_int_equal(holds_format(copy, &text), 0);
	assert_string_equal(text,
			    "lbctl-holds 1\n"
			    "fwmark:1/inet6 [2001:db8::1]:0 7 check:web\n"
			    "tcp:192.0.2.1:80 10.0.0.1:80 5 admin,check:web\n");
	free(text);
	/* A service made anew has servers that nobody holds. */
	assert_int_equal(ipvsctl_config_add_service(copy, &service, NULL), 0);
	assert_int_equal(ipvsctl_config_add_server(copy, &service, &server,
						   NULL),
			 0);
	assert_null(ipvsctl_config_next_reason(copy, &service, &server, NULL));
	assert_int_equal(copy->holds.count, 1);
	assert_int_equal(holds_format(copy, &text), 0);
	assert_string_equal(text,
			    "lbctl-holds 1\n"
			    "fwmark:1/inet6 [2001:db8::1]:0 7 check:web\n");
	free(text);
	ipvsctl_config_free(copy);
	ipvsctl_config_free(config);
}

/* What a killed change has left of a service that is not looked at: which line is
   true is for whoever looks. */
static void test_lines_of_other_services_stay_as_they_are(void **state)
{
	static const char text[] =
		"lbctl-holds 1\n"
		"tcp:192.0.2.1:80 10.0.0.1:80 3 w=55\n"
		"tcp:192.0.2.1:80 10.0.0.1:80 3 w=60\n"
		"tcp:192.0.2.1:81 10.0.0.1:81 5 admin\n"
		"tcp:192.0.2.1:81 10.0.0.1:81 5 admin,check:a removed --forward "
		"dr --weight 5\n";
	static const char *const one[] = { "service fwmark:1/inet6", NULL };
	struct ipvsctl_config *config = given_config(one);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:81");
	size_t skipped = 0;
	char *again = NULL;

	(void)state;
	config->partial = true;
	assert_int_equal(holds_parse(config, text, strlen(text), &skipped, NULL),
			 0);
	assert_int_equal(skipped, 0);
	assert_int_equal(config->holds.count, 0);
	assert_int_equal(holds_format_both(config, config, &again), 0);
	assert_string_equal(again, text);
	free(again);
	hold_table_drop_others(&config->holds, &service);
	assert_int_equal(holds_format(config, &again), 0);
	assert_string_equal(again, "lbctl-holds 1\n"
				   "tcp:192.0.2.1:80 10.0.0.1:80 3 w=55\n"
				   "tcp:192.0.2.1:80 10.0.0.1:80 3 w=60\n");
	free(again);
	service.port = 80;
	hold_table_drop_others(&config->holds, &service);
	assert_null(config->holds.others);
	ipvsctl_config_free(config);
}

/* One server of a pool was loaded: lines about the others stay, in whatever form. */
static void test_lines_of_other_servers_stay_as_they_are(void **state)
{
	static const char text[] =
		"lbctl-holds 1\n"
		"tcp:192.0.2.1:80 10.0.0.1:80 5 admin\n"
		"tcp:192.0.2.1:80 10.0.0.2:80 3 w=55\n"
		"aside tcp:192.0.2.1:80 10.0.0.3:80 4 admin\n"
		"tcp:192.0.2.1:80 10.0.0.4:80 5 check:a removed --forward dr "
		"--weight 5\n";
	static const char *const one[] = {
		"service tcp:192.0.2.1:80",
		"server tcp:192.0.2.1:80 10.0.0.1 --weight 0", NULL
	};
	struct ipvsctl_config *config = given_config(one);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	char *again = NULL;

	(void)state;
	config->partial = config->has_named = true;
	assert_int_equal(table_add_server(&config->named, &server), 0);
	assert_int_equal(holds_parse(config, text, strlen(text), NULL, NULL), 0);
	assert_false(config->holds.stale);
	assert_int_equal(config->holds.count, 1);
	assert_int_equal(ipvsctl_config_count_servers(config, &service), 1);
	assert_int_equal(holds_format(config, &again), 0);
	assert_string_equal(again, text);
	free(again);
	assert_int_equal(ipvsctl_config_release(config, &service, &server,
						"admin", NULL),
			 0);
	assert_int_equal(holds_format(config, &again), 0);
	assert_null(strstr(again, "10.0.0.1"));
	assert_non_null(strstr(again, strchr(text, '\n') + 1 +
					      strlen("tcp:192.0.2.1:80 "
						     "10.0.0.1:80 5 admin\n")));
	free(again);
	ipvsctl_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_partial_configuration_keeps_foreign_holds),
		cmocka_unit_test(test_lines_of_other_services_stay_as_they_are),
		cmocka_unit_test(test_lines_of_other_servers_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
