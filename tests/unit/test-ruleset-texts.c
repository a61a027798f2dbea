/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The texts of rulesets: whole ones, several, and what is no text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rulesets.h"

#include "scope.h"

#define S  "tcp:192.0.2.1:80"
#define S2 "udp:192.0.2.1:53"

static const char *const nothing[] = { NULL };

static const char *const standing[] = {
	"service " S,
	"server " S " 10.0.0.1",
	NULL,
};

#define BEGIN "# lbctl ruleset: see lbctl-ruleset(5)\n"
#define END   "# end of ruleset\n"

static void test_texts_that_may_be_cut_short(void **state)
{
	static const struct refusal cases[] = {
		{ "svc flush", 1, "",
		  "the last line does not end: the text may be cut short", "" },
		{ "svc flush\nsvc add " S, 2, "", NULL, NULL },
		{ "-A -t 192.0.2.1:80", 1, "", NULL, NULL },
		{ "*mangle\nCOMMIT", 2, "", NULL, NULL },
		{ BEGIN "svc flush\n", 1, "",
		  "the line '# end of ruleset' is missing: the text may be cut "
		  "short",
		  "if it is whole, take this line out" },
		{ BEGIN "svc flush\n" END "\n" BEGIN "svc flush\n", 5, "", NULL,
		  NULL },
		{ BEGIN, 1, "", NULL, NULL },
		{ BEGIN "svc flush # end of ruleset\n", 1, "", NULL, NULL },
		{ BEGIN "svc flush\n# end of rule", 3, "",
		  "the last line does not end: the text may be cut short", "" },
		{ "{\"version\": 1, \"services\": [", 1, "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
	assert_makes(standing, BEGIN "svc flush\n" END, NULL, "");
	assert_makes(standing, BEGIN "svc flush\n" END BEGIN END, NULL, "");
	assert_makes(standing, BEGIN "svc flush\r\n# end of ruleset\r\n", NULL,
		     "");
	/* Edited and commented, it is still the text that it was. */
	assert_makes(standing, BEGIN "svc flush\n" END "# seen by me\n", NULL,
		     "");
}

static void test_texts_of_one_language(void **state)
{
	static const char *const texts[] = { "-A -t 192.0.2.1:80", "", "# x",
					     "svc flush\n", "{}\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ipvsctl_ruleset *ruleset = NULL;

		assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
		ipvsctl_ruleset_read_as(ruleset, IPVSCTL_LANGUAGE_IPVSADM);
		/* It need not end with a newline, and nothing else is it. */
		assert_int_equal(ipvsctl_ruleset_add(ruleset, "text", texts[i],
						     strlen(texts[i]), NULL),
				 i < 3 ? 0 : -EINVAL);
		ipvsctl_ruleset_free(ruleset);
	}
}

/* A line that looks like the one before it may be about another service. */
static void test_blanks_between_words(void **state)
{
	(void)state;
	assert_makes(nothing,
		     "svc flush\n"
		     "svc add tcp:192.0.2.9:80\nsvc add tcp:192.0.2.9:81\n"
		     "svc add-server  tcp:192.0.2.9:80 10.0.0.1\n"
		     "svc add-server  tcp:192.0.2.9:81 10.0.0.1\n"
		     "svc add-server  tcp:192.0.2.9:81\t 10.0.0.2\n",
		     NULL,
		     "svc add tcp:192.0.2.9:80 --scheduler wlc\n"
		     "svc add-server tcp:192.0.2.9:80 10.0.0.1 --forward dr "
		     "--weight 1\n"
		     "svc add tcp:192.0.2.9:81 --scheduler wlc\n"
		     "svc add-server tcp:192.0.2.9:81 10.0.0.1 --forward dr "
		     "--weight 1\n"
		     "svc add-server tcp:192.0.2.9:81 10.0.0.2 --forward dr "
		     "--weight 1\n");
}

static void test_bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		unsigned int line;
		const char *message;
	} cases[] = {
#define BYTES(text) text, sizeof(text) - 1
		{ BYTES("svc flush\nsvc\0 flush\n"), 2,
		  "a NUL byte: this is not text" },
		{ BYTES("\0"), 1, "a NUL byte: this is not text" },
		{ BYTES("-C\n-C\0\n"), 2, "a NUL byte: this is not text" },
		{ BYTES("*mangle\0\nCOMMIT\n"), 1,
		  "a NUL byte: this is not text" },
		{ BYTES("{\"version\": 1}\0"), 1, NULL },
		{ BYTES("{\"version\":\0 1}"), 1, NULL },
		/* The first byte of a character of four. */
		{ BYTES("{\"\xf0\0\0\0\": 1}\n"), 1, NULL },
#undef BYTES
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_error err = { 0 };

		assert_int_equal(read_ruleset(cases[i].text, cases[i].length,
					      NULL, &err),
				 -EINVAL);
		assert_string_equal(err.file, TEXT_NAME);
		assert_int_equal(err.line, cases[i].line);
		assert_failure(&err, &(struct failure){ -EINVAL, "",
							cases[i].message, "" });
	}
}

/* A line of so many bytes, a comment for the most part. */
static char *long_line(size_t length)
{
	char *text = malloc(length + 12);

	assert_non_null(text);
	(void)strcpy(text, "svc flush\n");
	(void)memset(text + 10, '#', length);
	(void)strcpy(text + 10 + length, "\n");
	return text;
}

static void test_how_long_a_line_can_be(void **state)
{
	const size_t most = (size_t)64 * 1024;
	char *longest = long_line(most);
	char *longer = long_line(most + 1);

	(void)state;
	assert_makes(nothing, longest, NULL, "");
	assert_refused(&(struct refusal){ longer, 2, "",
					  "the line is longer than 65536 bytes",
					  "" },
		       NULL);
	free(longest);
	free(longer);
}

