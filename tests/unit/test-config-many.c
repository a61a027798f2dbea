/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Many objects in a configuration, deleted and added in any order: what is
 * left is what a plain list would have, in its order. What takes a second here
 * takes minutes where a deletion looks at every object.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "given.h"
#include "rulesets.h"

#include "model/config.h"
#include "text.h"

#define MANY   100000u
#define FEW    60u
#define ROUNDS 20000u

static const char *const none[] = { NULL };
static const struct ipvsctl_address vip = { AF_INET, { 192, 0, 2, 1 } };

/* Always the same numbers, so that a failure can be repeated. */
static uint32_t random_below(uint32_t *seed, uint32_t bound)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)*seed * bound) >> 32);
}

/* ---- One kind of object, each of which a number names ------------------ */

struct kind {
	int (*add)(struct ipvsctl_config *config, uint32_t number);
	int (*remove)(struct ipvsctl_config *config, uint32_t number);
	bool (*find)(const struct ipvsctl_config *config, uint32_t number);
	/* The number of the one after *position, which it moves on. */
	bool (*next)(const struct ipvsctl_config *config, const void **position,
		     uint32_t *number);
};

static struct ipvsctl_address address_of(uint32_t number)
{
	return (struct ipvsctl_address){ AF_INET,
					 { 10, (uint8_t)(number >> 16),
					   (uint8_t)(number >> 8),
					   (uint8_t)number } };
}

static uint32_t number_of(const struct ipvsctl_address *address)
{
	return (uint32_t)address->bytes[1] << 16 |
	       (uint32_t)address->bytes[2] << 8 | address->bytes[3];
}

static struct ipvsctl_service service_of(uint32_t number)
{
	return (struct ipvsctl_service){ .address = address_of(number),
					 .protocol = 6,
					 .port = 80,
					 .scheduler = "wlc" };
}

static int add_service(struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_service service = service_of(number);
	struct ipvsctl_server server = { .address = vip };
	int r = ipvsctl_config_add_service(config, &service, NULL);

	/* Some have a server, which may be held. */
	if (r || number % 3)
		return r;
	r = ipvsctl_config_add_server(config, &service, &server, NULL);
	return r || number % 2 ? r :
				 ipvsctl_config_hold(config, &service, &server,
						     "admin", NULL);
}

static int delete_service(struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_service service = service_of(number);

	return ipvsctl_config_delete_service(config, &service, NULL);
}

static bool find_service(const struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_service service = service_of(number);
	const struct ipvsctl_service *found =
		ipvsctl_config_find_service(config, &service);

	assert_true(!found || number_of(&found->address) == number);
	return found;
}

static bool next_service(const struct ipvsctl_config *config,
			 const void **position, uint32_t *number)
{
	const struct ipvsctl_service *service =
		ipvsctl_config_next_service(config, *position);

	*position = service;
	if (service)
		*number = number_of(&service->address);
	return service;
}

/* ---- Servers of one service -------------------------------------------- */

static const struct ipvsctl_service pool = { .address = vip,
					     .protocol = 6,
					     .port = 80 };

static struct ipvsctl_server server_of(uint32_t number)
{
	return (struct ipvsctl_server){ .address = address_of(number),
					.port = 80 };
}

static int add_server(struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_server server = server_of(number);
	int r = ipvsctl_config_add_server(config, &pool, &server, NULL);

	return r || number % 2 ? r :
				 ipvsctl_config_hold(config, &pool, &server,
						     "admin", NULL);
}

static int delete_server(struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_server server = server_of(number);

	return ipvsctl_config_delete_server(config, &pool, &server, NULL);
}

static bool find_server(const struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_server server = server_of(number);
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(config, &pool, &server);

	assert_true(!found || (number_of(&found->address) == number &&
			       found->held == (number % 2 == 0)));
	return found;
}

static bool next_server(const struct ipvsctl_config *config,
			const void **position, uint32_t *number)
{
	const struct ipvsctl_server *server =
		ipvsctl_config_next_server(config, &pool, *position);

	*position = server;
	if (server)
		*number = number_of(&server->address);
	return server;
}

