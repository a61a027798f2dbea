/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers: identities, attributes, checks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

#include "scope.h"

static void test_a_port_left_out_is_the_services(void **state)
{
	static const struct {
		const char *service;
		const char *text;
		const char *canonical;
	} cases[] = {
		{ "tcp:192.0.2.1:443", "10.0.0.1", "10.0.0.1:443" },
		{ "tcp:192.0.2.1:443", "10.0.0.1:8080", "10.0.0.1:8080" },
		{ "tcp:192.0.2.1:443", "2001:db8::5", "[2001:db8::5]:443" },
		{ "tcp:192.0.2.1:443", "[2001:db8::5]", "[2001:db8::5]:443" },
		{ "tcp:192.0.2.1:443", "[2001:db8::5]:1", "[2001:db8::5]:1" },
		{ "fwmark:7", "10.0.0.1", "10.0.0.1" },
		{ "fwmark:7", "10.0.0.1:80", "10.0.0.1:80" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service;
		struct ipvsctl_server server;
		struct ipvsctl_server again;
		char text[IPVSCTL_IDENTITY_TEXT];

		assert_int_equal(ipvsctl_service_parse(cases[i].service,
						       &service, NULL),
				 0);
		assert_int_equal(ipvsctl_server_parse(cases[i].text, &service,
						      &server, NULL),
				 0);
		assert_string_equal(ipvsctl_server_format(&server, text),
				    cases[i].canonical);
		assert_int_equal(ipvsctl_server_parse(text, &service, &again,
						      NULL),
				 0);
		assert_int_equal(ipvsctl_server_compare(&server, &again), 0);
		assert_int_equal(server.forward, IPVSCTL_FORWARD_DR);
		assert_int_equal(server.weight, 1);
	}
}

static void test_what_is_no_identity(void **state)
{
	static const char *const cases[] = {
		"",	      "web1",	      "10.0.0.1:",
		"10.0.0.1:x", "[10.0.0.1]:1", "10.0.0.1:65536",
		"10.0.0.256"
	};
	struct ipvsctl_service service;

	(void)state;
	assert_int_equal(ipvsctl_service_parse("tcp:192.0.2.1:80", &service,
					       NULL),
			 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_server server = { .port = 77 };
		struct ipvsctl_error err = { 0 };

		assert_int_equal(ipvsctl_server_parse(cases[i], &service,
						      &server, &err),
				 -EINVAL);
		assert_failure(&err, &(struct failure){ -EINVAL, cases[i], NULL,
							"" });
		assert_int_equal(server.port, 77);
	}
}

static void test_identities_are_ordered(void **state)
{
	static const char *const ordered[] = { "8.8.8.8:80", "192.0.2.1:80",
					       "192.0.2.1:443", "[::1]:1" };
	struct ipvsctl_service service;

	(void)state;
	assert_int_equal(ipvsctl_service_parse("tcp:192.0.2.1:80", &service,
					       NULL),
			 0);
	for (size_t i = 0; i < ARRAY_SIZE(ordered); i++)
		for (size_t j = 0; j < ARRAY_SIZE(ordered); j++) {
			struct ipvsctl_server a;
			struct ipvsctl_server b;

			assert_int_equal(ipvsctl_server_parse(ordered[i],
							      &service, &a,
							      NULL),
					 0);
			assert_int_equal(ipvsctl_server_parse(ordered[j],
							      &service, &b,
							      NULL),
					 0);
			int r = ipvsctl_server_compare(&a, &b);
			assert_int_equal((r > 0) - (r < 0), (i > j) - (i < j));
		}
}

static void test_lines_survive_parse_and_format(void **state)
{
	static const struct {
		const char *service;
		const char *text;
		const char *line;
	} cases[] = {
		{ "fwmark:1", "10.10.20.11 --forward nat",
		  "10.10.20.11 --forward nat --weight 1" },
		{ "fwmark:1", "10.10.20.11:80 --forward nat",
		  "10.10.20.11:80 --forward nat --weight 1" },
		{ "tcp:192.0.2.1:80", "10.0.0.1:80 --weight 0",
		  "10.0.0.1 --forward dr --weight 0" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1:8080 --weight 2147483647 --forward nat",
		  "10.0.0.1:8080 --forward nat --weight 2147483647" },
		{ "tcp:[2001:db8::1]:80", "[2001:db8::5]:80",
		  "2001:db8::5 --forward dr --weight 1" },
		{ "tcp:[2001:db8::1]:80", "[2001:db8::5]:81 --forward nat",
		  "[2001:db8::5]:81 --forward nat --weight 1" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --lower-threshold 5 --upper-threshold 10",
		  "10.0.0.1 --forward dr --weight 1 --upper-threshold 10 "
		  "--lower-threshold 5" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --forward tun",
		  "10.0.0.1 --forward tun --weight 1" },
		{ "tcp:192.0.2.1:80",
		  "2001:db8::5 --tunnel-port 6080 --tunnel gue "
		  "--tunnel-checksum remote --forward tun",
		  "2001:db8::5 --forward tun --weight 1 --tunnel gue "
		  "--tunnel-port 6080 --tunnel-checksum remote" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --forward tun --tunnel gre --tunnel-checksum full",
		  "10.0.0.1 --forward tun --weight 1 --tunnel gre "
		  "--tunnel-checksum full" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --forward tun --tunnel gue --tunnel-port 5 "
		  "--tunnel ipip --tunnel-port 0",
		  "10.0.0.1 --forward tun --weight 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service;
		struct ipvsctl_server server =
			given_server(cases[i].service, cases[i].text);
		char *line = NULL;
		char *again = NULL;

		assert_int_equal(ipvsctl_service_parse(cases[i].service,
						       &service, NULL),
				 0);
		assert_int_equal(ipvsctl_server_line(&service, &server, &line,
						     NULL),
				 0);
		size_t skip =
			strlen("svc add-server  ") + strlen(cases[i].service);
		assert_string_equal(line + skip, cases[i].line);
		server = given_server(cases[i].service, line + skip);
		assert_int_equal(ipvsctl_server_line(&service, &server, &again,
						     NULL),
				 0);
		assert_string_equal(again, line);
		free(line);
		free(again);
	}
}

static void test_bad_attributes_and_combinations(void **state)
{
	static const struct {
		const char *service;
		const char *text;
		const char *message;
		const char *hint;
	} cases[] = {
		{ "tcp:192.0.2.1:80", "10.0.0.1 --forward masq",
		  "forwarding 'masq' is none of dr, nat, tun", "" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --forward local", NULL, "" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --weight 2147483648",
		  "weight '2147483648' is not a number from 0 to 2147483647",
		  "" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --weight -1", NULL, "" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --upper-threshold x",
		  "upper threshold 'x' is not a number from 0 to 2147483647",
		  "" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --upper-threshold 5 --lower-threshold 6",
		  "the lower threshold, 6, is above the upper one, 5",
		  "--upper-threshold 6" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --lower-threshold 6",
		  "the lower threshold, 6, is above the upper one, 0",
		  "--upper-threshold 6" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --tunnel vxlan",
		  "tunnel type 'vxlan' is none of ipip, gue, gre", "" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --tunnel gre",
		  "tunnel options need --forward tun",
		  "--forward tun, or --tunnel ipip --tunnel-port 0 "
		  "--tunnel-checksum none" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --forward nat --tunnel-port 5",
		  "tunnel options need --forward tun", NULL },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --forward nat --tunnel-checksum full",
		  "tunnel options need --forward tun", NULL },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --forward tun --tunnel gue",
		  "a gue tunnel needs a port", "--tunnel-port 6080" },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --forward tun --tunnel-port 5",
		  "a tunnel of type ipip has no port",
		  "--tunnel gue, or --tunnel-port 0" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --forward tun --tunnel gre --tunnel-port 5",
		  "a tunnel of type gre has no port", NULL },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --tunnel-port 65536", NULL, "" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --forward tun --tunnel-checksum full",
		  "a tunnel of type ipip cannot have checksum full",
		  "--tunnel gue, or --tunnel-checksum none" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --forward tun --tunnel gre "
		  "--tunnel-checksum remote",
		  "a tunnel of type gre cannot have checksum remote", NULL },
		{ "tcp:192.0.2.1:80", "10.0.0.1 --tunnel-checksum some",
		  "tunnel checksum 'some' is none of none, full, remote", "" },
		{ "tcp:192.0.2.1:80", "10.0.0.1:8080",
		  "direct routing cannot rewrite port 80 to 8080",
		  "--forward nat, or leave the port out" },
		{ "tcp:192.0.2.1:80", "10.0.0.1:0 --forward tun",
		  "a tunnel cannot rewrite port 80 to 0", NULL },
		{ "fwmark:1", "10.0.0.1:80",
		  "direct routing cannot rewrite ports: a port under a "
		  "firewall mark needs nat",
		  "--forward nat, or leave the port out" },
		{ "fwmark:1", "10.0.0.1:80 --forward tun", NULL, NULL },
		{ "tcp:192.0.2.1:80", "2001:db8::1",
		  "service and server are of different address families, which "
		  "only a tunnel can join",
		  "--forward tun" },
		{ "fwmark:1/inet6", "10.0.0.1 --forward nat", NULL,
		  "--forward tun" },
		{ "tcp:192.0.2.1:80", "0.0.0.0",
		  "the server's address is not unicast", "" },
		{ "tcp:192.0.2.1:80", "224.0.0.1", NULL, "" },
		{ "tcp:192.0.2.1:80", "255.255.255.255", NULL, "" },
		{ "tcp:[2001:db8::1]:80", "ff02::1", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service;
		struct ipvsctl_server server;
		struct ipvsctl_error err = { 0 };

		assert_int_equal(ipvsctl_service_parse(cases[i].service,
						       &service, NULL),
				 0);
		assert_int_equal(read_server(&service, cases[i].text, &server,
					     &err),
				 -EINVAL);
		assert_failure(&err, &(struct failure){ -EINVAL, NULL,
							cases[i].message,
							cases[i].hint });
		assert_int_equal(read_server(&service, cases[i].text, &server,
					     NULL),
				 -EINVAL);
	}
}

