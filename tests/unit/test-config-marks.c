/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules in configurations: their order, their identity, their number. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "alloc.h"
#include "given.h"

#include "model/config.h"
#include "model/object.h"
#include "text.h"

static const char *const none[] = { NULL };

/* The comments of the rules in their order. */
static void assert_order(const struct ipvsctl_config *config, const char *wanted)
{
	struct text text = { 0 };
	char *order = NULL;

	ipvsctl_for_each_mark(config, rule)
		text_add(&text, "%s", mark_text(rule->comment));
	assert_int_equal(text_take(&text, &order), 0);
	assert_string_equal(order, wanted);
	free(order);
}

static const char *const shuffled[] = {
	"mark 1 --proto 1 --comment d",
	"mark 1 --hook output --comment i",
	"mark exclude --proto 2 --comment b",
	"mark 1 --proto 3 --comment e",
	"mark 1 --priority 1 --comment a",
	"mark exclude --proto 4 --comment c",
	"mark 1 --priority 60000 --comment g",
	"mark 1 --hook input --comment h",
	"mark 1 --proto 5 --comment f",
	NULL,
};

static void test_rules_go_by_hook_priority_and_time(void **state)
{
	struct ipvsctl_config *config = given_config(shuffled);
	struct ipvsctl_config *copy = NULL;

	(void)state;
	assert_order(config, "abcdefghi");
	assert_int_equal(ipvsctl_config_copy(config, &copy, NULL), 0);
	assert_order(copy, "abcdefghi");
	ipvsctl_config_free(copy);
	ipvsctl_config_free(config);
}

static void test_deleting_keeps_the_order(void **state)
{
	static const struct {
		const char *rule;
		const char *order;
	} cases[] = {
		{ "1 --priority 1", "bcdefghi" },
		{ "exclude --proto 4", "bdefghi" },
		{ "1 --proto 1", "befghi" },
		{ "1 --hook output", "befgh" },
		{ "1 --proto 5", "begh" },
		{ "exclude --proto 2", "egh" },
		{ "1 --proto 3", "gh" },
		{ "1 --priority 60000", "h" },
		{ "1 --hook input", "" },
	};
	struct ipvsctl_config *config = given_config(shuffled);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_MARK struct ipvsctl_mark rule = given_mark(cases[i].rule);

		assert_int_equal(ipvsctl_config_delete_mark(config, &rule, NULL),
				 0);
		assert_order(config, cases[i].order);
		assert_null(ipvsctl_config_find_mark(config, &rule));
		assert_int_equal(ipvsctl_config_delete_mark(config, &rule, NULL),
				 -ENOENT);
	}
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --proto 3 --comment x");
	assert_int_equal(ipvsctl_config_add_mark(config, &rule, NULL), 0);
	assert_order(config, "x");
	ipvsctl_config_free(config);
}

static void test_one_rule_a_match(void **state)
{
	struct ipvsctl_config *config = given_config(none);
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --proto udp --comment old");
	AUTO_MARK struct ipvsctl_mark other =
		given_mark("2 --proto udp --comment new");
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(ipvsctl_config_change_mark(config, &other, &err),
			 -ENOENT);
	assert_failure(&err, &(struct failure){ -ENOENT,
						"mark add 2 --proto udp "
						"--comment new",
						"no such mark rule", "" });
	assert_int_equal(ipvsctl_config_add_mark(config, &rule, &err), 0);
	assert_int_equal(ipvsctl_config_add_mark(config, &other, &err), -EEXIST);
	assert_failure(&err,
		       &(struct failure){ -EEXIST,
					  "mark add 2 --proto udp --comment "
					  "new",
					  "a rule that matches the same "
					  "already exists",
					  "" });
	assert_int_equal(ipvsctl_config_delete_mark(config, &other, &err),
			 -ENOENT);
	assert_order(config, "old");
	other.mask = 0xf;
	assert_int_equal(ipvsctl_config_change_mark(config, &other, &err), 0);
	const struct ipvsctl_mark *found =
		ipvsctl_config_find_mark(config, &rule);
	assert_int_equal(found->mark, 2);
	assert_int_equal(found->mask, 0xf);
	assert_string_equal(found->comment, "new");
	assert_int_equal(ipvsctl_config_delete_mark(config, &other, &err), 0);
	ipvsctl_config_free(config);
}