/* ---- Mark rules -------------------------------------------------------- */

/* The rule borrows the range. */
static struct ipvsctl_mark mark_of(uint32_t number,
				   struct ipvsctl_address_range *range)
{
	struct ipvsctl_mark rule;

	ipvsctl_mark_init(&rule, false);
	rule.mark = 1;
	rule.family = AF_INET;
	range->first = range->last = address_of(number);
	rule.source.ranges = range;
	rule.source.count = 1;
	return rule;
}

static int add_mark(struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_address_range range;
	struct ipvsctl_mark rule = mark_of(number, &range);

	return ipvsctl_config_add_mark(config, &rule, NULL);
}

static int delete_mark(struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_address_range range;
	struct ipvsctl_mark rule = mark_of(number, &range);

	return ipvsctl_config_delete_mark(config, &rule, NULL);
}

static bool find_mark(const struct ipvsctl_config *config, uint32_t number)
{
	struct ipvsctl_address_range range;
	struct ipvsctl_mark rule = mark_of(number, &range);
	const struct ipvsctl_mark *found =
		ipvsctl_config_find_mark(config, &rule);

	assert_true(!found || number_of(&found->source.ranges->first) == number);
	return found;
}

static bool next_mark(const struct ipvsctl_config *config,
		      const void **position, uint32_t *number)
{
	const struct ipvsctl_mark *rule =
		ipvsctl_config_next_mark(config, *position);

	*position = rule;
	if (rule)
		*number = number_of(&rule->source.ranges->first);
	return rule;
}

static const struct kind kinds[] = {
	{ add_service, delete_service, find_service, next_service },
	{ add_server, delete_server, find_server, next_server },
	{ add_mark, delete_mark, find_mark, next_mark },
};

static struct ipvsctl_config *config_of(const struct kind *kind)
{
	struct ipvsctl_config *config = given_config(none);

	if (kind->add == add_server)
		assert_int_equal(ipvsctl_config_add_service(config, &pool, NULL),
				 0);
	return config;
}

/* ---- Against a plain list ---------------------------------------------- */

struct list {
	uint32_t numbers[FEW];
	size_t count;
};

static size_t place_in(const struct list *list, uint32_t number)
{
	size_t place = 0;

	while (place < list->count && list->numbers[place] != number)
		place++;
	return place;
}

static void assert_same(const struct kind *kind,
			const struct ipvsctl_config *config,
			const struct list *list)
{
	const void *position = NULL;
	uint32_t number = 0;
	size_t count = 0;

	while (kind->next(config, &position, &number))
		assert_true(count < list->count &&
			    list->numbers[count++] == number);
	assert_int_equal(count, list->count);
}

/* Adds the object, or deletes it, whether it is there or not. */
static void change(const struct kind *kind, struct ipvsctl_config *config,
		   struct list *list, uint32_t number, bool add)
{
	size_t place = place_in(list, number);
	bool there = place < list->count;

	assert_int_equal(kind->find(config, number), there);
	if (add) {
		assert_int_equal(kind->add(config, number), there ? -EEXIST : 0);
		if (!there)
			list->numbers[list->count++] = number;
		return;
	}
	assert_int_equal(kind->remove(config, number), there ? 0 : -ENOENT);
	if (!there)
		return;
	list->count--;
	memmove(&list->numbers[place], &list->numbers[place + 1],
		(list->count - place) * sizeof(list->numbers[0]));
}

/* Whether a plan sees no difference, gaps in one of them or not. */
static void assert_no_plan(const struct ipvsctl_config *from,
			   const struct ipvsctl_config *to)
{
	struct ipvsctl_plan *plan = NULL;

	assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
	assert_int_equal(ipvsctl_plan_count(plan), 0);
	ipvsctl_plan_free(plan);
}

