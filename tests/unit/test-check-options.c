/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options of a check, with values good and bad. */
#include "alloc.h"
#include "unit.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "check/config/check-options.h"

#define LENGTH_64 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LENGTH_39  "0123456789abcdef0123456789abcdef0123456"
#define LENGTH_256 LENGTH_64 LENGTH_64 LENGTH_64 LENGTH_64

static struct check fresh(void)
{
	return (struct check){ .way.kind = CHECK_KINDS };
}

/* Frees it as all checks are. */
static void clear(struct check *check)
{
	struct check *list = malloc(sizeof(*list));
	struct checks checks = { .checks = list, .count = 1 };

	assert_non_null(list);
	*list = *check;
	checks_free(&checks);
}

/* Good and bad values of options; NULL at the end. */
static const struct option_case {
	const char *name;
	const char *good[12];
	const char *bad[20];
} option_cases[] = {
	{ "tcp",
	  { "1", "80", "65535", "server", "0x50" },
	  { "0", "65536", "-1", "", "80a", "080", " 80", "http", "Server",
	    "servers", "4294967376" } },
	{ "tls", { "443", "server" }, { "0", "x" } },
	{ "http", { "80", "server" }, { "0", "x" } },
	{ "https", { "443", "server" }, { "0", "x" } },
	{ "udp", { "53", "server" }, { "0", "x" } },
	{ "smtp", { "25", "server" }, { "0", "x" } },
	{ "dns", { "example.net", ".", "a" }, { "", LENGTH_256 } },
	{ "timeout", { "3", "0.1" }, { "0", "-1", "x", "", "3601" } },
	{ "port", { "53", "server" }, { "0", "65536", "" } },
	{ "source",
	  { "192.0.2.1", "2001:db8::1" },
	  { "", "host", "192.0.2.1:80", "192.0.2", "fe80::1%eth0",
	    "[2001:db8::1]" } },
	{ "interface",
	  { "eth0", "a", "br-12345678901.", "eth0.5" },
	  { "", "eth0:1", "a/b", "../x", "a b", "1234567890123456" } },
	{ "mark",
	  { "1", "0xff", "4294967295" },
	  { "0", "", "-1", "4294967296", "x" } },
	{ "path",
	  { "/", "/a?b=c#d", "/\xc3\xa9" },
	  { "", "a", "http://x/", "/a b", "/a\r\nHost: x", "/\n", "/\x7f",
	    "/\t" } },
	{ "proxy-protocol", { "v1", "v2" }, { "", "1", "v3", "V1" } },
	{ "method",
	  { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" },
	  { "", "get", "TRACE", "GET ", "GETX" } },
	{ "data-file", { "/etc/request" }, { NULL } },
	{ "expect-header",
	  { "Content-Type: ^text/", "A:", "A:b", "X-Y: a: b", "!#$~: x" },
	  { "", "A", ":", ": b", "A b: c", "A: (", "A : b", "A: (.)\\1" } },
	{ "host",
	  { "example.net", "a", "1.2.3.4", "a_b-c" },
	  { "", "a b", "a:80", "a\r\nX: y", "a/b", "[::1]", LENGTH_256,
	    "ex\xc3\xa4mple" } },
	{ "header",
	  { "A: b", "A:", "X-Y:z", "A: b: c" },
	  { "", "A", ":", ": b", "A: b\r\nC: d", "A: b\n", "A: \x7f",
	    "A\t: b" } },
	{ "status", { "200", "200-299,301" }, { "", "x", "200," } },
	{ "body", { "^ok$", "a|b" }, { "[", "(" } },
	{ "sha256",
	  { LENGTH_64,
	    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789abcdef" },
	  { "", LENGTH_39, LENGTH_64 "0",
	    "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" } },
	{ "ca", { "/etc/ca.pem" }, { NULL } },
	{ "sni", { "example.net" }, { "", "a b", "a\n" } },
	{ "cert", { "/etc/cert.pem" }, { NULL } },
	{ "key", { "/etc/key.pem" }, { NULL } },
	{ "http-version", { "1.1", "2" }, { "", "1", "1.0", "3", "2 " } },
	{ "send",
	  { "", "PING", "0x00ff", "\\r\\n", "\\0\\{65536}" },
	  { "0x0", "\\", "\\q", "\\0\\{65537}", "a\\0\\{65536}" } },
	{ "expect",
	  { "PONG", "0x00", "a\\{4096}" },
	  { "", "0x", "0x0", "\\x", "a\\{4097}" } },
	{ "type", { "A", "mx" }, { "", "X", "255" } },
	{ "answer", { "192.0.2.1", "10 mx.example.net." }, { NULL } },
	{ "user", { "nobody" }, { NULL } },
	{ "weight-from",
	  { "status", "output", "agent:9999", "agent:65535",
	    "file:/run/weights/{server}" },
	  { "", "Status", "load", "agent", "agent:", "agent:0", "agent:65536",
	    "agent:x", "agent:80 ", "file:", "file", "file:weights",
	    "file:/a\nb" } },
	{ "name",
	  { "a", "web-1_2.x", LENGTH_39, "A" },
	  { "", "a b", "a:b", "a/b", "a,b", "a\n", LENGTH_39 "8", "\xc3\xa9" } },
	{ "fall", { "1", "3", "1000000" }, { "0", "-1", "", "1000001", "x" } },
	{ "rise", { "1", "2", "1000000" }, { "0", "-1", "", "1000001", "x" } },
	{ "start",
	  { "up", "down", "check" },
	  { "", "auto", "UP", "up ", "upp", "checks" } },
	{ "on-fail", { "drain", "remove" }, { "", "Drain", "delete", "none" } },
	{ "cut-after",
	  { "0", "10", "0.5", "3600", "never" },
	  { "", "-1", "Never", "10s", "3601", "00" } },
	{ "slow-start",
	  { "60", "0.5", "3600" },
	  { "", "0", "-1", "3601", "x", "60s" } },
	{ "retry-every", { "1", "0.1" }, { "", "0", "-1", "x" } },
	{ "every-down", { "60", "0.5" }, { "", "0", "-1", "x" } },
	{ "jitter", { "1", "50" }, { "", "0", "51", "-1", "10%", "x" } },
	{ "quorum",
	  { "1", "100000000", "1%", "50%", "100%" },
	  { "", "0", "%", "0%", "101%", "-1", "5%%", "5 %", "%5", "1.5%",
	    "99999999999999999999%", "99999999999999%", "x", "100000001" } },
	{ "keep",
	  { "1", "100000000", "1%", "100%" },
	  { "", "0", "%", "0%", "101%", "-1", "5%%", "all", "100000001" } },
	{ "sorry",
	  { "10.0.0.9", "10.0.0.9:80", "2001:db8::9", "[2001:db8::9]:80" },
	  { "", "host", "10.0.0.9:", "10.0.0.9:99999", "10.0.0" } },
	{ "withdraw",
	  { "192.0.2.10", "192.0.2.10/24", "2001:db8::10" },
	  { "", "vip", "192.0.2.10/0", "192.0.2.10/33", "192.0.2.10 " } },
	{ "maintenance", { "/run/maintenance" }, { NULL } },
	{ "backup",
	  { "10.0.0.1=10.0.0.9", "10.0.0.1:80=10.0.0.9:81",
	    "2001:db8::1=2001:db8::9", "[2001:db8::1]:80=2001:db8::9" },
	  { "", "=", "10.0.0.1", "10.0.0.1=", "=10.0.0.9", "a=b",
	    "10.0.0.1=10.0.0.2=10.0.0.3", "10.0.0.1 = 10.0.0.2",
	    LENGTH_64 "=10.0.0.1" } },
	{ "standby",
	  { "10.0.0.9", "10.0.0.9:80,2001:db8::9", "[2001:db8::9]:80",
	    "/etc/standbys", "./standbys" },
	  { "", "host", "10.0.0.9,", ",10.0.0.9", "10.0.0.9 10.0.0.8",
	    "10.0.0.9:0x", "standbys.conf" } },
	{ "standby-below",
	  { "1", "50", "100", "50%", "100%" },
	  { "", "0", "%", "0%", "101", "101%", "-1", "5%%", "5 %", "1.5", "x",
	    "99999999999999999999%" } },
	{ "standby-above",
	  { "1", "100", "75%" },
	  { "", "0", "%", "0%", "101", "101%", "-1", "5%%", "x" } },
	{ "servers", { "/etc/servers" }, { NULL } },
	{ "upstream", { "web" }, { NULL } },
	{ "notify", { "/bin/sh" }, { "", "sh", "./sh", "bin/sh" } },
	{ "mail",
	  { "root", "ops@example.net", "a+b@example.net", "o'x@example.net",
	    "a@b-c", "\xc3\xa9@example.net" },
	  { "", "-oQ/tmp", "-", "a b@c", "a@b,c@d", "a@b;c@d", "<a@b>",
	    "a@b\nBcc: c@d", "a@b\r\n\r\nbody", "a@b\r", "\ta@b", "a@b\x7f",
	    "\"a b\"@c", "a\\@b", "a@b\x01", LENGTH_256 } },
	{ "mail-from",
	  { "lb@example.net" },
	  { "", "-f", "a b", "a@b\n", "a@b>", "a,b" } },
	{ "smtp-url",
	  { "smtp://mail.example.net", "smtps://u:p@[2001:db8::1]:465" },
	  { "", "mail.example.net", "http://x", "SMTP://x", "smtp:/x",
	    "file:///etc/passwd", "smtp://x\r\nRCPT", "smtp://\x7f",
	    " smtp://x" } },
};

static void try_good(const char *name, const char *value)
{
	struct check check = fresh();
	struct ipvsctl_error err = { 0 };

	if (option_set(&check, name, value, &err) != 0)
		fail_msg("--%s '%s': %s", name, value, err.message);
	clear(&check);
}

static void try_bad(const char *name, const char *value)
{
	struct check check = fresh();
	struct ipvsctl_error err = { 0 };

	if (option_set(&check, name, value, &err) != -EINVAL)
		fail_msg("--%s '%s' was taken", name, value);
	assert_int_equal(err.code, -EINVAL);
	assert_true(err.message[0]);
	clear(&check);
}

static const struct option_case *find_case(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_cases); i++)
		if (strcmp(option_cases[i].name, name) == 0)
			return &option_cases[i];
	return NULL;
}

