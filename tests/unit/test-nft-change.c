/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which messages change a table of nf_tables into another. */
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "tables.h"

#include "nft/numbering.h"
#include "nft/rules.h"
#include "nft/stages.h"

/* ---- Changing ------------------------------------------------------------ */

/* Fills a view as the kernel would have it after these lines. */
static void given_table(const char *const *lines, struct view *view)
{
	const struct view nothing = { .exists = false };
	AUTO_VIEW struct view wanted = { .exists = false };
	AUTO_TRANSACTIONS struct transactions sent;

	given_view(lines, &wanted);
	assert_int_equal(capture_change(&nothing, &wanted, false, &sent), 0);
	take_transactions(&sent, view);
}

/* Compiles rules as they are compiled for a table that is there. */
static void compile_for(const struct view *now, const char *const *lines,
			struct view *view)
{
	struct ipvsctl_config *current = NULL, *config = given_marks(lines);
	struct numbers numbers = { .count = 0 };
	struct rule_state *states = NULL;
	struct stage_request request = { .config = config,
					 .own = &asking_ports,
					 .set_number = 50 };

	assert_int_equal(ipvsctl_config_new(&current, NULL), 0);
	assert_int_equal(rules_of_view(now, current, &asking_ports, &numbers),
			 0);
	assert_int_equal(numbering_make(config, current, &numbers, &states), 0);
	request.states = states;
	assert_int_equal(stages_compile(&request, view), 0);
	free(states);
	free(numbers.of);
	ipvsctl_config_free(current);
	ipvsctl_config_free(config);
}

/* The messages, in the order in which they are told. */
static const struct {
	unsigned int type;
	const char *name;
} types[] = {
	{ NFT_MSG_NEWTABLE, "table" }, { NFT_MSG_NEWCHAIN, "chain" },
	{ NFT_MSG_NEWSET, "set" },     { NFT_MSG_NEWSETELEM, "elements" },
	{ NFT_MSG_NEWRULE, "rule" },   { NFT_MSG_DELCHAIN, "-chain" },
	{ NFT_MSG_DELSET, "-set" },    { NFT_MSG_DELSETELEM, "-elements" },
	{ NFT_MSG_DELRULE, "-rule" },  { NFT_MSG_DELTABLE, "-table" },
};

/* Tells the messages of each transaction: "2 set 1 rule; 1 -rule". */
static void tell(const struct transactions *sent, char text[256])
{
	size_t from = 0, used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sent->count; i++) {
		struct transactions one = {
			.bytes = { .data = sent->bytes.data + from,
				   .size = sent->ends[i] - from }
		};

		from = sent->ends[i];
		if (i)
			used += (size_t)snprintf(text + used, 256 - used, "; ");
		for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
			size_t count = transactions_count(&one, types[t].type);
			bool blank = used && text[used - 1] != ' ';

			if (count)
				used += (size_t)snprintf(text + used,
							 256 - used, "%s%zu %s",
							 blank ? " " : "",
							 count, types[t].name);
			assert_true(used < 256);
		}
	}
}

static void assert_change(const struct view *now, struct view *wanted,
			  bool zero, const char *told)
{
	AUTO_TRANSACTIONS struct transactions sent;
	char text[256];

	assert_int_equal(capture_change(now, wanted, zero, &sent), 0);
	tell(&sent, text);
	assert_string_equal(text, told);
}

#define LINES 12

