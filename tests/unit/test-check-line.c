/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks out of command lines, and side by side. */
#include "alloc.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "check/config/check.h"
#include "checking.h"
#include "given.h"

#define SHA                                \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"

/* ---- Command lines ---- */
static void test_command_lines(void **state)
{
	static const struct {
		const char *line, *told;
	} cases[] = {
		{ "tcp:192.0.2.1:80 --tcp 80",
		  "tcp-80 tcp:80 tcp:192.0.2.1:80 3/2" },
		{ "--tcp 80 tcp:192.0.2.1:80",
		  "tcp-80 tcp:80 tcp:192.0.2.1:80 3/2" },
		{ "run tcp:192.0.2.1:80 --tcp 80",
		  "tcp-80 tcp:80 tcp:192.0.2.1:80 3/2" },
		{ "run --tcp 80 tcp:192.0.2.1:80",
		  "tcp-80 tcp:80 tcp:192.0.2.1:80 3/2" },
		{ "--json run fwmark:1 --ping", "ping ping:0 fwmark:1 3/2" },
		{ "--json fwmark:1 --ping", "ping ping:0 fwmark:1 3/2" },
		{ "fwmark:1 --ping --json", "ping ping:0 fwmark:1 3/2" },
		{ "--fall 5 fwmark:1 --rise 7 --ping fwmark:2",
		  "ping ping:0 fwmark:1,fwmark:2 5/7" },
		{ "all --ping", "ping ping:0 all 3/2" },
		{ "--ping all", "ping ping:0 all 3/2" },
		/* Names. */
		{ "all --tcp server", "tcp tcp:0 all 3/2" },
		{ "all --https 443", "https-443 https:443 all 3/2" },
		{ "all --dns example.net", "dns-53 dns:53 all 3/2" },
		{ "all --dns a --port 54", "dns-54 dns:54 all 3/2" },
		{ "all --exec /usr/lib/x/check_media",
		  "exec-check_media exec:0 all 3/2" },
		{ "all --exec /a@b+c", "exec-a_b_c exec:0 all 3/2" },
		{ "all --exec /0123456789012345678901234567890123456789",
		  "exec-012345678901234567890123456789 exec:0 all 3/2" },
		{ "all --exec /x -- --show -v all", "exec-x exec:0 all 3/2" },
		{ "all --ping --name web", "web ping:0 all 3/2" },
		/* Services. */
		{ "udp:192.0.2.1:50000:60000 --tcp 80",
		  "tcp-80 tcp:80 udp:192.0.2.1:50000:60000 3/2" },
		{ "udp:[2001:db8::1]:50000:60000 --tcp 80",
		  "tcp-80 tcp:80 udp:[2001:db8::1]:50000:60000 3/2" },
		{ "tcp:[2001:db8::1]:80 fwmark:1/inet6 --tcp 80",
		  "tcp-80 tcp:80 tcp:[2001:db8::1]:80,fwmark:1/inet6 3/2" },
		{ "fwmark:1 --servers /x --weight 5 --forward tun --ping",
		  "ping ping:0 fwmark:1 3/2" },
		{ "", "" },
		{ "--config x", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		AUTO_FREE char *told = NULL;
		struct ipvsctl_error err = { 0 };

		if (checking_line(cases[i].line, &checks, &err) != 0)
			fail_msg("'%s': %s", cases[i].line, err.message);
		told = checking_tell(&checks);
		assert_string_equal(told, cases[i].told);
	}
}

static void test_command_lines_that_are_refused(void **state)
{
	static const struct {
		const char *line;
		struct failure failure;
	} cases[] = {
		{ "all",
		  { -EINVAL, "",
		    "no probe is given: use --tcp, --tls, "
		    "--http, --https, --udp, --dns, --smtp, --ping "
		    "or --exec",
		    "" } },
		{ "all --tcp 80 --udp 80",
		  { -EINVAL, "--udp",
		    "--tcp and --udp: a check has one kind of probe", "" } },
		{ "all --tcp 80 --tcp 81",
		  { -EINVAL, "", "option '--tcp' is given twice", "" } },
		{ "all --tcp",
		  { -EINVAL, "", "option '--tcp' needs a value", "" } },
		{ "all --ping=1",
		  { -EINVAL, "", "option '--ping' takes no value", "" } },
		{ "all --pign",
		  { -EINVAL, "",
		    "unknown option '--pign'; did you "
		    "mean '--ping'?",
		    "" } },
		{ "all --tcp 80 --path /",
		  { -EINVAL, "", "--path does not go with --tcp", "" } },
		{ "all --ping --via-vip",
		  { -EINVAL, "", "--via-vip does not go with --ping", "" } },
		{ "all --tcp 80 --via-vip", { -EINVAL, "", NULL, "" } },
		{ "fwmark:1 --tcp 80 --via-vip", { -EINVAL, "", NULL, "" } },
		{ "udp:192.0.2.1:1:2 --tcp 80 --via-vip",
		  { -EINVAL, "", NULL, "" } },
		{ "all --udp 53 --send a --send b",
		  { -EINVAL, "", "--udp takes one --send and one --expect",
		    "" } },
		{ "all --udp 53 --expect a --expect b",
		  { -EINVAL, "", "--udp takes one --send and one --expect",
		    "" } },
		{ "all --http 80 --send a",
		  { -EINVAL, "", "--send does not go with --http", "" } },
		{ "all --https 80 --follow --proxy-protocol v2",
		  { -EINVAL, "", "--follow does not go with --proxy-protocol",
		    "" } },
		{ "all --http 80 --method GET --data-file /x",
		  { -EINVAL, "", "--data-file does not go with --method GET",
		    "" } },
		{ "all --http 80 --data-file /tmp",
		  { -EINVAL, "/tmp", "others than root can write it", NULL } },
		{ "all --tls 80 --send=",
		  { -EINVAL, "", "--send: nothing is sent", "" } },
		{ "all --exec /x --source 192.0.2.1",
		  { -EINVAL, "", "--source does not go with --exec", "" } },
		{ "all --https 443 --cert /x",
		  { -EINVAL, "", "--cert and --key go together", "" } },
		{ "all --https 443 --key /x",
		  { -EINVAL, "", "--cert and --key go together", "" } },
		{ "all --ping --weight 5",
		  { -EINVAL, "",
		    "--weight is for servers that a check adds: "
		    "give --servers, --sorry, --backup or --standby",
		    "" } },
		{ "all --ping --servers /x --weight 5x",
		  { -EINVAL, NULL, NULL, "" } },
		{ "all --ping -- word",
		  { -EINVAL, "", "words after -- are only for --exec", "" } },
		{ "all --ping --fall 0", { -EINVAL, "--fall", NULL, "" } },
		{ "web --ping", { -EINVAL, "", NULL, "" } },
		{ "run web --ping", { -EINVAL, "web", NULL, NULL } },
		{ "run show --ping", { -EINVAL, "show", NULL, NULL } },
		{ "fwmark:1:2 --ping", { -EINVAL, "fwmark:1:2", NULL, NULL } },
		{ "fwmark:0 --ping", { -EINVAL, "fwmark:0", NULL, NULL } },
		{ "udp:192.0.2.1:50000:49999 --ping",
		  { -EINVAL, "udp:192.0.2.1:50000:49999", NULL, NULL } },
		{ "udp:192.0.2.1:1:65536 --ping",
		  { -EINVAL, "udp:192.0.2.1:1:65536", NULL, NULL } },
		{ "udp:192.0.2.1:1:2:3 --ping",
		  { -EINVAL, "udp:192.0.2.1:1:2:3", NULL, NULL } },
		{ "udp:192.0.2.1:1: --ping",
		  { -EINVAL, "udp:192.0.2.1:1:", NULL, NULL } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_error err = { 0 };

		if (checking_line(cases[i].line, &checks, &err) != -EINVAL)
			fail_msg("'%s' was taken", cases[i].line);
		if (cases[i].failure.message)
			assert_string_equal(err.message,
					    cases[i].failure.message);
		assert_failure(&err, &cases[i].failure);
		assert_true(err.message[0]);
		assert_int_equal(checks.count, 0);
	}
}

/* ---- Which services ---- */

static void test_selects(void **state)
{
	static const struct {
		const char *selectors, *service;
		bool selected;
	} cases[] = {
		{ "tcp:192.0.2.1:80", "tcp:192.0.2.1:80", true },
		{ "tcp:192.0.2.1:80", "tcp:192.0.2.1:81", false },
		{ "tcp:192.0.2.1:80", "udp:192.0.2.1:80", false },
		{ "tcp:192.0.2.1:80", "tcp:192.0.2.2:80", false },
		{ "tcp:192.0.2.1:80 fwmark:1", "fwmark:1", true },
		{ "tcp:192.0.2.1:80 fwmark:0x1", "fwmark:1", true },
		{ "fwmark:1", "fwmark:1/inet6", false },
		{ "fwmark:1", "fwmark:2", false },
		{ "all", "fwmark:2/inet6", true },
		{ "udp:192.0.2.1:10:20", "udp:192.0.2.1:9", false },
		{ "udp:192.0.2.1:10:20", "udp:192.0.2.1:10", true },
		{ "udp:192.0.2.1:10:20", "udp:192.0.2.1:15", true },
		{ "udp:192.0.2.1:10:20", "udp:192.0.2.1:20", true },
		{ "udp:192.0.2.1:10:20", "udp:192.0.2.1:21", false },
		{ "udp:192.0.2.1:10:20", "tcp:192.0.2.1:15", false },
		{ "udp:192.0.2.1:10:20", "udp:192.0.2.2:15", false },
		{ "udp:192.0.2.1:10:10", "udp:192.0.2.1:10", true },
		{ "udp:192.0.2.1:1:65535", "fwmark:15", false },
		{ "udp:[2001:db8::1]:10:20", "udp:[2001:db8::1]:15", true },
		{ "udp:[2001:db8::1]:10:20", "udp:[2001:db8::2]:15", false },
		{ "tcp:[2001:db8::1]:80", "tcp:[2001:db8::1]:80", true },
		{ "tcp:[2001:db8::1]:80", "tcp:[2001:db8::1]:20", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_service service =
			given_service(cases[i].service);
		struct ipvsctl_error err = { 0 };
		char line[128];

		(void)snprintf(line, sizeof(line), "%s --ping",
			       cases[i].selectors);
		assert_int_equal(checking_line(line, &checks, &err), 0);
		if (check_selects(&checks.checks[0], &service) !=
		    cases[i].selected)
			fail_msg("'%s', %s", cases[i].selectors,
				 cases[i].service);
	}
}

/* ---- Side by side ---- */

static void test_duplicates(void **state)
{
	static const struct {
		const char *text;
		bool fine;
	} cases[] = {
		{ "all --ping\nall --ping\n", false },
		{ "all --ping\nall --tcp 80\n", true },
		{ "all --tcp 80\nall --tcp 80 --timeout 1\n", false },
		{ "all --tcp 80\nall --tcp 80 --timeout 1 --name b\n", true },
		{ "fwmark:1 --ping\nfwmark:2 --ping\n", true },
		{ "fwmark:1 fwmark:2 --ping\nfwmark:2 --ping --name b\n", true },
		{ "all --ping --name x\nall --tcp 80 --name x\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_error err = { 0 };
		int r = checking_bytes(cases[i].text, strlen(cases[i].text),
				       &checks, &err);

		if (r != (cases[i].fine ? 0 : -EINVAL))
			fail_msg("'%s': %d", cases[i].text, r);
		if (!cases[i].fine)
			assert_string_equal(err.hint,
					    "give one of them another --name");
	}
}

/*
 * The name is the reason to hold a server: two checks of one name and server
 * would undo what the other does.
 */
static void test_one_name_is_of_one_check_of_a_service(void **state)
{
	static const char *const texts[] = {
		"fwmark:1 --ping\nfwmark:0x1 --ping --fall 1\n",
		"fwmark:1 fwmark:2 --ping\nfwmark:2 fwmark:1 --ping\n",
		"all --ping\nfwmark:1 --ping\n",
		"udp:192.0.2.1:1:9 --ping\nudp:192.0.2.1:5 --ping\n",
		"udp:192.0.2.1:1:9 --ping\nudp:192.0.2.1:9:12 --ping\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_error err = { 0 };

		if (checking_bytes(texts[i], strlen(texts[i]), &checks, &err) !=
		    -EINVAL)
			fail_msg("'%s' was taken", texts[i]);
	}
}

struct way_case {
	const char *one, *other;
	bool same;
};

static void try_ways(const struct way_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_error err = { 0 };
		char text[512];
		int length = snprintf(text, sizeof(text),
				      "fwmark:1 %s --name a\n"
				      "fwmark:1 --ping --name middle\n"
				      "fwmark:1 %s --name b\n",
				      cases[i].one, cases[i].other);

		if (checking_bytes(text, (size_t)length, &checks, &err) != 0)
			fail_msg("'%s': %s", text, err.message);
		if ((checks.checks[0].way_number ==
		     checks.checks[2].way_number) != cases[i].same)
			fail_msg("'%s' and '%s' are %s way", cases[i].one,
				 cases[i].other,
				 cases[i].same ? "not one" : "one");
		assert_int_not_equal(checks.checks[0].way_number,
				     checks.checks[1].way_number);
	}
}

static void test_ways(void **state)
{
	static const struct way_case cases[] = {
		{ "--tcp 80", "--tcp 80", true },
		{ "--tcp 80", "--tcp 80 --fall 9 --rise 9", true },
		{ "--tcp 80", "--tcp 80 --on-fail remove --quorum 2", true },
		{ "--tcp 80", "--tcp 80 --start down --mail root", true },
		{ "--tcp 80", "--tcp 80 --timeout 3", true },
		{ "--tcp 80", "--tcp 0x50", true },
		{ "--http 80", "--http 80 --path /", true },
		{ "--http 80", "--http 80 --status 200-299", true },
		{ "--dns a", "--dns a --type A --port 53", true },
		{ "--tcp 80", "--tcp 81", false },
		{ "--tcp 80", "--udp 80", false },
		{ "--tcp 80", "--tcp server", false },
		{ "--tcp 80", "--tcp 80 --timeout 2", false },
		{ "--tcp 80", "--tcp 80 --source 192.0.2.1", false },
		{ "--tcp 80", "--tcp 80 --interface eth0", false },
		{ "--tcp 80", "--tcp 80 --mark 1", false },
		{ "--http 80", "--http 80 --path /x", false },
		{ "--http 80", "--http 80 --method HEAD", false },
		{ "--http 80", "--http 80 --host a", false },
		{ "--http 80", "--http 80 --header A:b", false },
		{ "--http 80 --header A:b --header C:d",
		  "--http 80 --header A:bC:d", false },
		{ "--http 80", "--http 80 --status 200", false },
		{ "--http 80", "--http 80 --body x", false },
		{ "--http 80", "--http 80 --sha256 " SHA, false },
		{ "--http 80", "--http 80 --follow", false },
		{ "--http 80", "--http 80 --http-version 2", false },
		{ "--http 80 --host a", "--http 80 --body a", false },
		{ "--https 443", "--https 443 --insecure", false },
		{ "--https 443", "--https 443 --ca /x", false },
		{ "--https 443", "--https 443 --sni x", false },
		{ "--https 443 --cert /x --key /y",
		  "--https 443 --cert /y --key /x", false },
		{ "--udp 53", "--udp 53 --send x", false },
		{ "--udp 53 --send x", "--udp 53 --send y", false },
		{ "--udp 53 --send x", "--udp 53 --send xy", false },
		{ "--udp 53 --send x", "--udp 53 --expect x", false },
		{ "--udp 53 --send ab --expect c",
		  "--udp 53 --send a --expect bc", false },
		{ "--dns a", "--dns b", false },
		{ "--dns a", "--dns a --type AAAA", false },
		{ "--dns a", "--dns a --answer 192.0.2.1", false },
		{ "--exec /x", "--exec /y", false },
		{ "--exec /x", "--exec /x --user nobody", false },
	};

	(void)state;
	try_ways(cases, ARRAY_SIZE(cases));
}

/* Bytes that hold NULs are compared to their end. */
static void test_ways_with_nul_bytes(void **state)
{
	static const struct way_case cases[] = {
		{ "--udp 53 --send 0x0001", "--udp 53 --send 0x0001", true },
		{ "--udp 53 --send 0x0001", "--udp 53 --send 0x0002", false },
		{ "--udp 53 --send 0x00 --expect a",
		  "--udp 53 --send 0x00 --expect b", false },
		{ "--udp 53 --expect 0x0001", "--udp 53 --expect 0x0002",
		  false },
	};

	(void)state;
	try_ways(cases, ARRAY_SIZE(cases));
}

/* Which address is asked makes a way another one. */
static void test_ways_by_address(void **state)
{
	static const struct way_case cases[] = {
		{ "--tcp 80 --vip 192.0.2.1", "--tcp 80 --vip 192.0.2.1", true },
		{ "--tcp 80 --vip 192.0.2.1", "--tcp 80 --vip 192.0.2.2",
		  false },
		{ "--tcp 80 --vip 192.0.2.1", "--tcp 80", false },
	};

	(void)state;
	try_ways(cases, ARRAY_SIZE(cases));
}

/* ---- Memory ---- */

static int add_one(void *data)
{
	AUTO_CHECKS struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };

	return checking_line(data, &checks, &err);
}

static void test_memory(void **state)
{
	char line[] = "fwmark:1 all --exec /x --name a --backup "
		      "10.0.0.1=10.0.0.2 --weight 5 -- a b";

	(void)state;
	alloc_each_failure(add_one, line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_lines),
		cmocka_unit_test(test_command_lines_that_are_refused),
		cmocka_unit_test(test_selects),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_one_name_is_of_one_check_of_a_service),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_ways_with_nul_bytes),
		cmocka_unit_test(test_ways_by_address),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("check-line", tests, NULL, NULL);
}
