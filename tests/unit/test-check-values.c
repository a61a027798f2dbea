/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of options: times, bytes, statuses, types of DNS. */
#include "unit.h"

#include <arpa/nameser.h>

#include <errno.h>
#include <string.h>

#include "check/config/check-options.h"
#include "check/config/values.h"

static void test_seconds(void **state)
{
	static const struct {
		const char *text;
		int64_t us; /* 0: refused */
	} cases[] = {
		{ "3", 3000000 },
		{ "0.25", 250000 },
		{ "0.5", 500000 },
		{ ".5", 500000 },
		{ "1.000001", 1000001 },
		{ "0.000001", 1 },
		{ "3600", 3600000000 },
		{ "0003", 3000000 },
		{ "3600.0", 3600000000 },
		{ "0", 0 },
		{ "0.0", 0 },
		{ "0.0000001", 0 },
		{ "1.0000001", 0 },
		{ "3601", 0 },
		{ "3600.000001", 0 },
		{ "99999999999999999999999999", 0 },
		{ "18446744073709551617", 0 },
		{ "-1", 0 },
		{ "+1", 0 },
		{ " 1", 0 },
		{ "1 ", 0 },
		{ "1s", 0 },
		{ "1e3", 0 },
		{ "0x10", 0 },
		{ "1.2.3", 0 },
		{ "1,5", 0 },
		{ "inf", 0 },
		{ "nan", 0 },
		{ ".", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_error err = { 0 };
		int64_t us = -7;
		int r = value_seconds(cases[i].text, &us, &err);

		if (r != (cases[i].us ? 0 : -EINVAL) ||
		    us != (cases[i].us ? cases[i].us : -7))
			fail_msg("'%s': %d, %lld", cases[i].text, r,
				 (long long)us);
		assert_int_equal(err.code, r);
	}
}

static void test_bytes(void **state)
{
	static const struct {
		const char *text;
		int length; /* -1: refused */
		const char *bytes;
	} cases[] = {
		{ "", 0, "" },
		{ "PING", 4, "PING" },
		{ "a b", 3, "a b" },
		{ "\\r\\n\\t\\0\\\\", 5, "\r\n\t\0\\" },
		{ "a\\x00b\\xfF", 4, "a\0b\xff" },
		{ "\\x0a0", 2, "\n0" },
		{ "\\01", 2, "\0001" },
		{ "\xc3\xa9", 2, "\xc3\xa9" },
		{ "0x", 0, "" },
		{ "0x00", 1, "\0" },
		{ "0x00fF0A", 3, "\0\xff\n" },
		{ "0X00", 4, "0X00" },
		{ " 0x00", 5, " 0x00" },
		{ "x00", 3, "x00" },
		{ "a\\{3}b", 4, "aaab" },
		{ "\\x07\\{2}", 2, "\a\a" },
		{ "a\\{1}", 1, "a" },
		{ "a\\{2}\\{2}", 3, "aaa" },
		{ "a{3}", 4, "a{3}" },
		{ "\\{3}", -1, NULL },
		{ "a\\{0}", -1, NULL },
		{ "a\\{}", -1, NULL },
		{ "a\\{3", -1, NULL },
		{ "a\\{-1}", -1, NULL },
		{ "a\\{ 1}", -1, NULL },
		{ "a\\{65537}", -1, NULL },
		{ "a\\{65536}b", -1, NULL },
		{ "a\\{99999999999999999999}", -1, NULL },
		{ "\\", -1, NULL },
		{ "a\\", -1, NULL },
		{ "\\x", -1, NULL },
		{ "\\x1", -1, NULL },
		{ "\\xg0", -1, NULL },
		{ "\\x0g", -1, NULL },
		{ "\\q", -1, NULL },
		{ "\\ ", -1, NULL },
		{ "\\\"", -1, NULL },
		{ "\\X00", -1, NULL },
		{ "0x0", -1, NULL },
		{ "0x000", -1, NULL },
		{ "0x0g", -1, NULL },
		{ "0xg0", -1, NULL },
		{ "0x 0", -1, NULL },
		{ "0x00 00", -1, NULL },
		{ "0x\\0", -1, NULL },
		{ "0x@@", -1, NULL },
		{ "0x\xb0\xb1", -1, NULL },
		{ "0x`a", -1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct check_bytes bytes = { NULL, 99 };
		struct ipvsctl_error err = { 0 };
		int r = value_bytes(cases[i].text, &bytes, &err);

		if (r != (cases[i].length < 0 ? -EINVAL : 0))
			fail_msg("'%s': %d", cases[i].text, r);
		if (r < 0) {
			assert_null(bytes.bytes);
			continue;
		}
		assert_non_null(bytes.bytes);
		assert_int_equal(bytes.length, cases[i].length);
		assert_memory_equal(bytes.bytes, cases[i].bytes, bytes.length);
		free(bytes.bytes);
	}
}

static void test_bytes_again(void **state)
{
	struct check_bytes bytes = { 0 };
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(value_bytes("first", &bytes, &err), 0);
	assert_int_equal(value_bytes("0x7", &bytes, &err), -EINVAL);
	assert_int_equal(bytes.length, 5);
	assert_int_equal(value_bytes("2nd", &bytes, &err), 0);
	assert_int_equal(bytes.length, 3);
	free(bytes.bytes);
}

static void test_statuses(void **state)
{
	static const struct {
		const char *text;
		size_t count; /* 0: refused */
		struct check_range last;
	} cases[] = {
		{ "200", 1, { 200, 200 } },
		{ "100-599", 1, { 100, 599 } },
		{ "200,301-303", 2, { 301, 303 } },
		{ "200-200", 1, { 200, 200 } },
		{ "404,200", 2, { 200, 200 } },
		{ "200,201,202,203,204,205,206,207,208,209,210,211,212,213,214,"
		  "215",
		  16,
		  { 215, 215 } },
		{ "200,201,202,203,204,205,206,207,208,209,210,211,212,213,214,"
		  "215,216",
		  0,
		  { 0 } },
		{ "", 0, { 0 } },
		{ ",", 0, { 0 } },
		{ "200,", 0, { 0 } },
		{ ",200", 0, { 0 } },
		{ "200,,201", 0, { 0 } },
		{ "200-", 0, { 0 } },
		{ "-200", 0, { 0 } },
		{ "200--201", 0, { 0 } },
		{ "200-201-202", 0, { 0 } },
		{ "301-300", 0, { 0 } },
		{ "99", 0, { 0 } },
		{ "099", 0, { 0 } },
		{ "600", 0, { 0 } },
		{ "200-600", 0, { 0 } },
		{ "999", 0, { 0 } },
		{ "20", 0, { 0 } },
		{ "2000", 0, { 0 } },
		{ "200 ", 0, { 0 } },
		{ "200, 201", 0, { 0 } },
		{ "2xx", 0, { 0 } },
		{ "0x0", 0, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct check_way way = { 0 };
		struct ipvsctl_error err = { 0 };
		int r = value_statuses(cases[i].text, &way, &err);

		if (r != (cases[i].count ? 0 : -EINVAL))
			fail_msg("'%s': %d", cases[i].text, r);
		if (r < 0)
			continue;
		assert_int_equal(way.status_count, cases[i].count);
		assert_memory_equal(&way.statuses[way.status_count - 1],
				    &cases[i].last, sizeof(cases[i].last));
	}
}

static void test_dns_types(void **state)
{
	static const struct {
		const char *text;
		uint16_t type; /* 0: refused */
	} cases[] = {
		{ "A", ns_t_a },
		{ "a", ns_t_a },
		{ "AAAA", ns_t_aaaa },
		{ "aaaa", ns_t_aaaa },
		{ "NS", ns_t_ns },
		{ "CNAME", ns_t_cname },
		{ "SOA", ns_t_soa },
		{ "MX", ns_t_mx },
		{ "TXT", ns_t_txt },
		{ "SRV", ns_t_srv },
		{ "Ptr", ns_t_ptr },
		{ "", 0 },
		{ "AA", 0 },
		{ "ANY", 0 },
		{ "1", 0 },
		{ "A ", 0 },
		{ "TYPE1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_error err = { 0 };
		uint16_t type = 0;

		assert_int_equal(value_dns_type(cases[i].text, &type, &err),
				 cases[i].type ? 0 : -EINVAL);
		assert_int_equal(type, cases[i].type);
	}
}

static void test_lists(void **state)
{
	struct ipvsctl_error err = { 0 };
	char **list = NULL;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(value_append(i % 2 ? "odd" : "", &list, &err),
				 0);
	assert_string_equal(list[0], "");
	assert_string_equal(list[3], "odd");
	assert_null(list[5]);
	for (size_t i = 0; list[i]; i++)
		free(list[i]);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bytes_again),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_dns_types),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests_name("check-values", tests, NULL, NULL);
}