static void test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(option_cases); i++) {
		const struct option_case *one = &option_cases[i];

		for (size_t j = 0; one->good[j]; j++)
			try_good(one->name, one->good[j]);
		for (size_t j = 0; one->bad[j]; j++)
			try_bad(one->name, one->bad[j]);
	}
}

/* Every option of the program's table is known here, but what a run takes. */
static void test_all_options_are_tried(void **state)
{
	static const char *const elsewhere[] = { "exec", "vip" };
	const struct command_option *option = check_options;

	(void)state;
	for (; option->name; option++) {
		bool known = find_case(option->name) || !option->value ||
			     option_of_run(option->name);

		for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
			known = known || !strcmp(elsewhere[i], option->name);
		if (!known)
			fail_msg("--%s is not tried", option->name);
	}
}

static void test_flags(void **state)
{
	struct check check = fresh();
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(option_set(&check, "ping", NULL, &err), 0);
	assert_int_equal(check.way.kind, CHECK_PING);
	assert_int_equal(option_set(&check, "follow", NULL, &err), 0);
	assert_true(check.way.follow);
	assert_int_equal(option_set(&check, "insecure", NULL, &err), 0);
	assert_true(check.way.insecure);
	assert_int_equal(option_set(&check, "via-vip", NULL, &err), 0);
	assert_true(check.way.via_vip);
	clear(&check);
}