/* Longer texts are not even looked at. */
static void test_how_long_a_text_can_be(void **state)
{
	const size_t most = (size_t)256 * 1024 * 1024;
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(read_ruleset("", most + 1, NULL, &err), -EINVAL);
	assert_string_equal(err.file, TEXT_NAME);
	assert_int_equal(err.line, 0);
	assert_string_equal(err.message, "longer than 268435456 bytes");
}

/* Of a long name the end is kept. */
static void test_long_names_of_texts(void **state)
{
	char name[300];
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	(void)memset(name, '/', sizeof(name));
	(void)strcpy(name + sizeof(name) - 5, "file");
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	assert_int_equal(ipvsctl_ruleset_add(ruleset, name, "svc\n", 4, &err),
			 -EINVAL);
	assert_int_equal(strlen(err.file), sizeof(err.file) - 1);
	assert_string_equal(err.file + strlen(err.file) - 5, "/file");
	ipvsctl_ruleset_free(ruleset);
}

struct named_text {
	const char *name;
	const char *text;
};

/* Adds each text of a list that a NULL ends. Returns the last result. */
static int add_all(struct ipvsctl_ruleset *ruleset,
		   const struct named_text *texts, struct ipvsctl_error *err)
{
	int r = 0;

	for (; !r && texts->name; texts++)
		r = ipvsctl_ruleset_add(ruleset, texts->name, texts->text,
					strlen(texts->text), err);
	return r;
}

static void test_texts_follow_each_other(void **state)
{
	static const struct named_text texts[] = {
		{ "a", "svc add " S "\n" },
		{ "b", "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g\n" },
		{ "c", "{\"version\": 1, \"marks\": [{\"mark\": 3}]}" },
		{ "d", "# Generated by iptables-save\n*mangle\n"
		       "-A INPUT -p udp -j MARK --set-xmark 0x4/0xffffffff\n"
		       "COMMIT\n" },
		{ "e", "svc change-server " S " 10.0.0.1 --weight 4\n" },
		{ NULL, NULL },
	};
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_config *from = given_config(nothing);
	struct ipvsctl_config *to = NULL;
	char *told;

	(void)state;
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	assert_int_equal(add_all(ruleset, texts, NULL), 0);
	assert_int_equal(ipvsctl_ruleset_kinds(ruleset),
			 IPVSCTL_SERVICES | IPVSCTL_MARKS);
	assert_int_equal(ipvsctl_ruleset_run(ruleset, from, &to, NULL), 0);
	told = tell(to);
	assert_string_equal(
		told,
		"svc add " S " --scheduler wlc\n"
		"svc add-server " S " 10.0.0.1 --forward dr --weight 4\n"
		"mark add 3\n"
		"mark add 4 --proto udp --hook input --no-exempt-own --ipv4\n");
	free(told);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
	ipvsctl_ruleset_free(ruleset);
}

/* Failures name the text that they are in, whenever they show. */
static void test_failures_name_their_text(void **state)
{
	static const struct named_text alone[] = {
		{ "one", "svc add " S "\n" },
		{ "two", "\nsvc add " S "\n" },
		{ NULL, NULL },
	};
	static const struct named_text together[] = {
		{ "one", "svc add-server " S " 10.0.0.9\n" },
		{ "two", "\n\nsvc add-server " S " 10.0.0.9\n" },
		{ "three", "svc change " S2 "\n" },
		{ NULL, NULL },
	};
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_config *from = given_config(standing);
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	assert_int_equal(add_all(ruleset, alone, &err), -EINVAL);
	assert_string_equal(err.file, "two");
	assert_int_equal(err.line, 2);
	ipvsctl_ruleset_free(ruleset);
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	assert_int_equal(add_all(ruleset, together, &err), 0);
	assert_int_equal(ipvsctl_ruleset_run(ruleset, from, &to, &err), -EINVAL);
	assert_string_equal(err.file, "two");
	assert_int_equal(err.line, 3);
	assert_null(to);
	ipvsctl_ruleset_free(ruleset);
	ipvsctl_config_free(from);
	ipvsctl_ruleset_free(NULL);
}

/* What a text begins with tells its language. */
static void test_languages_are_told_by_the_first_word(void **state)
{
	static const struct refusal cases[] = {
		{ " \t[]", 0, "", "the document must be an object", NULL },
		{ "\n\n{}", 0, "", "the document's 'version' must be 1 or 2",
		  NULL },
		{ "# a\n# b\n*mangle\n", 3, "",
		  "COMMIT is missing: the text may be cut short", NULL },
		{ "\n\t-Z\n", 2, "", "'-Z' is no option that sets anything up",
		  NULL },
		{ "# a\nipvsadm -Z\n", 2, "",
		  "'-Z' is no option that sets anything up", NULL },
		{ "#{\n'-A'\n", 2, "", "'-A' is none of svc, mark, vip, sync",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_that_may_be_cut_short),
		cmocka_unit_test(test_texts_of_one_language),
		cmocka_unit_test(test_blanks_between_words),
		cmocka_unit_test(test_bytes_that_are_no_text),
		cmocka_unit_test(test_how_long_a_line_can_be),
		cmocka_unit_test(test_how_long_a_text_can_be),
		cmocka_unit_test(test_long_names_of_texts),
		cmocka_unit_test(test_texts_follow_each_other),
		cmocka_unit_test(test_failures_name_their_text),
		cmocka_unit_test(test_languages_are_told_by_the_first_word),
	};

	return cmocka_run_group_tests_name("ruleset-texts", tests, NULL, NULL);
}
