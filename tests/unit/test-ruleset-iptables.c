/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rulesets as iptables-save writes them: what marks, what is passed over. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mangle.h"

#include "scope.h"
#include "text.h"

/* ---- Single rules ------------------------------------------------------ */

static void test_matches(void **state)
{
	static const struct {
		const char *rule; /* before the target */
		const char *wanted;
	} cases[] = {
		{ "-A PREROUTING", "mark add 1 --ipv4" },
		{ "-A INPUT", "mark add 1 --hook input --ipv4" },
		{ "-A OUTPUT", "mark add 1 --hook output --ipv4" },
		{ "[12:3456] -A PREROUTING", "mark add 1 --ipv4" },
		{ "-A PREROUTING -s 10.0.0.0/8 -d 192.0.2.1/32 -i eth+",
		  "mark add 1 --src 10.0.0.0/8 --dst 192.0.2.1 "
		  "--in-interface eth+" },
		{ "-A PREROUTING -p tcp -m tcp --sport 1024:65535 --dport 80",
		  "mark add 1 --proto tcp --sport 1024:65535 --dport 80 "
		  "--ipv4" },
		{ "-A PREROUTING -p udp -m udp",
		  "mark add 1 --proto udp --ipv4" },
		{ "-A PREROUTING -p sctp -m multiport --dports 80,443,1:9",
		  "mark add 1 --proto sctp --dport 1:9,80,443 --ipv4" },
		{ "-A PREROUTING -p udplite -m udplite --sport 5 -m multiport "
		  "--dports 1,2",
		  "mark add 1 --proto udplite --sport 5 --dport 1,2 --ipv4" },
		{ "-A PREROUTING -p dccp -m multiport --sports 5",
		  "mark add 1 --proto dccp --sport 5 --ipv4" },
		{ "-A PREROUTING -p icmp", "mark add 1 --proto icmp" },
		{ "-A PREROUTING -p 47", "mark add 1 --proto 47 --ipv4" },
		{ "-A PREROUTING -p all", "mark add 1 --ipv4" },
		{ "-A PREROUTING -m comment --comment \"it's \\\"two\\\" -j\"",
		  "mark add 1 --ipv4 --comment 'it'\\''s \"two\" -j'" },
		{ "-A PREROUTING -m comment --comment web",
		  "mark add 1 --ipv4 --comment web" },
		{ "-A PREROUTING -m comment --comment \"\"",
		  "mark add 1 --ipv4" },
		/* Further matches stay in their own words. */
		{ "-A PREROUTING -p tcp -m tcp --dport 80 --tcp-flags "
		  "FIN,SYN SYN",
		  "mark add 1 --proto tcp --dport 80 --ipv4 -- -m tcp "
		  "--tcp-flags FIN,SYN SYN" },
		{ "-A PREROUTING -m conntrack --ctstate NEW,RELATED -m iprange "
		  "--src-range 10.0.0.1-10.0.0.9 -s 10.0.0.0/8",
		  "mark add 1 --src 10.0.0.0/8 -- -m conntrack --ctstate "
		  "NEW,RELATED -m iprange --src-range 10.0.0.1-10.0.0.9" },
		/* Those that rules have themselves do not. */
		{ "-A PREROUTING -m conntrack --ctstate NEW -m iprange ! "
		  "--src-range 10.0.0.1-10.0.0.9",
		  "mark add 1 --src '!10.0.0.1-10.0.0.9' --state new" },
		{ "-A PREROUTING -m state ! --state NEW -m addrtype "
		  "--dst-type LOCAL -m string --string a --algo bm",
		  "mark add 1 --dst-type local --state '!new' --ipv4 -- -m "
		  "string --string a --algo bm" },
		{ "-A PREROUTING -m addrtype ! --src-type LOCAL -m dscp --dscp "
		  "0x2e -m mac --mac-source 02:00:00:00:00:01",
		  "mark add 1 --src-type '!local' --mac 02:00:00:00:00:01 "
		  "--dscp ef --ipv4" },
		{ "-A PREROUTING -p tcp -m multiport ! --dports 80,81 -m tcp ! "
		  "--sport 5:7",
		  "mark add 1 --proto tcp --sport '!5:7' --dport '!80,81' "
		  "--ipv4" },
		{ "-A OUTPUT -m mac --mac-source 02:00:00:00:00:01",
		  "mark add 1 --hook output --ipv4 -- -m mac --mac-source "
		  "02:00:00:00:00:01" },
		/* Not among matches that count, since their order does. */
		{ "-A PREROUTING -m limit --limit 5/sec -m addrtype --dst-type "
		  "LOCAL",
		  "mark add 1 --ipv4 -- -m limit --limit 5/sec -m addrtype "
		  "--dst-type LOCAL" },
		{ "-A PREROUTING -p tcp -m multiport ! --ports 80,81 -m tcp "
		  "--sport 5",
		  "mark add 1 --proto tcp --sport 5 --ipv4 -- -m multiport "
		  "'!' --ports 80,81" },
		{ "-A PREROUTING -p tcp -m t --that 80",
		  "mark add 1 --proto tcp --ipv4 -- -m t --that 80" },
		{ "-A PREROUTING -m string --string \"a \\\"b\\\"\" --algo bm",
		  "mark add 1 --ipv4 -- -m string --string 'a \"b\"' "
		  "--algo bm" },
		{ "-A PREROUTING -m mark ! --mark 0x7 -m set --match-set a "
		  "src",
		  "mark add 1 --ipv4 -- -m mark '!' --mark 0x7 -m set "
		  "--match-set a src" },
		/* What says something by being there is kept. */
		{ "-A PREROUTING -m socket -p icmp -m icmp",
		  "mark add 1 --proto icmp -- -m socket" },
		/* What it says without a value, too, and no option twice. */
		{ "-A PREROUTING -p tcp -m multiport --dports 80,443 -m tcp "
		  "--dport 80",
		  "mark add 1 --proto tcp --dport 80,443 --ipv4 -- -m tcp "
		  "--dport 80" },
		{ "-A PREROUTING -p tcp -m tcp ! --dport 80",
		  "mark add 1 --proto tcp --dport '!80' --ipv4" },
		{ "-A PREROUTING -p tcp -m multiport ! --dports 80,81",
		  "mark add 1 --proto tcp --dport '!80,81' --ipv4" },
		/* Addresses that it is not are what iprange can say. */
		{ "-A PREROUTING ! -s 10.0.0.0/8 -m mac --mac-source "
		  "02:00:00:00:00:01",
		  "mark add 1 --src '!10.0.0.0/8' --mac 02:00:00:00:00:01" },
		{ "-A PREROUTING ! -d 192.0.2.10",
		  "mark add 1 --dst '!192.0.2.10'" },
		/* Of those that it is, some are taken out. */
		{ "-A PREROUTING -s 10.0.0.0/8 -m iprange ! --src-range "
		  "10.0.0.1-10.0.0.9",
		  "mark add 1 --src 10.0.0.0,10.0.0.10-10.255.255.255" },
		{ "-A PREROUTING -s 10.0.0.0/29 -m iprange ! --src-range "
		  "10.0.0.5-10.0.0.99 -m iprange ! --src-range 9.0.0.0-10.0.0.0",
		  "mark add 1 --src 10.0.0.1-10.0.0.4" },
		{ "-A PREROUTING ! -d 10.0.0.0/8 -m iprange ! --dst-range "
		  "10.0.0.1-11.0.0.0",
		  "mark add 1 --dst '!10.0.0.0-11.0.0.0'" },
		{ "-A PREROUTING -d 10.0.0.0/8 -m iprange ! --dst-range "
		  "2001:db8::1-2001:db8::2",
		  "mark add 1 --dst 10.0.0.0/8 -- -m iprange '!' --dst-range "
		  "2001:db8::1-2001:db8::2" },
		/* Every address is none that the rule has. */
		{ "-A PREROUTING -s 0.0.0.0/0 -m iprange --src-range "
		  "10.0.0.1-10.0.0.9",
		  "mark add 1 --src 10.0.0.1-10.0.0.9" },
		/* By hand. */
		{ "-A PREROUTING -s 10.1.2.3/255.255.0.0 -d "
		  "192.0.2.1/255.255.255.255",
		  "mark add 1 --src 10.1.0.0/16 --dst 192.0.2.1" },
		{ "-A PREROUTING -s 0.0.0.0/0.0.0.0 -d 10.9.9.9/8 -i +",
		  "mark add 1 --dst 10.0.0.0/8" },
		{ "--append PREROUTING --protocol TCP --dport 25 --source "
		  "10.0.0.1 --in-interface eth0",
		  "mark add 1 --proto tcp --src 10.0.0.1 --dport 25 "
		  "--in-interface eth0" },
		{ "-A PREROUTING -p udp --source-port :1023 "
		  "--destination-port=60000: --dst 192.0.2.1",
		  "mark add 1 --proto udp --sport 0:1023 --dst 192.0.2.1 "
		  "--dport 60000:65535" },
		{ "-A PREROUTING -p tcp --tcp-flags SYN SYN",
		  "mark add 1 --proto tcp --ipv4 -- -m tcp --tcp-flags SYN "
		  "SYN" },
		{ "-A PREROUTING -c 5 300 -p udp --set-counters 1 2",
		  "mark add 1 --proto udp --ipv4" },
		{ "-A PREROUTING -p gre", "mark add 1 --proto 47 --ipv4" },
		{ "-A PREROUTING -p 0", "mark add 1 --ipv4" },
		/* A note that cannot be kept. */
		{ "-A PREROUTING -m comment --comment \"a\tb\"",
		  "mark add 1 --ipv4" },
		/* A value that looks like an option. */
		{ "-A PREROUTING -m string --string --dport --algo bm",
		  "mark add 1 --ipv4 -- -m string --string --dport --algo "
		  "bm" },
		{ "-A PREROUTING -m mark --mark 7 -m mark ! --mark 0x2/3",
		  "mark add 1 --ipv4 -- -m mark --mark 0x7" },
		{ "-A PREROUTING -m connmark --mark 7",
		  "mark add 1 --ipv4 -- -m connmark --mark 7" },
		{ "-A PREROUTING -m socket --transparent -m comment --comment "
		  "x -m limit --limit 1/sec",
		  "mark add 1 --ipv4 --comment x -- -m socket --transparent "
		  "-m limit --limit 1/sec" },
	};
	char text[512];
	char wanted[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(text, sizeof(text), MANGLE("%s" MARK),
			       cases[i].rule);
		(void)snprintf(wanted, sizeof(wanted), "%s\n", cases[i].wanted);
		assert_converts(text, wanted, "");
	}
	assert_converts(
		MANGLE("-A PREROUTING -s 10.0.0.5 -m iprange ! --src-range "
		       "10.0.0.1-10.0.0.9" MARK),
		"",
		"3: -A PREROUTING -s 10.0.0.5 -m iprange ! --src-range "
		"10.0.0.1-10.0.0.9 -j MARK --set-xmark 0x1/0xffffffff: no "
		"packet matches it\n");
	assert_converts(
		MANGLE6("-A PREROUTING -s 2001:db8::/32 -p ipv6-icmp" MARK
			"-A INPUT -p tcp -m tcp --dport 80" MARK),
		"mark add 1 --proto icmpv6 --src 2001:db8::/32\n"
		"mark add 1 --proto tcp --dport 80 --hook input --ipv6\n",
		"");
}

