/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Addresses, endpoints, networks, numbers, ports. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "given.h"

#include "model/address.h"
#include "number.h"

static void test_addresses_survive_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		const char *canonical;
	} cases[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "2001:DB8:0:0::1", "2001:db8::1" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	char text[IPVSCTL_ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_address address;
		struct ipvsctl_address again;

		assert_int_equal(ipvsctl_address_parse(cases[i].text, &address,
						       NULL),
				 0);
		assert_string_equal(ipvsctl_address_format(&address, text),
				    cases[i].canonical);
		assert_int_equal(ipvsctl_address_parse(text, &again, NULL), 0);
		assert_int_equal(ipvsctl_address_compare(&address, &again), 0);
	}
	assert_string_equal(
		ipvsctl_address_format(&(struct ipvsctl_address){ 0 }, text),
		"any");
}

static void test_names_and_odd_spellings_are_no_addresses(void **state)
{
	static const char *const cases[] = {
		"",
		"localhost",
		"10.1",
		"010.0.0.1",
		"192.0.2.256",
		"192.0.2.1 ",
		" 192.0.2.1",
		"0x7f.0.0.1",
		"fe80::1%eth0",
		"2001:db8:::1",
		"1:2:3",
		"192.0.2.1.5",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_address address = { .family = 77 };
		struct ipvsctl_error err = { 0 };
		char message[256];

		(void)snprintf(message, sizeof(message),
			       "'%s' is not an IPv4 or IPv6 address; names are "
			       "not resolved",
			       cases[i]);
		assert_int_equal(ipvsctl_address_parse(cases[i], &address, &err),
				 -EINVAL);
		assert_failure(&err,
			       &(struct failure){ -EINVAL, "", message, "" });
		assert_int_equal(address.family, 77);
	}
}

static void test_addresses_order_by_family_then_bytes(void **state)
{
	static const char *const ordered[] = { "1.2.3.4", "8.8.8.8",
					       "192.0.2.1", "::1",
					       "2001:db8::" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ordered); i++)
		for (size_t j = 0; j < ARRAY_SIZE(ordered); j++) {
			struct ipvsctl_address a;
			struct ipvsctl_address b;

			assert_int_equal(ipvsctl_address_parse(ordered[i], &a,
							       NULL),
					 0);
			assert_int_equal(ipvsctl_address_parse(ordered[j], &b,
							       NULL),
					 0);
			int r = ipvsctl_address_compare(&a, &b);
			assert_int_equal((r > 0) - (r < 0), (i > j) - (i < j));
		}
}

