/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The numbers of mark rules, and what can keep its place in a sequence. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "given.h"
#include "tables.h"

#include "model/config.h"
#include "nft/numbering.h"
#include "rising.h"

#define NONE RISING_NONE

/* ---- Rising runs --------------------------------------------------------- */

struct run {
	size_t count;
	uint32_t numbers[8];
	uint32_t kept[8];
};

static const struct run runs[] = {
	{ 0, { 0 }, { 0 } },
	{ 1, { 5 }, { 5 } },
	{ 1, { NONE }, { NONE } },
	{ 3, { NONE, NONE, NONE }, { NONE, NONE, NONE } },
	{ 4, { 1, 2, 3, 4 }, { 1, 2, 3, 4 } },
	{ 4, { 0, NONE, 3, NONE - 1 }, { 0, NONE, 3, NONE - 1 } },
	{ 4, { 4, 1, 2, 3 }, { NONE, 1, 2, 3 } },
	{ 4, { 2, 3, 4, 1 }, { 2, 3, 4, NONE } },
	{ 5, { 1, 2, 2, 3, 3 }, { 1, NONE, 2, NONE, 3 } },
	{ 8,
	  { 9, 1, 8, 2, 7, 3, 6, 4 },
	  { NONE, 1, NONE, 2, NONE, 3, NONE, 4 } },
};

static void check_run(size_t place)
{
	struct run run = runs[place];

	assert_int_equal(rising_keep(run.numbers, run.count), 0);
	for (size_t i = 0; i < run.count; i++)
		if (run.numbers[i] != run.kept[i])
			fail_msg("run %zu: %u at %zu", place, run.numbers[i], i);
}

static void test_the_longest_rising_run_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		check_run(i);
}

/* The longest run that rises, found the slow way. */
static size_t longest(const uint32_t *numbers, size_t count)
{
	size_t lengths[16] = { 0 }, best = 0;

	for (size_t i = 0; i < count; i++) {
		if (numbers[i] == NONE)
			continue;
		lengths[i] = 1;
		for (size_t k = 0; k < i; k++)
			if (numbers[k] != NONE && numbers[k] < numbers[i] &&
			    lengths[k] >= lengths[i])
				lengths[i] = lengths[k] + 1;
		best = lengths[i] > best ? lengths[i] : best;
	}
	return best;
}

static void test_runs_at_random(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		uint32_t numbers[16] = { 0 }, kept[16], last = 0;
		size_t count = (size_t)rand_r(&seed) % 17, left = 0;

		for (size_t i = 0; i < count; i++)
			numbers[i] = rand_r(&seed) % 8 ?
					     (uint32_t)rand_r(&seed) % 20 :
					     NONE;
		memcpy(kept, numbers, sizeof(kept));
		assert_int_equal(rising_keep(kept, count), 0);
		for (size_t i = 0; i < count; i++) {
			if (kept[i] == NONE)
				continue;
			assert_int_equal(kept[i], numbers[i]);
			assert_true(!left || kept[i] > last);
			last = kept[i];
			left++;
		}
		assert_int_equal(left, longest(numbers, count));
	}
}

/* ---- Numbers ------------------------------------------------------------- */

#define RULES 6

struct change {
	/* Rules are said by a letter, the port; a capital has another hook. */
	const char *current;
	uint32_t numbers[RULES];
	const char *wanted;
	uint32_t made[RULES];
};

static struct ipvsctl_config *config_of(const char *letters)
{
	char text[RULES][64];
	const char *lines[RULES + 1] = { NULL };

	for (size_t i = 0; letters[i]; i++) {
		assert_true(i < RULES);
		(void)snprintf(text[i], sizeof(text[i]),
			       "1 --proto udp --dport %d%s", letters[i] | 0x20,
			       letters[i] & 0x20 ? "" : " --hook input");
		lines[i] = text[i];
	}
	return given_marks(lines);
}

/* Makes the states; they are to be freed. */
static struct rule_state *number(const struct change *change)
{
	struct ipvsctl_config *current = config_of(change->current);
	struct ipvsctl_config *wanted = config_of(change->wanted);
	struct numbers numbers = { .count = strlen(change->current) };
	struct rule_state *states = NULL;
	uint32_t of[RULES];

	memcpy(of, change->numbers, sizeof(of));
	numbers.of = of;
	assert_int_equal(numbering_make(wanted, current, &numbers, &states), 0);
	ipvsctl_config_free(current);
	ipvsctl_config_free(wanted);
	return states;
}