static void test_a_failed_set_changes_nothing(void **state)
{
	static const char *const names[] = {
		"forward", "weight",	  "upper-threshold", "lower-threshold",
		"tunnel",  "tunnel-port", "tunnel-checksum"
	};
	struct ipvsctl_server server =
		given_server("fwmark:1",
			     "10.0.0.1 --forward tun --weight 3 "
			     "--upper-threshold 9 --lower-threshold 8 "
			     "--tunnel gue --tunnel-port 5 "
			     "--tunnel-checksum full");
	struct ipvsctl_server before = server;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(ipvsctl_server_set(&server, names[i], "bad",
						    NULL),
				 -EINVAL);
		assert_memory_equal(&server, &before, sizeof(server));
	}
}

/* What others made must not stand in the way of a change to it. */
static void test_forwarding_that_is_only_read_passes_the_check(void **state)
{
	struct ipvsctl_service service;
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");

	(void)state;
	assert_int_equal(ipvsctl_service_parse("tcp:192.0.2.1:80", &service,
					       NULL),
			 0);
	server.port = 8080;
	server.forward = IPVSCTL_FORWARD_LOCAL;
	assert_int_equal(ipvsctl_server_check(&service, &server, NULL), 0);
	server.forward = IPVSCTL_FORWARD_BYPASS;
	assert_int_equal(ipvsctl_server_check(&service, &server, NULL), 0);
	server.forward = 7;
	assert_int_equal(ipvsctl_server_check(&service, &server, NULL), -EINVAL);
	server.forward = IPVSCTL_FORWARD_NAT;
	server.weight = UINT32_MAX;
	assert_int_equal(ipvsctl_server_check(&service, &server, NULL), -EINVAL);
	server = given_server("tcp:192.0.2.1:80", "10.0.0.1 --forward tun");
	server.tunnel = 9;
	assert_int_equal(ipvsctl_server_check(&service, &server, NULL), -EINVAL);
}