static void test_targets(void **state)
{
	static const struct {
		const char *target;
		const char *wanted; /* "" when it is passed over */
		const char *why;
	} cases[] = {
		{ "-j MARK --set-xmark 0x1f/0xffffffff", "31 --ipv4", NULL },
		{ "-j MARK --set-xmark 0x1/0xff", "1 --mask 0xff --ipv4", NULL },
		{ "-j MARK --set-xmark 7", "7 --ipv4", NULL },
		{ "-j MARK --set-mark 0x7", "7 --ipv4", NULL },
		{ "-j MARK --set-mark 0x1/0xf", "1 --mask 0xf --ipv4", NULL },
		{ "-j MARK --or-mark 6", "6 --mask 0x6 --ipv4", NULL },
		/* This spelling clears the mask and then sets the mark. */
		{ "-j MARK --set-mark 0x10/0xf", "16 --mask 0x1f --ipv4", NULL },
		/* What changes nothing. */
		{ "-j MARK --set-xmark 0x0/0x0", "", "it changes no mark" },
		{ "-j ACCEPT", "",
		  "no MARK rule follows that it could save from" },
		{ "-j DROP", "", "it drops packets" },
		{ "", "", "its target sets no mark" },
		{ "-j LOG --log-prefix \"-j MARK\"", "",
		  "its target sets no mark" },
		{ "-j CONNMARK --set-xmark 0x1/0xffffffff", "",
		  "its target sets no mark" },
		{ "-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff", "",
		  "its target sets no mark" },
		{ "-j TOS --set-tos 0x10/0x3f", "", "its target sets no mark" },
		{ "-m recent --set --name x", "", "its target sets no mark" },
	};
	char text[512];
	char wanted[512];
	char skipped[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(text, sizeof(text), MANGLE("-A PREROUTING %s\n"),
			       cases[i].target);
		(void)snprintf(wanted, sizeof(wanted), "mark add %s\n",
			       cases[i].wanted);
		(void)snprintf(skipped, sizeof(skipped),
			       "3: -A PREROUTING %s: %s\n", cases[i].target,
			       cases[i].why ? cases[i].why : "");
		assert_converts(text, cases[i].why ? "" : wanted,
				cases[i].why ? skipped : "");
	}
}