static void test_what_is_set(void **state)
{
	static const char *const pairs[][2] = {
		{ "https", "8443" },
		{ "timeout", "0.5" },
		{ "source", "192.0.2.7" },
		{ "mark", "0x10" },
		{ "fall", "4" },
		{ "rise", "5" },
		{ "start", "down" },
		{ "on-fail", "remove" },
		{ "quorum", "50%" },
		{ "name", "web" },
		{ "backup", "10.0.0.1:80=10.0.0.9" },
		{ "backup", "10.0.0.2=10.0.0.9" },
		{ "header", "A: b" },
		{ "header", "C: d" },
		{ "sha256",
		  "ABCDEF6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	};
	struct check check = fresh();
	struct ipvsctl_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_int_equal(option_set(&check, pairs[i][0], pairs[i][1],
					    &err),
				 0);
	assert_int_equal(check.way.kind, CHECK_HTTPS);
	assert_int_equal(check.way.port, 8443);
	assert_int_equal(check.way.timeout_us, 500000);
	assert_int_equal(check.way.source.family, AF_INET);
	assert_int_equal(check.way.mark, 16);
	assert_int_equal(check.fall, 4);
	assert_int_equal(check.rise, 5);
	assert_int_equal(check.start, CHECK_START_DOWN);
	assert_true(check.remove);
	assert_int_equal(check.quorum, 50);
	assert_true(check.quorum_percent);
	assert_string_equal(check.name, "web");
	assert_int_equal(check.backup_count, 2);
	assert_int_equal(check.backups[0].server.port, 80);
	assert_int_equal(check.backups[1].server.port, 0);
	assert_string_equal(check.backups[1].stand_in, "10.0.0.9");
	assert_string_equal(check.way.headers[1], "C: d");
	assert_null(check.way.headers[2]);
	assert_memory_equal(check.way.sha256, "abcdef67", 8);
	assert_int_equal(option_set(&check, "quorum", "2", &err), 0);
	assert_false(check.quorum_percent);
	clear(&check);
}

/* Steps stay in order, and there is an end of them. */
static void test_steps(void **state)
{
	static const char *const steps[][2] = { { "send", "a" },
						{ "send", "b" },
						{ "expect", "c" },
						{ "send", "d" } };
	struct check check = fresh();
	struct ipvsctl_error err = { 0 };
	int r = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		assert_int_equal(option_set(&check, steps[i][0], steps[i][1],
					    &err),
				 0);
	assert_int_equal(check.way.step_count, ARRAY_SIZE(steps));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		assert_int_equal(check.way.steps[i].expects, i == 2);
		assert_int_equal(check.way.steps[i].bytes.bytes[0], 'a' + i);
	}
	for (int i = 0; r == 0 && i < 1000; i++)
		r = option_set(&check, "expect", "x", &err);
	assert_int_equal(r, -EINVAL);
	assert_string_equal(err.message, "more than 64 steps");
	r = 0;
	for (int i = 0; r == 0 && i < 1000; i++)
		r = option_set(&check, "expect-header", "A: b", &err);
	assert_int_equal(r, -EINVAL);
	assert_string_equal(err.message, "more than 16 headers");
	assert_string_equal(check.way.wanted_headers[0], "A:b");
	clear(&check);
}

static void test_one_kind(void **state)
{
	struct check check = fresh();
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(option_set(&check, "tcp", "80", &err), 0);
	assert_int_equal(option_set(&check, "udp", "80", &err), -EINVAL);
	assert_string_equal(err.message, "--tcp and --udp: a check has one "
					 "kind of probe");
	assert_int_equal(option_set(&check, "ping", NULL, &err), -EINVAL);
	clear(&check);
}

/* What is about a run is none of a check's business. */
static void test_run_options(void **state)
{
	static const char *const names[] = { "config", "every", "textfile",
					     "nagios", "window" };
	struct check check = fresh(), untouched = fresh();
	struct ipvsctl_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_true(option_of_run(names[i]));
		assert_true(option_fits(names[i], CHECK_PING));
		assert_int_equal(option_set(&check, names[i], "x", &err), 0);
	}
	assert_memory_equal(&check, &untouched, sizeof(check));
	assert_false(option_of_run("tcp"));
	assert_false(option_of_run("fall"));
	assert_false(option_of_run(""));
}

