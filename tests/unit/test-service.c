/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Services: identities, attributes, checks. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

#include "scope.h"

static void test_identities_survive_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		const char *canonical;
	} cases[] = {
		{ "tcp:192.0.2.1:443", "tcp:192.0.2.1:443" },
		{ "udp:[2001:DB8::1]:53", "udp:[2001:db8::1]:53" },
		{ "sctp:192.0.2.1:9899", "sctp:192.0.2.1:9899" },
		{ "tcp:192.0.2.1:0", "tcp:192.0.2.1:0" },
		{ "tcp:192.0.2.1:0x50", "tcp:192.0.2.1:80" },
		{ "sctp:[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535",
		  "sctp:[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
		{ "fwmark:1", "fwmark:1" },
		{ "fwmark:0xff", "fwmark:255" },
		{ "fwmark:4294967295", "fwmark:4294967295" },
		{ "fwmark:7/inet6", "fwmark:7/inet6" },
		{ "fwmark:7/inet", "fwmark:7" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service;
		struct ipvsctl_service again;
		char text[IPVSCTL_IDENTITY_TEXT];

		assert_int_equal(ipvsctl_service_parse(cases[i].text, &service,
						       NULL),
				 0);
		assert_string_equal(ipvsctl_service_format(&service, text),
				    cases[i].canonical);
		assert_int_equal(ipvsctl_service_parse(text, &again, NULL), 0);
		assert_int_equal(ipvsctl_service_compare(&service, &again), 0);
		assert_string_equal(service.scheduler, "wlc");
		assert_int_equal(service.netmask,
				 service.address.family == AF_INET6 ?
					 128 :
					 UINT32_MAX);
	}
}

static void test_what_is_no_identity(void **state)
{
	static const struct {
		const char *text;
		const char *message;
		const char *hint;
	} cases[] = {
		{ "192.0.2.1:80",
		  "'192.0.2.1:80' is not tcp:, udp: or sctp:ADDRESS:PORT nor "
		  "fwmark:MARK",
		  "tcp:192.0.2.1:80" },
		{ "2001:db8::1", NULL, "tcp:[2001:db8::1]:80" },
		{ "10.0.0.1", NULL, "tcp:10.0.0.1:80" },
		{ "[2001:db8::1]:53", NULL, "tcp:[2001:db8::1]:53" },
		{ "http:192.0.2.1:80", NULL, "tcp:192.0.2.1:80" },
		{ "TCP:192.0.2.1:80", NULL, "tcp:192.0.2.1:80" },
		{ "verylongprotocol:192.0.2.1:80", NULL, "tcp:192.0.2.1:80" },
		{ "", NULL, "tcp:192.0.2.1:80" },
		{ ":", NULL, "tcp:192.0.2.1:80" },
		{ "tcp", NULL, "tcp:192.0.2.1:80" },
		{ "tcp:192.0.2.1", "the port is missing", "tcp:192.0.2.1:80" },
		{ "tcp:2001:db8::1", "the port is missing",
		  "tcp:[2001:db8::1]:80" },
		{ "tcp:[2001:db8::1]", "the port is missing",
		  "tcp:[2001:db8::1]:80" },
		{ "tcp:", NULL, "" },
		{ "tcp:example.org:80",
		  "'example.org' is not an IPv4 or IPv6 address; names are not "
		  "resolved",
		  "" },
		{ "tcp:192.0.2.1:http",
		  "port 'http' is not a number from 0 to 65535", "" },
		{ "tcp:192.0.2.1:65536",
		  "port '65536' is not a number from 0 to 65535", "" },
		{ "fwmark:", "mark '' is not a number from 1 to 4294967295",
		  "" },
		{ "fwmark:0", "mark '0' is not a number from 1 to 4294967295",
		  "" },
		{ "fwmark:4294967296", NULL, "" },
		{ "fwmark:-1", NULL, "" },
		{ "fwmark:1/inet5", "'/inet5' is neither /inet nor /inet6", "" },
		{ "fwmark:00000000000000000001",
		  "'00000000000000000001' is not a mark", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service = { .port = 77 };
		struct ipvsctl_error err = { 0 };

		assert_int_equal(ipvsctl_service_parse(cases[i].text, &service,
						       &err),
				 -EINVAL);
		assert_failure(&err, &(struct failure){ -EINVAL, cases[i].text,
							cases[i].message,
							cases[i].hint });
		assert_int_equal(service.port, 77);
		assert_int_equal(ipvsctl_service_parse(cases[i].text, &service,
						       NULL),
				 -EINVAL);
	}
}

static void test_identities_are_ordered(void **state)
{
	static const char *const ordered[] = {
		"tcp:8.8.8.8:80",	"tcp:192.0.2.1:80",
		"tcp:192.0.2.1:443",	"udp:10.0.0.1:53",
		"sctp:10.0.0.1:1",	"tcp:[2001:db8::1]:80",
		"udp:[2001:db8::1]:80", "fwmark:1",
		"fwmark:4294967295",	"fwmark:1/inet6",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ordered); i++)
		for (size_t j = 0; j < ARRAY_SIZE(ordered); j++) {
			struct ipvsctl_service a;
			struct ipvsctl_service b;

			assert_int_equal(ipvsctl_service_parse(ordered[i], &a,
							       NULL),
					 0);
			assert_int_equal(ipvsctl_service_parse(ordered[j], &b,
							       NULL),
					 0);
			int r = ipvsctl_service_compare(&a, &b);
			assert_int_equal((r > 0) - (r < 0), (i > j) - (i < j));
		}
}

static void test_lines_survive_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		const char *line;
	} cases[] = {
		{ "tcp:192.0.2.1:80", "tcp:192.0.2.1:80 --scheduler wlc" },
		{ "fwmark:1 --scheduler rr", "fwmark:1 --scheduler rr" },
		{ "udp:192.0.2.1:53 --one-packet --scheduler wrr",
		  "udp:192.0.2.1:53 --scheduler wrr --one-packet" },
		{ "udp:192.0.2.1:53 --one-packet --no-one-packet",
		  "udp:192.0.2.1:53 --scheduler wlc" },
		{ "tcp:192.0.2.1:80 --persistent 300 --netmask 24",
		  "tcp:192.0.2.1:80 --scheduler wlc --persistent 300 "
		  "--netmask 24" },
		{ "tcp:192.0.2.1:80 --netmask 255.255.0.0 --persistent 300",
		  "tcp:192.0.2.1:80 --scheduler wlc --persistent 300 "
		  "--netmask 16" },
		{ "tcp:192.0.2.1:80 --netmask 255.255.255.255",
		  "tcp:192.0.2.1:80 --scheduler wlc" },
		{ "tcp:192.0.2.1:0 --persistent 2678400",
		  "tcp:192.0.2.1:0 --scheduler wlc --persistent 2678400" },
		{ "tcp:[2001:db8::1]:80 --persistent 1 --netmask 64",
		  "tcp:[2001:db8::1]:80 --scheduler wlc --persistent 1 "
		  "--netmask 64" },
		{ "fwmark:1/inet6 --persistent 1 --netmask 128",
		  "fwmark:1/inet6 --scheduler wlc --persistent 1" },
		{ "tcp:192.0.2.1:80 --sched-flags sh-fallback,sh-port "
		  "--scheduler sh",
		  "tcp:192.0.2.1:80 --scheduler sh --sched-flags "
		  "sh-port,sh-fallback" },
		{ "tcp:192.0.2.1:80 --scheduler mh --sched-flags mh-port",
		  "tcp:192.0.2.1:80 --scheduler mh --sched-flags mh-port" },
		{ "tcp:192.0.2.1:80 --scheduler mh --sched-flags sh-port",
		  "tcp:192.0.2.1:80 --scheduler mh --sched-flags mh-port" },
		{ "tcp:192.0.2.1:80 --scheduler mh --sched-flags flag-1,flag-3",
		  "tcp:192.0.2.1:80 --scheduler mh --sched-flags "
		  "mh-fallback,flag-3" },
		{ "tcp:192.0.2.1:80 --scheduler own --sched-flags "
		  "flag-3,flag-2,flag-1",
		  "tcp:192.0.2.1:80 --scheduler own --sched-flags "
		  "flag-1,flag-2,flag-3" },
		{ "tcp:192.0.2.1:80 --scheduler sh --sched-flags sh-port "
		  "--sched-flags none",
		  "tcp:192.0.2.1:80 --scheduler sh" },
		{ "udp:192.0.2.1:5060 --persistent 60 --pe sip",
		  "udp:192.0.2.1:5060 --scheduler wlc --persistent 60 "
		  "--pe sip" },
		{ "udp:192.0.2.1:5060 --pe sip --pe none",
		  "udp:192.0.2.1:5060 --scheduler wlc" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service = given_service(cases[i].text);
		char *line = NULL;
		char *again = NULL;

		assert_int_equal(ipvsctl_service_line(&service, &line, NULL), 0);
		assert_memory_equal(line, "svc add ", 8);
		assert_string_equal(line + 8, cases[i].line);
		service = given_service(line + 8);
		assert_int_equal(ipvsctl_service_line(&service, &again, NULL),
				 0);
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
		{ "tcp:192.0.2.1:80 --speed 9", "unknown option '--speed'", "" },
		{ "tcp:192.0.2.1:80 --scheduler",
		  "--scheduler needs a value: NAME", "" },
		{ "tcp:192.0.2.1:80 --scheduler ''", "scheduler name is empty",
		  "" },
		{ "tcp:192.0.2.1:80 --scheduler sixteen-letters-",
		  "scheduler name is longer than 15 bytes", "" },
		{ "tcp:192.0.2.1:80 --scheduler r/r",
		  "scheduler name 'r/r' contains an invalid character", "" },
		{ "tcp:192.0.2.1:80 --persistent -1",
		  "persistence '-1' is not a number from 0 to 2678400", "" },
		{ "tcp:192.0.2.1:80 --persistent 2678401", NULL, "" },
		{ "tcp:192.0.2.1:80 --netmask 0",
		  "netmask '0' is not a number from 1 to 32", "" },
		{ "tcp:192.0.2.1:80 --netmask 33", NULL, "" },
		{ "tcp:192.0.2.1:80 --netmask 255.0.255.0",
		  "netmask '255.0.255.0' is not ones followed by zeros", "" },
		{ "tcp:192.0.2.1:80 --netmask 0.0.0.0", NULL, "" },
		{ "tcp:192.0.2.1:80 --netmask 255.255", NULL, "" },
		{ "tcp:[::1]:80 --netmask 129",
		  "netmask '129' is not a number from 1 to 128", "" },
		{ "tcp:[::1]:80 --netmask 255.0.0.0", NULL, "" },
		{ "tcp:192.0.2.1:80 --netmask 24",
		  "a netmask means nothing without persistence",
		  "--persistent 300, or --netmask 32" },
		{ "tcp:[2001:db8::1]:80 --netmask 64", NULL,
		  "--persistent 300, or --netmask 128" },
		{ "tcp:192.0.2.1:80 --pe seventeen-letters",
		  "persistence engine's name is longer than 16 bytes", "" },
		{ "tcp:192.0.2.1:80 --sched-flags sticky",
		  "scheduler flag 'sticky' is none of sh-port, sh-fallback, "
		  "mh-port, mh-fallback, flag-1, flag-2, flag-3, none",
		  "" },
		{ "tcp:192.0.2.1:80 --sched-flags sh-port,", NULL, "" },
		{ "tcp:192.0.2.1:80 --sched-flags sh-port --scheduler rr",
		  "scheduler rr has no flags",
		  "--scheduler sh, or --sched-flags none" },
		{ "tcp:192.0.2.1:80 --sched-flags flag-1",
		  "scheduler wlc has no flags",
		  "--scheduler sh, or --sched-flags none" },
		{ "tcp:192.0.2.1:80 --one-packet",
		  "one-packet scheduling is for udp and fwmark only",
		  "--no-one-packet" },
		{ "sctp:192.0.2.1:80 --one-packet", NULL, NULL },
		{ "tcp:192.0.2.1:0",
		  "port 0, which means every port, needs persistence",
		  "--persistent 300" },
		{ "tcp:0.0.0.0:80", "the VIP is not a unicast address", "" },
		{ "tcp:255.255.255.255:80", NULL, "" },
		{ "tcp:224.0.0.1:80", NULL, "" },
		{ "tcp:239.255.255.255:80", NULL, "" },
		{ "tcp:[::]:80", NULL, "" },
		{ "tcp:[ff02::1]:80", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service;
		struct ipvsctl_error err = { 0 };

		assert_int_equal(read_service(cases[i].text, &service, &err),
				 -EINVAL);
		assert_failure(&err, &(struct failure){ -EINVAL, NULL,
							cases[i].message,
							cases[i].hint });
		assert_int_equal(read_service(cases[i].text, &service, NULL),
				 -EINVAL);
	}
}

static void test_a_flag_takes_no_value(void **state)
{
	struct ipvsctl_service service = given_service("udp:192.0.2.1:53");
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(ipvsctl_service_set(&service, "one-packet", "yes",
					     &err),
			 -EINVAL);
	assert_string_equal(err.message, "--one-packet takes no value");
	assert_int_equal(service.flags, 0);
}

static void test_a_failed_set_changes_nothing(void **state)
{
	static const struct {
		const char *name;
		const char *value;
	} cases[] = {
		{ "scheduler", "not a name" },
		{ "sched-flags", "sh-port,x" },
		{ "persistent", "300 seconds" },
		{ "netmask", "255.0.255.0" },
		{ "pe", "" },
	};
	struct ipvsctl_service service = given_service(
		"tcp:192.0.2.1:80 --scheduler mh --sched-flags mh-port "
		"--persistent 5 --netmask 24 --pe sip");
	struct ipvsctl_service before = service;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(ipvsctl_service_set(&service, cases[i].name,
						     cases[i].value, NULL),
				 -EINVAL);
		assert_memory_equal(&service, &before, sizeof(service));
	}
}

