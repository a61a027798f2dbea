/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks out of the lines of checks.conf. */
#include "alloc.h"
#include "unit.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "check/config/check.h"
#include "checking.h"
#include "given.h"

/* ---- Lines ---- */
struct text_case {
	const char *text, *told;
};

static void try_texts(const struct text_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		AUTO_FREE char *told = NULL;
		struct ipvsctl_error err = { 0 };

		if (checking_bytes(cases[i].text, strlen(cases[i].text),
				   &checks, &err) != 0)
			fail_msg("'%s': %u: %s", cases[i].text, err.line,
				 err.message);
		told = checking_tell(&checks);
		if (strcmp(told, cases[i].told) != 0)
			fail_msg("'%s': '%s', not '%s'", cases[i].text, told,
				 cases[i].told);
		for (size_t j = 0; j < checks.count; j++)
			assert_true(checks.checks[j].from_file);
	}
}

#define A "ping ping:0 fwmark:1 3/2"
#define B "ping ping:0 fwmark:2 3/2"

static void test_files(void **state)
{
	static const struct text_case cases[] = {
		{ "", "" },
		{ "\n\n  \n\t\n", "" },
		{ "# nothing\n   # at all\n", "" },
		{ "fwmark:1 --ping\n", A " @1" },
		{ "fwmark:1 --ping", A " @1" },
		{ "--ping fwmark:1\n", A " @1" },
		{ "\t fwmark:1 \t --ping \t\n", A " @1" },
		{ "\n# x\nfwmark:1 --ping\n\nfwmark:2 --ping\n",
		  A " @3|" B " @5" },
		/* Comments. */
		{ "fwmark:1 --ping # --fall 9\n", A " @1" },
		{ "fwmark:1 --ping\t#--fall 9\n", A " @1" },
		{ "fwmark:1 --ping #\n", A " @1" },
		{ "fwmark:1 --http 80 --path /#a --name ping\n",
		  "ping http:80 fwmark:1 3/2 @1" },
		{ "fwmark:1 --http 80 --body '# a' --name \"ping\" # '\n",
		  "ping http:80 fwmark:1 3/2 @1" },
		{ "fwmark:1 --http 80 --body \"a \\\" # b\" --fall 4\n",
		  "http-80 http:80 fwmark:1 4/2 @1" },
		{ "fwmark:1 --http 80 --body \\# --fall 4\n",
		  "http-80 http:80 fwmark:1 4/2 @1" },
		{ "# it's\nfwmark:1 --ping\n", A " @2" },
		/* Joined lines. */
		{ "fwmark:1 \\\n --ping\nfwmark:2 --ping\n", A " @1|" B " @3" },
		{ "fwmark:1 \\\n\\\n\\\n--ping\nfwmark:2 \\\n --ping\n",
		  A " @1|" B " @5" },
		{ "fwmark:1 --ping \\\n\nfwmark:2 --ping\n", A " @1|" B " @3" },
		{ "\\\nfwmark:1 --ping\n", A " @1" },
		/* The line ends of other systems. */
		{ "fwmark:1 --ping\r\n\r\n# x\r\nfwmark:2 --ping\r\n",
		  A " @1|" B " @4" },
		/* Quotes. */
		{ "'fwmark:1' \"--ping\"\n", A " @1" },
		{ "fwmark:1 --ping --name=ping\n", A " @1" },
	};

	(void)state;
	try_texts(cases, ARRAY_SIZE(cases));
}

/* Lines that end in CR LF are joined as those are that end in LF. */
static void test_joined_lines_of_other_systems(void **state)
{
	static const struct text_case cases[] = {
		{ "fwmark:1 \\\r\n --ping\r\nfwmark:2 --ping\r\n",
		  A " @1|" B " @3" },
	};

	(void)state;
	try_texts(cases, ARRAY_SIZE(cases));
}

/* As in rulesets and in shells a comment ends with its line. */
static void test_comments_are_not_joined(void **state)
{
	static const struct text_case cases[] = {
		{ "# path c:\\\nfwmark:1 --ping\n", A " @2" },
		{ "fwmark:1 --ping # x \\\nfwmark:2 --ping\n",
		  A " @1|" B " @2" },
	};

	(void)state;
	try_texts(cases, ARRAY_SIZE(cases));
}

/* A word of nothing is a word. */
static void test_empty_words(void **state)
{
	static const struct text_case cases[] = {
		{ "fwmark:1 --udp 53 --send '' --name x --fall 4\n",
		  "x udp:53 fwmark:1 4/2 @1" },
		{ "fwmark:1 --udp 53 --send \"\"\n",
		  "udp-53 udp:53 fwmark:1 3/2 @1" },
	};

	(void)state;
	try_texts(cases, ARRAY_SIZE(cases));
}