static void test_fits(void **state)
{
	static const struct {
		const char *name;
		const char *kinds; /* a letter each, as in letters below */
	} cases[] = {
		{ "timeout", "tThHudspe" },
		{ "port", "d" },
		{ "source", "tThHudsp" },
		{ "interface", "tThHudsp" },
		{ "mark", "tThHudsp" },
		{ "via-vip", "tThHuds" },
		{ "proxy-protocol", "tThH" },
		{ "path", "hH" },
		{ "method", "hH" },
		{ "host", "hHs" },
		{ "header", "hH" },
		{ "data-file", "hH" },
		{ "expect-header", "hH" },
		{ "status", "hH" },
		{ "body", "hH" },
		{ "sha256", "hH" },
		{ "follow", "hH" },
		{ "insecure", "TH" },
		{ "ca", "TH" },
		{ "sni", "TH" },
		{ "cert", "TH" },
		{ "key", "TH" },
		{ "http-version", "hH" },
		{ "send", "tTu" },
		{ "expect", "tTu" },
		{ "type", "d" },
		{ "answer", "d" },
		{ "user", "e" },
		{ "weight-from", "tThHudspe" },
		{ "name", "tThHudspe" },
		{ "fall", "tThHudspe" },
		{ "slow-start", "tThHudspe" },
		{ "retry-every", "tThHudspe" },
		{ "every-down", "tThHudspe" },
		{ "jitter", "tThHudspe" },
		{ "quorum", "tThHudspe" },
		{ "keep", "tThHudspe" },
		{ "mail", "tThHudspe" },
		{ "weight", "tThHudspe" },
	};
	static const char letters[] = "tThHudspe";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int kind = 0; kind < CHECK_KINDS; kind++)
			if (option_fits(cases[i].name, (enum check_kind)kind) !=
			    (strchr(cases[i].kinds, letters[kind]) != NULL))
				fail_msg("--%s with --%s", cases[i].name,
					 check_kind_name((enum check_kind)kind));
}