/* What the kernel may hold, but nobody may ask for. */
static void test_odd_services_of_the_kernel_are_shown(void **state)
{
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	char text[64];

	(void)state;
	service.netmask = 0xff00ff00;
	assert_string_equal(ipvsctl_netmask_format(&service, text),
			    "255.0.255.0");
	service.netmask = 0;
	assert_string_equal(ipvsctl_netmask_format(&service, text), "0.0.0.0");
	service.netmask = 0xffffff00;
	assert_string_equal(ipvsctl_netmask_format(&service, text), "24");
	service.flags = 0xffffffff;
	assert_string_equal(ipvsctl_scheduler_flags_format(&service, text),
			    "flag-1,flag-2,flag-3");
	service.protocol = 200;
	assert_string_equal(ipvsctl_service_format(&service, text),
			    "?:192.0.2.1:80");
	assert_int_equal(ipvsctl_service_check(&service, NULL), -EINVAL);
	service = (struct ipvsctl_service){ 0 };
	assert_int_equal(ipvsctl_service_check(&service, NULL), -EINVAL);
	service = given_service("fwmark:1");
	service.scheduler[0] = '\0';
	assert_int_equal(ipvsctl_service_check(&service, NULL), -EINVAL);
	service = given_service("fwmark:1");
	service.persistence_seconds = UINT32_MAX;
	assert_int_equal(ipvsctl_service_check(&service, NULL), -EINVAL);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ipvsctl_protocol_name(IPPROTO_TCP), "tcp");
	assert_string_equal(ipvsctl_protocol_name(IPPROTO_UDP), "udp");
	assert_string_equal(ipvsctl_protocol_name(IPPROTO_SCTP), "sctp");
	assert_string_equal(ipvsctl_protocol_name(0), "fwmark");
	assert_string_equal(ipvsctl_protocol_name(200), "?");
}

static void test_the_table_describes_every_attribute(void **state)
{
	const struct ipvsctl_attribute *tables[] = {
		ipvsctl_service_attributes(), ipvsctl_server_attributes(),
		ipvsctl_mark_attributes(), ipvsctl_sync_attributes()
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const struct ipvsctl_attribute *at = tables[i];

		assert_non_null(at->name);
		for (; at->name; at++) {
			assert_non_null(at->summary);
			assert_true(strlen(at->summary) > 5);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identities_survive_parse_and_format),
		cmocka_unit_test(test_what_is_no_identity),
		cmocka_unit_test(test_identities_are_ordered),
		cmocka_unit_test(test_lines_survive_parse_and_format),
		cmocka_unit_test(test_bad_attributes_and_combinations),
		cmocka_unit_test(test_a_flag_takes_no_value),
		cmocka_unit_test(test_a_failed_set_changes_nothing),
		cmocka_unit_test(test_odd_services_of_the_kernel_are_shown),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_the_table_describes_every_attribute),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
