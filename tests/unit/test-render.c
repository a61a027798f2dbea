/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Plans, tables and documents as the programs print them. */
#include "captured.h"

#include <errno.h>
#include <string.h>

#include "given.h"
#include "output/output.h"
#include "output/render.h"

static void test_number(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ 10, "10" },
		{ 4294967296, "4294967296" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	char text[RENDER_NUMBER];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *end = render_number(text, cases[i].number);

		assert_string_equal(text, cases[i].text);
		assert_ptr_equal(end, text + strlen(cases[i].text));
	}
}

static void test_texts(void **state)
{
	struct ipvsctl_service mark = given_service("fwmark:255/inet6");
	struct ipvsctl_service http = given_service("tcp:192.0.2.1:80");
	char text[IPVSCTL_IDENTITY_TEXT + 16];
	char number[32];

	(void)state;
	assert_string_equal(render_mark(number, 0xffffffff),
			    "4294967295 (0xffffffff)");
	assert_string_equal(render_service(&mark, text),
			    "fwmark:255/inet6 (0xff)");
	assert_string_equal(render_service(&http, text), "tcp:192.0.2.1:80");
	assert_string_equal(render_protocol(0, number), "any");
	assert_string_equal(render_protocol(17, number), "udp");
	assert_string_equal(render_protocol(47, number), "47");
}

static void test_plan(void **state)
{
	static const char *const before[] = {
		"service tcp:192.0.2.1:80 --scheduler rr",
		"service tcp:192.0.2.2:80",
		NULL,
	};
	static const char *const after[] = {
		"service tcp:192.0.2.1:80 --scheduler wlc",
		"service tcp:192.0.2.3:80 --scheduler rr",
		NULL,
	};
	AUTO_CONFIG struct ipvsctl_config *from = given_config(before);
	AUTO_CONFIG struct ipvsctl_config *to = given_config(after);
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	struct captured captured;

	(void)state;
	assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
	assert_int_equal(ipvsctl_plan_zero(plan, IPVSCTL_SERVICES, NULL, NULL),
			 0);
	captured_open(&captured);
	assert_int_equal(render_plan(captured.stream, plan), 0);
	captured_equals(&captured,
			"+ svc add tcp:192.0.2.3:80 --scheduler rr\n"
			"~ svc change tcp:192.0.2.1:80 --scheduler wlc\n"
			"- svc delete tcp:192.0.2.2:80\n"
			"0 svc zero\n");
	captured_open(&captured);
	assert_int_equal(output_json(captured.stream, render_plan_json(plan)),
			 0);
	assert_int_equal(fflush(captured.stream), 0);
	assert_non_null(strstr(captured.text, "      \"action\": \"zero\",\n"
					      "      \"object\": \"service\",\n"
					      "      \"line\": \"svc zero\"\n"));
	assert_int_equal(fclose(captured.stream), 0);
}

static void test_marks(void **state)
{
	static const char *const lines[] = {
		"mark exclude --proto udp --dst 172.31.36.102 --dport 51820",
		"mark 1 --proto udp --dst 172.31.36.102 --dport 50000:60000",
		"mark 2 --mask 0xff --dst 2001:db8::1 --no-exempt-own "
		"--comment web",
		NULL,
	};
	static const char *const plain[] = { "mark 3", NULL };
	static const char *const rich[] = {
		"mark exclude --in-interface '!eth+' --exempt-own socket "
		"--proto '!esp' --dscp 46 --mac '!00:11:22:AA:BB:CC' "
		"-- -m length --length 9",
		NULL,
	};
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);
	AUTO_CONFIG struct ipvsctl_config *one = given_config(plain);
	AUTO_CONFIG struct ipvsctl_config *other = given_config(rich);
	struct captured captured;

	(void)state;
	captured_open(&captured);
	assert_int_equal(render_marks(captured.stream, config), 0);
	captured_equals(
		&captured,
		"PRIORITY  HOOK        ACTION        FAMILY  PROTO  "
		"DESTINATION    DPORT        MORE                         "
		"COMMENT  PACKETS  BYTES\n"
		"      50  prerouting  exclude       ipv4    udp    "
		"172.31.36.102  51820        -                            "
		"-              0      0\n"
		"     100  prerouting  mark 1 (0x1)  ipv4    udp    "
		"172.31.36.102  50000:60000  -                            "
		"-              0      0\n"
		"     100  prerouting  mark 2 (0x2)  ipv6    any    "
		"2001:db8::1    -            --mask 0xff --no-exempt-own  "
		"web            0      0\n");
	captured_open(&captured);
	assert_int_equal(render_marks(captured.stream, one), 0);
	captured_equals(
		&captured,
		"PRIORITY  HOOK        ACTION        PROTO  DESTINATION  "
		"DPORT  PACKETS  BYTES\n"
		"     100  prerouting  mark 3 (0x3)  any    any          "
		"-            0      0\n");
	captured_open(&captured);
	assert_int_equal(render_marks(captured.stream, other), 0);
	captured_equals(
		&captured,
		"PRIORITY  HOOK        ACTION   PROTO  DESTINATION  DPORT  "
		"INTERFACE  "
		"MORE                                                        "
		"                      PACKETS  BYTES\n"
		"      50  prerouting  exclude  !esp   any          -      "
		"!eth+      "
		"--mac '!00:11:22:aa:bb:cc' --dscp ef --exempt-own socket -- "
		"-m length --length 9        0      0\n");
}

