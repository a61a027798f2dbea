/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Chains of iptables-save: which rule decides here, and which there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mangle.h"

#include "scope.h"
#include "text.h"

static void test_there_the_last_match_decides(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
		const char *skipped;
	} cases[] = {
		{ MANGLE(UDP MARK TCP MARK2),
		  "mark add 2 --proto tcp --ipv4\n"
		  "mark add 1 --proto udp --ipv4\n",
		  "" },
		/* Chains by themselves. */
		{ MANGLE(UDP MARK "-A INPUT -p tcp" MARK ICMP MARK2
				  "-A INPUT -p udp" MARK2),
		  "mark add 2 --proto icmp\n"
		  "mark add 1 --proto udp --ipv4\n"
		  "mark add 2 --proto udp --hook input --ipv4\n"
		  "mark add 1 --proto tcp --hook input --ipv4\n",
		  "" },
		/* Of two of one match the last one. */
		{ MANGLE(UDP MARK UDP MARK2), "mark add 2 --proto udp --ipv4\n",
		  "3: " UDP " -j MARK --set-xmark 0x1/0xffffffff: "
		  "a rule behind it matches the same\n" },
		/* What returns before them is exempt. */
		{ MANGLE(ICMP " -j RETURN\n" UDP " -j RETURN\n" TCP MARK),
		  "mark exclude --proto icmp --priority 100\n"
		  "mark exclude --proto udp --priority 100 --ipv4\n"
		  "mark add 1 --proto tcp --ipv4\n",
		  "" },
		/* As far as it is in the same chain. */
		{ MANGLE("-A INPUT -p udp -j RETURN\n" TCP MARK),
		  "mark add 1 --proto tcp --ipv4\n",
		  "3: -A INPUT -p udp -j RETURN: no MARK rule follows that it "
		  "could save from\n" },
		{ MANGLE(UDP " -j RETURN\n"), "",
		  "3: " UDP " -j RETURN: no MARK rule follows that it could "
		  "save from\n" },
		{ MANGLE(TCP MARK UDP " -j RETURN\n"),
		  "mark add 1 --proto tcp --ipv4\n",
		  "4: " UDP " -j RETURN: no MARK rule follows that it could "
		  "save from\n" },
		{ MANGLE("-A INPUT" MARK UDP " -j RETURN\n" TCP MARK),
		  "mark exclude --proto udp --priority 100 --ipv4\n"
		  "mark add 1 --proto tcp --ipv4\n"
		  "mark add 1 --hook input --ipv4\n",
		  "" },
		/* Once is enough. */
		{ MANGLE(UDP " -j RETURN\n" UDP
			     " -m comment --comment x -j RETURN\n" TCP MARK),
		  "mark exclude --proto udp --priority 100 --ipv4\n"
		  "mark add 1 --proto tcp --ipv4\n",
		  "4: " UDP " -m comment --comment x -j RETURN: a rule before "
		  "it matches the same\n" },
		/* A mask does no harm to a rule that is alone. */
		{ MANGLE(UDP " -j RETURN\n" TCP " -j MARK --set-xmark 0x1/0xf\n"
			     "-A INPUT" MARK),
		  "mark exclude --proto udp --priority 100 --ipv4\n"
		  "mark add 1 --proto tcp --mask 0xf --ipv4\n"
		  "mark add 1 --hook input --ipv4\n",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_converts(cases[i].text, cases[i].wanted,
				cases[i].skipped);
}

/* What the packets of tests/import do not show. */
static void test_chains(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
		const char *skipped;
	} cases[] = {
		/* What leaves by OUTPUT has come in by no interface. */
		{ MANGLE(":A - [0:0]\n-A OUTPUT -j A\n-A A -i eth0" MARK
			 "-A A -p udp -o +" MARK2),
		  NULL, "it has an option that is not supported" },
		{ MANGLE(":A - [0:0]\n-A OUTPUT -j A\n-A A -i eth0" MARK
			 "-A A -p udp" MARK2),
		  "mark add 2 --proto udp --hook output --ipv4\n", "" },
		/* Nothing gets behind a rule that takes all. */
		{ MANGLE("-A PREROUTING -j ACCEPT\n" UDP MARK), "",
		  "3: -A PREROUTING -j ACCEPT: no MARK rule follows that it "
		  "could save from\n4: " UDP
		  " -j MARK --set-xmark 0x1/0xffffffff: a rule before it lets "
		  "no packet through to it\n" },
		{ MANGLE(":A - [0:0]\n-A PREROUTING -g A\n" UDP MARK
			 "-A A -p tcp" MARK2),
		  "mark add 2 --proto tcp --ipv4\n",
		  "5: " UDP " -j MARK --set-xmark 0x1/0xffffffff: a rule before "
		  "it lets no packet through to it\n" },
		/* A guard without equal that guards nothing. */
		{ MANGLE(":A - [0:0]\n-A PREROUTING -j A\n" TCP MARK
			 "-A A -p udp" MARK2 "-A A ! -i lo -j RETURN\n"),
		  "mark add 1 --proto tcp --ipv4\n"
		  "mark add 2 --proto udp --ipv4\n",
		  "" },
		/* One that nobody needs any more. */
		{ MANGLE(UDP MARK UDP " -j ACCEPT\n" TCP " -j RETURN\n"),
		  "mark add 1 --proto udp --ipv4\n",
		  "4: " UDP
		  " -j ACCEPT: no MARK rule follows that it could save "
		  "from\n5: " TCP
		  " -j RETURN: no MARK rule follows that it could "
		  "save from\n" },
		/* A chain that two hooks, and two jumps, lead to. */
		{ MANGLE(":A - [0:0]\n-A PREROUTING -s 10.0.0.1 -j A\n"
			 "-A PREROUTING -s 10.0.0.2 -j A\n-A INPUT -j A\n"
			 "-A A -p udp" MARK),
		  "mark add 1 --proto udp --src 10.0.0.2\n"
		  "mark add 1 --proto udp --src 10.0.0.1\n"
		  "mark add 1 --proto udp --hook input --ipv4\n",
		  "" },
		/* Lists of ports, and interfaces, have something in common. */
		{ MANGLE(":A - [0:0]\n-A INPUT -i eth+ -p tcp -m multiport "
			 "--dports 80:90,443 -j A\n-A A -p tcp -i eth0 -m "
			 "multiport --dports 85:100,443,22" MARK
			 "-A A -p udp" MARK2 "-A A -i lo" MARK2),
		  "mark add 1 --proto tcp --dport 85:90,443 --in-interface eth0 "
		  "--hook input --ipv4\n",
		  "6: -A A -p udp -j MARK --set-xmark 0x2/0xffffffff: no packet "
		  "matches it\n7: -A A -i lo -j MARK --set-xmark "
		  "0x2/0xffffffff: no packet matches it\n" },
		{ MANGLE(UDP " -m mark --mark 0x1/0x0" MARK), "",
		  "3: " UDP " -m mark --mark 0x1/0x0 -j MARK --set-xmark "
		  "0x1/0xffffffff: no packet matches it\n" },
	};
	struct refusal refusal = { .subject = "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (cases[i].wanted) {
			assert_converts(cases[i].text, cases[i].wanted,
					cases[i].skipped);
			continue;
		}
		refusal.text = cases[i].text;
		refusal.line = 6;
		assert_refused(&refusal, NULL);
	}
}