/* Both ways of filling: behind all others, and before many others. */
/* What was added as two rules is read as one, and still goes one by one. */
static void test_one_family_of_a_rule_of_both(void **state)
{
	static const char *const both[] = {
		"mark 1 --proto tcp --comment a",
		"mark 1 --proto udp --comment b",
		NULL,
	};
	struct ipvsctl_config *config = given_config(both);
	AUTO_MARK struct ipvsctl_mark first =
		given_mark("2 --proto tcp --ipv6 --comment c");
	AUTO_MARK struct ipvsctl_mark second =
		given_mark("1 --proto udp --ipv4");
	AUTO_MARK struct ipvsctl_mark whole = given_mark("1 --proto udp");

	(void)state;
	assert_int_equal(ipvsctl_config_change_mark(config, &first, NULL), 0);
	assert_order(config, "acb");
	assert_int_equal(ipvsctl_config_find_mark(config, &first)->mark, 2);
	second.mark = 7;
	assert_int_equal(ipvsctl_config_delete_mark(config, &second, NULL),
			 -ENOENT);
	assert_non_null(ipvsctl_config_find_mark(config, &whole));
	second.mark = 1;
	assert_int_equal(ipvsctl_config_delete_mark(config, &second, NULL), 0);
	assert_order(config, "acb");
	assert_null(ipvsctl_config_find_mark(config, &second));
	assert_null(ipvsctl_config_find_mark(config, &whole));
	assert_int_equal(ipvsctl_config_delete_mark(config, &second, NULL),
			 -ENOENT);
	second.family = AF_INET6;
	assert_int_equal(ipvsctl_config_delete_mark(config, &second, NULL), 0);
	assert_order(config, "ac");
	assert_int_equal(ipvsctl_config_add_mark(config, &whole, NULL), 0);
	assert_order(config, "ac");
	assert_int_equal(config->marks.count, 3);
	ipvsctl_config_free(config);
}

/*
 * A rule of one family beside one of both: of the other family, it is the one
 * of both that counts, whichever comes first.
 */
static void test_one_family_beside_a_rule_of_both(void **state)
{
	static const char *const firsts[][5] = {
		{ "mark 1 --proto udp --ipv4 --comment a",
		  "mark 2 --proto udp --comment b",
		  "mark 3 --proto tcp --comment c", NULL },
		{ "mark 2 --proto udp --comment b",
		  "mark 1 --proto udp --ipv4 --comment a",
		  "mark 3 --proto tcp --comment c", NULL },
	};
	/* The mark of IPv4 is what it was; a rule never reached is gone. */
	static const char *const orders[][2] = { { "adc", "ac" },
						 { "bdc", "bc" } };
	static const uint32_t marks[] = { 1, 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
		struct ipvsctl_config *config = given_config(firsts[i]);
		AUTO_MARK struct ipvsctl_mark rule =
			given_mark("4 --proto udp --ipv6 --comment d");
		AUTO_MARK struct ipvsctl_mark ipv4 =
			given_mark("1 --proto udp --ipv4");

		assert_int_equal(ipvsctl_config_change_mark(config, &rule, NULL),
				 0);
		assert_order(config, orders[i][0]);
		assert_int_equal(ipvsctl_config_find_mark(config, &rule)->mark,
				 4);
		assert_int_equal(ipvsctl_config_find_mark(config, &ipv4)->mark,
				 marks[i]);
		assert_int_equal(ipvsctl_config_delete_mark(config, &rule, NULL),
				 0);
		assert_order(config, orders[i][1]);
		ipvsctl_config_free(config);
	}
}

static void test_many_rules(void **state)
{
	struct ipvsctl_config *config = given_config(none);
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --proto udp --dport 1");
	uint32_t count = 0;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		rule.mark = i + 1;
		rule.priority = i < 10000 ? 100 : 50;
		rule.destination_ports.ranges[0].first = (uint16_t)i;
		rule.destination_ports.ranges[0].last = (uint16_t)i;
		assert_int_equal(ipvsctl_config_add_mark(config, &rule, NULL),
				 0);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		rule.mark = i + 1;
		rule.priority = (uint16_t)(1000 + (i * 7919) % 10000);
		rule.destination_ports.count = 0;
		assert_int_equal(ipvsctl_config_add_mark(config, &rule, NULL),
				 0);
	}
	uint32_t last = 0;
	ipvsctl_for_each_mark(config, at) {
		assert_true(at->priority >= last);
		last = at->priority;
		count++;
	}
	assert_int_equal(count, 30000);
	ipvsctl_config_free(config);
}