static void test_syncs(void **state)
{
	static const char *const lines[] = {
		"sync backup --dev eth1 --id 7",
		"sync master --dev eth0 --group 224.0.0.81 --port 8848 "
		"--ttl 1",
		NULL,
	};
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);
	struct captured captured;

	(void)state;
	captured_open(&captured);
	assert_int_equal(render_syncs(captured.stream, config), 0);
	captured_equals(
		&captured,
		"ROLE    INTERFACE  ID  GROUP       PORT  TTL  MAX-LENGTH\n"
		"master  eth0        0  224.0.0.81  8848    1           -\n"
		"backup  eth1        7  -              -    -           -\n");
}

static const struct render_column table_columns[] = {
	{ "NUMBER", true, false },
	{ "NAME", false, false },
	{ "NEVER", false, true },
	{ "SOME", false, true },
	{ "MORE", true, true },
	{ "TEXT", false, false },
	{ 0 },
};

static void print_rows(const char *const (*rows)[6], size_t count,
		       const char *expected)
{
	AUTO_TABLE struct render_table *table = NULL;
	struct captured captured;

	assert_int_equal(render_table_new(table_columns, &table), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(render_table_row(table, rows[i]), 0);
	captured_open(&captured);
	assert_int_equal(render_table_print(captured.stream, table), 0);
	captured_equals(&captured, expected);
}

static void test_table(void **state)
{
	static const char *const rows[][6] = {
		{ "1", "a", "", NULL, "12345", "" },
		{ "1234567", "bcdef", NULL, "x", "", "blanks at the end  " },
		{ "", NULL, "", "", "-", " in front" },
	};

	(void)state;
	print_rows(rows, 0, "");
	print_rows(rows, 1,
		   "NUMBER  NAME   MORE  TEXT\n"
		   "     1  a     12345  -\n");
	print_rows(rows, 3,
		   " NUMBER  NAME   SOME   MORE  TEXT\n"
		   "      1  a      -     12345  -\n"
		   "1234567  bcdef  x         -  blanks at the end\n"
		   "      -  -      -         -   in front\n");
}

/* Nothing that a terminal could obey or that has no certain width. */
static void test_strange_cells(void **state)
{
	static const char *const rows[][6] = {
		{ "\xff", "\xc3\xa9t\xc3\xa9", "", "", "", "tab\tnewline\n" },
		{ "1", "\x1b[31m\x7f", "", "", "", "\\x41 \\ \\\\xyz \\" },
		{ "~", " ", "", "", "", "\xe2\x82\xac" },
	};

	(void)state;
	print_rows(rows, 3,
		   "NUMBER  NAME               TEXT\n"
		   "  \\xff  \\xc3\\xa9t\\xc3\\xa9  tab\\x09newline\\x0a\n"
		   "     1  \\x1b[31m\\x7f       \\x5cx41 \\ \\\\x5cxyz \\\n"
		   "     ~                     \\xe2\\x82\\xac\n");
}

static void test_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
	assert_int_equal(output_write(full, "x", 1), -ENOSPC);
	assert_int_equal(output_json(full, json_object()), -ENOSPC);
	assert_int_equal(output_json(full, NULL), -ENOMEM);
	(void)fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_syncs),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_strange_cells),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