/* Masks of every length, and host bits behind them. */
static void test_dotted_masks(void **state)
{
	(void)state;
	for (unsigned int length = 0; length <= 32; length++) {
		uint32_t mask = length ? UINT32_MAX << (32 - length) : 0;
		uint32_t kept = 0x0a63c7ffu & mask;
		char text[512];
		char wanted[128];

		(void)snprintf(text, sizeof(text),
			       MANGLE("-A INPUT -s 10.99.199.255/%u.%u.%u.%u"
				      " -j MARK --set-mark 1\n"),
			       mask >> 24, mask >> 16 & 255, mask >> 8 & 255,
			       mask & 255);
		if (length == 0)
			(void)snprintf(wanted, sizeof(wanted),
				       "mark add 1 --hook input --ipv4\n");
		else
			(void)snprintf(wanted, sizeof(wanted),
				       "mark add 1 --src %u.%u.%u.%u%s%.0u "
				       "--hook input\n",
				       kept >> 24, kept >> 16 & 255,
				       kept >> 8 & 255, kept & 255,
				       length < 32 ? "/" : "",
				       length < 32 ? length : 0);
		assert_converts(text, wanted, "");
	}
}

/* An import that stands is not to be mixed with another order of it. */
static void test_order_with_what_stands(void **state)
{
	static const char *const standing[] = {
		"mark 1 --proto udp --no-exempt-own --ipv4", NULL
	};
	static const char text[] =
		MANGLE(UDP MARK "-A PREROUTING -s 10.0.0.1 -p udp" MARK2);
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(run_ruleset(standing, text, NULL, &to, &err), -EINVAL);
	assert_int_equal(err.line, 4);
	assert_string_equal(err.message, "a mark rule that exists, and is in "
					 "this file, too, decides before this "
					 "one");
	/* Those of one mark, or for other packets, may come as they are. */
	assert_makes(standing,
		     MANGLE(UDP MARK TCP MARK2 UDP " -s 10.0.0.1" MARK), NULL,
		     "mark add 1 --proto udp --no-exempt-own --ipv4\n"
		     "mark add 1 --proto udp --src 10.0.0.1 --no-exempt-own\n"
		     "mark add 2 --proto tcp --no-exempt-own --ipv4\n");
}