struct refused_case {
	const char *text;
	unsigned int line;
	const char *message; /* NULL: any */
};

static void try_refused(const struct refused_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_error err = { 0 };

		if (checking_bytes(cases[i].text, strlen(cases[i].text),
				   &checks, &err) != -EINVAL)
			fail_msg("'%s' was taken", cases[i].text);
		if (cases[i].message)
			assert_string_equal(err.message, cases[i].message);
		if (err.line != cases[i].line)
			fail_msg("'%s': line %u", cases[i].text, err.line);
		assert_string_equal(err.file, "FILE");
		assert_int_equal(err.code, -EINVAL);
	}
}

static void test_files_that_are_refused(void **state)
{
	static const struct refused_case cases[] = {
		{ "fwmark:1 --ping\nfwmark:2 --pong\n", 2,
		  "unknown option '--pong'; did you mean '--ping'?" },
		{ "\n# a\nfwmark:1 \\\n --ping --fall x\n", 3, NULL },
		{ "fwmark:1 \\\n --ping\nfwmark:2\n", 3, NULL },
		{ "--ping\n", 1, "no service is named" },
		{ "fwmark:1 --ping 'a\\", 1, NULL },
		{ "fwmark:1 --ping\nweb --ping\n", 2, NULL },
		{ "run fwmark:1 --ping\n", 1, NULL },
		{ "show\n", 1, NULL },
		{ "fwmark:1 --ping --every 5\n", 1,
		  "--every is for the command line" },
		{ "fwmark:1 --ping --config x\n", 1,
		  "--config is for the command line" },
		{ "fwmark:1 --ping --nagios\n", 1,
		  "--nagios is for the command line" },
		{ "fwmark:1 --ping --textfile x\n", 1,
		  "--textfile is for the command line" },
		{ "fwmark:1 --ping --window 5\n", 1,
		  "--window is for the command line" },
		{ "fwmark:1 --ping --json\n", 1,
		  "options of all programs are for the command line" },
		{ "fwmark:1 --ping -q\n", 1,
		  "options of all programs are for the command line" },
		{ "fwmark:1 --ping --dry-run\n", 1,
		  "options of all programs are for the command line" },
		{ "fwmark:1 --ping --netns x\n", 1,
		  "options of all programs are for the command line" },
		{ "fwmark:1 --ping --help\n", 1,
		  "options of all programs are for the command line" },
		{ "--version\n", 1,
		  "options of all programs are for the command line" },
		{ "fwmark:1 --complete=x --ping\n", 1,
		  "options of all programs are for the command line" },
		{ "fwmark:1 --ping -- x\n", 1,
		  "words after -- are only for --exec" },
		{ "fwmark:1 --ping --weight 2\n", 1, NULL },
	};

	(void)state;
	try_refused(cases, ARRAY_SIZE(cases));
}

static void test_quotes_that_are_not_closed(void **state)
{
	static const struct refused_case cases[] = {
		{ "fwmark:1 --http 80 --body 'a --fall 9\n", 1, NULL },
		{ "fwmark:1 --ping '\n", 1, NULL },
		{ "fwmark:1 --ping \"\nfwmark:2 --ping \"\n", 1, NULL },
	};

	(void)state;
	try_refused(cases, ARRAY_SIZE(cases));
}

/* What stands behind one is not to be passed over in silence. */
static void test_carriage_returns_within_lines(void **state)
{
	static const struct refused_case cases[] = {
		{ "fwmark:1 --ping \r --fall 9\n", 1, NULL },
		{ "fwmark:1 --ping\rfwmark:2 --ping\n", 1, NULL },
		{ "fwmark:1 --ping\n\r\rfwmark:2 --ping\n", 2, NULL },
	};

	(void)state;
	try_refused(cases, ARRAY_SIZE(cases));
}

static void test_nul_bytes(void **state)
{
	static const char text[] = "fwmark:1 --ping\n\0fwmark:2 --ping\n";
	AUTO_CHECKS struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(checking_bytes(text, sizeof(text) - 1, &checks, &err),
			 -EINVAL);
	assert_string_equal(err.message, "there are NUL bytes in it");
	assert_int_equal(checks.count, 0);
}

static void test_words_of_programs(void **state)
{
	static const char text[] =
		"all --exec /bin/x -- -v 'a b' --fall \"$c\" '#' all\n";
	static const char *const words[] = { "/bin/x", "-v", "a b", "--fall",
					     "$c",     "#",  "all" };
	AUTO_CHECKS struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(checking_bytes(text, sizeof(text) - 1, &checks, &err),
			 0);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_string_equal(checks.checks[0].way.exec[i], words[i]);
	assert_null(checks.checks[0].way.exec[ARRAY_SIZE(words)]);
	assert_int_equal(checks.checks[0].fall, 3);
}