static void test_endpoints(void **state)
{
	static const struct {
		const char *text;
		bool has_port;
		const char *canonical; /* NULL: refused */
	} cases[] = {
		{ "10.0.0.1", false, "10.0.0.1:0" },
		{ "10.0.0.1:0", true, "10.0.0.1:0" },
		{ "10.0.0.1:65535", true, "10.0.0.1:65535" },
		{ "10.0.0.1:0x50", true, "10.0.0.1:80" },
		{ "2001:db8::1", false, "[2001:db8::1]:0" },
		{ "[2001:db8::1]", false, "[2001:db8::1]:0" },
		{ "[2001:db8::1]:80", true, "[2001:db8::1]:80" },
		{ "10.0.0.1:", false, NULL },
		{ "10.0.0.1:65536", false, NULL },
		{ "10.0.0.1:http", false, NULL },
		{ "10.0.0.1:+1", false, NULL },
		{ "10.0.0.1: 1", false, NULL },
		{ "[10.0.0.1]:80", false, NULL },
		{ "[10.0.0.1]", false, NULL },
		{ "[2001:db8::1]80", false, NULL },
		{ "[2001:db8::1]:", false, NULL },
		{ "[2001:db8::1", false, NULL },
		{ "[]", false, NULL },
		{ "[]:1", false, NULL },
		{ "", false, NULL },
		{ ":80", false, NULL },
		{ "0000000000000000000000000000000000000000000000001:1", false,
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_address address = { 0 };
		bool has_port = false;
		uint16_t port = 0;
		struct ipvsctl_error err = { 0 };
		char text[IPVSCTL_IDENTITY_TEXT];
		int r = endpoint_parse(cases[i].text, &address, &has_port,
				       &port, &err);

		assert_int_equal(r, cases[i].canonical ? 0 : -EINVAL);
		assert_int_equal(err.code, r);
		if (r)
			continue;
		assert_int_equal(has_port, cases[i].has_port);
		endpoint_format(&address, port, text);
		assert_string_equal(text, cases[i].canonical);
	}
}

static void test_networks(void **state)
{
	static const struct {
		const char *text;
		const char *canonical; /* NULL: refused */
		const char *hint;
	} cases[] = {
		{ "any", "any", NULL },
		{ "10.0.0.0/8", "10.0.0.0/8", NULL },
		{ "10.0.0.1", "10.0.0.1", NULL },
		{ "10.0.0.1/32", "10.0.0.1", NULL },
		{ "0.0.0.0/0", "0.0.0.0/0", NULL },
		{ "172.16.0.0/12", "172.16.0.0/12", NULL },
		{ "2001:db8::/32", "2001:db8::/32", NULL },
		{ "2001:db8::1/128", "2001:db8::1", NULL },
		{ "::/0", "::/0", NULL },
		{ "10.0.0.1/8", NULL, "10.0.0.0/8" },
		{ "172.31.0.0/12", NULL, "172.16.0.0/12" },
		{ "2001:db8::1/33", NULL, "2001:db8::/33" },
		{ "10.0.0.0/33", NULL, "" },
		{ "::/129", NULL, "" },
		{ "10.0.0.0/", NULL, "" },
		{ "10.0.0.0/255.0.0.0", NULL, "" },
		{ "/8", NULL, "" },
		{ "everywhere", NULL, "" },
		{ "00000000000000000000000000000000000000000000000000/8", NULL,
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct network network = { 0 };
		struct network again = { 0 };
		struct ipvsctl_error err = { 0 };
		char text[IPVSCTL_IDENTITY_TEXT];
		int r = network_parse(cases[i].text, &network, &err);

		assert_int_equal(r, cases[i].canonical ? 0 : -EINVAL);
		if (r) {
			assert_string_equal(err.hint, cases[i].hint);
			continue;
		}
		network_format(&network, text);
		assert_string_equal(text, cases[i].canonical);
		assert_int_equal(network_parse(text, &again, NULL), 0);
		assert_memory_equal(&network, &again, sizeof(network));
	}
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint32_t min;
		uint32_t max;
		bool good;
		uint32_t number;
	} cases[] = {
		{ "0", 0, 9, true, 0 },
		{ "9", 0, 9, true, 9 },
		{ "10", 0, 9, false, 0 },
		{ "0", 1, 9, false, 0 },
		{ "0x0", 0, 9, true, 0 },
		{ "0xFf", 0, 255, true, 255 },
		{ "0Xff", 0, 255, true, 255 },
		{ "4294967295", 0, UINT32_MAX, true, UINT32_MAX },
		{ "4294967296", 0, UINT32_MAX, false, 0 },
		{ "0xffffffff", 0, UINT32_MAX, true, UINT32_MAX },
		{ "0x100000000", 0, UINT32_MAX, false, 0 },
		{ "99999999999999999999999999", 0, UINT32_MAX, false, 0 },
		{ "", 0, 9, false, 0 },
		{ "0x", 0, 9, false, 0 },
		{ "+1", 0, 9, false, 0 },
		{ "-1", 0, 9, false, 0 },
		{ " 1", 0, 9, false, 0 },
		{ "1 ", 0, 9, false, 0 },
		{ "010", 0, 99, false, 0 },
		{ "00", 0, 99, false, 0 },
		{ "1a", 0, 99, false, 0 },
		{ "ff", 0, 255, false, 0 },
		{ "0xfg", 0, 255, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t number = 12345;
		struct ipvsctl_error err = { 0 };
		char message[256];
		int r = number_parse(cases[i].text,
				     &(struct number_range){ "weight",
							     cases[i].min,
							     cases[i].max },
				     &number, &err);

		assert_int_equal(r, cases[i].good ? 0 : -EINVAL);
		assert_int_equal(number,
				 cases[i].good ? cases[i].number : 12345);
		if (!r)
			continue;
		(void)snprintf(message, sizeof(message),
			       "weight '%s' is not a number from %u to %u",
			       cases[i].text, cases[i].min, cases[i].max);
		assert_string_equal(err.message, message);
	}
}

static void test_ports(void **state)
{
	static const struct {
		const char *text;
		const char *canonical; /* NULL: refused */
		const char *message;
	} cases[] = {
		{ "any", "", NULL },
		{ "80", "80", NULL },
		{ "80,443,8000:8100", "80,443,8000:8100", NULL },
		{ "443,80", "443,80", NULL },
		{ "80:80", "80", NULL },
		{ "0:65535", "0:65535", NULL },
		{ "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
		  "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", NULL },
		{ "60001:60002,60003:60004,60005:60006,60007:60008,60009:60010,"
		  "60011:60012,60013:60014,60015",
		  "60001:60002,60003:60004,60005:60006,60007:60008,60009:60010,"
		  "60011:60012,60013:60014,60015",
		  NULL },
		{ "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", NULL,
		  "more than 15 ports; a range counts twice" },
		{ "1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16", NULL,
		  "more than 15 ports; a range counts twice" },
		{ "100:50", NULL, "the range 100:50 goes backwards" },
		{ "65536", NULL,
		  "port '65536' is not a number from 0 to 65535" },
		{ "", NULL, "port '' is not a number from 0 to 65535" },
		{ "80,", NULL, "port '' is not a number from 0 to 65535" },
		{ ",80", NULL, "port '' is not a number from 0 to 65535" },
		{ "80:", NULL, "port '' is not a number from 0 to 65535" },
		{ ":80", NULL, "port '' is not a number from 0 to 65535" },
		{ "1:2:3", NULL, "port '2:3' is not a number from 0 to 65535" },
		{ "http", NULL, "port 'http' is not a number from 0 to 65535" },
		{ "1-2", NULL, "port '1-2' is not a number from 0 to 65535" },
		{ "000000000000000080", NULL,
		  "'000000000000000080' is not PORT or FIRST:LAST" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_ports ports = { 0 };
		struct ipvsctl_ports again = { 0 };
		struct ipvsctl_error err = { 0 };
		char text[128];
		int r = ports_parse(cases[i].text, &ports, &err);

		assert_int_equal(r, cases[i].canonical ? 0 : -EINVAL);
		if (r) {
			assert_string_equal(err.message, cases[i].message);
			assert_int_equal(ports.count, 0);
			continue;
		}
		assert_string_equal(ipvsctl_ports_format(&ports, text),
				    cases[i].canonical);
		assert_int_equal(ports_parse(*text ? text : "any", &again, NULL),
				 0);
		assert_true(ports_equal(&ports, &again));
	}
}

static void test_version(void **state)
{
	(void)state;
	assert_string_equal(ipvsctl_version(), LBCTL_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_survive_parse_and_format),
		cmocka_unit_test(test_names_and_odd_spellings_are_no_addresses),
		cmocka_unit_test(test_addresses_order_by_family_then_bytes),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
