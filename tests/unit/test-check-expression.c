/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Expressions: what they mean, what is refused, what they cost at worst. */
#include "unit.h"

#include <sys/resource.h>

#include <errno.h>
#include <regex.h>
#include <string.h>

#include "check/config/expression.h"
#include "check/probe/curl/match.h"

#define BODY_SIZE 8192

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % below;
}

/* What a matcher finds in a text, or the errno of making one. */
static int find(const char *expression, const char *text, size_t length)
{
	struct matcher *matcher;
	int r = matcher_new(expression, &matcher);

	if (r < 0)
		return r;
	r = matcher_find(matcher, text, length);
	matcher_free(matcher);
	return r;
}

static void test_meaning(void **state)
{
	static const struct {
		const char *expression, *text;
		int found;
	} cases[] = {
		{ "ok", "all ok now", 1 },
		{ "^ok$", "ok", 1 },
		{ "^ok$", "ok\n", 0 },
		{ "^ok$", "no\nok\nno", 0 },
		{ "^ok.$", "ok\n", 1 },
		{ "a.b", "a\nb", 1 },
		{ "OK", "ok", 0 },
		{ "", "", 1 },
		{ "a|", "x", 1 },
		{ "()", "x", 1 },
		{ "a+b", "caaab", 1 },
		{ "^a+$", "", 0 },
		{ "^(ab)+$", "ababab", 1 },
		{ "^(ab)+$", "", 0 },
		{ "^a{2,}$", "a", 0 },
		{ "^a{2,}$", "aaaaa", 1 },
		{ "^[ab]{2,}$", "abba", 1 },
		{ "^(a|b){2,}$", "a", 0 },
		{ "^(a|b){2,}$", "abba", 1 },
		{ "^a{,2}$", "aa", 1 },
		{ "^a{,2}$", "aaa", 0 },
		{ "^a{3}$", "aaa", 1 },
		{ "^a{0}$", "", 1 },
		{ "^[]a]+$", "]a]", 1 },
		{ "^[^]a]$", "b", 1 },
		{ "^[a\\]+$", "\\a", 1 },
		{ "^[a-]+$", "-a", 1 },
		{ "^[[:digit:]x-z]+$", "1y2", 1 },
		{ "^[[]$", "[", 1 },
		{ "\\{\"status\":\"up\"}", "{\"status\":\"up\"}", 1 },
		{ "a\\.b", "axb", 0 },
		{ "\\bok\\b", "it is ok.", 1 },
		{ "\\<ok\\>", "it is ok.", 1 },
		{ "\\<ok\\>", "token", 0 },
		{ "^\\w+\\s\\w+$", "all well", 1 },
		{ "(?", "", -EINVAL },
		{ "^x{255}$", "x", 0 },
		{ "caf\xc3\xa9", "un caf\xc3\xa9", 1 },
		{ "^caf.$", "caf\xe9", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (find(cases[i].expression, cases[i].text,
			 strlen(cases[i].text)) != cases[i].found)
			fail_msg("'%s' in '%s'", cases[i].expression,
				 cases[i].text);
	assert_int_equal(find("^a[^a]b.$", "a\0b\n", 4), 1);
	assert_int_equal(find("a.b", "a\0b", 3), 1);
}

static void test_refused(void **state)
{
	static const char nested[] = "((((((((((((((((((((((((((((((((("
				     ")))))))))))))))))))))))))))))))))";
	static const struct {
		const char *expression, *why, *rest;
	} cases[] = {
		{ "(a)\\1", "back-references are not supported", "\\1" },
		{ "(.*)\\1x", "back-references are not supported", "\\1x" },
		{ "x++++++++++++++++++++++++++",
		  "a repetition is repeated: write (...) around it",
		  "+++++++++++++++++++++++++" },
		{ "x+?", "a repetition is repeated: write (...) around it",
		  "?" },
		{ "(((x{1,255}){1,25}){1,25})", "it repeats too much",
		  "){1,25})" },
		{ "((((((a{9}){9}){9}){9}){9}){9})", "it repeats too much",
		  "){9}){9})" },
		{ "x{256}", "it repeats more than 255 times", "}" },
		{ "x{1,99999999999999999999}", "it repeats more than 255 times",
		  "}" },
		{ nested, "groups are nested too deeply",
		  "()))))))))))))))))))))))))))))))))" },
		{ "(a", "a ( has no )", "" },
		{ "a)b", "a ) has no (", ")b" },
		{ "[a", "a [ has no ]", "" },
		{ "[]", "a [ has no ]", "" },
		{ "[a-", "a [ has no ]", "" },
		{ "[[:alpha]", "there is no such class of characters",
		  "[:alpha]" },
		{ "[z-a]", "the range ends before it begins", "z-a]" },
		{ "[[.-.]]", "collating elements are not supported", "[.-.]]" },
		{ "[a-[=b=]]", "collating elements are not supported",
		  "a-[=b=]]" },
		{ "a\\", "it ends in a \\", "\\" },
		{ "\\d+", "extended regular expressions have no such escape",
		  "\\d+" },
		{ "\\C", "extended regular expressions have no such escape",
		  "\\C" },
		{ "*a", "there is nothing to repeat", "*a" },
		{ "(?i)a", "there is nothing to repeat", "?i)a" },
		{ "(*UTF)a", "there is nothing to repeat", "*UTF)a" },
		{ "a|+", "there is nothing to repeat", "+" },
		{ "^*", "there is nothing to repeat", "*" },
		{ "\\b+", "there is nothing to repeat", "+" },
		{ "{\"a\":1}", "there is nothing to repeat", "{\"a\":1}" },
		{ "a{", "this { begins no repetition such as {2,5}", "{" },
		{ "a{}", "this { begins no repetition such as {2,5}", "{}" },
		{ "a{2,1}", "this { begins no repetition such as {2,5}",
		  "{2,1}" },
		{ "a{x}", "this { begins no repetition such as {2,5}", "{x}" },
	};
	char pattern[EXPRESSION_PATTERN];
	const char *why, *rest;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(expression_translate(cases[i].expression,
						      pattern, &why, &rest),
				 -EINVAL);
		assert_string_equal(why, cases[i].why);
		assert_string_equal(rest, cases[i].rest);
	}
}

/* The heaviest, of the largest parts that PCRE2 has. */
static void test_heaviest(void **state)
{
	static const char *const expressions[] = {
		"([^a-z]){0,255}([^a-z]){0,255}",
		"(([^a-z]|){0,18}){0,18}",
		"([^a-z]{2,}){255}",
		"(|||){255}",
		"((((((((((((((([a-z]))))))))))))))){0,60}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
		if (find(expressions[i], "", 0) == -EINVAL)
			fail_msg("%s", expressions[i]);
}

/* The longest patterns fit, and PCRE2 takes what is not refused. */
static void test_longest(void **state)
{
	static const char *const atoms[] = { "-+", "()+", "a{1,}", "[-]+",
					     ".?", "(a)", "\\++",  "[^]]{2,}" };
	char text[EXPRESSION_MAX + 16];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(atoms) / sizeof(atoms[0]); i++) {
		size_t length = 0;
		struct matcher *matcher;

		while (length + strlen(atoms[i]) <= EXPRESSION_MAX) {
			(void)strcpy(text + length, atoms[i]);
			length += strlen(atoms[i]);
		}
		assert_int_equal(matcher_new(text, &matcher), 0);
		matcher_free(matcher);
	}
	for (size_t i = 0; i <= EXPRESSION_MAX; i++)
		text[i] = (char)('a' + draw(&seed, 26));
	text[EXPRESSION_MAX + 1] = '\0';
	assert_int_equal(find(text, "a", 1), -EINVAL);
	text[EXPRESSION_MAX] = '\0';
	assert_int_equal(find(text, text, EXPRESSION_MAX), 1);
}

/* ---- As glibc has it -------------------------------------------------------- */

static void draw_text(uint32_t *seed, const char *letters, uint32_t most,
		      char *text)
{
	const uint32_t length = draw(seed, most),
		       count = (uint32_t)strlen(letters);

	for (uint32_t i = 0; i < length; i++)
		text[i] = letters[draw(seed, count)];
	text[length] = '\0';
}

/* Random expressions that both take mean the same to both. */
static void test_as_glibc(void **state)
{
	char expression[16], text[16];
	unsigned int compared = 0;
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct matcher *matcher;
		regex_t regex;

		draw_text(&seed, "aab-b()|*+?{}[]^$.\\,12:", 13, expression);
		if (matcher_new(expression, &matcher) < 0)
			continue;
		if (regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB)) {
			matcher_free(matcher);
			continue;
		}
		for (int j = 0; j < 20; j++) {
			bool found;

			draw_text(&seed, "aabb- ,:1", 10, text);
			found = regexec(&regex, text, 0, NULL, 0) == 0;
			if (matcher_find(matcher, text, strlen(text)) != found)
				fail_msg("'%s' in '%s': glibc has %d",
					 expression, text, found);
			compared++;
		}
		regfree(&regex);
		matcher_free(matcher);
	}
	assert_true(compared > 50000);
}