static int add_rules(void *data)
{
	struct ipvsctl_mark rule = *(struct ipvsctl_mark *)data;
	const struct ipvsctl_mark *found;
	struct ipvsctl_config *config = NULL;
	int r = ipvsctl_config_new(&config, NULL);

	for (uint16_t i = 0; !r && i < 12; i++) {
		struct ipvsctl_error err = { 0 };

		rule.priority = i / 2;
		rule.protocol = i % 2;
		r = ipvsctl_config_add_mark(config, &rule, &err);
		assert_int_equal(err.code, r);
		assert_int_equal(config->marks.count, r ? i : i + 1);
	}
	if (!r) {
		rule.family = AF_INET;
		rule.comment = "changed";
		r = ipvsctl_config_change_mark(config, &rule, NULL);
		assert_int_equal(config->marks.count, r ? 12 : 13);
		found = ipvsctl_config_find_mark(config, &rule);
		assert_true(!r == (found != NULL));
		if (found)
			assert_string_equal(found->comment, "changed");
	}
	ipvsctl_config_free(config);
	return r;
}

static void test_adding_without_memory(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --comment old -- -m x");

	(void)state;
	alloc_each_failure(add_rules, &rule);
}

/* A configuration keeps copies; its rules can be given to it themselves. */
static void test_a_configuration_owns_its_texts(void **state)
{
	struct ipvsctl_config *config = given_config(none);
	struct ipvsctl_config *copy = NULL;
	struct ipvsctl_mark rule = given_mark("1 --comment kept -- -m x");
	const struct ipvsctl_mark *found;

	(void)state;
	assert_int_equal(ipvsctl_config_add_mark(config, &rule, NULL), 0);
	ipvsctl_mark_clear(&rule);
	rule.extra = "-m x";
	found = ipvsctl_config_find_mark(config, &rule);
	assert_non_null(found);
	assert_int_equal(ipvsctl_config_copy(config, &copy, NULL), 0);
	assert_int_equal(ipvsctl_config_change_mark(config, found, NULL), 0);
	assert_string_equal(found->comment, "kept");
	rule.comment = "new";
	assert_int_equal(ipvsctl_config_change_mark(config, &rule, NULL), 0);
	assert_string_equal(found->comment, "new");
	assert_int_equal(ipvsctl_config_delete_mark(config, found, NULL), 0);
	assert_null(ipvsctl_config_next_mark(config, NULL));
	ipvsctl_config_free(config);
	found = ipvsctl_config_next_mark(copy, NULL);
	assert_string_equal(found->comment, "kept");
	assert_string_equal(found->extra, "-m x");
	ipvsctl_config_free(copy);
}

/* The places of deleted rules, in several blocks, are taken again. */
static void test_deleted_rules_leave_room(void **state)
{
	struct ipvsctl_config *config = given_config(none);
	struct ipvsctl_mark rule = given_mark("1");

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint16_t i = 0; i < 3 * MARK_BLOCK; i++) {
			rule.priority = i;
			assert_int_equal(ipvsctl_config_add_mark(config, &rule,
								 NULL),
					 0);
		}
		assert_int_equal(config->marks.block_count, 3);
		assert_null(config->marks.unused);
		for (uint16_t i = 0; i < 3 * MARK_BLOCK; i++) {
			rule.priority = (uint16_t)(i * 7 % (3 * MARK_BLOCK));
			assert_int_equal(ipvsctl_config_delete_mark(config,
								    &rule, NULL),
					 0);
		}
		assert_int_equal(config->marks.count, 0);
	}
	config->marks.last_age = UINT32_MAX;
	assert_int_equal(ipvsctl_config_add_mark(config, &rule, NULL), -ENOMEM);
	ipvsctl_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_go_by_hook_priority_and_time),
		cmocka_unit_test(test_deleting_keeps_the_order),
		cmocka_unit_test(test_one_rule_a_match),
		cmocka_unit_test(test_one_family_of_a_rule_of_both),
		cmocka_unit_test(test_one_family_beside_a_rule_of_both),
		cmocka_unit_test(test_many_rules),
		cmocka_unit_test(test_adding_without_memory),
		cmocka_unit_test(test_a_configuration_owns_its_texts),
		cmocka_unit_test(test_deleted_rules_leave_room),
	};

	return cmocka_run_group_tests_name("config-marks", tests, NULL, NULL);
}
