/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Growing texts, growing arrays, and the hash index. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "unit.h"

#include "array.h"
#include "index.h"
#include "text.h"

static void test_words_are_quoted_where_a_shell_wants_it(void **state)
{
	static const struct {
		const char *word;
		const char *quoted;
	} cases[] = {
		{ "plain", "plain" },
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "[2001:db8::1]:80", "[2001:db8::1]:80" },
		{ "eth+", "eth+" },
		{ "", "''" },
		{ "two words", "'two words'" },
		{ "it's", "'it'\\''s'" },
		{ "#1", "'#1'" },
		{ "$HOME", "'$HOME'" },
		{ "a\\b", "'a\\b'" },
		{ "\"", "'\"'" },
		{ "\xc3\xa9", "'\xc3\xa9'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text text = { 0 };
		char *taken = NULL;

		text_add_word(&text, cases[i].word);
		assert_int_equal(text_take(&text, &taken), 0);
		assert_string_equal(taken, cases[i].quoted);
		free(taken);
	}
}

static void test_an_empty_text_is_a_text(void **state)
{
	struct text text = { 0 };
	char *taken = NULL;

	(void)state;
	assert_int_equal(text_take(&text, &taken), 0);
	assert_string_equal(taken, "");
	free(taken);
	text_free(&text);
}

static int build_text(void *data)
{
	AUTO_TEXT struct text text = { 0 };
	char *taken = data;

	for (int i = 0; i < 50; i++)
		text_add(&text, "%d,", i);
	text_add_word(&text, "it's");
	int r = text_take(&text, &taken);
	if (r) {
		assert_ptr_equal(taken, data);
		return r;
	}
	assert_int_equal(strlen(taken), 10 * 2 + 40 * 3 + 9);
	free(taken);
	return 0;
}

static void test_running_out_of_memory_sticks(void **state)
{
	char untouched = 0;

	(void)state;
	alloc_each_failure(build_text, &untouched);
}

/* More than a stream's buffer holds, with a NUL in it. */
static int write_stream(void *data)
{
	AUTO_TEXT struct text text = { 0 };
	FILE *stream = text_open(&text);
	char *taken = data;
	size_t length = 4711;

	if (!stream)
		return -ENOMEM;
	for (int i = 0; i < 20000; i++)
		(void)fputc(i == 7 ? '\0' : 'a' + i % 26, stream);
	if (text_close(stream, &text, &taken, &length) < 0) {
		assert_ptr_equal(taken, data);
		assert_int_equal(length, 4711);
		return -ENOMEM;
	}
	assert_int_equal(length, 20000);
	assert_memory_equal(taken, "abcdefg\0ijk", 11);
	assert_int_equal(taken[length - 1], 'a' + 19999 % 26);
	assert_int_equal(taken[length], '\0');
	free(taken);
	return 0;
}

static void test_a_stream_ends_whole_or_not_at_all(void **state)
{
	char untouched = 0;

	(void)state;
	alloc_each_failure(write_stream, &untouched);
}

static int grow_array(void *data)
{
	size_t capacity = 0;
	int *numbers = array_grow(NULL, &capacity, 1, sizeof(*numbers));

	(void)data;
	if (!numbers)
		return -ENOMEM;
	size_t before = capacity;
	numbers[before - 1] = 7;
	int *grown =
		array_grow(numbers, &capacity, before + 1, sizeof(*numbers));
	if (!grown)
		assert_int_equal(capacity, before);
	else
		numbers = grown;
	assert_int_equal(numbers[before - 1], 7);
	assert_ptr_equal(array_grow(numbers, &capacity, 1, sizeof(*numbers)),
			 numbers);
	free(numbers);
	return grown ? 0 : -ENOMEM;
}

static void test_arrays_survive_a_failed_growth(void **state)
{
	(void)state;
	alloc_each_failure(grow_array, NULL);
}

/* ---- The index --------------------------------------------------------- */

#define MANY 5000

static bool same_number(const void *array, size_t position, const void *identity)
{
	const uint32_t *numbers = array;

	return numbers[position] == *(const uint32_t *)identity;
}

static uint32_t hash_number(const void *array, size_t position)
{
	const uint32_t *numbers = array;

	return index_hash(INDEX_HASH_START, &numbers[position],
			  sizeof(*numbers));
}

/* The worst case: every element in the same place. */
static uint32_t hash_alike(const void *array, size_t position)
{
	(void)array;
	(void)position;
	return 5;
}

static void check_index(index_hash_fn hash_of, uint32_t count)
{
	uint32_t *numbers = calloc(count, sizeof(*numbers));
	struct index index = { 0 };
	struct index copy = { 0 };
	uint32_t absent = 1;

	assert_non_null(numbers);
	assert_int_equal(index_find(&index, 5, numbers, same_number, &absent),
			 SIZE_MAX);
	for (uint32_t i = 0; i < count; i++) {
		numbers[i] = i * 2;
		assert_int_equal(index_add(&index, hash_of(numbers, i), i), 0);
	}
	assert_int_equal(index_copy(&index, &copy), 0);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(index_find(&index, hash_of(numbers, i),
					    numbers, same_number, &numbers[i]),
				 i);
		assert_int_equal(index_find(&copy, hash_of(numbers, i), numbers,
					    same_number, &numbers[i]),
				 i);
	}
	assert_int_equal(index_find(&index, hash_of(&absent, 0), numbers,
				    same_number, &absent),
			 SIZE_MAX);
	index_clear(&index);
	assert_int_equal(index_find(&index, hash_of(numbers, 0), numbers,
				    same_number, &numbers[0]),
			 SIZE_MAX);
	index_rebuild(&index, numbers, count, hash_of);
	assert_int_equal(index_find(&index, hash_of(numbers, count - 1),
				    numbers, same_number, &numbers[count - 1]),
			 count - 1);
	index_free(&index);
	index_free(&copy);
	free(numbers);
}

static void test_the_index_finds_what_was_added(void **state)
{
	(void)state;
	check_index(hash_number, 1);
	check_index(hash_number, MANY);
	check_index(hash_alike, 200);
}

static int build_index(void *data)
{
	struct index index = { 0 };
	int r = 0;

	for (uint32_t i = 0; !r && i < 100; i++)
		r = index_add(&index, hash_number(data, i), i);
	index_free(&index);
	return r;
}

static void test_the_index_without_memory(void **state)
{
	static const uint32_t numbers[100] = { 1, 2, 3 };

	(void)state;
	alloc_each_failure(build_index, (void *)(uintptr_t)numbers);
}

static int grow_list(void *data)
{
	static const char *const words[] = { "one", "", "two" };
	char **list = NULL;
	size_t count = 0;
	int r = 0;

	(void)data;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(words); i++)
		r = array_add_text(&list, words[i]);
	while (list && list[count]) {
		assert_string_equal(list[count], words[count]);
		count++;
	}
	if (r == 0)
		assert_int_equal(count, ARRAY_SIZE(words));
	array_free_texts(list);
	return r;
}

static void test_lists_of_texts_grow(void **state)
{
	(void)state;
	array_free_texts(NULL);
	alloc_each_failure(grow_list, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_quoted_where_a_shell_wants_it),
		cmocka_unit_test(test_an_empty_text_is_a_text),
		cmocka_unit_test(test_running_out_of_memory_sticks),
		cmocka_unit_test(test_a_stream_ends_whole_or_not_at_all),
		cmocka_unit_test(test_arrays_survive_a_failed_growth),
		cmocka_unit_test(test_the_index_finds_what_was_added),
		cmocka_unit_test(test_the_index_without_memory),
		cmocka_unit_test(test_lists_of_texts_grow),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