/* ---- Cost ------------------------------------------------------------------ */

static int64_t used_us(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
		       INT64_C(1000000) +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static long peak_kib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/* Backtracking takes up to hours for these. A matcher takes 0.2 to 50 ms, or
   gives up: the limit is for slow machines and valgrind. */
static void test_cost(void **state)
{
	static const struct {
		const char *expression;
		int found;
	} cases[] = {
		{ "(.*)(.*)(.*)x", 0 },
		{ "(a+)+b", 0 },
		{ "(a|b)*c", 0 },
		{ "(a|aa)+b", 0 },
		{ "(a|a?)+b", 0 },
		{ "((a*)*)*b", 0 },
		{ ".+x", 0 },
		{ "[a-z]+[0-9]", 0 },
		{ "a{2,}b", 0 },
		{ "([[:alpha:]]+)*1", 0 },
		{ "a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", 0 },
		{ "a{1,40}b", 0 },
		{ "a{1,255}b", -E2BIG },
		{ "(a{1,20}){1,40}b", -E2BIG },
		{ "(a?){200}b", -E2BIG },
		{ "(a{1,20}){1,40}", 1 },
	};
	static char body[BODY_SIZE];
	const long before = peak_kib();

	(void)state;
	memset(body, 'a', sizeof(body));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int64_t start = used_us();
		int r = find(cases[i].expression, body, sizeof(body));

		if (r != cases[i].found)
			fail_msg("'%s': %d", cases[i].expression, r);
		if (used_us() - start > 5000000)
			fail_msg("'%s' took %lld us", cases[i].expression,
				 (long long)(used_us() - start));
	}
	assert_true(peak_kib() - before < 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_heaviest),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_as_glibc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
