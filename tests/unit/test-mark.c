/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules: attributes, checks, lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "alloc.h"
#include "given.h"

#include "model/object.h"
#include "scope.h"

static void test_lines_survive_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		const char *line;
	} cases[] = {
		{ "1 --proto udp --dst 172.31.36.102 --dport 50000:60000",
		  "mark add 1 --proto udp --dst 172.31.36.102 "
		  "--dport 50000:60000" },
		{ "exclude --dport 51820 --dst 172.31.36.102 --proto udp",
		  "mark exclude --proto udp --dst 172.31.36.102 "
		  "--dport 51820" },
		{ "0x10", "mark add 16" },
		{ "4294967295", "mark add 4294967295" },
		{ "1 --priority 100", "mark add 1" },
		{ "1 --priority 50", "mark add 1 --priority 50" },
		{ "exclude --priority 50", "mark exclude" },
		{ "exclude --priority 100", "mark exclude --priority 100" },
		{ "1 --mask 0xffffffff", "mark add 1" },
		{ "1 --mask 255", "mark add 1 --mask 0xff" },
		{ "9 --snat", "mark add 9 --snat" },
		{ "9 --snat=masquerade", "mark add 9 --snat" },
		{ "9 --snat=192.0.2.9 --proto tcp",
		  "mark add 9 --proto tcp --snat=192.0.2.9 --ipv4" },
		{ "9 --snat=192.0.2.9 --snat", "mark add 9 --snat" },
		{ "9 --snat=2001:db8::9 --dst 2001:db8::1",
		  "mark add 9 --dst 2001:db8::1 --snat=2001:db8::9" },
		{ "9 --mask 0xffffffff --hook output --snat",
		  "mark add 9 --hook output --snat" },
		{ "1 --no-exempt-own", "mark add 1 --no-exempt-own" },
		{ "1 --no-exempt-own --exempt-own socket", "mark add 1" },
		{ "exclude --exempt-own socket",
		  "mark exclude --exempt-own socket" },
		{ "1 --exempt-own none", "mark add 1 --no-exempt-own" },
		{ "1 --exempt-own conntrack",
		  "mark add 1 --exempt-own conntrack" },
		{ "exclude --no-exempt-own", "mark exclude" },
		{ "1 --ipv4", "mark add 1 --ipv4" },
		{ "1 --ipv6 --ipv6", "mark add 1 --ipv6" },
		{ "1 --ipv6 --src 2001:db8::/32",
		  "mark add 1 --src 2001:db8::/32" },
		{ "1 --dst 0.0.0.0/0", "mark add 1 --ipv4" },
		{ "1 --proto tcp --sport 0:65535 --dport 0:65535",
		  "mark add 1 --proto tcp" },
		{ "1 --dst ::/0", "mark add 1 --ipv6" },
		{ "1 --dst any --proto any", "mark add 1" },
		{ "1 --proto icmp", "mark add 1 --proto icmp" },
		{ "1 --ipv6 --proto icmpv6", "mark add 1 --proto icmpv6" },
		{ "1 --proto 17", "mark add 1 --proto udp" },
		{ "1 --proto 47", "mark add 1 --proto 47" },
		{ "1 --proto tcp --sport 80 --dport 1,2,3:4 --src 10.0.0.0/8",
		  "mark add 1 --proto tcp --src 10.0.0.0/8 --sport 80 "
		  "--dport 1,2,3:4" },
		{ "1 --hook input --in-interface eth+",
		  "mark add 1 --in-interface eth+ --hook input" },
		{ "1 --hook output", "mark add 1 --hook output" },
		{ "1 --src 10.0.0.1-10.0.0.9", "mark add 1 --src "
					       "10.0.0.1-10.0.0.9" },
		{ "1 --src 10.0.0.0-10.0.0.255 --dst 10.0.0.1-10.0.0.1",
		  "mark add 1 --src 10.0.0.0/24 --dst 10.0.0.1" },
		{ "1 --dst 10.0.0.9,10.0.0.1,10.0.0.8/30,10.0.0.5-10.0.0.9",
		  "mark add 1 --dst 10.0.0.1,10.0.0.5-10.0.0.11" },
		{ "1 --src '!2001:db8::2,2001:db8::1'",
		  "mark add 1 --src '!2001:db8::1,2001:db8::2'" },
		{ "1 --src 10.0.0.1,0.0.0.0/0", "mark add 1 --ipv4" },
		/* Everything, in several parts */
		{ "1 --dst 128.0.0.0/1,0.0.0.0/1", "mark add 1 --ipv4" },
		{ "1 --src 0.0.0.0-0.255.255.255,1.0.0.0-255.255.255.255",
		  "mark add 1 --ipv4" },
		{ "1 --src ::/1,8000::/2,c000::/2", "mark add 1 --ipv6" },
		{ "1 --proto udp --dport 40001:65535,0:40000",
		  "mark add 1 --proto udp" },
		{ "1 --proto udp --dport 30000:65535,0:40000",
		  "mark add 1 --proto udp" },
		/* All but one */
		{ "1 --src '!0.0.0.0/1,128.0.0.1-255.255.255.255'",
		  "mark add 1 --src "
		  "'!0.0.0.0/1,128.0.0.1-255.255.255.255'" },
		{ "1 --proto udp --dport '!40001:65535,0:39999'",
		  "mark add 1 --proto udp --dport '!0:39999,40001:65535'" },
		/* Ports have one order. */
		{ "1 --proto tcp --dport 443,80,8000:8100,80,8050:8200",
		  "mark add 1 --proto tcp --dport 80,443,8000:8200" },
		{ "1 --proto '!icmp' --ipv4", "mark add 1 --proto '!icmp' "
					      "--ipv4" },
		{ "1 --proto udp --dport '!80,443' --sport '!5:6'",
		  "mark add 1 --proto udp --sport '!5:6' --dport '!80,443'" },
		{ "1 --in-interface '!eth+' --src-type '!local' --dst-type "
		  "local --mac '!00:11:22:AA:BB:CC' --dscp 46 --state new",
		  "mark add 1 --in-interface '!eth+' --src-type '!local' "
		  "--dst-type local --mac '!00:11:22:aa:bb:cc' --dscp ef "
		  "--state new" },
		{ "1 --dscp 3 --state '!new'",
		  "mark add 1 --dscp 3 --state '!new'" },
		{ "1 --src any --mac any --dscp any --state any --src-type any",
		  "mark add 1" },
		{ "1 --comment 'it'\\''s two'",
		  "mark add 1 --comment 'it'\\''s two'" },
		{ "1 --comment ''", "mark add 1" },
		{ "1 --comment x -- -m iprange --src-range 10.0.0.1-10.0.0.9",
		  "mark add 1 --comment x -- -m iprange "
		  "--src-range 10.0.0.1-10.0.0.9" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_MARK struct ipvsctl_mark rule = given_mark(cases[i].text);
		char *line = NULL;
		char *again = NULL;

		assert_int_equal(ipvsctl_mark_line(&rule, &line, NULL), 0);
		assert_string_equal(line, cases[i].line);
		AUTO_MARK struct ipvsctl_mark copy =
			given_mark(line + (rule.exclude ? 5 : 9));
		assert_true(ipvsctl_mark_same_match(&rule, &copy));
		assert_true(mark_equal(&rule, &copy));
		assert_int_equal(mark_hash(&rule), mark_hash(&copy));
		assert_int_equal(ipvsctl_mark_line(&copy, &again, NULL), 0);
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
		{ "0", "mark '0' is not a number from 1 to 4294967295", "" },
		{ "4294967296", NULL, "" },
		{ "one", NULL, "" },
		{ "1 --proto quic",
		  "protocol 'quic' is none of tcp, udp, sctp, icmp, icmpv6, "
		  "esp, ah, udplite, dccp, any, nor a number from 1 to 255",
		  "" },
		{ "1 --proto 0", NULL, "" },
		{ "1 --proto 256", NULL, "" },
		{ "1 --src 10.0.0.1/8",
		  "'10.0.0.1/8' has bits set after the prefix", "10.0.0.0/8" },
		{ "1 --src nowhere", NULL, "" },
		{ "1 --dst 10.0.0.0/8/8", NULL, "" },
		{ "1 --proto udp --dport 2:1", "the range 2:1 goes backwards",
		  "1:2" },
		{ "1 --proto udp --sport x", NULL, "" },
		{ "1 --dport 80", "ports need a protocol that has ports",
		  "--proto udp" },
		{ "1 --proto icmp --sport 80", NULL, "--proto udp" },
		{ "1 --in-interface ''", "interface name is empty", "" },
		{ "1 --in-interface sixteen-bytes-if",
		  "interface name is longer than 15 bytes", "" },
		{ "1 --in-interface a/b",
		  "interface name 'a/b' contains an invalid character", "" },
		{ "1 --in-interface 'a b'", NULL, "" },
		{ "1 --in-interface +",
		  "interface '+' matches every interface: leave it out", "" },
		{ "1 --hook forward",
		  "hook 'forward' is none of prerouting, input, output", "" },
		{ "1 --src '!any'", "'!any' matches no packet", "" },
		{ "1 --src '!0.0.0.0/0'", "no packet can match the source", "" },
		{ "1 --src '!128.0.0.0/1,0.0.0.0/1'",
		  "no packet can match the source", "" },
		{ "1 --dst '!::/1,8000::/1'",
		  "no packet can match the destination", "" },
		{ "1 --dst 10.0.0.9-10.0.0.1",
		  "the range 10.0.0.9-10.0.0.1 goes backwards",
		  "10.0.0.1-10.0.0.9" },
		{ "1 --dst 10.0.0.1,::1",
		  "a list cannot have addresses of IPv4 and IPv6", "" },
		{ "1 --dst 10.0.0.1,any", "'any' cannot be part of a list", "" },
		{ "1 --dst 10.0.0.1,", NULL, "" },
		{ "1 --proto '!any'", "no packet can match the protocol", "" },
		{ "1 --proto '!tcp' --dport 80",
		  "ports need a protocol that has ports", "--proto udp" },
		{ "1 --proto tcp --dport '!0:65535'",
		  "no packet can match the ports", "" },
		{ "1 --proto tcp --dport '!40001:65535,0:40000'",
		  "no packet can match the ports", "" },
		{ "1 --proto tcp --sport '!30000:65535,0:40000'",
		  "no packet can match the ports", "" },
		{ "1 --mac 00:11:22:33:44:5g", NULL, "" },
		{ "1 --mac '!any'", "no packet can match the MAC address", "" },
		{ "1 --mac 00:11:22:33:44:55 --hook output",
		  "packets of the output hook have no sender on a link",
		  "--hook prerouting" },
		{ "1 --dscp 64", NULL, "" },
		{ "1 --state old", "state 'old' is none of new, any", "" },
		{ "1 --hook output --in-interface eth0",
		  "packets of the output hook have no input interface",
		  "--hook prerouting" },
		{ "1 --priority 65536",
		  "priority '65536' is not a number from 0 to 65535", "" },
		{ "1 --mask 0", "mask '0' is not a number from 1 to 4294967295",
		  "" },
		{ "256 --mask 0xff", "mark 0x100 does not fit the mask 0xff",
		  "--mask 0x1ff" },
		{ "1 --ipv4 --ipv6",
		  "--ipv4 and --ipv6 exclude each other; without either a rule "
		  "is for both",
		  "" },
		{ "1 --ipv6 --ipv4", NULL, "" },
		{ "1 --ipv4 --src ::1",
		  "the source is IPv6, the rest of the rule is not", "" },
		{ "1 --src 10.0.0.1 --dst ::1",
		  "the destination is IPv6, the rest of the rule is not", "" },
		{ "1 --dst ::1 --proto icmp",
		  "the protocol is IPv4, the rest of the rule is not", "" },
		{ "1 --ipv4 --proto icmpv6", NULL, "" },
		{ "1 --comment caf\xe9", "the comment is not UTF-8", "" },
		{ "1 --comment 'bell\a'",
		  "comment 'bell?' contains an invalid character", "" },
		{ "1 --extra 'line\nbreak'", NULL, "" },
		{ "1 --mark 2", "unknown option '--mark'", "" },
		{ "exclude --snat",
		  "--snat goes by a mark, and an exclusion sets none", "" },
		{ "exclude --snat=192.0.2.1", NULL, "" },
		{ "1 --mask 0xff --snat",
		  "--snat goes by the whole mark, and --mask sets a part of it",
		  "" },
		{ "1 --snat=eth0",
		  "source 'eth0' is neither an address that a host can have "
		  "nor masquerade",
		  "" },
		{ "1 --snat=", NULL, "" },
		{ "1 --snat=0.0.0.0", NULL, "" },
		{ "1 --snat=224.0.0.1", NULL, "" },
		{ "1 --snat=ff02::1", NULL, "" },
		{ "1 --snat=192.0.2.0/24", NULL, "" },
		{ "1 --snat=192.0.2.1 --ipv6",
		  "the address of --snat is IPv4, the rest of the rule is not",
		  "" },
		{ "1 --snat=192.0.2.1 --dst 2001:db8::1", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_mark rule;
		struct ipvsctl_error err = { 0 };

		assert_int_equal(read_mark(cases[i].text, &rule, &err), -EINVAL);
		assert_failure(&err, &(struct failure){ -EINVAL, NULL,
							cases[i].message,
							cases[i].hint });
		assert_int_equal(read_mark(cases[i].text, &rule, NULL), -EINVAL);
	}
}

static void test_texts_have_limits(void **state)
{
	struct ipvsctl_mark rule;
	char text[IPVSCTL_EXTRA_MAX + 2];

	(void)state;
	ipvsctl_mark_init(&rule, false);
	(void)memset(text, 'x', sizeof(text));
	text[IPVSCTL_EXTRA_MAX + 1] = '\0';
	assert_int_equal(ipvsctl_mark_set(&rule, "extra", text, NULL), -EINVAL);
	text[IPVSCTL_EXTRA_MAX] = '\0';
	assert_int_equal(ipvsctl_mark_set(&rule, "extra", text, NULL), 0);
	text[IPVSCTL_COMMENT_MAX + 1] = '\0';
	assert_int_equal(ipvsctl_mark_set(&rule, "comment", text, NULL),
			 -EINVAL);
	text[IPVSCTL_COMMENT_MAX] = '\0';
	assert_int_equal(ipvsctl_mark_set(&rule, "comment", text, NULL), 0);
	assert_int_equal(strlen(rule.comment), IPVSCTL_COMMENT_MAX);
	assert_int_equal(ipvsctl_mark_check(&rule, NULL), 0);
	ipvsctl_mark_clear(&rule);
}

/* Texts that the caller points to are not bounded by setting them. */
static void test_the_check_knows_the_limits(void **state)
{
	struct ipvsctl_mark rule;
	char text[IPVSCTL_EXTRA_MAX + 2];
	AUTO_FREE char *line = NULL;

	(void)state;
	ipvsctl_mark_init(&rule, false);
	(void)memset(text, 'x', sizeof(text));
	text[IPVSCTL_EXTRA_MAX + 1] = '\0';
	rule.extra = text;
	assert_int_equal(ipvsctl_mark_check(&rule, NULL), -EINVAL);
	assert_int_equal(ipvsctl_mark_line(&rule, &line, NULL), 0);
	assert_string_equal(line + strlen("mark add 1 -- "), text);
	rule.extra = NULL;
	rule.comment = text + IPVSCTL_EXTRA_MAX - IPVSCTL_COMMENT_MAX;
	assert_int_equal(ipvsctl_mark_check(&rule, NULL), -EINVAL);
	rule.comment++;
	assert_int_equal(ipvsctl_mark_check(&rule, NULL), 0);
}

static void test_a_rule_owns_its_texts(void **state)
{
	static const char *const words[] = { "-m", "two words" };
	struct ipvsctl_mark rule;
	char comment[] = "first";

	(void)state;
	ipvsctl_mark_init(&rule, false);
	assert_null(rule.comment);
	assert_null(rule.extra);
	for (size_t i = 0; i < ARRAY_SIZE(rule.reserved); i++)
		assert_int_equal(rule.reserved[i], 0);
	assert_int_equal(ipvsctl_mark_set(&rule, "comment", comment, NULL), 0);
	comment[0] = 'w';
	assert_string_equal(rule.comment, "first");
	assert_int_equal(ipvsctl_mark_set(&rule, "comment", "a\tb", NULL),
			 -EINVAL);
	assert_string_equal(rule.comment, "first");
	assert_int_equal(ipvsctl_mark_set(&rule, "comment", "second", NULL), 0);
	assert_string_equal(rule.comment, "second");
	assert_int_equal(ipvsctl_mark_set(&rule, "comment", rule.comment, NULL),
			 0);
	assert_string_equal(rule.comment, "second");
	assert_int_equal(ipvsctl_mark_set(&rule, "comment", "", NULL), 0);
	assert_null(rule.comment);
	assert_int_equal(ipvsctl_mark_set_words(&rule, words, 2, NULL), 0);
	assert_string_equal(rule.extra, "-m \"two words\"");
	assert_int_equal(ipvsctl_mark_set_words(&rule, words, 0, NULL), 0);
	assert_int_equal(ipvsctl_mark_set_words(&rule, words, 2, NULL), -EINVAL);
	assert_string_equal(rule.extra, "-m \"two words\"");
	ipvsctl_mark_clear(&rule);
	assert_null(rule.extra);
	ipvsctl_mark_clear(&rule);
	ipvsctl_mark_clear(NULL);
}

/* "" and no text are the same, whoever filled in the rule. */
static void test_an_empty_text_is_none(void **state)
{
	AUTO_MARK struct ipvsctl_mark copy = { 0 };
	struct ipvsctl_mark none;
	struct ipvsctl_mark empty;
	AUTO_FREE char *line = NULL;

	(void)state;
	ipvsctl_mark_init(&none, false);
	empty = none;
	empty.comment = "";
	empty.extra = "";
	assert_true(ipvsctl_mark_same_match(&none, &empty));
	assert_true(mark_equal(&none, &empty));
	assert_int_equal(mark_hash(&none), mark_hash(&empty));
	assert_int_equal(ipvsctl_mark_line(&empty, &line, NULL), 0);
	assert_string_equal(line, "mark add 1");
	assert_int_equal(mark_copy(&empty, &copy), 0);
	assert_null(copy.comment);
	assert_null(copy.extra);
}

static int set_texts(void *data)
{
	static const char *const words[] = { "-m", "x" };
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	AUTO_MARK struct ipvsctl_mark copy = { 0 };
	struct ipvsctl_error err = { 0 };
	int r;

	(void)data;
	ipvsctl_mark_init(&rule, false);
	r = ipvsctl_mark_set(&rule, "comment", "one", &err);
	if (!r)
		r = ipvsctl_mark_set(&rule, "comment", "other", &err);
	if (r && rule.comment)
		assert_string_equal(rule.comment, "one");
	if (!r)
		r = ipvsctl_mark_set(&rule, "extra", "-m y", &err);
	if (!r)
		r = ipvsctl_mark_set(&rule, "extra", "", &err);
	if (!r)
		r = ipvsctl_mark_set_words(&rule, words, 2, &err);
	assert_int_equal(err.code, r);
	if (!r)
		r = mark_copy(&rule, &copy);
	if (r)
		assert_null(copy.comment);
	return r;
}

static void test_texts_without_memory(void **state)
{
	(void)state;
	alloc_each_failure(set_texts, NULL);
}

static void test_what_the_check_settles(void **state)
{
	static const struct {
		const char *text;
		uint16_t family;
		uint16_t destinations;
	} cases[] = {
		{ "1 --dst 10.0.0.0/8", AF_INET, 1 },
		{ "1 --src 2001:db8::1", AF_INET6, 0 },
		{ "1 --proto icmp", AF_INET, 0 },
		{ "1", AF_UNSPEC, 0 },
		{ "1 --dst ::/0", AF_INET6, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_MARK struct ipvsctl_mark rule = given_mark(cases[i].text);

		assert_int_equal(rule.family, cases[i].family);
		assert_int_equal(rule.destination.count, cases[i].destinations);
	}
}

static void test_a_failed_check_changes_nothing(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule = given_mark("1");

	(void)state;
	assert_int_equal(ipvsctl_mark_set(&rule, "dst", "::/0", NULL), 0);
	rule.hook = 9;
	struct ipvsctl_mark before = rule;
	assert_int_equal(ipvsctl_mark_check(&rule, NULL), -EINVAL);
	assert_memory_equal(&rule, &before, sizeof(rule));
	rule.hook = 0;
	rule.mark = 0;
	assert_int_equal(ipvsctl_mark_check(&rule, NULL), -EINVAL);
	rule.mark = 1;
	rule.source_ports.count = IPVSCTL_PORT_SLOTS + 1;
	assert_int_equal(ipvsctl_mark_check(&rule, NULL), -EINVAL);
}

static void test_what_makes_a_match(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		bool same;
	} cases[] = {
		{ "1 --proto udp", "2 --proto udp --comment x", true },
		{ "1 --mask 0xf", "1", true },
		{ "1 --priority 50 --no-exempt-own", "exclude", true },
		{ "1", "1 --priority 99", false },
		{ "1", "1 --no-exempt-own", false },
		{ "1", "1 --ipv4", false },
		{ "1", "1 --hook input", false },
		{ "1", "1 --proto udp", false },
		{ "1", "1 --src 10.0.0.1", false },
		{ "1 --src 10.0.0.0/8", "1 --src 10.0.0.0/9", false },
		{ "1 --src 10.0.0.1", "1 --dst 10.0.0.1", false },
		{ "1 --proto udp --sport 5", "1 --proto udp --dport 5", false },
		{ "1 --proto udp --sport 5", "1 --proto udp --sport 5:6",
		  false },
		{ "1 --in-interface eth0", "1 --in-interface eth1", false },
		{ "1 --extra -mx", "1 -- -mx", true },
		{ "1 --extra -mx", "1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_MARK struct ipvsctl_mark a = given_mark(cases[i].a);
		AUTO_MARK struct ipvsctl_mark b = given_mark(cases[i].b);

		assert_int_equal(ipvsctl_mark_same_match(&a, &b), cases[i].same);
		assert_int_equal(ipvsctl_mark_same_match(&b, &a), cases[i].same);
		if (cases[i].same)
			assert_int_equal(mark_hash(&a), mark_hash(&b));
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ipvsctl_hook_name(IPVSCTL_HOOK_PREROUTING),
			    "prerouting");
	assert_string_equal(ipvsctl_hook_name(IPVSCTL_HOOK_OUTPUT), "output");
	assert_string_equal(ipvsctl_hook_name(3), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_survive_parse_and_format),
		cmocka_unit_test(test_bad_attributes_and_combinations),
		cmocka_unit_test(test_texts_have_limits),
		cmocka_unit_test(test_the_check_knows_the_limits),
		cmocka_unit_test(test_a_rule_owns_its_texts),
		cmocka_unit_test(test_an_empty_text_is_none),
		cmocka_unit_test(test_texts_without_memory),
		cmocka_unit_test(test_what_the_check_settles),
		cmocka_unit_test(test_a_failed_check_changes_nothing),
		cmocka_unit_test(test_what_makes_a_match),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("mark", tests, NULL, NULL);
}
