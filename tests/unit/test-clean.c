/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Texts of others, as terminals, logs and JSON get them. */
#include "captured.h"

#include <string.h>

#include "clean.h"
#include "output/output.h"
#include "output/render.h"

#define FFFD "\xef\xbf\xbd"

static const struct {
	const char *text;
	const char *shown; /* on a terminal */
	const char *utf8;
} cases[] = {
	{ "", "", "" },
	{ "plain ~text", "plain ~text", "plain ~text" },
	{ "\x1b[31m\a\n\t\x7f", "?[31m????", "\x1b[31m\a\n\t\x7f" },
	/* C1 as UTF-8: U+0080, U+009B, U+009F; U+00A0 is a space. */
	{ "\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "???\xc2\xa0",
	  "\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0" },
	{ "\x9b"
	  "31m",
	  FFFD "31m", FFFD "31m" },
	{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
	  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
	  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "caf\xe9", "caf" FFFD, "caf" FFFD },
	/* Too long a form of '/', a surrogate, beyond U+10FFFF, cut short. */
	{ "\xc0\xaf", FFFD FFFD, FFFD FFFD },
	{ "\xe0\x80\xaf", FFFD FFFD FFFD, FFFD FFFD FFFD },
	{ "\xed\xa0\x80", FFFD FFFD FFFD, FFFD FFFD FFFD },
	{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD, FFFD FFFD FFFD FFFD },
	{ "\xf5\x80", FFFD FFFD, FFFD FFFD },
	{ "\xf0\x9f\x98", FFFD FFFD FFFD, FFFD FFFD FFFD },
	{ "\xe2\x82"
	  "a",
	  FFFD FFFD "a", FFFD FFFD "a" },
	{ "\xef\xbf\xbf", "\xef\xbf\xbf", "\xef\xbf\xbf" },
};

static void test_texts(void **state)
{
	char text[CLEAN_SIZE(32)];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t length = strlen(cases[i].text);

		assert_int_equal(clean_text(cases[i].text, text, sizeof(text)),
				 length);
		assert_string_equal(text, cases[i].shown);
		assert_int_equal(clean_utf8(cases[i].text, text, sizeof(text)),
				 length);
		assert_string_equal(text, cases[i].utf8);
	}
}

/* jansson takes all of it, and escapes what a terminal must not see. */
static void test_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_JSON json_t *string = render_text_json(cases[i].text);

		assert_non_null(string);
		assert_string_equal(json_string_value(string), cases[i].utf8);
	}
}

/* Of a character there is all or nothing. */
static void test_room(void **state)
{
	char text[4];

	(void)state;
	assert_int_equal(clean_text("a\xe2\x82\xac", text, 1), 0);
	assert_string_equal(text, "");
	assert_int_equal(clean_text("a\xe2\x82\xac", text, 4), 1);
	assert_string_equal(text, "a");
	assert_int_equal(clean_text("\xe2\x82\xac", text, 4), 3);
	assert_int_equal(clean_text("\xff\xff", text, 4), 1);
	assert_string_equal(text, FFFD);
}

static void test_ascii(void **state)
{
	char text[] = "a ~\x1b\x7f\xc3\xa9\xff";

	(void)state;
	clean_ascii(text);
	assert_string_equal(text, "a ~?????");
}

/* However long it is. */
static void test_write(void **state)
{
	char text[1001] = "", expected[3001] = "";
	struct captured captured;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		text[i] = '\xe9';
		(void)strcat(expected, FFFD);
	}
	captured_open(&captured);
	assert_int_equal(output_clean(captured.stream, text), 0);
	captured_equals(&captured, expected);
}

static void test_utf8_is_told_from_other_bytes(void **state)
{
	static const struct {
		const char *text;
		bool utf8;
	} texts[] = {
		{ "", true },
		{ "plain", true },
		{ "caf\xc3\xa9", true },
		{ "\xc2\x80\xdf\xbf", true },
		{ "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", true },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true },
		{ "caf\xe9", false },
		{ "caf\xe9 x", false },
		{ "\x80", false },
		{ "\xc3", false },
		{ "\xc1\xbf", false },	       /* overlong */
		{ "\xe0\x9f\xbf", false },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", false }, /* overlong */
		{ "\xed\xa0\x80", false },     /* a surrogate */
		{ "\xf4\x90\x80\x80", false }, /* above U+10FFFF */
		{ "\xf8\x88\x80\x80\x80", false },
		{ "\xff", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(clean_is_utf8(texts[i].text), texts[i].utf8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8_is_told_from_other_bytes),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
