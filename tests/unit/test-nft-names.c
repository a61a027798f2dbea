/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Names of chains and sets of nf_tables, and comments with numbers. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "nft/expressions.h"

/* ---- Names --------------------------------------------------------------- */

static struct chain parse(const char *name)
{
	struct chain chain = { .count = 0 };

	assert_true(strlen(name) < sizeof(chain.name));
	memcpy(chain.name, name, strlen(name));
	chain_name_parse(&chain);
	return chain;
}

static void test_names_of_segments_come_back(void **state)
{
	static const struct {
		struct chain chain;
		const char *name;
	} cases[] = {
		{ { .role = ROLE_BASE }, "prerouting" },
		{ { .role = ROLE_BASE, .hook = 1 }, "input" },
		{ { .role = ROLE_BASE, .hook = 2 }, "output" },
		{ { .role = ROLE_SEGMENT, .ordinal = 1 }, "prerouting-0" },
		{ { .role = ROLE_SEGMENT,
		    .hook = 1,
		    .priority = 65535,
		    .ordinal = 1 },
		  "input-65535" },
		{ { .role = ROLE_SEGMENT, .priority = 100, .ordinal = 2 },
		  "prerouting-100-2" },
		{ { .role = ROLE_SEGMENT,
		    .hook = 2,
		    .priority = 65535,
		    .ordinal = NO_INDEX - 1 },
		  "output-65535-4294967294" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct chain chain = cases[i].chain;
		struct chain parsed = parse(cases[i].name);

		chain_name_format(&chain);
		assert_string_equal(chain.name, cases[i].name);
		assert_int_equal(parsed.role, chain.role);
		assert_int_equal(parsed.hook, chain.hook);
		assert_int_equal(parsed.priority, chain.priority);
		assert_int_equal(parsed.ordinal, chain.ordinal);
	}
}

static void test_names_of_buckets(void **state)
{
	(void)state;
	assert_int_equal(parse("prerouting-map-1-1").role, ROLE_BUCKET);
	assert_int_equal(parse("output-map-4294967294-4294967294").role,
			 ROLE_BUCKET);
	assert_int_equal(parse("output-map-7-3").hook, IPVSCTL_HOOK_OUTPUT);
	/* A map itself is no chain. */
	assert_int_equal(parse("prerouting-map-1").role, ROLE_ALIEN);
}

static void test_names_of_others(void **state)
{
	static const char *const names[] = {
		"",
		"-",
		"forward",
		"PREROUTING",
		"prerouting1",
		"preroutin",
		"prerouting-",
		"prerouting--1",
		"prerouting-+1",
		"prerouting- 1",
		"prerouting-0x1",
		"prerouting-00",
		"prerouting-01",
		"prerouting-100x",
		"prerouting-100-",
		"prerouting-100-0",
		"prerouting-100-1",
		"prerouting-100-02",
		"prerouting-100-2-",
		"prerouting-100-2-3",
		"prerouting-65536",
		"prerouting-4295032832",
		"prerouting-18446744073709551617",
		"prerouting-100-4294967295",
		"prerouting-100-4294967298",
		"prerouting-100-18446744073709551618",
		"prerouting-map",
		"prerouting-map-",
		"prerouting-map-1-",
		"prerouting-map-01-1",
		"prerouting-map-1-01",
		"prerouting-map-1-1-1",
		"prerouting-map-1-4294967295",
		"prerouting-map-4294967295-1",
		"prerouting-mapx-1-1",
		"prerouting-9999999999999999999999999999999999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (parse(names[i]).role != ROLE_ALIEN)
			fail_msg("'%s' is not ours", names[i]);
}

static void test_names_of_sets(void **state)
{
	static const struct {
		const char *name;
		uint32_t number; /* the highest so far; 0: not ours */
	} cases[] = {
		{ "prerouting-map-3", 3 },
		{ "input-map-1", 3 },
		{ "output-map-7-300", 7 },
		{ "prerouting-map-0", 7 },
		{ "prerouting-map-4294967294", 4294967294 },
		{ "prerouting-map-4294967295", 0 },
		{ "prerouting-map-007", 0 },
		{ "prerouting-map-7x", 0 },
		{ "prerouting-map-7-", 0 },
		{ "prerouting-map-7-1-1", 0 },
		{ "prerouting-map-7-4294967295", 0 },
		{ "prerouting-map", 0 },
		{ "prerouting-100", 0 },
		{ "prerouting", 0 },
		{ "__map0", 0 },
		{ "", 0 },
	};
	uint32_t highest = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t before = highest;

		if (set_name_parse(cases[i].name, &highest) !=
			    (cases[i].number != 0) ||
		    highest != (cases[i].number ? cases[i].number : before))
			fail_msg("wrong about: '%s'", cases[i].name);
	}
}

/* ---- Comments ------------------------------------------------------------ */

#define TEN	"0123456789"
#define FIFTY	TEN TEN TEN TEN TEN
#define LONGEST FIFTY FIFTY TEN TEN "01234" /* behind "1: " */

static void test_comments_come_back(void **state)
{
	static const struct {
		uint32_t number;
		const char *comment;
		const char *text;
	} cases[] = {
		{ 0, "", "0" },
		{ 7, "", "7" },
		{ NO_NUMBER - 1, "", "4294967294" },
		{ 7, "web", "7: web" },
		{ 7, "8: web", "7: 8: web" },
		{ 7, ": ", "7: : " },
		{ 7, " ", "7:  " },
		{ 7, "100%", "7: 100%25" },
		{ 7, "%22", "7: %2522" },
		{ 7, "say \"hi\"", "7: say %22hi%22" },
		{ 7, "\001\t\\$#{};*\xc3\xa9", "7: \001\t\\$#{};*\xc3\xa9" },
		{ 1, LONGEST, "1: " LONGEST },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[NFT_COMMENT_MAX + 1], comment[NFT_COMMENT_MAX + 1];
		size_t length =
			comment_format(cases[i].number, cases[i].comment, text);

		assert_string_equal(text, cases[i].text);
		assert_int_equal(length, strlen(text));
		assert_true(length <= NFT_COMMENT_MAX);
		assert_int_equal(comment_parse(text, length, comment),
				 cases[i].number);
		assert_string_equal(comment, cases[i].comment);
	}
}

static void test_comments_that_do_not_fit(void **state)
{
	static const struct {
		uint32_t number;
		const char *comment;
	} cases[] = {
		{ 1, LONGEST "x" },
		{ 10, LONGEST },
		{ NO_NUMBER, LONGEST },
		{ 1, LONGEST "\"" },
		{ 1, FIFTY FIFTY TEN TEN "012\"" },
		{ 1, FIFTY FIFTY TEN TEN "0123%" },
		{ 1, FIFTY FIFTY FIFTY FIFTY FIFTY },
	};
	char text[NFT_COMMENT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (comment_format(cases[i].number, cases[i].comment, text) <=
		    NFT_COMMENT_MAX)
			fail_msg("'%s' fits", cases[i].comment);
	assert_int_equal(comment_format(1, FIFTY FIFTY TEN TEN "01\"", text),
			 NFT_COMMENT_MAX);
}

/* What others have written is a comment as it stands. */
static void test_comments_of_others(void **state)
{
	static const struct {
		const char *text;
		uint32_t number;
		const char *comment;
	} cases[] = {
		{ "", NO_NUMBER, "" },
		{ "web", NO_NUMBER, "web" },
		{ "web %22", NO_NUMBER, "web %22" },
		{ "7:", NO_NUMBER, "7:" },
		{ "7: ", NO_NUMBER, "7: " },
		{ "7:web", NO_NUMBER, "7:web" },
		{ "7 web", NO_NUMBER, "7 web" },
		{ " 7", NO_NUMBER, " 7" },
		{ "-7: web", NO_NUMBER, "-7: web" },
		{ "4294967295", NO_NUMBER, "4294967295" },
		{ "4294967296: web", NO_NUMBER, "4294967296: web" },
		{ "9999999999: web", NO_NUMBER, "9999999999: web" },
		{ "18446744073709551623: x", NO_NUMBER,
		  "18446744073709551623: x" },
		{ "10000000000", NO_NUMBER, "10000000000" },
		{ "007: web", 7, "web" },
		{ "7: %zz", 7, "%zz" },
		{ "7: %2", 7, "%2" },
		{ "7: %", 7, "%" },
		{ "7: %2g%g2", 7, "%2g%g2" },
		{ "7: %2A", 7, "%2A" },
		{ "7: %41%%41", 7, "A%A" },
		{ "7: %00x", 7, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char comment[NFT_COMMENT_MAX + 1];
		uint32_t number = comment_parse(cases[i].text,
						strlen(cases[i].text), comment);

		if (number != cases[i].number ||
		    strcmp(comment, cases[i].comment) != 0)
			fail_msg("'%s' is %u, '%s'", cases[i].text, number,
				 comment);
	}
}

/* Returns what comment_get() says of userdata; it copies to find overruns. */
static int get(const char *userdata, size_t size, struct view *view,
	       struct bearer *bearer)
{
	char *copy = malloc(size + !size);
	int r;

	assert_non_null(copy);
	memcpy(copy, userdata, size);
	r = comment_get((struct walk){ copy, size }, view, bearer);
	free(copy);
	return r;
}

static void test_userdata(void **state)
{
	static const struct {
		const char *userdata;
		size_t size;
		int r;
		uint32_t number;
		const char *comment;
	} cases[] = {
		{ "", 0, 0, NO_NUMBER, "" },
		{ "\0\6"
		  "7: ab",
		  7, -EBADMSG, NO_NUMBER, "" },
		{ "\0\6"
		  "7: ab\0",
		  8, 0, 7, "ab" },
		{ "\0\5"
		  "7: ab",
		  7, 0, 7, "ab" }, /* without its NUL */
		{ "\0\6"
		  "7\0xxxx",
		  8, 0, 7, "" },
		{ "\0\0", 2, 0, NO_NUMBER, "" },
		{ "\0", 1, 0, NO_NUMBER, "" },
		/* Other values are stepped over. */
		{ "\1\4abcd\0\2"
		  "7\0",
		  10, 0, 7, "" },
		{ "\0\2"
		  "7\0\200\1x",
		  7, 0, 7, "" },
		{ "\1\4abc", 5, -EBADMSG, NO_NUMBER, "" },
		{ "\0\377abc", 5, -EBADMSG, NO_NUMBER, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_VIEW struct view view = { .exists = false };
		struct bearer bearer = { .number = 0 };
		int r;

		r = get(cases[i].userdata, cases[i].size, &view, &bearer);
		assert_int_equal(r, cases[i].r);
		assert_int_equal(bearer.number, cases[i].number);
		assert_string_equal(view_text(&view, bearer.comment),
				    cases[i].comment);
	}
}

static void test_userdata_comes_back(void **state)
{
	AUTO_VIEW struct view view = { .exists = false };
	AUTO_BATCH struct batch batch = { .count = 0 };
	struct bearer bearer = { .number = 12 }, again = { .number = 0 };
	const char *text = "say \"100%\"";

	(void)state;
	bearer.comment = view_add_text(&view, text, strlen(text));
	comment_put(&batch, 1, &view, &bearer);
	assert_int_equal(comment_get((struct walk){ (char *)batch.bytes.data + 4,
						    batch.bytes.size - 4 },
				     &view, &again),
			 0);
	assert_int_equal(again.number, 12);
	assert_string_equal(view_text(&view, again.comment), text);
	/* Without a number there is nothing to say. */
	batch.bytes.size = 0;
	bearer.number = NO_NUMBER;
	comment_put(&batch, 1, &view, &bearer);
	assert_int_equal(batch.bytes.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_segments_come_back),
		cmocka_unit_test(test_names_of_buckets),
		cmocka_unit_test(test_names_of_others),
		cmocka_unit_test(test_names_of_sets),
		cmocka_unit_test(test_comments_come_back),
		cmocka_unit_test(test_comments_that_do_not_fit),
		cmocka_unit_test(test_comments_of_others),
		cmocka_unit_test(test_userdata),
		cmocka_unit_test(test_userdata_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
