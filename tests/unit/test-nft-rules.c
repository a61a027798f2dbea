/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules from tables of nf_tables that others have edited, or without
   memory. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "tables.h"

#include "nft/matching.h"
#include "nft/rules.h"
#include "nft/stages.h"

/* ---- Edited tables ------------------------------------------------------- */

static void assert_rules(const struct view *view, const char *text)
{
	AUTO_FREE char *rules = view_rules(view);

	assert_string_equal(rules, text);
}

static struct chain *chain_of(struct view *view, const char *name)
{
	uint32_t place = view_chain(view, name);

	assert_int_not_equal(place, NO_INDEX);
	return &view->chains[place];
}

static struct line *line_of(struct view *view, const char *chain, uint32_t at)
{
	const struct chain *found = chain_of(view, chain);

	assert_true(at < found->count);
	return &view->lines[found->first + at];
}

static void test_lists_that_lost_an_item(void **state)
{
	static const char *const lines[] = {
		"1 --proto tcp --sport 1,2 --dport 3,4", NULL
	};
	AUTO_VIEW struct view view = { .exists = false };

	(void)state;
	given_view(lines, &view);
	assert_rules(&view, "1 mark add 1 --proto tcp --sport 1,2 "
			    "--dport 3,4\n");
	/* Three of four combinations are no two lists. */
	view.sets[0].count--;
	assert_rules(&view, "1 mark add 1 --proto tcp --sport 1 --dport 3\n"
			    "1 mark add 1 --proto tcp --sport 1 --dport 4\n"
			    "1 mark add 1 --proto tcp --sport 2 --dport 3\n");
	view.sets[0].count--;
	assert_rules(&view, "1 mark add 1 --proto tcp --sport 1 --dport 3,4\n");
	view.sets[0].count--;
	assert_rules(&view, "1 mark add 1 --proto tcp --sport 1 --dport 3\n");
}

static void test_parts_that_differ_are_rules(void **state)
{
	static const char *const lines[] = {
		"1 --proto tcp --dport 1,2 --comment a", NULL
	};
	AUTO_VIEW struct view view = { .exists = false };
	struct line *line;

	(void)state;
	given_view(lines, &view);
	line = line_of(&view, "prerouting-100", 1);
	line->bearer.comment = view_add_text(&view, "b", 1);
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1 --comment a\n"
			    "1 mark add 1 --proto tcp --dport 2 --comment b\n");
	line->bearer.comment = view.lines[line - view.lines - 1].bearer.comment;
	line->mark = 2;
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1 --comment a\n"
			    "1 mark add 2 --proto tcp --dport 2 --comment a\n");
}

/* A line without a number has its place behind the one before it. */
static void test_rules_without_numbers(void **state)
{
	static const char *const lines[] = { "1 --proto tcp --dport 1",
					     "2 --proto tcp --dport 2",
					     "3 --proto tcp --dport 3", NULL };
	AUTO_VIEW struct view view = { .exists = false };

	(void)state;
	given_view(lines, &view);
	line_of(&view, "prerouting-100", 1)->bearer.number = NO_NUMBER;
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1\n"
			    "- mark add 2 --proto tcp --dport 2\n"
			    "3 mark add 3 --proto tcp --dport 3\n");
	line_of(&view, "prerouting-100", 0)->bearer.number = NO_NUMBER;
	assert_rules(&view, "- mark add 1 --proto tcp --dport 1\n"
			    "- mark add 2 --proto tcp --dport 2\n"
			    "3 mark add 3 --proto tcp --dport 3\n");
	/* What matches the same as a rule before it never decides. */
	line_of(&view, "prerouting-100", 1)->match =
		line_of(&view, "prerouting-100", 0)->match;
	assert_rules(&view, "- mark add 1 --proto tcp --dport 1\n"
			    "3 mark add 3 --proto tcp --dport 3\n");
}