/* ---- Memory ---- */

static int set_many(void *data)
{
	static const char *const pairs[][2] = {
		{ "http", "80" },
		{ "path", "/x" },
		{ "host", "a" },
		{ "header", "A: b" },
		{ "header", "C: d" },
		{ "body", "ok" },
		{ "sha256", LENGTH_64 },
		{ "sorry", "10.0.0.9" },
		{ "mail", "root" },
		{ "smtp-url", "smtp://x" },
		{ "send", "PING" },
		{ "expect", "PONG" },
		{ "expect-header", "A: b" },
		{ "interface", "eth0" },
		{ "backup", "10.0.0.1=10.0.0.9" },
		{ "standby", "10.0.0.8,10.0.0.7" },
		{ "standby", "/etc/standbys" },
	};
	struct check check = fresh();
	struct ipvsctl_error err = { 0 };
	int r = 0;

	(void)data;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(pairs); i++)
		r = option_set(&check, pairs[i][0], pairs[i][1], &err);
	assert_int_equal(err.code, r);
	alloc_pause();
	clear(&check);
	alloc_resume();
	return r;
}

static void test_memory(void **state)
{
	(void)state;
	alloc_each_failure(set_many, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_all_options_are_tried),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_what_is_set),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_one_kind),
		cmocka_unit_test(test_run_options),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("check-options", tests, NULL, NULL);
}