static int order_numbers(const void *a, const void *b)
{
	const uint32_t *one = a;
	const uint32_t *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* What is sorted is found, deleted and added in another way than what is not. */
static void edit_sorted(const struct kind *kind, struct ipvsctl_config *config,
			struct list *list)
{
	const uint32_t last = list->count ? list->numbers[list->count - 1] : 0;

	for (uint32_t number = last; number < FEW; number += 3)
		change(kind, config, list, number, true);
	for (uint32_t number = 0; number < FEW; number += 7)
		change(kind, config, list, number, false);
	change(kind, config, list, last, false);
	assert_same(kind, config, list);
	for (uint32_t number = 0; number < FEW; number++)
		assert_int_equal(kind->find(config, number),
				 place_in(list, number) < list->count);
	change(kind, config, list, last, true);
	change(kind, config, list, 0, true);
	assert_same(kind, config, list);
}

static void assert_copies(const struct kind *kind,
			  const struct ipvsctl_config *config,
			  const struct list *list)
{
	struct ipvsctl_config *copy = NULL;
	struct list sorted = *list;

	assert_int_equal(ipvsctl_config_copy(config, &copy, NULL), 0);
	assert_same(kind, copy, list);
	assert_no_plan(config, copy);
	ipvsctl_config_sort(copy);
	if (kind->add != add_mark)
		qsort(sorted.numbers, sorted.count, sizeof(sorted.numbers[0]),
		      order_numbers);
	assert_same(kind, copy, &sorted);
	for (size_t i = 0; i < list->count; i++)
		assert_true(kind->find(copy, list->numbers[i]));
	assert_no_plan(config, copy);
	edit_sorted(kind, copy, &sorted);
	ipvsctl_config_free(copy);
}

static void test_any_order_of_changes(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct ipvsctl_config *config = config_of(&kinds[i]);
		struct list list = { .count = 0 };
		bool growing = true;

		for (uint32_t j = 0; j < ROUNDS; j++) {
			uint32_t number = random_below(&seed, FEW);
			bool likely = random_below(&seed, 4);

			/* Now it fills, now it empties. */
			if (!random_below(&seed, FEW))
				growing = !growing;
			change(&kinds[i], config, &list, number,
			       likely == growing);
			assert_same(&kinds[i], config, &list);
			if (j % 8 == 0)
				assert_copies(&kinds[i], config, &list);
		}
		ipvsctl_config_free(config);
	}
}

/* ---- Many -------------------------------------------------------------- */

static void shuffle(uint32_t *seed, uint32_t *numbers, uint32_t count)
{
	for (uint32_t i = count; i > 1; i--) {
		uint32_t j = random_below(seed, i);
		uint32_t number = numbers[i - 1];

		numbers[i - 1] = numbers[j];
		numbers[j] = number;
	}
}

/* All numbers in an order of no kind. */
static uint32_t *shuffled(void)
{
	uint32_t *numbers = calloc(MANY, sizeof(*numbers));
	uint32_t seed = 7;

	assert_non_null(numbers);
	for (uint32_t i = 0; i < MANY; i++)
		numbers[i] = i;
	shuffle(&seed, numbers, MANY);
	return numbers;
}

/* What is left stands in the order in which it was added. */
static void assert_left(const struct kind *kind,
			const struct ipvsctl_config *config, const bool *gone)
{
	const void *position = NULL;
	uint32_t number = 0;
	uint32_t wanted = 0;

	while (kind->next(config, &position, &number)) {
		while (wanted < MANY && gone[wanted])
			wanted++;
		assert_int_equal(number, wanted++);
	}
	while (wanted < MANY && gone[wanted])
		wanted++;
	assert_int_equal(wanted, MANY);
}