/* The same of rules for all but some packets. */
static void test_order_with_negated_values(void **state)
{
	static const struct {
		const char *const standing[2];
		const char *text;
	} cases[] = {
		{ { "mark 1 --src !10.0.0.0/8 --no-exempt-own" },
		  MANGLE("-A PREROUTING ! -s 10.0.0.0/8" MARK
			 "-A PREROUTING -s 192.0.2.1" MARK2) },
		{ { "mark 1 --proto udp --dport !80 --no-exempt-own --ipv4" },
		  MANGLE(UDP " ! --dport 80" MARK UDP " --dport 443" MARK2) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_config *to = NULL;
		struct ipvsctl_error err = { 0 };

		assert_int_equal(run_ruleset(cases[i].standing, cases[i].text,
					     NULL, &to, &err),
				 -EINVAL);
		assert_int_equal(err.line, 4);
	}
}

/* What stands stays, and what is said of it is made so. */
static void test_rules_on_what_stands(void **state)
{
	static const char *const standing[] = {
		"mark 7 --proto udp --comment old",
		"mark 8 --proto sctp",
		NULL,
	};

	(void)state;
	assert_makes(standing, MANGLE(UDP MARK TCP MARK), NULL,
		     "mark add 1 --proto udp --no-exempt-own --ipv4\n"
		     "mark add 7 --proto udp --ipv6 --comment old\n"
		     "mark add 8 --proto sctp\n"
		     "mark add 1 --proto tcp --no-exempt-own --ipv4\n");
}

/* Rules that exist are not read again; those of another host are missed. */
static void test_chains_of_our_own(void **state)
{
	static const char *const standing[] = { "mark 1 --proto udp --ipv4",
						NULL };
	static const char text[] =
		MANGLE(":LBCTL-PREROUTING - [0:0]\n"
		       "-A PREROUTING -j LBCTL-PREROUTING\n"
		       "-A LBCTL-PREROUTING -p udp -g LBCTL-MARK-0x1\n"
		       "-A LBCTL-PREROUTING ! -i lo -j RETURN\n"
		       "-A LBCTL-MARK-0x1" MARK TCP MARK);
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_makes(standing, text, NULL,
		     "mark add 1 --proto udp --ipv4\n"
		     "mark add 1 --proto tcp --no-exempt-own --ipv4\n");
	assert_int_equal(run_ruleset(nothing, text, NULL, &to, &err), -EINVAL);
	assert_int_equal(err.line, 4);
	assert_string_equal(err.message,
			    "this leads to mark rules of lbctl, which are not "
			    "imported and do not exist here");
	/* Without rules they are nothing. */
	assert_converts(MANGLE("-A PREROUTING -j LBCTL-PREROUTING\n" TCP MARK),
			"mark add 1 --proto tcp --ipv4\n", "");
}

/* Twenty chains, of which each jumps twice to the next: a million ways. */
static void test_many_ways_through_chains(void **state)
{
	struct text text = { 0 };
	char *lines = NULL;
	char *mangle;

	(void)state;
	text_add_text(&text, "*nat\n-A PREROUTING -j c0\n");
	for (int i = 0; i < 20; i++)
		text_add(&text, ":c%d - [0:0]\n-A c%d -j c%d\n-A c%d -j c%d\n",
			 i, i, i + 1, i, i + 1);
	text_add_text(&text, ":c20 - [0:0]\n-A c20" MARK "COMMIT\n");
	assert_int_equal(text_take(&text, &lines), 0);
	assert_refused(
		&(struct refusal){
			lines, 64, "",
			"this rule sets marks in the table nat, and only "
			"those of the table mangle are imported",
			NULL },
		NULL);
	/* Where they all mark there is an end to it. */
	assert_int_equal(asprintf(&mangle, "*mangle\n%s", lines + 5) < 0, 0);
	assert_refused(&(struct refusal){ mangle, 61, "",
					  "there are too many chains to follow",
					  NULL },
		       NULL);
	free(mangle);
	free(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_the_last_match_decides),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_chains_of_our_own),
		cmocka_unit_test(test_dotted_masks),
		cmocka_unit_test(test_order_with_what_stands),
		cmocka_unit_test(test_order_with_negated_values),
		cmocka_unit_test(test_rules_on_what_stands),
		cmocka_unit_test(test_many_ways_through_chains),
	};

	return cmocka_run_group_tests_name("ruleset-chains", tests, NULL, NULL);
}