static const struct {
	const char *from[LINES];
	const char *to[LINES];
	const char *told;
} changes[] = {
	{ { NULL }, { NULL }, "" },
	{ { "1", NULL }, { "1", NULL }, "" },
	{ { NULL }, { "1", NULL }, "1 table 2 chain 3 rule" },
	{ { "1", NULL }, { NULL }, "1 -rule; 2 -chain" },
	/* The mark and the comment change in place. */
	{ { "1 --dst 10.0.0.1", NULL }, { "2 --dst 10.0.0.1", NULL }, "1 rule" },
	{ { "1 --dst 10.0.0.1", NULL },
	  { "1 --dst 10.0.0.1 --comment x", NULL },
	  "1 rule" },
	{ { "1 --dst 10.0.0.1", NULL },
	  { "exclude --dst 10.0.0.1 --priority 100", NULL },
	  "1 rule 1 -rule" },
	/* The chain that changes the source comes, and goes. */
	{ { NULL },
	  { "1 --dst 10.0.0.1 --snat", NULL },
	  "1 table 3 chain 1 set 1 elements 4 rule" },
	{ { "1 --dst 10.0.0.1", NULL },
	  { "1 --dst 10.0.0.1 --snat", NULL },
	  "1 set 1 elements; 1 chain 1 rule" },
	{ { "1 --dst 10.0.0.1 --snat", NULL },
	  { "1 --dst 10.0.0.1", NULL },
	  "1 -rule; 1 -chain 1 -set 1 -elements" },
	/* Its sets change in place. */
	{ { "1 --dst 10.0.0.1 --snat", NULL },
	  { "2 --dst 10.0.0.1 --snat", NULL },
	  "1 elements 1 rule 1 -elements" },
	{ { "1 --dst 10.0.0.1 --snat=10.0.0.8", NULL },
	  { "1 --dst 10.0.0.1 --snat=10.0.0.9", NULL },
	  "1 elements 1 -elements" },
	{ { "1 --dst 10.0.0.1 --snat=10.0.0.8", "2 --dst 10.0.0.2", NULL },
	  { "1 --dst 10.0.0.1 --snat=10.0.0.8",
	    "2 --dst 10.0.0.2 --snat=10.0.0.8", NULL },
	  "1 elements" },
	{ { "1 --dst 10.0.0.1 --snat", NULL },
	  { "1 --dst 10.0.0.1 --snat=10.0.0.9", NULL },
	  "1 set 1 elements; 1 rule 1 -rule; 1 -set 1 -elements" },
	/* Rules among others */
	{ { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2", NULL },
	  { "1 --proto tcp --dport 1", "3 --proto tcp --dport 3",
	    "2 --proto tcp --dport 2", NULL },
	  "2 rule" },
	{ { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2", NULL },
	  { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2",
	    "3 --proto tcp --dport 3", NULL },
	  "1 rule" },
	{ { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2", NULL },
	  { "2 --proto tcp --dport 2", NULL },
	  "1 -rule" },
	{ { "1 --proto tcp --dport 1", "2 --proto tcp --dport 2", NULL },
	  { "2 --proto tcp --dport 2", "1 --proto tcp --dport 1", NULL },
	  "2 rule 1 -rule" },
	/* Elements */
	{ { "1 --proto tcp --dport 1,2,3,4", NULL },
	  { "1 --proto tcp --dport 1,2,3,4,5", NULL },
	  "1 elements" },
	{ { "1 --proto tcp --dport 1,2,3,4", "2 --proto tcp --dport 5", NULL },
	  { "1 --proto tcp --dport 1,2,3,4", NULL },
	  "1 -elements" },
	{ { "1 --proto tcp --dport 1,2,3,4", "2 --proto tcp --dport 5", NULL },
	  { "1 --proto tcp --dport 1,2,3,4", "3 --proto tcp --dport 5", NULL },
	  "1 elements 1 -elements" },
	{ { "1 --proto tcp --dport 1,2,3,4", "2 --proto tcp --dport 5:6",
	    "2 --proto tcp --dport 7:8", "2 --proto tcp --dport 9:10",
	    "2 --proto tcp --dport 11:12", NULL },
	  { "1 --proto tcp --dport 1,2,3,4", "2 --proto tcp --dport 5:6",
	    "2 --proto tcp --dport 7:8", "2 --proto tcp --dport 9:10",
	    "2 --proto tcp --dport 11:13", NULL },
	  "1 elements 1 -elements" },
	/* A map comes, and goes. */
	{ { "1 --proto tcp --dport 1,2,3", NULL },
	  { "1 --proto tcp --dport 1,2,3,4", NULL },
	  "1 set 1 elements; 1 rule 3 -rule" },
	{ { "1 --proto tcp --dport 1,2,3,4", NULL },
	  { "1 --proto tcp --dport 1,2,3", NULL },
	  "3 rule 1 -rule; 1 -set 1 -elements" },
	/* Maps of maps */
	{ { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11", NULL },
	  { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:12", NULL },
	  "1 elements 1 -elements" },
	{ { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11", NULL },
	  { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11",
	    "3 --proto tcp --dst 10.0.0.3 --dport 1:2", NULL },
	  "1 chain 1 set 1 elements 1 rule; 1 elements" },
	{ { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11",
	    "3 --proto tcp --dst 10.0.0.3 --dport 1:2", NULL },
	  { "1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	    "2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11", NULL },
	  "1 -elements; 1 -chain 1 -set 1 -elements" },
	/* Some pieces of a rule stay, others leave its map. */
	{ { "1 --dst 10.0.0.1 --proto udp --dport 80,1000:2000",
	    "2 --dst 10.0.0.2 --proto udp --dport 80,1000:2000",
	    "3 --dst 10.0.0.3 --proto udp --dport 80,1000:2000",
	    "4 --dst 10.0.0.4 --proto udp --dport 80", NULL },
	  { "1 --dst 10.0.0.1 --proto udp --dport 80,1000:2000",
	    "2 --dst 10.0.0.2 --proto udp --dport 80,1000:2000",
	    "3 --dst 10.0.0.3 --proto udp --dport 80,1000:2000", NULL },
	  "3 rule 1 -rule; 1 -set 1 -elements" },
	{ { "1 --dst 10.0.0.1 --proto udp --dport 80,1000:2000",
	    "2 --dst 10.0.0.2 --proto udp --dport 80,1000:2000",
	    "3 --dst 10.0.0.3 --proto udp --dport 80,1000:2000", NULL },
	  { "1 --dst 10.0.0.1 --proto udp --dport 80,1000:2000",
	    "2 --dst 10.0.0.2 --proto udp --dport 80,1000:2000",
	    "3 --dst 10.0.0.3 --proto udp --dport 80,1000:2000",
	    "4 --dst 10.0.0.4 --proto udp --dport 80", NULL },
	  "1 set 1 elements; 1 rule 3 -rule" },
	/* Another hook */
	{ { "1", NULL },
	  { "1 --hook input", NULL },
	  "1 chain 2 rule; 1 chain 1 rule 1 -rule; 2 -chain" },
};

/* Gives all pieces of rules counters that no others have. */
static void count_packets(struct view *view)
{
	uint64_t packets = 1;

	for (size_t i = 0; i < view->line_count; i++)
		if (view->lines[i].kind == LINE_RULE)
			view->lines[i].bearer.packets = packets <<= 1;
	for (size_t i = 0; i < view->element_count; i++)
		if (view->elements[i].chain == NO_INDEX)
			view->elements[i].bearer.packets = packets <<= 1;
}

static struct ipvsctl_config *config_of(const struct view *view)
{
	struct ipvsctl_config *config = NULL;

	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	assert_int_equal(rules_of_view(view, config, &asking_ports, NULL), 0);
	return config;
}

/* Rules that stay count on, and nothing counts twice. */
static void assert_counts_on(const struct view *now, const struct view *wanted)
{
	struct ipvsctl_config *before = config_of(now);
	struct ipvsctl_config *after = config_of(wanted);
	uint64_t all_before = 0, all_after = 0;

	ipvsctl_for_each_mark(before, rule)
		all_before += rule->packets;
	ipvsctl_for_each_mark(after, rule) {
		const struct ipvsctl_mark *old =
			ipvsctl_config_find_mark(before, rule);

		all_after += rule->packets;
		if (old)
			assert_int_equal(rule->packets, old->packets);
	}
	assert_true(all_after <= all_before);
	ipvsctl_config_free(before);
	ipvsctl_config_free(after);
}

static void test_what_differs_is_edited(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		AUTO_VIEW struct view now = { .exists = false };
		AUTO_VIEW struct view wanted = { .exists = false };

		given_table(changes[i].from, &now);
		now.exists = changes[i].from[0];
		compile_for(&now, changes[i].to, &wanted);
		assert_change(&now, &wanted, false, changes[i].told);
	}
}

static void test_counters_are_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		AUTO_VIEW struct view now = { .exists = false };
		AUTO_VIEW struct view wanted = { .exists = false };
		AUTO_TRANSACTIONS struct transactions sent;

		given_table(changes[i].from, &now);
		now.exists = changes[i].from[0];
		count_packets(&now);
		compile_for(&now, changes[i].to, &wanted);
		assert_int_equal(capture_change(&now, &wanted, false, &sent), 0);
		assert_counts_on(&now, &wanted);
	}
}

static const char *const all[] = {
	"1 --proto tcp --dport 1,2,3,5",
	"2 --dst 10.0.0.1 --comment y",
	"3 --proto udp --src 10.0.0.1,10.0.0.2 --dport 1,2,3,4",
	"4 --src 10.0.0.3 --snat=10.0.0.9",
	"5 --src 10.0.0.4 --snat",
	NULL
};

/* Changes a table to rules of every kind. */
static int change_all(void *now)
{
	AUTO_VIEW struct view wanted = { .exists = false };
	AUTO_TRANSACTIONS struct transactions sent;

	alloc_pause();
	compile_for(now, all, &wanted);
	return capture_change(now, &wanted, false, &sent);
}

static void test_lack_of_memory_is_told(void **state)
{
	static const char *const lines[] = {
		"1 --proto tcp --dport 1,2,3,4", "2 --dst 10.0.0.1 --comment x",
		"3 --proto udp --dst 10.0.0.1,10.0.0.2 --dport 1,2,3,4", NULL
	};
	AUTO_VIEW struct view now = { .exists = false };
	struct view nothing = { .exists = false };

	(void)state;
	given_table(lines, &now);
	now.exists = true;
	alloc_each_failure(change_all, &now);
	alloc_each_failure(change_all, &nothing);
	/* All is there but the jump to it. */
	view_free(&now);
	given_table(all, &now);
	now.chains[view_chain(&now, "prerouting")].count = 0;
	alloc_each_failure(change_all, &now);
}

/* ---- What others and the past have left ---------------------------------- */

static const char *const map[] = { "1 --proto tcp --dport 1,2,3,4", NULL };
static const char *const rule[] = { "1 --dst 10.0.0.1", NULL };

/* Only what has counted is written again. */
static void test_counters_become_zero(void **state)
{
	AUTO_VIEW struct view now = { .exists = false };
	AUTO_VIEW struct view wanted = { .exists = false };
	AUTO_VIEW struct view lines = { .exists = false };
	AUTO_VIEW struct view same = { .exists = false };

	(void)state;
	given_table(map, &now);
	compile_for(&now, map, &wanted);
	assert_change(&now, &wanted, true, "");
	now.elements[2].bearer.packets = 5;
	assert_change(&now, &wanted, true, "1 elements 1 -elements");
	assert_change(&now, &wanted, false, "");
	given_table(rule, &lines);
	compile_for(&lines, rule, &same);
	assert_change(&lines, &same, true, "");
	for (size_t i = 0; i < lines.line_count; i++)
		lines.lines[i].bearer.bytes = 5;
	assert_change(&lines, &same, true, "1 rule");
	assert_change(&lines, &same, false, "");
}

/* Counters that were read long ago are not written again. */
static void test_aged_counters_are_not_written(void **state)
{
	static const char *const more[] = { "1 --dst 10.0.0.1",
					    "2 --dst 10.0.0.2", NULL };
	static const char *const marked[] = { "2 --dst 10.0.0.1", NULL };
	static const char *const wide[] = { "1 --dst 10.0.0.1,10.0.0.2", NULL };
	static const char *const mapped[] = {
		"1 --dst 10.0.0.1",
		"2 --dst 10.0.0.2,10.0.0.3,10.0.0.4",
		NULL,
	};
	static const struct {
		const char *const *lines;
		const char *told; /* NULL: begins anew */
	} cases[] = {
		{ rule, "" },	  { more, "2 rule" }, { wide, "2 rule" },
		{ marked, NULL }, { mapped, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_VIEW struct view now = { .exists = false };
		AUTO_VIEW struct view wanted = { .exists = false };
		AUTO_TRANSACTIONS struct transactions sent;

		given_table(rule, &now);
		now.aged = true;
		compile_for(&now, cases[i].lines, &wanted);
		if (cases[i].told) {
			assert_change(&now, &wanted, false, cases[i].told);
			continue;
		}
		assert_int_equal(capture_change(&now, &wanted, false, &sent),
				 -ERESTART);
		assert_int_equal(sent.count, 0);
	}
}

static void test_lines_of_others_stay(void **state)
{
	AUTO_VIEW struct view now = { .exists = false };
	AUTO_VIEW struct view wanted = { .exists = false };
	AUTO_VIEW struct view nothing = { .exists = true };
	uint32_t segment;

	(void)state;
	given_table(rule, &now);
	segment = view_chain(&now, "prerouting-100");
	assert_int_not_equal(segment, NO_INDEX);
	now.lines[now.chains[segment].first].kind = LINE_ALIEN;
	/* The head that is not there any more comes again. */
	compile_for(&now, rule, &wanted);
	assert_change(&now, &wanted, false, "1 rule");
	/* Their chain stays, too; nothing leads to it. */
	assert_change(&now, &nothing, false, "1 -rule; 1 -chain 1 -rule");
}

static void test_chains_of_others_are_refused(void **state)
{
	AUTO_VIEW struct view now = { .exists = false };
	AUTO_VIEW struct view wanted = { .exists = false };
	AUTO_VIEW struct view nothing = { .exists = true };
	AUTO_TRANSACTIONS struct transactions sent;
	uint32_t base;

	(void)state;
	given_table(rule, &now);
	compile_for(&now, rule, &wanted);
	base = view_chain(&now, "prerouting");
	assert_int_not_equal(base, NO_INDEX);
	now.chains[base].wrong = true;
	assert_int_equal(capture_change(&now, &wanted, false, &sent), -EEXIST);
	assert_int_equal(sent.count, 0);
	assert_change(&now, &nothing, false, "1 -chain");
}

/* A change that died between its transactions left a map behind. */
static void test_what_a_change_left_goes(void **state)
{
	static const char *const nothing[] = { NULL };
	AUTO_VIEW struct view now = { .exists = false };
	AUTO_VIEW struct view wanted = { .exists = false };

	(void)state;
	given_table(map, &now);
	compile_for(&now, map, &wanted);
	now.chains[view_chain(&now, "prerouting")].count = 0;
	now.chains[view_chain(&now, "prerouting-100")].count = 0;
	/* The map is made again: nothing knows what its set was for. */
	assert_change(&now, &wanted, false,
		      "1 set 1 elements 2 rule; 1 -set 1 -elements");
	view_free(&wanted);
	compile_for(&now, nothing, &wanted);
	assert_change(&now, &wanted, false, "2 -chain 1 -set 1 -elements");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_differs_is_edited),
		cmocka_unit_test(test_counters_are_kept),
		cmocka_unit_test(test_lack_of_memory_is_told),
		cmocka_unit_test(test_counters_become_zero),
		cmocka_unit_test(test_aged_counters_are_not_written),
		cmocka_unit_test(test_lines_of_others_stay),
		cmocka_unit_test(test_chains_of_others_are_refused),
		cmocka_unit_test(test_what_a_change_left_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