static const struct change changes[] = {
	{ "", { 0 }, "", { 0 } },
	{ "", { 0 }, "abc", { 1, 2, 3 } },
	{ "abc", { 1, 2, 3 }, "abc", { 1, 2, 3 } },
	{ "abc", { 5, 9, 70 }, "abc", { 5, 9, 70 } },
	/* Deletions */
	{ "abc", { 1, 2, 3 }, "ac", { 1, 3 } },
	{ "abc", { 1, 2, 3 }, "c", { 3 } },
	{ "abc", { 1, 2, 3 }, "", { 0 } },
	/* At the end, in front, between: with room and without */
	{ "ab", { 3, 5 }, "abc", { 3, 5, 6 } },
	{ "ab", { 3, 5 }, "cab", { 1, 3, 5 } },
	{ "ab", { 1, 2 }, "cab", { 1, 2, 3 } },
	{ "ab", { 3, 5 }, "acb", { 3, 4, 5 } },
	{ "abc", { 1, 2, 3 }, "adbc", { 1, 2, 3, 4 } },
	{ "abc", { 1, 2, 9 }, "adbc", { 1, 2, 3, 9 } },
	{ "abc", { 1, 3, 9 }, "adebc", { 1, 2, 3, 4, 9 } },
	{ "abc", { 1, 4, 9 }, "adebc", { 1, 2, 3, 4, 9 } },
	/* Swaps move one rule only. */
	{ "ab", { 1, 2 }, "ba", { 1, 2 } },
	{ "abcd", { 1, 2, 3, 4 }, "dabc", { 1, 2, 3, 4 } },
	{ "abcd", { 2, 3, 4, 5 }, "dabc", { 1, 2, 3, 4 } },
	{ "abcd", { 1, 2, 3, 4 }, "bcda", { 2, 3, 4, 5 } },
	{ "abcd", { 10, 20, 30, 40 }, "acbd", { 10, 11, 20, 40 } },
	/* Numbers of others: equal ones, 0, without order */
	{ "abc", { 7, 7, 7 }, "abc", { 1, 2, 7 } },
	{ "abc", { 0, 0, 1 }, "abc", { 1, 2, 3 } },
	{ "abc", { NONE, NONE, NONE }, "abc", { 1, 2, 3 } },
	{ "abc", { 5, NONE, 6 }, "abc", { 5, 6, 7 } },
	/* Each hook has its own. */
	{ "abAB", { 1, 2, 2, 5 }, "abAB", { 1, 2, 2, 5 } },
	{ "", { 0 }, "abAB", { 1, 2, 1, 2 } },
};

static void check_change(size_t place)
{
	const struct change *change = &changes[place];
	AUTO_FREE struct rule_state *states = number(change);

	for (size_t i = 0; change->wanted[i]; i++)
		if (change->made[i] != states[i].number)
			fail_msg("%zu: %s to %s: rule %zu has %u", place,
				 change->current, change->wanted, i,
				 states[i].number);
}

static void test_rules_keep_their_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		check_change(i);
}

/* Each rises, and none is NO_NUMBER, however near that the old ones are. */
static void test_numbers_do_not_run_out(void **state)
{
	static const struct change edge = {
		"ab", { NONE - 2, NONE - 1 }, "abcd", { 0 }
	};
	AUTO_FREE struct rule_state *states = number(&edge);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(states[i].number < NONE);
		assert_true(!i || states[i - 1].number < states[i].number);
	}
}

static void test_numbers_at_random(void **state)
{
	unsigned int seed = 7;

	(void)state;
	for (size_t round = 0; round < 500; round++) {
		struct change change = { .current = "abcdef" };
		AUTO_FREE struct rule_state *states = NULL;
		char wanted[] = "cdefgh";

		for (size_t i = 0; i < RULES; i++) {
			size_t other = (size_t)rand_r(&seed) % RULES;
			char letter = wanted[i];

			change.numbers[i] = (uint32_t)rand_r(&seed) % 12;
			wanted[i] = wanted[other];
			wanted[other] = letter;
		}
		change.wanted = wanted;
		states = number(&change);
		for (size_t i = 0; i < RULES; i++)
			assert_true(states[i].number >
				    (i ? states[i - 1].number : 0));
	}
}

static void test_counters_of_rules_that_stay(void **state)
{
	struct ipvsctl_config *current = config_of("ab");
	struct ipvsctl_config *wanted = config_of("bc");
	uint32_t of[] = { 1, 2 };
	struct numbers numbers = { .of = of, .count = 2 };
	AUTO_FREE struct rule_state *states = NULL;

	(void)state;
	mark_node_at(&current->marks, 1)->rule.packets = 5;
	mark_node_at(&current->marks, 1)->rule.bytes = 500;
	assert_int_equal(numbering_make(wanted, current, &numbers, &states), 0);
	assert_int_equal(states[0].packets, 5);
	assert_int_equal(states[0].bytes, 500);
	assert_int_equal(states[1].packets, 0);
	ipvsctl_config_free(current);
	ipvsctl_config_free(wanted);
}

/* ---- Memory -------------------------------------------------------------- */

struct two {
	struct ipvsctl_config *current;
	struct ipvsctl_config *wanted;
};

static int number_two(void *data)
{
	const struct two *two = data;
	uint32_t of[] = { 1, 2, 3 };
	struct numbers numbers = { .of = of, .count = 3 };
	struct rule_state *states = NULL;
	int r = numbering_make(two->wanted, two->current, &numbers, &states);

	free(states);
	return r;
}

static void test_memory_runs_out(void **state)
{
	struct two two = { config_of("abc"), config_of("bAdBcC") };

	(void)state;
	alloc_each_failure(number_two, &two);
	ipvsctl_config_free(two.current);
	ipvsctl_config_free(two.wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_longest_rising_run_is_kept),
		cmocka_unit_test(test_runs_at_random),
		cmocka_unit_test(test_rules_keep_their_numbers),
		cmocka_unit_test(test_numbers_do_not_run_out),
		cmocka_unit_test(test_numbers_at_random),
		cmocka_unit_test(test_counters_of_rules_that_stay),
		cmocka_unit_test(test_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