/* Packets reach it behind all rules of the lines and segments before its own. */
static void test_order_around_a_rule_without_number(void **state)
{
	static const char *const lines[] = {
		"1 --proto tcp --dport 1",     "2 --proto udp --dport 50000",
		"3 --proto tcp --dport 3,4,5", "4 --proto udp --dport 50001",
		"5 --proto tcp --dport 6",     NULL
	};
	AUTO_VIEW struct view view = { .exists = false };

	(void)state;
	given_view(lines, &view);
	line_of(&view, "prerouting-100-2", 2)->bearer.number = NO_NUMBER;
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1\n"
			    "3 mark add 3 --proto tcp --dport 3,4,5\n"
			    "5 mark add 5 --proto tcp --dport 6\n"
			    "- mark add 2 --proto udp --dport 50000\n"
			    "4 mark add 4 --proto udp --dport 50001\n");
	/* The elements of a map are in no order. */
	view.elements[1].bearer.number = NO_NUMBER;
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1\n"
			    "3 mark add 3 --proto tcp --dport 4,5\n"
			    "5 mark add 5 --proto tcp --dport 6\n"
			    "- mark add 3 --proto tcp --dport 3\n"
			    "- mark add 2 --proto udp --dport 50000\n"
			    "4 mark add 4 --proto udp --dport 50001\n");
}

static void test_lines_that_no_rule_says(void **state)
{
	static const char *const lines[] = { "1 --proto tcp --dport 1",
					     "2 --dst 10.0.0.0/24 "
					     "--no-exempt-own",
					     NULL };
	AUTO_VIEW struct view view = { .exists = false };
	struct line *first, *second;

	(void)state;
	given_view(lines, &view);
	first = line_of(&view, "prerouting-100", 0);
	second = line_of(&view, "prerouting-100", 1);
	/* It ends before it begins. */
	second->match.spans[FIELD_DESTINATION].last[3] = 7;
	second->match.spans[FIELD_DESTINATION].first[3] = 9;
	first->match.protocol = 1; /* no ports */
	assert_rules(&view, "");
	first->match.protocol = 6;
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1\n");
	first->mark = 0;
	assert_rules(&view, "");
}

static const char *const exact[] = { "1 --proto tcp --dport 1",
				     "2 --proto tcp --dport 2",
				     "3 --proto tcp --dport 3",
				     "4 --proto tcp --dport 4", NULL };

static void test_what_packets_do_not_reach(void **state)
{
	AUTO_VIEW struct view view = { .exists = false };
	struct chain *base;
	struct line *jump;

	(void)state;
	given_view(exact, &view);
	view.sets[0].count = 1;
	base = chain_of(&view, "prerouting");
	jump = line_of(&view, "prerouting", 0);
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1\n");
	base->wrong = true;
	assert_rules(&view, "");
	base->wrong = false;
	base->count = 0;
	assert_rules(&view, "");
	base->count = 1;
	strcpy(jump->target, "prerouting-101");
	assert_rules(&view, "");
	strcpy(jump->target, "prerouting-100");
	chain_of(&view, "prerouting-100")->hook = IPVSCTL_HOOK_INPUT;
	assert_rules(&view, "");
}

static void test_maps_that_are_not_as_their_lines(void **state)
{
	AUTO_VIEW struct view view = { .exists = false };
	struct line *map;
	struct set *set;

	(void)state;
	given_view(exact, &view);
	map = line_of(&view, "prerouting-100", 0);
	set = &view.sets[0];
	set->count = 1;
	assert_rules(&view, "1 mark add 1 --proto tcp --dport 1\n");
	set->alien = true;
	assert_rules(&view, "");
	set->alien = false;
	set->interval = true; /* whose end is in front of its start */
	memset(view.elements[0].last, 0, sizeof(view.elements[0].last));
	assert_rules(&view, "");
	set->interval = false;
	set->verdict = true;
	assert_rules(&view, "");
	set->verdict = false;
	set->key_length = 4;
	assert_rules(&view, "");
	set->key_length = 2;
	map->key_count = 2; /* twice the same field */
	map->keys[1] = map->keys[0];
	assert_rules(&view, "");
	map->key_count = 1;
	map->match.fields = FIELD_BIT(FIELD_DESTINATION_PORT);
	assert_rules(&view, "");
	map->match.fields = 0;
	strcpy(map->target, "prerouting-map-2");
	assert_rules(&view, "");
}

static const char *const buckets[] = {
	"1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11",
	"2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11", NULL
};

static void test_chains_that_form_a_loop(void **state)
{
	AUTO_VIEW struct view view = { .exists = false };
	struct line *line;

	(void)state;
	given_view(buckets, &view);
	line = line_of(&view, "prerouting-map-1-1", 0);
	*line = *line_of(&view, "prerouting-100", 0);
	assert_rules(&view, "2 mark add 2 --proto tcp --dst 10.0.0.2 --dport "
			    "1:2,4:5,7:8,10:11\n");
	/* The address was looked up: a port cannot be an address again. */
	line->keys[0] = FIELD_SOURCE;
	view.sets[0].count = 1;
	assert_rules(&view, "");
}

