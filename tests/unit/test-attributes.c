/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tables of attributes: what every row keeps to, whatever object it is of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "given.h"

#include "model/object.h"
#include "scope.h"

/* Room for an object of any kind. */
union object {
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	struct ipvsctl_mark mark;
	struct ipvsctl_sync sync;
};

static const struct attribute_table *const tables[] = {
	&service_attribute_table,
	&server_attribute_table,
	&mark_attribute_table,
	&sync_attribute_table,
};

/* The value that is shown of one attribute; "(not shown)". */
struct shown {
	const char *name;
	char value[ATTRIBUTE_VALUE_SIZE];
};

static void take_value(const struct ipvsctl_attribute *attribute,
		       const char *value, void *data)
{
	struct shown *shown = data;

	if (!strcmp(attribute->name, shown->name))
		(void)strcpy(shown->value, value);
}

static struct shown shown_of(const struct attribute_table *table,
			     const char *name, const void *object,
			     const void *reference)
{
	struct shown shown = { name, "(not shown)" };

	attribute_each(&(struct attribute_view){ .table = table,
						 .object = object,
						 .reference = reference },
		       take_value, &shown);
	return shown;
}

/* The field takes the number, shows it again, and nothing else changes. */
static void assert_number_fits(const struct attribute_table *table, size_t i,
			       uint32_t number)
{
	const struct attribute *row = &table->rows[i];
	const union object nothing = { 0 };
	union object object = nothing;
	union object before;
	union object after;
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", number);
	(void)memset(&before, 0x5a, sizeof(before));
	after = before;
	assert_int_equal(attribute_set_at(table, i, &after, text, NULL), 0);
	(void)memcpy((char *)&object + row->offset,
		     (char *)&after + row->offset, row->size);
	(void)memcpy((char *)&after + row->offset,
		     (char *)&before + row->offset, row->size);
	assert_memory_equal(&after, &before, sizeof(after));
	/* What 0 stands for is as in the reference. */
	if (number != row->unset)
		assert_string_equal(shown_of(table, table->shown[i].name,
					     &object, &nothing)
					    .value,
				    text);
}

static void test_numbers_fit_their_fields(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; tables[t]->shown[i].name; i++) {
			const struct attribute *row = &tables[t]->rows[i];
			struct ipvsctl_error err = { 0 };
			union object object = { 0 };
			char text[16];

			if (row->kind != ATTRIBUTE_NUMBER)
				continue;
			assert_number_fits(tables[t], i, row->range.min);
			assert_number_fits(tables[t], i, row->range.max);
			(void)snprintf(text, sizeof(text), "%llu",
				       row->range.max + 1ULL);
			assert_int_equal(attribute_set_at(tables[t], i, &object,
							  text, &err),
					 -EINVAL);
			assert_memory_equal(&object, &(union object){ 0 },
					    sizeof(object));
		}
}

/* JSON has numbers for these, and strings for all other values. */
static void test_which_attributes_are_numbers(void **state)
{
	static const char *const numbers[] = {
		"persistent",
		"weight",
		"upper-threshold",
		"lower-threshold",
		"tunnel-port",
		"priority",
		"id",
		"max-length",
		"port",
		"ttl",
	};
	size_t count = 0;

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; tables[t]->shown[i].name; i++) {
			const struct ipvsctl_attribute *shown =
				&tables[t]->shown[i];

			if (!attribute_is_number(tables[t], shown))
				continue;
			assert_true(count < ARRAY_SIZE(numbers));
			assert_string_equal(shown->name, numbers[count++]);
		}
	assert_int_equal(count, ARRAY_SIZE(numbers));
}

/* Bytes that do not count: behind a NUL, an address or the last port. */
static void test_other_bytes_are_no_difference(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule = given_mark(
		"1 --proto tcp --src 10.0.0.0/8 --sport 80 --in-interface e0");
	struct ipvsctl_mark other = rule;

	(void)state;
	other.in_interface[5] = 'x';
	struct ipvsctl_address_range range = other.source.ranges[0];
	other.source.ranges = &range;
	range.first.bytes[7] = 1;
	other.source_ports.ranges[3].first = 1;
	assert_string_equal(shown_of(&mark_attribute_table, "in-interface",
				     &other, &rule)
				    .value,
			    "(not shown)");
	assert_string_equal(
		shown_of(&mark_attribute_table, "src", &other, &rule).value,
		"(not shown)");
	assert_string_equal(
		shown_of(&mark_attribute_table, "sport", &other, &rule).value,
		"(not shown)");
	range.last.bytes[1] = 127;
	assert_string_equal(
		shown_of(&mark_attribute_table, "src", &other, &rule).value,
		"10.0.0.0/9");
}

/* Scheduler flags are one field, but named after another. */
static void test_a_value_of_two_fields_differs_by_either(void **state)
{
	struct ipvsctl_service service = given_service(
		"tcp:192.0.2.1:80 --scheduler sh --sched-flags sh-port");
	struct ipvsctl_service other = service;

	(void)state;
	(void)strcpy(other.scheduler, "mh");
	assert_string_equal(shown_of(&service_attribute_table, "sched-flags",
				     &other, &service)
				    .value,
			    "mh-port");
}

static void test_a_flag_changes_its_bits_alone(void **state)
{
	struct ipvsctl_service service = { .flags = IPVSCTL_SCHED_FLAG_1 };

	(void)state;
	assert_int_equal(ipvsctl_service_set(&service, "one-packet", NULL, NULL),
			 0);
	assert_int_equal(service.flags,
			 IPVSCTL_SCHED_FLAG_1 | IPVSCTL_ONE_PACKET);
	assert_int_equal(ipvsctl_service_set(&service, "no-one-packet", NULL,
					     NULL),
			 0);
	assert_int_equal(service.flags, IPVSCTL_SCHED_FLAG_1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_fit_their_fields),
		cmocka_unit_test(test_which_attributes_are_numbers),
		cmocka_unit_test(test_other_bytes_are_no_difference),
		cmocka_unit_test(test_a_value_of_two_fields_differs_by_either),
		cmocka_unit_test(test_a_flag_changes_its_bits_alone),
	};

	return cmocka_run_group_tests_name("attributes", tests, NULL, NULL);
}
