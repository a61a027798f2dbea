/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Text gathered into pages, and streams that fail. */
#include "alloc.h"
#include "captured.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "output/page.h"

static void test_texts(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		const char *put;
	} cases[] = {
		{ "", 0, "" },	     { "", 3, "   " },	 { "ab", 0, "ab" },
		{ "ab", 2, "ab" },   { "ab", 3, "ab " }, { "ab", 5, "ab   " },
		{ "abc", 2, "abc" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[16];
		char *end = page_put_text(text, cases[i].text, cases[i].width);

		*end = '\0';
		assert_string_equal(text, cases[i].put);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		uint64_t number;
		size_t width;
		const char *put;
	} cases[] = {
		{ 0, 0, "0" },
		{ 0, 3, "  0" },
		{ 9, 1, "9" },
		{ 10, 1, "10" },
		{ 10, 2, "10" },
		{ 10, 3, " 10" },
		{ 4294967296, 0, "4294967296" },
		{ UINT64_MAX, 0, "18446744073709551615" },
		{ UINT64_MAX, 22, "  18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[32];
		const char *end =
			page_put_number(text, cases[i].number, cases[i].width);

		assert_string_equal(text, cases[i].put);
		assert_ptr_equal(end, text + strlen(cases[i].put));
	}
}

static void test_page(void **state)
{
	struct captured captured;
	struct page page = { 0 };
	char *at;

	(void)state;
	captured_open(&captured);
	page.stream = captured.stream;
	page_add(&page, "one");
	page_add(&page, "");
	at = page_reserve(&page, 8);
	assert_non_null(at);
	page_end(&page, page_put_number(at, 2, 4));
	/* What was only reserved is not written. */
	assert_non_null(page_reserve(&page, 100));
	page_add(&page, "\n");
	assert_int_equal(page_close(&page), 0);
	captured_equals(&captured, "one   2\n");
}

static void test_nothing(void **state)
{
	struct captured captured;
	struct page page = { 0 };

	(void)state;
	captured_open(&captured);
	page.stream = captured.stream;
	assert_int_equal(page_close(&page), 0);
	captured_equals(&captured, "");
}

#define ROWS 100000

/* Far more than is held back, in rows of any length, is there in order. */
static void test_long(void **state)
{
	char *text = NULL;
	size_t length = 0;
	struct page page = { .stream = open_memstream(&text, &length) };
	const char *at;
	char *end;

	(void)state;
	assert_non_null(page.stream);
	for (uint64_t i = 0; i < ROWS; i++) {
		end = page_reserve(&page, 64);
		assert_non_null(end);
		end = page_put_number(end, i, i % 40);
		*end++ = '\n';
		page_end(&page, end);
		assert_true(page.length <= page.capacity);
	}
	assert_int_equal(page_close(&page), 0);
	assert_null(page.text);
	assert_int_equal(fclose(page.stream), 0);
	at = text;
	for (unsigned long i = 0; i < ROWS; i++) {
		assert_int_equal(strtoul(at, &end, 10), i);
		assert_int_equal(*end, '\n');
		at = end + 1;
	}
	assert_ptr_equal(at, text + length);
	free(text);
}

/* One row may be longer than all that is held back. */
static void test_wide(void **state)
{
	const size_t length = 1 << 20;
	struct page page = { .stream = fopen("/dev/null", "w") };
	char *at;

	(void)state;
	assert_non_null(page.stream);
	page_add(&page, "a row");
	at = page_reserve(&page, length);
	assert_non_null(at);
	(void)memset(at, 'x', length);
	page_end(&page, at + length);
	assert_int_equal(page.length, 0);
	assert_int_equal(page_close(&page), 0);
	assert_int_equal(fclose(page.stream), 0);
}

/* Once a write has failed nothing is written any more, and it is told. */
static void test_full_disk(void **state)
{
	struct page page = { .stream = fopen("/dev/full", "w") };
	bool failed = false;

	(void)state;
	assert_non_null(page.stream);
	assert_int_equal(setvbuf(page.stream, NULL, _IONBF, 0), 0);
	page_add(&page, "held back");
	assert_int_equal(page.r, 0);
	for (unsigned int i = 0; i < ROWS; i++) {
		page_add(&page, "a row\n");
		failed = failed || page.r < 0;
		assert_int_equal(page.r, failed ? -ENOSPC : 0);
	}
	assert_true(failed);
	assert_null(page_reserve(&page, 1));
	assert_int_equal(page_close(&page), -ENOSPC);
	assert_null(page.text);
	(void)fclose(page.stream);
}

/* What was held back until the end is not lost in silence. */
static void test_full_at_the_end(void **state)
{
	struct page page = { .stream = fopen("/dev/full", "w") };

	(void)state;
	assert_non_null(page.stream);
	assert_int_equal(setvbuf(page.stream, NULL, _IONBF, 0), 0);
	page_add(&page, "one");
	assert_int_equal(page_close(&page), -ENOSPC);
	(void)fclose(page.stream);
}

static int write_page(void *data)
{
	struct page page = { .stream = data };
	static const char row[1000] = { [0 ... 998] = 'x' };

	for (unsigned int i = 0; i < 200; i++)
		page_add(&page, row);
	page_add(&page, "held back");
	if (page_reserve(&page, 1 << 20))
		page_add(&page, row);
	return page_close(&page);
}

static void test_no_memory(void **state)
{
	FILE *null = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(null);
	alloc_each_failure(write_page, null);
	assert_int_equal(fclose(null), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_full_at_the_end),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