/* A head with a match exempts only the rule of that match. */
static void test_heads_are_of_rules(void **state)
{
	static const char *const lines[] = { "1 --dst 10.0.0.1",
					     "2 --dst 10.0.0.2", NULL };
	AUTO_VIEW struct view view = { .exists = false };
	struct match *match;

	(void)state;
	given_view(lines, &view);
	match = &line_of(&view, "prerouting-100", 1)->match;
	match->spans[FIELD_DESTINATION].first[3] = 7;
	assert_rules(&view, "1 mark add 1 --dst 10.0.0.1\n"
			    "2 mark add 2 --dst 10.0.0.2 --no-exempt-own\n");
	*match = (struct match){ .family = 0 };
	assert_rules(&view, "1 mark add 1 --dst 10.0.0.1\n"
			    "2 mark add 2 --dst 10.0.0.2\n");
	line_of(&view, "prerouting-100", 1)->exempt = IPVSCTL_EXEMPT_CONNTRACK;
	assert_rules(&view, "1 mark add 1 --dst 10.0.0.1\n"
			    "2 mark add 2 --dst 10.0.0.2 --exempt-own "
			    "conntrack\n");
}

static void test_counters_are_added_up(void **state)
{
	static const char *const lines[] = { "1 --proto tcp --dport 1,2,3",
					     NULL };
	AUTO_VIEW struct view view = { .exists = false };
	struct ipvsctl_config *config = NULL;
	const struct ipvsctl_mark *rule;

	(void)state;
	given_view(lines, &view);
	for (uint32_t i = 0; i < 3; i++) {
		struct line *line = line_of(&view, "prerouting-100", i);

		line->bearer.packets = i + 1;
		line->bearer.bytes = 100;
	}
	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	assert_int_equal(rules_of_view(&view, config, &asking_ports, NULL), 0);
	rule = ipvsctl_config_next_mark(config, NULL);
	assert_non_null(rule);
	assert_int_equal(rule->packets, 6);
	assert_int_equal(rule->bytes, 300);
	ipvsctl_config_free(config);
}

/* ---- Memory -------------------------------------------------------------- */

static const char *const many[] = {
	"1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:11 --comment one",
	"2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11",
	"3 --proto udp --dport 1,2,3,4,5,6,7,8",
	"4 --in-interface eth0",
	"exclude --src 10.0.0.0/8",
	"5 --hook output --mask 7",
	NULL
};

static int compile(void *data)
{
	static const struct rule_state states[6];
	const struct stage_request request = { .config = data,
					       .states = states,
					       .own = &asking_ports,
					       .set_number = 1 };
	AUTO_VIEW struct view view = { .exists = false };

	return stages_compile(&request, &view);
}

static int decompile(void *data)
{
	struct numbers numbers = { .count = 0 };
	struct ipvsctl_config *config = NULL;
	int r;

	alloc_pause();
	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	alloc_resume();
	r = rules_of_view(data, config, &asking_ports, &numbers);
	free(numbers.of);
	ipvsctl_config_free(config);
	return r;
}

struct two {
	const struct view *now;
	struct view *wanted;
};

static int match(void *data)
{
	const struct two *two = data;
	AUTO_MATCHING struct matching matching;

	return matching_find(&matching, two->now, two->wanted);
}

static void test_memory_runs_out(void **state)
{
	struct ipvsctl_config *config = given_marks(many);
	AUTO_VIEW struct view view = { .exists = false };
	AUTO_VIEW struct view same = { .exists = false };
	struct two two = { &view, &same };

	(void)state;
	alloc_each_failure(compile, config);
	compile_view(config, &view);
	compile_view(config, &same);
	alloc_each_failure(decompile, &view);
	alloc_each_failure(match, &two);
	ipvsctl_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_that_lost_an_item),
		cmocka_unit_test(test_parts_that_differ_are_rules),
		cmocka_unit_test(test_rules_without_numbers),
		cmocka_unit_test(test_order_around_a_rule_without_number),
		cmocka_unit_test(test_lines_that_no_rule_says),
		cmocka_unit_test(test_what_packets_do_not_reach),
		cmocka_unit_test(test_maps_that_are_not_as_their_lines),
		cmocka_unit_test(test_chains_that_form_a_loop),
		cmocka_unit_test(test_heads_are_of_rules),
		cmocka_unit_test(test_counters_are_added_up),
		cmocka_unit_test(test_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