static void test_many_deletions(void **state)
{
	uint32_t *numbers = shuffled();

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct ipvsctl_config *config = config_of(&kinds[i]);
		bool *gone = calloc(MANY, sizeof(*gone));

		assert_non_null(gone);
		for (uint32_t j = 0; j < MANY; j++)
			assert_int_equal(kinds[i].add(config, j), 0);
		for (uint32_t j = 0; j < MANY; j++) {
			assert_int_equal(kinds[i].remove(config, numbers[j]), 0);
			gone[numbers[j]] = true;
			if (j % (MANY / 8) == 0)
				assert_left(&kinds[i], config, gone);
		}
		assert_left(&kinds[i], config, gone);
		assert_int_equal(config->holds.count, 0);
		free(gone);
		ipvsctl_config_free(config);
	}
	free(numbers);
}

/* As one empties a configuration. */
static void test_the_first_of_many(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct ipvsctl_config *config = config_of(&kinds[i]);
		const void *position = NULL;
		uint32_t number = 0;

		for (uint32_t j = 0; j < MANY; j++)
			assert_int_equal(kinds[i].add(config, j), 0);
		for (uint32_t j = 0; kinds[i].next(config, &position, &number);
		     j++, position = NULL) {
			assert_int_equal(number, j);
			assert_int_equal(kinds[i].remove(config, number), 0);
		}
		assert_int_equal(number, MANY - 1);
		ipvsctl_config_free(config);
	}
}

/* Each of both families has one of IPv6 alone before it. */
static void test_many_rules_lose_a_family(void **state)
{
	struct ipvsctl_config *config = given_config(none);
	struct ipvsctl_mark rule = given_mark("1 --proto udp --dport 1");
	const struct ipvsctl_mark *left = NULL;
	uint32_t *numbers = shuffled();
	uint32_t count = 0;
	char extra[16];

	(void)state;
	rule.extra = extra;
	for (uint32_t i = 0; i < 2 * MANY; i++) {
		rule.family = i < MANY ? AF_INET6 : AF_UNSPEC;
		(void)snprintf(extra, sizeof(extra), "%u", i % MANY);
		assert_int_equal(ipvsctl_config_add_mark(config, &rule, NULL),
				 0);
	}
	rule.family = AF_INET;
	for (uint32_t i = 0; i < MANY; i++) {
		(void)snprintf(extra, sizeof(extra), "%u", numbers[i]);
		assert_int_equal(ipvsctl_config_delete_mark(config, &rule, NULL),
				 0);
	}
	for (; (left = ipvsctl_config_next_mark(config, left)); count++) {
		assert_int_equal(left->family, AF_INET6);
		assert_int_equal(strtoul(left->extra, NULL, 10), count);
	}
	assert_int_equal(count, MANY);
	free(numbers);
	ipvsctl_config_free(config);
}

/* ---- iptables-save ----------------------------------------------------- */

static void test_many_return_rules(void **state)
{
	struct ipvsctl_config *config = NULL;
	const struct ipvsctl_mark *rule = NULL;
	struct text text = { 0 };
	char *lines = NULL;
	uint32_t count = 0;

	(void)state;
	text_add_text(&text, "*mangle\n");
	for (uint32_t i = 0; i < MANY; i++)
		text_add(&text, "-A PREROUTING -s 10.%u.%u.%u/32 -j %s\n",
			 i >> 16 & 255, i >> 8 & 255, i & 255,
			 i < MANY / 2 ? "RETURN" : "MARK --set-mark 1");
	text_add_text(&text, "COMMIT\n");
	assert_int_equal(text_take(&text, &lines), 0);
	assert_int_equal(run_ruleset(none, lines, NULL, &config, NULL), 0);
	for (; (rule = ipvsctl_config_next_mark(config, rule)); count++) {
		assert_int_equal(rule->exclude, count < MANY / 2);
		assert_int_equal(number_of(&rule->source.ranges->first),
				 count < MANY / 2 ? count :
						    MANY / 2 * 3 - 1 - count);
	}
	assert_int_equal(count, MANY);
	ipvsctl_config_free(config);
	free(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order_of_changes),
		cmocka_unit_test(test_many_deletions),
		cmocka_unit_test(test_the_first_of_many),
		cmocka_unit_test(test_many_rules_lose_a_family),
		cmocka_unit_test(test_many_return_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
