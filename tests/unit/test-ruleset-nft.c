/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Listings of nft -j: what tests/import does not show, and what is refused. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mangle.h"

#include "scope.h"
#include "text.h"

#define LISTING(items)                                               \
	"{\"nftables\": [{\"metainfo\": {\"version\": \"1.0.6\"}}, " \
	"{\"table\": {\"family\": \"inet\", \"name\": \"lb\"}}" items "]}"
#define IN	    "\"family\": \"inet\", \"table\": \"lb\""
#define CHAIN(name) ", {\"chain\": {" IN ", \"name\": \"" name "\"}}"
#define BASE_OF(name, hook, priority, policy)         \
	", {\"chain\": {" IN ", \"name\": \"" name    \
	"\", \"type\": \"filter\", \"hook\": \"" hook \
	"\", \"prio\": " priority ", \"policy\": \"" policy "\"}}"
#define PRE BASE_OF("pre", "prerouting", "-150", "accept")
#define RULE_OF(chain, handle, expr)                                          \
	", {\"rule\": {" IN ", \"chain\": \"" chain "\", \"handle\": " handle \
	", \"expr\": [" expr "]}}"
#define RULE(expr) RULE_OF("pre", "7", expr)

#define KEY	"\"key\": {\"meta\": {\"key\": \"mark\"}}"
#define SET(to) "{\"mangle\": {" KEY ", \"value\": " to "}}"
#define IS(op, left, right)                                \
	"{\"match\": {\"op\": \"" op "\", \"left\": " left \
	", \"right\": " right "}}"
#define META(key) "{\"meta\": {\"key\": \"" key "\"}}"
#define FIELD(of, key) \
	"{\"payload\": {\"protocol\": \"" of "\", \"field\": \"" key "\"}}"
#define UDP_IS		   IS("==", META("l4proto"), "\"udp\"")
#define DADDR		   FIELD("ip", "daddr")
#define DPORT		   FIELD("tcp", "dport")
#define RANGE(first, last) "{\"range\": [\"" first "\", \"" last "\"]}"
#define NOT_IN_RANGE	   IS("!=", DADDR, RANGE("10.0.0.3", "10.0.0.9"))
#define SET_BIT		   SET("{\"|\": [" META("mark") ", 256]}")