#define CANNOT_MARK "this rule sets marks and cannot be imported, since "
#define MARK_HINT                                                          \
	"write it as lbctl-mark add, or delete the line if these packets " \
	"need no mark"
#define STATE_HINT                                                             \
	"make it the last MARK rule of its chain, with no match on the mark, " \
	"or delete the line if these packets need no mark"

/* Rules that set marks, and have another meaning here, are refused alone. */
static void test_marks_that_have_no_equal(void **state)
{
	static const struct {
		const char *rule;
		const char *why;
	} cases[] = {
		{ "-j MARK --set-xmark 0x10/0xf",
		  "it toggles bits of the mark" },
		{ "-j MARK --set-xmark 0x1/0x0", "it toggles bits of the mark" },
		{ "-j MARK --xor-mark 1", "it toggles bits of the mark" },
		{ "-j MARK --set-xmark 0x0/0xff", "it clears bits of the mark" },
		{ "-j MARK --and-mark 1", "it clears bits of the mark" },
		{ "-j MARK --set-mark 0", "it removes a mark" },
		{ "-j CONNMARK --restore-mark",
		  "its target or match may set any mark" },
		{ "-j CONNMARK --restore",
		  "its target or match may set any mark" },
		{ "-j SET --map-set a src --map-mark",
		  "its target or match may set any mark" },
		{ "-j TPROXY --on-port 1",
		  "its target or match may set any mark" },
		{ "-j NFQUEUE", "its target or match may set any mark" },
		/* What nobody knows, as a chain that is not there. */
		{ "-j WEB", "its target or match may set any mark" },
		{ "-g WEB", "its target or match may set any mark" },
		{ "-m unknown -j LOG", "its target or match may set any mark" },
		{ "! -i eth0" MARK, "it negates the interface" },
		{ "! -p tcp" MARK, "it negates the protocol" },
		{ "-s 10.0.0.1/255.0.0.255" MARK, "its mask has gaps" },
		{ "-d 10.0.0.1/0.255.0.0" MARK, "its mask has gaps" },
		{ "-s www.example.com" MARK,
		  "it has a value that is not supported" },
		{ "-p any" MARK, "it has a value that is not supported" },
		{ "-p tcp --dport http" MARK,
		  "it has a value that is not supported" },
		/* Only matches can be told in iptables' words. */
		{ "-o eth0" MARK, "it has an option that is not supported" },
		{ "-f" MARK, "it has an option that is not supported" },
		{ "-m mark --mar 1" MARK,
		  "it has an option that is not supported" },
		{ "-m string --string \"a\tb\"" MARK,
		  "it has a match that is not supported" },
		/* It would count other packets. */
		{ "-p udp -m limit --limit 1/hour -m udp --dport 80" MARK,
		  "a match that keeps state comes before another of its "
		  "matches" },
		{ "-p udp -m limit --limit 1/hour --dport 80" MARK,
		  "a match that keeps state comes before another of its "
		  "matches" },
		{ "-m statistic --mode nth --every 2 -m mark --mark 0" MARK,
		  "a match that keeps state comes before another of its "
		  "matches" },
	};
	char text[512];
	char message[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(text, sizeof(text), MANGLE("-A PREROUTING %s\n"),
			       cases[i].rule);
		(void)snprintf(message, sizeof(message), CANNOT_MARK "%s",
			       cases[i].why);
		assert_refused(&(struct refusal){ text, 3, "", message,
						  strstr(cases[i].why, "state") ?
							  STATE_HINT :
							  MARK_HINT },
			       NULL);
		/* Elsewhere they are told of. */
		(void)snprintf(text, sizeof(text), MANGLE("-A FORWARD %s\n"),
			       cases[i].rule);
		assert_makes(nothing, text, NULL, "");
	}
}