/* Backslashes get as far as the values that know them. */
static void test_bytes_in_files(void **state)
{
	static const char text[] =
		"all --udp 53 --send 'a\\r\\n\\x00' --expect \"b\\t\"\n";
	AUTO_CHECKS struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };
	const struct check_way *way;

	(void)state;
	assert_int_equal(checking_bytes(text, sizeof(text) - 1, &checks, &err),
			 0);
	way = &checks.checks[0].way;
	assert_int_equal(way->step_count, 2);
	assert_false(way->steps[0].expects);
	assert_int_equal(way->steps[0].bytes.length, 4);
	assert_memory_equal(way->steps[0].bytes.bytes, "a\r\n\0", 4);
	assert_true(way->steps[1].expects);
	assert_int_equal(way->steps[1].bytes.length, 2);
	assert_memory_equal(way->steps[1].bytes.bytes, "b\t", 2);
}

/* ---- Whose files ---- */

static void test_files_of_others(void **state)
{
	static const struct {
		mode_t mode;
		int code;
	} cases[] = { { 0600, 0 },	 { 0644, 0 },	    { 0444, 0 },
		      { 0664, -EINVAL }, { 0646, -EINVAL }, { 0622, -EINVAL } };
	static const char text[] = "fwmark:1 --ping\n";
	char path[sizeof(PATH_TEMPLATE)], hint[128];

	(void)state;
	checking_write(path, text, strlen(text));
	(void)snprintf(hint, sizeof(hint), "chown root: %s && chmod go-w %s",
		       path, path);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_error err = { 0 };

		assert_int_equal(chmod(path, cases[i].mode), 0);
		assert_int_equal(checking_read(path, &checks, &err),
				 cases[i].code);
		if (cases[i].code)
			assert_failure(&err,
				       &(struct failure){
					       -EINVAL, path,
					       "others than root can write it",
					       hint });
	}
	if (geteuid() == 0) {
		AUTO_CHECKS struct checks checks = { 0 };
		struct ipvsctl_error err = { 0 };

		assert_int_equal(chmod(path, 0644), 0);
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_int_equal(checking_read(path, &checks, &err), -EINVAL);
	}
	assert_int_equal(unlink(path), 0);
}

static void test_files_that_are_none(void **state)
{
	AUTO_CHECKS struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };
	char path[sizeof(PATH_TEMPLATE)];

	(void)state;
	assert_int_equal(checking_read("/nowhere/checks.conf", &checks, &err),
			 -EIO);
	assert_string_equal(err.subject, "/nowhere/checks.conf");
	assert_int_equal(checking_read("/", &checks, &err), -EIO);
	assert_int_equal(checking_read("/dev/null", &checks, &err), -EIO);
	checking_write(path, "", 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	/* Nobody will ever write there. */
	assert_int_equal(checking_read(path, &checks, &err), -EIO);
	assert_int_equal(unlink(path), 0);
}

static void test_files_that_are_too_large(void **state)
{
	AUTO_CHECKS struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };
	char path[sizeof(PATH_TEMPLATE)];

	(void)state;
	checking_write(path, "", 0);
	assert_int_equal(truncate(path, 16 * 1024 * 1024 + 1), 0);
	assert_int_equal(checking_read(path, &checks, &err), -EINVAL);
	assert_string_equal(err.message, "is larger than 16777216 bytes");
	assert_int_equal(unlink(path), 0);
}

/* ---- Memory ---- */
static int read_one(void *data)
{
	AUTO_CHECKS struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };

	return checking_read(data, &checks, &err);
}

static void test_memory(void **state)
{
	static const char text[] = "# nothing\n";
	char path[sizeof(PATH_TEMPLATE)];

	(void)state;
	checking_write(path, text, strlen(text));
	alloc_each_failure(read_one, path);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_joined_lines_of_other_systems),
		cmocka_unit_test(test_comments_are_not_joined),
		cmocka_unit_test(test_empty_words),
		cmocka_unit_test(test_files_that_are_refused),
		cmocka_unit_test(test_quotes_that_are_not_closed),
		cmocka_unit_test(test_carriage_returns_within_lines),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_words_of_programs),
		cmocka_unit_test(test_bytes_in_files),
		cmocka_unit_test(test_files_of_others),
		cmocka_unit_test(test_files_that_are_none),
		cmocka_unit_test(test_files_that_are_too_large),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("check-file", tests, NULL, NULL);
}
