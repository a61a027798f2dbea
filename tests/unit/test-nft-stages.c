/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules as chains, lines and maps of nf_tables, and back. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "tables.h"

#include "nft/rules.h"
#include "nft/stages.h"

#define LINES 20

struct sample {
	const char *lines[LINES];
	const char *view;
};

static const struct sample samples[] = {
	/* Nothing makes nothing. */
	{ { NULL }, "" },
	{ { "1 --proto udp --dport 80", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " proto 17 dport 80 mark 1 #1\n" },
	/* Three rules are lines, four are a map. */
	{ { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2",
	    "3 --proto tcp --dport 3", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " proto 6 dport 1 mark 1 #1\n"
	  " proto 6 dport 2 mark 2 #2\n"
	  " proto 6 dport 3 mark 3 #3\n" },
	{ { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2",
	    "3 --proto tcp --dport 3", "4 --proto tcp --dport 4", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " proto 6 dport map @prerouting-map-1\n"
	  "set prerouting-map-1 2:\n"
	  " 1 mark 1 #1\n"
	  " 2 mark 2 #2\n"
	  " 3 mark 3 #3\n"
	  " 4 mark 4 #4\n" },
	/* Lists are several elements. */
	{ { "1 --proto tcp --dst 10.0.0.1 --dport 1,2",
	    "2 --proto tcp --dst 10.0.0.2 --dport 3,4 --comment two", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " ip4 proto 6 dst . dport map @prerouting-map-1\n"
	  "set prerouting-map-1 8:\n"
	  " 0a000001.00010000 mark 1 #1\n"
	  " 0a000001.00020000 mark 1 #1\n"
	  " 0a000002.00030000 mark 2 #2 'two'\n"
	  " 0a000002.00040000 mark 2 #2 'two'\n" },
	/* Ranges are a map of intervals, and what may meet own sockets is apart. */
	{ { "1 --proto tcp --dport 1:2", "2 --proto tcp --dport 3:4",
	    "3 --proto tcp --dport 5:6", "4 --proto tcp --dport 7:65534", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  " jump prerouting-100-2\n"
	  "segment prerouting-100:\n"
	  " proto 6 dport 1-2 mark 1 #1\n"
	  " proto 6 dport 3-4 mark 2 #2\n"
	  " proto 6 dport 5-6 mark 3 #3\n"
	  "segment prerouting-100-2:\n"
	  " proto 6 dport 7-65534 exempt socket\n"
	  " proto 6 dport 7-65534 mark 4 #4\n" },
	/* Excludes are verdicts. */
	{ { "exclude --proto tcp --dport 1:2",
	    "exclude --proto tcp --dport 3:4", "exclude --proto tcp --dport 5:6",
	    "exclude --proto tcp --dport 7:9", NULL },
	  "base prerouting:\n"
	  " jump prerouting-50\n"
	  "segment prerouting-50:\n"
	  " proto 6 dport vmap @prerouting-map-1\n"
	  "set prerouting-map-1 interval verdict 2:\n"
	  " 1-2 accept #1\n"
	  " 3-4 accept #2\n"
	  " 5-6 accept #3\n"
	  " 7-9 accept #4\n" },
	/* A network around others comes behind their map. */
	{ { "1 --dst 10.0.1.0/24", "2 --dst 10.0.2.0/24", "3 --dst 10.0.3.0/24",
	    "4 --dst 10.0.4.0/24", "5 --dst 10.0.0.0/16", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " exempt socket\n"
	  " ip4 dst map @prerouting-map-1\n"
	  " ip4 dst 10.0.0.0-10.0.255.255 mark 5 #5\n"
	  "set prerouting-map-1 interval 4:\n"
	  " 10.0.1.0-10.0.1.255 mark 1 #1\n"
	  " 10.0.2.0-10.0.2.255 mark 2 #2\n"
	  " 10.0.3.0-10.0.3.255 mark 3 #3\n"
	  " 10.0.4.0-10.0.4.255 mark 4 #4\n" },
	/* Seven of two levels are lines, eight are maps of maps. */
	{ { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:9",
	    "3 --proto tcp --dst 10.0.0.2 --dport 11:12",
	    "4 --proto tcp --dst 10.0.0.3 --dport 1:9", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " ip4 proto 6 dst 10.0.0.1 dport 1-2 mark 1 #1\n"
	  " ip4 proto 6 dst 10.0.0.1 dport 4-5 mark 1 #1\n"
	  " ip4 proto 6 dst 10.0.0.1 dport 7-8 mark 1 #1\n"
	  " ip4 proto 6 dst 10.0.0.1 dport 10-11 mark 1 #1\n"
	  " ip4 proto 6 dst 10.0.0.2 dport 1-9 mark 2 #2\n"
	  " ip4 proto 6 dst 10.0.0.2 dport 11-12 mark 3 #3\n"
	  " ip4 proto 6 dst 10.0.0.3 dport 1-9 mark 4 #4\n" },
	{ { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:9",
	    "3 --proto tcp --dst 10.0.0.2 --dport 11:12",
	    "4 --proto tcp --dst 10.0.0.3 --dport 1:9",
	    "5 --proto tcp --dst 10.0.0.3 --dport 21:29", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " ip4 proto 6 dst vmap @prerouting-map-1\n"
	  "bucket prerouting-map-1-1:\n"
	  " ip4 proto 6 dport map @prerouting-map-1-1\n"
	  "bucket prerouting-map-1-2:\n"
	  " ip4 proto 6 dport map @prerouting-map-1-2\n"
	  "bucket prerouting-map-1-3:\n"
	  " ip4 proto 6 dport map @prerouting-map-1-3\n"
	  "set prerouting-map-1 verdict 4:\n"
	  " 10.0.0.1 jump prerouting-map-1-1\n"
	  " 10.0.0.2 jump prerouting-map-1-2\n"
	  " 10.0.0.3 jump prerouting-map-1-3\n"
	  "set prerouting-map-1-1 interval 2:\n"
	  " 1-2 mark 1 #1\n"
	  " 4-5 mark 1 #1\n"
	  " 7-8 mark 1 #1\n"
	  " 10-11 mark 1 #1\n"
	  "set prerouting-map-1-2 interval 2:\n"
	  " 1-9 mark 2 #2\n"
	  " 11-12 mark 3 #3\n"
	  "set prerouting-map-1-3 interval 2:\n"
	  " 1-9 mark 4 #4\n"
	  " 21-29 mark 5 #5\n" },
	/* Overlaps force stages: 6 could come before 5, and must not. */
	{ { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2",
	    "3 --proto tcp --dport 3", "4 --proto tcp --dport 4",
	    "5 --proto tcp --sport 7", "6 --proto tcp --dport 5",
	    "7 --proto tcp --dport 1 --in-interface eth0", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  " jump prerouting-100-2\n"
	  " jump prerouting-100-3\n"
	  "segment prerouting-100:\n"
	  " proto 6 dport map @prerouting-map-1\n"
	  "segment prerouting-100-2:\n"
	  " proto 6 sport 7 exempt socket\n"
	  " proto 6 sport 7 mark 5 #5\n"
	  "segment prerouting-100-3:\n"
	  " proto 6 dport 5 mark 6 #6\n"
	  " in eth0 proto 6 dport 1 mark 7 #7\n"
	  "set prerouting-map-1 2:\n"
	  " 1 mark 1 #1\n"
	  " 2 mark 2 #2\n"
	  " 3 mark 3 #3\n"
	  " 4 mark 4 #4\n" },
	/* Hooks and priorities */
	{ { "1 --dst 10.0.0.1 --no-exempt-own", "exclude --dst 10.0.0.2",
	    "1 --hook output --dst 10.0.0.2",
	    "1 --priority 7 --dst 10.0.0.2 --no-exempt-own", NULL },
	  "base prerouting:\n"
	  " jump prerouting-7\n"
	  " jump prerouting-50\n"
	  " jump prerouting-100\n"
	  "base output:\n"
	  " jump output-100\n"
	  "segment prerouting-7:\n"
	  " ip4 dst 10.0.0.2 mark 1 #1\n"
	  "segment prerouting-50:\n"
	  " ip4 dst 10.0.0.2 accept #2\n"
	  "segment prerouting-100:\n"
	  " ip4 dst 10.0.0.1 mark 1 #3\n"
	  "segment output-100:\n"
	  " ip4 dst 10.0.0.2 mark 1 #4\n" },
	/* Exemptions have segments, few rules a head for each. */
	{ { "1 --dst 10.0.0.1", "2 --dst 10.0.0.2 --exempt-own conntrack",
	    "3 --dst 10.0.0.3 --no-exempt-own", "4 --dst 10.0.0.4", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  " jump prerouting-100-2\n"
	  " jump prerouting-100-3\n"
	  "segment prerouting-100:\n"
	  " ip4 dst 10.0.0.1 exempt socket\n"
	  " ip4 dst 10.0.0.4 exempt socket\n"
	  " ip4 dst 10.0.0.1 mark 1 #1\n"
	  " ip4 dst 10.0.0.4 mark 4 #4\n"
	  "segment prerouting-100-2:\n"
	  " exempt conntrack\n"
	  " ip4 dst 10.0.0.2 mark 2 #2\n"
	  "segment prerouting-100-3:\n"
	  " ip4 dst 10.0.0.3 mark 3 #3\n" },
	{ { "1 --dst 10.0.0.1", "2 --dst 10.0.0.2", "3 --dst 10.0.0.3",
	    "4 --dst 10.0.0.4", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " exempt socket\n"
	  " ip4 dst map @prerouting-map-1\n"
	  "set prerouting-map-1 4:\n"
	  " 10.0.0.1 mark 1 #1\n"
	  " 10.0.0.2 mark 2 #2\n"
	  " 10.0.0.3 mark 3 #3\n"
	  " 10.0.0.4 mark 4 #4\n" },
	/* Masks, interfaces and what matches everything are in no map. */
	{ { "0x1 --mask 0xff --dst 10.0.0.1 --no-exempt-own",
	    "0x2 --mask 0xff --dst 10.0.0.2 --no-exempt-own",
	    "0x2 --mask 0xff --dst 10.0.0.3 --no-exempt-own",
	    "0x2 --mask 0xff --dst 10.0.0.4 --no-exempt-own",
	    "7 --no-exempt-own --in-interface eth+", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " ip4 dst 10.0.0.1 mark 0x1/0xff #1\n"
	  " ip4 dst 10.0.0.2 mark 0x2/0xff #2\n"
	  " ip4 dst 10.0.0.3 mark 0x2/0xff #3\n"
	  " ip4 dst 10.0.0.4 mark 0x2/0xff #4\n"
	  " in eth+ mark 7 #5\n" },
	/* A map is of one interface. */
	{ { "1 --in-interface eth0 --dst 2001:db8::1 --hook input --no-exempt-own",
	    "2 --in-interface eth0 --dst 2001:db8::2 --hook input --no-exempt-own",
	    "3 --in-interface eth0 --dst 2001:db8::3 --hook input --no-exempt-own",
	    "4 --in-interface eth0 --dst 2001:db8::4 --hook input --no-exempt-own",
	    "5 --in-interface eth+ --dst 2001:db8::4 --hook input --no-exempt-own",
	    NULL },
	  "base input:\n"
	  " jump input-100\n"
	  "segment input-100:\n"
	  " in eth0 ip6 dst map @input-map-1\n"
	  " in eth+ ip6 dst 2001:db8::4 mark 5 #5\n"
	  "set input-map-1 16:\n"
	  " 2001:db8::1 mark 1 #1\n"
	  " 2001:db8::2 mark 2 #2\n"
	  " 2001:db8::3 mark 3 #3\n"
	  " 2001:db8::4 mark 4 #4\n" },
	/* Two ranges are in no map. */
	{ { "1 --proto tcp --src 10.0.0.0/8 --dport 1:2",
	    "2 --proto tcp --src 11.0.0.0/8 --dport 1:2",
	    "3 --proto tcp --src 12.0.0.0/8 --dport 1:2",
	    "4 --proto tcp --src 13.0.0.0/8 --dport 1:2", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "segment prerouting-100:\n"
	  " ip4 proto 6 src 10.0.0.0-10.255.255.255 dport 1-2 mark 1 #1\n"
	  " ip4 proto 6 src 11.0.0.0-11.255.255.255 dport 1-2 mark 2 #2\n"
	  " ip4 proto 6 src 12.0.0.0-12.255.255.255 dport 1-2 mark 3 #3\n"
	  " ip4 proto 6 src 13.0.0.0-13.255.255.255 dport 1-2 mark 4 #4\n" },
	/* The source is changed by sets of marks, one line each. */
	{ { "9 --proto tcp --dst 10.0.0.1 --dport 1 --snat",
	    "9 --proto tcp --dst 10.0.0.2 --dport 1 --snat",
	    "8 --proto udp --dport 5 --snat",
	    "7 --proto tcp --dst 10.0.0.3 --dport 1 --snat=192.0.2.7",
	    "6 --proto tcp --dst 2001:db8::3 --dport 1 --snat=2001:db8::6",
	    "5 --proto udp --dst 10.0.0.4 --dport 1", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "base postrouting:\n"
	  " ip4 snat by set @postrouting-set-1\n"
	  " ip4 snat by map @postrouting-map-2\n"
	  " ip6 snat by set @postrouting-set-3\n"
	  " ip6 snat by map @postrouting-map-4\n"
	  "segment prerouting-100:\n"
	  " ip4 proto 6 dst 10.0.0.1 dport 1 mark 9 #1\n"
	  " ip4 proto 6 dst 10.0.0.2 dport 1 mark 9 #2\n"
	  " proto 17 dport 5 mark 8 #3\n"
	  " ip4 proto 6 dst 10.0.0.3 dport 1 mark 7 #4\n"
	  " ip6 proto 6 dst 2001:db8::3 dport 1 mark 6 #5\n"
	  " ip4 proto 17 dst 10.0.0.4 dport 1 mark 5 #6\n"
	  "set postrouting-set-1 snat 4:\n"
	  " mark 8 \n"
	  " mark 9 \n"
	  "set postrouting-map-2 snat 4:\n"
	  " mark 7 192.0.2.7\n"
	  "set postrouting-set-3 snat 4:\n"
	  " mark 8 \n"
	  "set postrouting-map-4 snat 4:\n"
	  " mark 6 2001:db8::6\n" },
	/* The first set's number comes behind those of maps. */
	{ { "1 --proto tcp --dport 1 --snat", "2 --proto tcp --dport 2",
	    "3 --proto tcp --dport 3", "4 --proto tcp --dport 4", NULL },
	  "base prerouting:\n"
	  " jump prerouting-100\n"
	  "base postrouting:\n"
	  " ip4 snat by set @postrouting-set-2\n"
	  " ip6 snat by set @postrouting-set-3\n"
	  "segment prerouting-100:\n"
	  " proto 6 dport map @prerouting-map-1\n"
	  "set prerouting-map-1 2:\n"
	  " 1 mark 1 #1\n"
	  " 2 mark 2 #2\n"
	  " 3 mark 3 #3\n"
	  " 4 mark 4 #4\n"
	  "set postrouting-set-2 snat 4:\n"
	  " mark 1 \n"
	  "set postrouting-set-3 snat 4:\n"
	  " mark 1 \n" },
};

static void test_what_rules_compile_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		AUTO_VIEW struct view view = { .exists = false };

		given_view(samples[i].lines, &view);
		assert_view(&view, samples[i].view);
	}
}

/* Returns the rules of a view as a ruleset. */
static char *rules_again(const struct view *view)
{
	struct ipvsctl_config *config = NULL;
	char *lines;

	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	assert_int_equal(rules_of_view(view, config, &asking_ports, NULL), 0);
	lines = config_lines(config);
	ipvsctl_config_free(config);
	return lines;
}

static void test_views_give_the_rules_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		AUTO_VIEW struct view view = { .exists = false };
		struct ipvsctl_config *config = given_marks(samples[i].lines);
		AUTO_FREE char *before = config_lines(config);
		AUTO_FREE char *after = NULL;

		compile_view(config, &view);
		after = rules_again(&view);
		assert_string_equal(after, before);
		ipvsctl_config_free(config);
	}
}

/* What the kernel would get is read as what was meant. */
static void test_messages_give_the_view_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct view nothing = { .exists = false };
		AUTO_VIEW struct view view = { .exists = false };
		AUTO_VIEW struct view again = { .exists = false };
		AUTO_TRANSACTIONS struct transactions sent;

		given_view(samples[i].lines, &view);
		assert_int_equal(capture_change(&nothing, &view, false, &sent),
				 0);
		/* Nobody sees it yet: one transaction is enough. */
		assert_int_equal(sent.count, samples[i].view[0] != 0);
		take_transactions(&sent, &again);
		assert_view(&again, samples[i].view);
	}
}

static void test_numbers_come_back(void **state)
{
	static const char *const lines[] = { "1 --proto tcp --dport 1,7:8",
					     "2 --proto tcp --dport 2",
					     "3 --hook input", NULL };
	AUTO_VIEW struct view view = { .exists = false };
	AUTO_FREE char *rules = NULL;

	(void)state;
	given_view(lines, &view);
	rules = view_rules(&view);
	assert_string_equal(rules, "1 mark add 1 --proto tcp --dport 1,7:8\n"
				   "2 mark add 2 --proto tcp --dport 2\n"
				   "3 mark add 3 --hook input\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_rules_compile_to),
		cmocka_unit_test(test_views_give_the_rules_back),
		cmocka_unit_test(test_messages_give_the_view_back),
		cmocka_unit_test(test_numbers_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