static void test_matches_that_are_too_long(void **state)
{
	char text[2048] = MANGLE("");

	(void)state;
	(void)strcpy(strstr(text, "COMMIT"), "-A INPUT -m string --string ");
	(void)memset(text + strlen(text), 'x', IPVSCTL_EXTRA_MAX);
	(void)strcat(text, MARK "COMMIT\n");
	assert_refused(&(struct refusal){ text, 3, "",
					  CANNOT_MARK "its matches are too long",
					  NULL },
		       NULL);
}

static void test_tables(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
		const char *skipped;
	} cases[] = {
		/* Other tables are other people's. */
		{ "# Generated by iptables-save v1.8.9\n*raw\n"
		  ":PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT --zone 1\n"
		  "-A POSTROUTING" MARK "-A OLD" MARK "-A X -j\n-B X\nCOMMIT\n"
		  "# Completed on Thu\n# Generated by iptables-save v1.8.9\n"
		  "*mangle\n:PREROUTING ACCEPT [1:2]\n" UDP MARK "COMMIT\n"
		  "*nat\n-A PREROUTING -j ACCEPT\nCOMMIT\n",
		  "mark add 1 --proto udp --ipv4\n", "" },
		{ "*raw\nCOMMIT\n", "", "" },
		/* Both families in one text. */
		{ MANGLE(UDP MARK) MANGLE6(UDP MARK2),
		  "mark add 1 --proto udp --ipv4\n"
		  "mark add 2 --proto udp --ipv6\n",
		  "" },
		{ MANGLE6(UDP MARK) MANGLE(UDP MARK2),
		  "mark add 1 --proto udp --ipv6\n"
		  "mark add 2 --proto udp --ipv4\n",
		  "" },
		/* Without a comment of iptables-save it is IPv4. */
		{ "*mangle\n" UDP MARK "COMMIT\n",
		  "mark add 1 --proto udp --ipv4\n", "" },
		/* Other comments do not tell the family. */
		{ MANGLE6("# the iptables rules of old\n" UDP MARK),
		  "mark add 1 --proto udp --ipv6\n", "" },
		{ "# see ip6tables, too\n" MANGLE("# not ip6tables\n" UDP MARK),
		  "mark add 1 --proto udp --ipv4\n", "" },
		{ "*mangle\r\n" UDP " -j MARK --set-mark 1\r\nCOMMIT\r\n",
		  "mark add 1 --proto udp --ipv4\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_converts(cases[i].text, cases[i].wanted,
				cases[i].skipped);
}