static void test_what_becomes_of_rules(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
		const char *skipped;
	} cases[] = {
		{ LISTING(""), "", "" },
		{ "{\"nftables\": []}", "", "" },
		{ LISTING(PRE RULE("")), "", "" },
		/* Both families become one rule, unless they differ. */
		{ LISTING(PRE RULE(UDP_IS ", " SET("1"))),
		  "mark add 1 --proto udp\n", "" },
		{ LISTING(PRE RULE(IS("==", DADDR, "\"192.0.2.1\"") ", " SET(
			  "2")) RULE(UDP_IS ", " SET("1"))),
		  "mark add 1 --proto udp\n"
		  "mark add 2 --dst 192.0.2.1\n",
		  "" },
		{ LISTING(PRE RULE(UDP_IS ", " SET("1")) RULE(
			  IS("==", META("nfproto"), "\"ipv6\"") ", " SET("2"))),
		  "mark add 1 --proto udp --ipv4\nmark add 2 --ipv6\n", "" },
		/* Operations on marks. */
		{ LISTING(PRE RULE(SET("{\"|\": [{\"&\": [" META(
			  "mark") ", 4294967040]}, 1]}"))),
		  "mark add 1 --mask 0xff\n", "" },
		{ LISTING(PRE RULE(SET("{\"|\": [{\"&\": [" META(
			  "mark") ", 4294967040, 4294963200]}, 1, 2]}"))),
		  "mark add 3 --mask 0xfff\n", "" },
		/* Ranges of addresses: up to the last one; all and none. */
		{ LISTING(PRE RULE(IS("==", DADDR,
				      RANGE("255.255.255.253",
					    "255.255.255.255")) ", " SET("1"))),
		  "mark add 1 --dst 255.255.255.253-255.255.255.255\n", "" },
		{ LISTING(PRE RULE(IS("==", DADDR,
				      RANGE("0.0.0.0",
					    "255.255.255.255")) ", " SET("1"))),
		  "mark add 1 --ipv4\n", "" },
		{ LISTING(PRE RULE(IS("!=", DADDR,
				      RANGE("0.0.0.0",
					    "255.255.255.255")) ", " SET("1"))),
		  "", "" },
		{ LISTING(PRE RULE(
			  IS("!=", DADDR,
			     RANGE("192.0.2.1", "192.0.2.9")) ", " SET("1"))),
		  "mark add 1 --dst '!192.0.2.1-192.0.2.9'\n", "" },
		{ LISTING(PRE RULE(IS("==", DADDR, "\"192.0.2.5\"") ", " SET(
			  "2")) RULE(IS("!=", DADDR,
					RANGE("192.0.2.1",
					      "192.0.2.9")) ", " SET_BIT)
				  RULE(IS("!=", DADDR,
					  RANGE("192.0.2.5",
						"192.0.2.20")) ", " SET("1"))),
		  "mark add 1 --dst '!192.0.2.5-192.0.2.20'\n"
		  "mark add 2 --dst 192.0.2.5\n"
		  "mark add 256 --dst '!192.0.2.1-192.0.2.9' --mask 0x100\n",
		  "" },
		/* With addresses in common, and without. */
		{ LISTING(PRE RULE(
			  IS("==", DADDR, RANGE("192.0.2.1", "192.0.2.9")) ", " SET(
				  "1")) RULE(IS("==", DADDR,
						RANGE("192.0.2.5",
						      "192.0.2.20")) ", " SET_BIT)
				  RULE(IS("==", DADDR,
					  RANGE("192.0.2.30",
						"192.0.2.33")) ", " SET_BIT)),
		  "mark add 257 --dst 192.0.2.5-192.0.2.9\n"
		  "mark add 1 --dst 192.0.2.1-192.0.2.9\n"
		  "mark add 256 --dst 192.0.2.5-192.0.2.20 --mask 0x100\n"
		  "mark add 256 --dst 192.0.2.30-192.0.2.33 --mask 0x100\n",
		  "" },
		/* Comments, and those that are too long here. */
		{ LISTING(PRE ", {\"rule\": {" IN
			      ", \"chain\": \"pre\", \"comment\": \"a b\", "
			      "\"expr\": [" SET("1") "]}}"),
		  "mark add 1 --comment 'a b'\n", "" },
		/* Ports that leave none. */
		{ LISTING(PRE RULE(IS("<", DPORT, "81") ", " SET("1"))),
		  "mark add 1 --proto tcp --dport 0:80\n", "" },
		{ LISTING(PRE RULE(IS(">", DPORT, "81") ", " SET("1"))),
		  "mark add 1 --proto tcp --dport 82:65535\n", "" },
		/* A table that is switched off. */
		{ "{\"nftables\": [{\"table\": {\"family\": \"inet\", "
		  "\"name\": \"lb\", \"flags\": \"dormant\"}}" PRE RULE(
			  SET("1")) "]}",
		  "",
		  "0: table inet lb, chain pre, handle 7: packets get to it "
		  "after IPVS has seen them, or never\n" },
		/* What leads nowhere. */
		{ LISTING(PRE CHAIN("other") RULE_OF("other", "1", SET("1"))),
		  "",
		  "0: table inet lb, chain other, handle 1: packets get to it "
		  "after IPVS has seen them, or never\n" },
		{ LISTING(PRE CHAIN("none") RULE(
			  "{\"goto\": {\"target\": \"none\"}}") RULE(SET("1"))),
		  "",
		  "0: table inet lb, chain pre, handle 7: no packet matches it\n" },
		/* IPVS sees packets of these hooks at 99 and at -98. */
		{ LISTING(BASE_OF("in", "input", "98",
				  "accept") RULE_OF("in", "1", SET("1"))
				  BASE_OF("out", "output", "-99", "accept")
					  RULE_OF("out", "2", SET("2"))),
		  "mark add 1 --hook input\nmark add 2 --hook output\n", "" },
		{ LISTING(BASE_OF("in", "input", "99",
				  "accept") RULE_OF("in", "1", SET("1"))
				  BASE_OF("out", "output", "-98", "accept")
					  RULE_OF("out", "2", SET("2"))),
		  "",
		  "0: table inet lb, chain in, handle 1: packets get to it "
		  "after IPVS has seen them, or never\n"
		  "0: table inet lb, chain out, handle 2: packets get to it "
		  "after IPVS has seen them, or never\n" },
		/* A jump back from a base chain whose policy is drop. */
		{ LISTING(PRE RULE(SET("1")) BASE_OF("last", "prerouting", "0",
						     "drop")
				  RULE_OF("last", "2", "{\"accept\": null}")),
		  "mark add 1\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_converts(cases[i].text, cases[i].wanted,
				cases[i].skipped);
}