static void test_a_held_server_weighs_nothing(void **state)
{
	struct ipvsctl_server server = { .weight = 5 };

	(void)state;
	assert_int_equal(ipvsctl_server_effective_weight(&server), 5);
	server.held = true;
	assert_int_equal(ipvsctl_server_effective_weight(&server), 0);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ipvsctl_forward_name(IPVSCTL_FORWARD_NAT), "nat");
	assert_string_equal(ipvsctl_forward_name(IPVSCTL_FORWARD_LOCAL),
			    "local");
	assert_string_equal(ipvsctl_forward_name(IPVSCTL_FORWARD_TUN), "tun");
	assert_string_equal(ipvsctl_forward_name(IPVSCTL_FORWARD_DR), "dr");
	assert_string_equal(ipvsctl_forward_name(IPVSCTL_FORWARD_BYPASS),
			    "bypass");
	assert_string_equal(ipvsctl_forward_name(5), "?");
	assert_string_equal(ipvsctl_tunnel_name(IPVSCTL_TUNNEL_GRE), "gre");
	assert_string_equal(ipvsctl_tunnel_name(3), "?");
	assert_string_equal(ipvsctl_tunnel_checksum_name(2), "remote");
	assert_string_equal(ipvsctl_tunnel_checksum_name(3), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_port_left_out_is_the_services),
		cmocka_unit_test(test_what_is_no_identity),
		cmocka_unit_test(test_identities_are_ordered),
		cmocka_unit_test(test_lines_survive_parse_and_format),
		cmocka_unit_test(test_bad_attributes_and_combinations),
		cmocka_unit_test(test_a_failed_set_changes_nothing),
		cmocka_unit_test(
			test_forwarding_that_is_only_read_passes_the_check),
		cmocka_unit_test(test_a_held_server_weighs_nothing),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