static void test_texts_that_are_refused(void **state)
{
	static const struct refusal cases[] = {
		/* What has no equal and would be missed. */
		{ "*raw\n:A - [0:0]\n-A INPUT -j A\n-A A" MARK "COMMIT\n", 4, "",
		  "this rule sets marks in the table raw, and only those of "
		  "the table mangle are imported",
		  NULL },
		/* Twice the same. */
		{ MANGLE(UDP MARK) MANGLE(TCP MARK), 8, NULL,
		  "this is the second mangle table of IPv4, for which "
		  "iptables-restore would forget the first",
		  NULL },
		{ "*\nCOMMIT\n", 1, "", "'*' names no table", NULL },
		{ MANGLE(": - [0:0]\n"), 3, "", "': - [0:0]' names no chain",
		  NULL },
		/* Texts that are cut short or no such texts. */
		{ "*mangle\n" UDP MARK, 2, "",
		  "COMMIT is missing: the text may be cut short", NULL },
		{ "*raw\n", 1, "", NULL, NULL },
		{ "*mangle\n*nat\nCOMMIT\n", 2, "",
		  "the table before has no COMMIT", NULL },
		{ "*mangle\nCOMMIT\nsvc flush\n", 3, "",
		  "'svc flush' is not a line of iptables-save", NULL },
		{ ":PREROUTING ACCEPT [0:0]\n" UDP MARK "COMMIT\n", 1, "",
		  "outside any table: the text may be cut short", NULL },
		{ MANGLE(UDP MARK) UDP MARK, 5, "", NULL, NULL },
		{ "*mangle\nCOMMIT\nCOMMIT\n", 3, "", NULL, NULL },
		/* Rules that iptables-save does not write. */
		{ MANGLE("-A PREROUTING -m comment --comment \"x\n"), 3, "",
		  "a quote is not closed", NULL },
		{ MANGLE("-I PREROUTING" MARK), 3, "",
		  "'-I' does not begin a rule of iptables-save", NULL },
		{ MANGLE("-s 10.0.0.0/8" MARK), 3, "", NULL, NULL },
		{ MANGLE("-P PREROUTING DROP\n"), 3, "", NULL, NULL },
		{ MANGLE("[0:0]\n"), 3, "", NULL, NULL },
		{ MANGLE("[0:0 -A PREROUTING" MARK), 3, "", NULL, NULL },
		{ MANGLE("-A\n"), 3, "", "'-A' needs a value", NULL },
		{ MANGLE("-A PREROUTING -j\n"), 3, "", NULL, NULL },
		{ MANGLE("-A PREROUTING -j MARK --set-xmark\n"), 3, "", NULL,
		  NULL },
		{ MANGLE("-A PREROUTING -c 1\n"), 3, "",
		  "'-c' needs two values", NULL },
		{ MANGLE("-A PREROUTING -j MARK\n"), 3, "",
		  "MARK needs a mark to set", NULL },
		{ MANGLE("-A PREROUTING -j MARK --set-xmark one\n"), 3, "",
		  NULL, NULL },
		{ MANGLE("-A PREROUTING -j MARK --set-xmark 0x1/\n"), 3, "",
		  NULL, NULL },
		{ MANGLE("-A PREROUTING -j MARK --set-xmark "
			 "0x00000000000001/1\n"),
		  3, "", "'0x00000000000001/1' is not MARK/MASK", NULL },
		{ MANGLE("-A PREROUTING -j MARK --set-mark 0x100000000\n"), 3,
		  "", NULL, NULL },
		/* Addresses of the other family. */
		{ MANGLE("-A PREROUTING -s 2001:db8::1/128" MARK), 3, "",
		  "the source is IPv6, the rest of the rule is not", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

/* Told when the text is added, not again when it is run. */
static void test_what_is_passed_over_is_told_once(void **state)
{
	static const char text[] = MANGLE("-A INPUT -j ACCEPT\n" UDP MARK);
	struct text noted = { 0 };
	const struct listener listener = { .skipped = note_skipped,
					   .data = &noted };
	struct ipvsctl_ruleset *ruleset = given_ruleset(text, &listener);
	struct ipvsctl_config *from = given_config(nothing);
	struct ipvsctl_config *to = NULL;
	char *told = NULL;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ipvsctl_ruleset_run(ruleset, from, &to, NULL),
				 0);
		ipvsctl_config_free(to);
	}
	assert_int_equal(ipvsctl_ruleset_kinds(ruleset), IPVSCTL_MARKS);
	ipvsctl_ruleset_free(ruleset);
	assert_int_equal(text_take(&noted, &told), 0);
	assert_string_equal(told, "3: -A INPUT -j ACCEPT: no MARK rule "
				  "follows that it could save from\n");
	free(told);
	ipvsctl_config_free(from);
	/* Nobody has to listen. */
	assert_makes(nothing, text, NULL,
		     "mark add 1 --proto udp --no-exempt-own --ipv4\n");
}

static void test_running_out_of_memory(void **state)
{
	static const char *const standing[] = { "mark 7 --proto udp", NULL };

	(void)state;
	assert_survives_without_memory(
		standing,
		MANGLE(":A DROP [0:0]\n:INPUT DROP [0:0]\n" ICMP " -j RETURN\n"
		       "-A INPUT -s 10.0.0.1 -g A\n"
		       "-A A -p udp -j RETURN\n-A A" MARK2
		       "-A INPUT -m mark --mark 1 -j A\n" UDP MARK UDP MARK2 TCP
		       " -m conntrack --ctstate NEW" MARK
		       "-A INPUT -p udp -m comment --comment \"a b\"" MARK
		       "-A INPUT -p tcp -m multiport --dports 1,2" MARK),
		NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_marks_that_have_no_equal),
		cmocka_unit_test(test_matches_that_are_too_long),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_texts_that_are_refused),
		cmocka_unit_test(test_what_is_passed_over_is_told_once),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("ruleset-iptables", tests, NULL,
					   NULL);
}