#define PLACE	  "table inet lb, chain pre, handle 7"
#define NOT_MADE  "this rule sets marks and cannot be imported, since "
#define WRONG(at) at ": nft does not write such JSON"

static void test_what_cannot_be_imported(void **state)
{
	static const struct refusal cases[] = {
		/* Texts that lack parts. */
		{ LISTING(PRE RULE(IS("==", DADDR, "\"@s\"") ", " SET("1"))), 0,
		  PLACE,
		  NOT_MADE "it names a set or a map that the text lacks, which "
			   "nft -j list table FAMILY TABLE shows, too",
		  NULL },
		{ LISTING(PRE RULE("{\"jump\": {\"target\": \"a\"}}")), 0, PLACE,
		  NOT_MADE "it leads to a chain that the text lacks, which nft "
			   "-j list table FAMILY TABLE shows, too",
		  NULL },
		{ LISTING(", {\"set\": {" IN ", \"name\": \"s\"}}" PRE RULE(
			  IS("==", DADDR, "\"@s\"") ", " SET("1"))),
		  0, PLACE,
		  NOT_MADE "it names a set without elements, as nft -t shows "
			   "all sets",
		  NULL },
		/* Rules of iptables-nft. */
		{ LISTING(PRE RULE("{\"xt\": {\"type\": \"target\", \"name\": "
				   "\"MARK\"}}")),
		  0, PLACE,
		  NOT_MADE "it is a rule of iptables, which iptables-nft-save "
			   "-t mangle shows",
		  NULL },
		{ LISTING(PRE RULE("{\"xt\": {\"type\": \"match\", \"name\": "
				   "\"bpf\"}}, " SET("1"))),
		  0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE("{\"xt\": null}")), 0, PLACE, NULL, NULL },
		/* What may do anything. */
		{ LISTING(PRE RULE("{\"new\": {}}")), 0, PLACE,
		  NOT_MADE "it has a statement that is not supported", NULL },
		{ LISTING(PRE RULE("{\"queue\": {\"num\": 1}}")), 0, PLACE,
		  NULL, NULL },
		{ LISTING(PRE RULE(SET("\"many\""))), 0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(SET("4294967296"))), 0, PLACE,
		  NOT_MADE
		  "it sets the mark to what is neither a number nor a map",
		  NULL },
		{ LISTING(PRE RULE(SET("-1"))), 0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(IS("in", META("mark"), "3") ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(IS("==", DPORT, "65536") ", " SET("1"))), 0,
		  PLACE, NOT_MADE "it has a value that is not supported", NULL },
		{ LISTING(PRE RULE(IS("==", DADDR,
				      "{\"prefix\": {\"addr\": \"10.0.0.0\", "
				      "\"len\": 33}}") ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(
			  IS("==", DADDR,
			     RANGE("10.0.0.9", "10.0.0.1")) ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(IS("==", META("iifname"),
				      "\"eth\\\\*\"") ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(
			  IS("==", META("l4proto"), "0") ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		/* Of some packets nobody can say that they are none of these. */
		{ LISTING(PRE RULE(IS("!=", FIELD("ether", "saddr"),
				      "{\"set\": [\"02:00:00:00:00:01\", "
				      "\"02:00:00:00:00:02\"]}") ", " SET("1"))),
		  0, PLACE, NOT_MADE "it has a match that is not supported",
		  NULL },
		{ LISTING(PRE RULE(
			  IS("!=",
			     "{\"concat\": [" FIELD("ether", "saddr") ", " DADDR
								      "]}",
			     "{\"set\": [{\"concat\": [\"02:00:00:00:00:01\", "
			     "\"192.0.2.1\"]}]}") ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(IS("!=", "{\"ct\": {\"key\": \"mark\"}}",
				      "{\"set\": [1, 2]}") ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		/* Chains whose order the text does not tell, with one between
		   them that does nothing. */
		{ LISTING(PRE RULE(SET("1")) BASE_OF("none", "prerouting",
						     "-150", "accept")
				  BASE_OF("last", "prerouting", "-150", "accept")
					  RULE_OF("last", "2", SET("2"))),
		  0, "table inet lb, chain last",
		  "another base chain of this hook has the same priority, and "
		  "the text does not say which of the two comes first",
		  "give them different priorities" },
		/* Loops, which the kernel refuses. */
		{ LISTING(PRE CHAIN("a") RULE("{\"jump\": {\"target\": \"a\"}}")
				  RULE_OF("a", "9",
					  "{\"jump\": {\"target\": \"a\"}}")),
		  0, "table inet lb, chain a, handle 9",
		  "this jump leads into a loop", "take the line out" },
		/* Without a handle. */
		{ LISTING(PRE ", {\"rule\": {" IN
			      ", \"chain\": \"pre\", \"expr\": "
			      "[{\"new\": 1}]}}"),
		  0, "table inet lb, chain pre, nftables[3]", NULL, NULL },
		/* nft 1.0.6 writes flags as the table's name. */
		{ "{\"nftables\": [{\"table\": {\"family\": \"inet\", "
		  "\"name\": \"lb\", \"flags\": \"lb\"}}]}",
		  0, "table inet lb",
		  "the table has flags, which this version of nft does not "
		  "name: it may be dormant",
		  NULL },
		/* What is no listing. */
		{ "{\"nftables\": [{\"add\": {\"table\": {\"family\": \"inet\", "
		  "\"name\": \"lb\"}}}]}",
		  0, NULL, "these are commands for nft, not a listing",
		  "run them, then: nft -j list ruleset | lbctl-restore" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

static void test_what_nft_does_not_write(void **state)
{
	static const struct refusal cases[] = {
		{ "{\"nftables\": 1}", 0, "", "'nftables' must be an array",
		  NULL },
		{ "{\"nftables\": null}", 0, "", NULL, NULL },
		{ "{\"nftables\": [1]}", 0, "nftables[0]", WRONG("an item"),
		  NULL },
		{ "{\"nftables\": [{}]}", 0, "nftables[0]", NULL, NULL },
		{ "{\"nftables\": [{\"chain\": 5}]}", 0, NULL, WRONG("an item"),
		  NULL },
		{ "{\"nftables\": [{\"chain\": {}}]}", 0, NULL,
		  WRONG("a chain without a name"), NULL },
		{ LISTING(CHAIN("a") CHAIN("a")), 0, NULL,
		  WRONG("a chain for the second time"), NULL },
		{ LISTING(BASE_OF("a", "prerouting", "\"x\"", "accept")), 0,
		  NULL, NULL, NULL },
		{ LISTING(BASE_OF("a", "prerouting", "4294967296", "accept")),
		  0, NULL, NULL, NULL },
		{ LISTING(BASE_OF("a", "prerouting", "1e3", "accept")), 0, NULL,
		  NULL, NULL },
		{ LISTING(BASE_OF("a", "nowhere", "1", "accept")), 0, NULL,
		  WRONG("a hook of that name"), NULL },
		{ LISTING(RULE("")), 0, NULL,
		  WRONG("a rule of a chain that is not in the text"), NULL },
		{ LISTING(PRE ", {\"rule\": {" IN
			      ", \"chain\": \"pre\", \"expr\": {}}}"),
		  0, NULL, WRONG("a rule's expr"), NULL },
		{ LISTING(PRE RULE("1")), 0, PLACE, WRONG("an expression"),
		  NULL },
		{ LISTING(PRE RULE("{\"match\": {}}")), 0, PLACE,
		  WRONG("a match without left, right or op"), NULL },
		{ LISTING(PRE RULE("{\"match\": null}")), 0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE("{\"mangle\": {" KEY "}}")), 0, PLACE,
		  WRONG("a 'mangle' without key or value"), NULL },
		{ LISTING(PRE RULE("{\"mangle\": {\"value\": 1}}")), 0, PLACE,
		  NULL, NULL },
		{ LISTING(PRE RULE("{\"jump\": null}")), 0, PLACE,
		  WRONG("a jump without target"), NULL },
		{ LISTING(PRE RULE("{\"vmap\": {}}")), 0, PLACE, WRONG("a map"),
		  NULL },
		{ LISTING(PRE RULE("{\"vmap\": {\"key\": " DADDR
				   ", \"data\": {\"set\": [1]}}}")),
		  0, PLACE, WRONG("an element of a map"), NULL },
		{ LISTING(PRE RULE("{\"vmap\": {\"key\": " DADDR
				   ", \"data\": {\"set\": [[\"10.0.0.1\", "
				   "5]]}}}")),
		  0, PLACE, WRONG("a verdict in a map"), NULL },
		{ LISTING(PRE RULE(SET("{\"map\": 1}"))), 0, PLACE,
		  WRONG("a map"), NULL },
		{ LISTING(", {\"set\": {" IN
			  ", \"name\": \"s\", \"elem\": 1}}" PRE RULE(
				  IS("==", DADDR, "\"@s\"") ", " SET("1"))),
		  0, PLACE, NULL, NULL },
		{ LISTING(PRE RULE(IS("==", "{\"concat\": [" DADDR "]}",
				      "1") ", " SET("1"))),
		  0, PLACE, WRONG("a value of a concatenation"), NULL },
		{ LISTING(PRE RULE(
			  IS("==", DADDR, "{\"elem\": {}}") ", " SET("1"))),
		  0, PLACE, WRONG("an element of a set"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

/* Adds a text many times. */
static void add_many(struct text *text, const char *what, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_add_text(text, what);
}

/* An expression in an expression, and so on, as far as JSON goes. */
static void test_deep_nesting(void **state)
{
	static const size_t depths[] = { 15, 100, 1000, 5000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(depths); i++) {
		struct text text = { 0 };
		char *listing = NULL;
		struct ipvsctl_error err = { 0 };

		text_add_text(&text,
			      "{\"nftables\": [{\"metainfo\": {}}" PRE
			      ", {\"rule\": {" IN
			      ", \"chain\": \"pre\", \"expr\": [{\"mangle\": "
			      "{" KEY ", \"value\": ");
		add_many(&text, "{\"|\": [", depths[i]);
		text_add_text(&text, META("mark"));
		add_many(&text, ", 1]}", depths[i]);
		text_add_text(&text, "}}]}}]}");
		assert_int_equal(text_take(&text, &listing), 0);
		assert_int_equal(read_ruleset(listing, strlen(listing), NULL,
					      &err),
				 depths[i] < 16 ? 0 : -EINVAL);
		free(listing);
	}
}

/* A listing of another host, whose rules of lbctl do not exist here. */
static void test_rules_of_lbctl(void **state)
{
	static const char text[] =
		"{\"nftables\": [{\"chain\": {\"family\": \"inet\", \"table\": "
		"\"lbctl\", \"name\": \"prerouting\", \"type\": \"filter\", "
		"\"hook\": \"prerouting\", \"prio\": -149}}, {\"rule\": "
		"{\"family\": \"inet\", \"table\": \"lbctl\", \"chain\": "
		"\"prerouting\", \"expr\": [" SET("1") "]}}" PRE RULE(
			UDP_IS ", " SET("2")) "]}";
	static const char *const here[] = { "mark 1 --proto tcp", NULL };
	struct ipvsctl_config *made = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(run_ruleset(nothing, text, NULL, &made, &err), -EINVAL);
	assert_string_equal(err.message,
			    "the table inet lbctl has mark rules of lbctl, "
			    "which are not imported and do not exist here");
	assert_int_equal(run_ruleset(here, text, NULL, &made, &err), 0);
	ipvsctl_config_free(made);
}

static void test_running_out_of_memory(void **state)
{
	(void)state;
	assert_survives_without_memory(
		nothing,
		LISTING(", {\"map\": {" IN
			", \"name\": \"m\", \"map\": \"mark\", \"elem\": "
			"[[{\"concat\": [\"10.0.0.1\", 80]}, 1], [{\"elem\": "
			"{\"val\": {\"concat\": [" RANGE(
				"10.0.0.2",
				"10.0.0.4") ", 80]}, "
					    "\"comment\": \"c\"}}, 2]]}}" CHAIN(
						    "a") PRE RULE_OF("a", "1",
								     SET("3"))
						    RULE(SET(
							    "{\"map\": {\"key\": {\"concat\": [" DADDR
							    ", " DPORT
							    "]}, \"data\": \"@m\"}}"))
							    RULE(NOT_IN_RANGE
								 ", " SET("4"))
								    RULE(IS("!=",
									    META("l4proto"),
									    "\"udp\"") ", {\"jump\": {\"target\": \"a\"}}")),
		NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_becomes_of_rules),
		cmocka_unit_test(test_what_cannot_be_imported),
		cmocka_unit_test(test_what_nft_does_not_write),
		cmocka_unit_test(test_deep_nesting),
		cmocka_unit_test(test_rules_of_lbctl),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("ruleset-nft", tests, NULL, NULL);
}
