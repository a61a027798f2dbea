/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Command lines of rulesets: strict, and with the words of the programs. */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "rulesets.h"

#include "ruleset/ruleset.h"
#include "words.h"

#define S  "tcp:192.0.2.1:80"
#define S2 "udp:192.0.2.1:53"

static const char *const standing[] = {
	"service " S " --scheduler rr",
	"server " S " 10.0.0.1 --weight 5",
	"server " S " 10.0.0.2 --forward nat",
	"mark 1 --proto tcp --dport 80 --comment web",
	"mark exclude --src 10.0.0.0/8",
	"sync master --dev eth0 --id 1",
	"timeouts 900 120 300",
	"hold " S " 10.0.0.1 admin",
	"remove " S " 10.0.0.2 check:web",
	NULL,
};
#define TIMEOUTS "svc timeouts 900 120 300\n"
#define SERVICE	 "svc add " S " --scheduler rr\n"
#define SERVER_1 "svc add-server " S " 10.0.0.1 --forward dr --weight 5 held\n"
#define SERVER_2 "svc add-server " S " 10.0.0.2 --forward nat --weight 1 held\n"
#define SERVICES SERVICE SERVER_1 SERVER_2
#define EXCLUDE	 "mark exclude --src 10.0.0.0/8\n"
#define MARK	 "mark add 1 --proto tcp --dport 80 --comment web\n"
#define SYNC	 "sync start master --dev eth0 --id 1\n"
#define OTHERS	 EXCLUDE MARK SYNC

/* A ruleset of one line. */
struct line {
	struct words words;
	struct ipvsctl_ruleset *ruleset;
};

static void close_line(struct line *line)
{
	ipvsctl_ruleset_free(line->ruleset);
	words_free(&line->words);
}

static int open_line(struct line *line, const char *text,
		     struct ipvsctl_error *err)
{
	int r = ipvsctl_ruleset_new(&line->ruleset, err);

	words_open(&line->words, text);
	if (r == 0)
		r = words_next(&line->words, err);
	return r < 0 ? r :
		       ipvsctl_ruleset_add_words(line->ruleset,
						 (const char *const *)
							 line->words.words,
						 line->words.count, err);
}

static int run_line(const char *const *from, const char *text,
		    struct ipvsctl_config **ret_to, struct ipvsctl_error *err)
{
	struct line line = { 0 };
	struct ipvsctl_config *config;
	int r;

	alloc_pause();
	config = given_config(from);
	alloc_resume();
	r = open_line(&line, text, err);
	if (r == 0)
		r = ipvsctl_ruleset_run(line.ruleset, config, ret_to, err);
	close_line(&line);
	ipvsctl_config_free(config);
	return r;
}

/* ---- What lines make ------------------------------------------------------ */

static const struct {
	const char *line;
	const char *makes;
} edits[] = {
	{ "svc add " S2 " --scheduler=sh --persistent 60", TIMEOUTS SERVICES
	  "svc add " S2 " --scheduler sh --persistent 60\n" OTHERS },
	{ "svc change " S " --scheduler wrr",
	  TIMEOUTS "svc add " S " --scheduler wrr\n" SERVER_1 SERVER_2 OTHERS },
	{ "svc replace " S " --persistent 9", TIMEOUTS
	  "svc add " S
	  " --scheduler wlc --persistent 9\n" SERVER_1 SERVER_2 OTHERS },
	{ "svc replace " S2,
	  TIMEOUTS SERVICES "svc add " S2 " --scheduler wlc\n" OTHERS },
	{ "svc delete " S, TIMEOUTS OTHERS },
	/* Named twice is deleted once. */
	{ "svc delete " S " tcp:192.0.2.1:0x50", TIMEOUTS OTHERS },
	{ "svc flush", TIMEOUTS OTHERS },
	{ "svc timeouts 0 7 0", "svc timeouts 900 7 300\n" SERVICES OTHERS },
	{ "svc add-server " S " 10.0.0.3 10.0.0.4 --weight 2", TIMEOUTS SERVICES
	  "svc add-server " S " 10.0.0.3 --forward dr --weight 2\n"
	  "svc add-server " S " 10.0.0.4 --forward dr --weight 2\n" OTHERS },
	{ "svc change-server " S " 10.0.0.1 --weight 7",
	  TIMEOUTS SERVICE "svc add-server " S " 10.0.0.1 --forward dr "
			   "--weight 7 held\n" SERVER_2 OTHERS },
	{ "svc replace-server " S " 10.0.0.1 10.0.0.5", TIMEOUTS SERVICE
	  "svc add-server " S " 10.0.0.1 --forward dr --weight 1 held\n" SERVER_2
	  "svc add-server " S " 10.0.0.5 --forward dr --weight 1\n" OTHERS },
	{ "svc delete-server " S " 10.0.0.1 10.0.0.1:80",
	  TIMEOUTS SERVICE SERVER_2 OTHERS },
	{ "mark add 7 --proto udp",
	  TIMEOUTS SERVICES EXCLUDE MARK "mark add 7 --proto udp\n" SYNC },
	{ "mark add 7 --proto udp -- -m length --length 1:2",
	  TIMEOUTS SERVICES EXCLUDE MARK
	  "mark add 7 --proto udp -- -m length --length 1:2\n" SYNC },
	{ "mark exclude --proto sctp",
	  TIMEOUTS SERVICES EXCLUDE "mark exclude --proto sctp\n" MARK SYNC },
	{ "mark replace 2 --proto tcp --dport 80", TIMEOUTS SERVICES EXCLUDE
	  "mark add 2 --proto tcp --dport 80\n" SYNC },
	{ "mark replace 2 --proto udp",
	  TIMEOUTS SERVICES EXCLUDE MARK "mark add 2 --proto udp\n" SYNC },
	{ "mark delete 1 --proto tcp --dport 80",
	  TIMEOUTS SERVICES EXCLUDE SYNC },
	{ "mark delete -x --src 10.0.0.0/8", TIMEOUTS SERVICES MARK SYNC },
	{ "mark flush", TIMEOUTS SERVICES SYNC },
	{ "sync start backup --dev eth1",
	  TIMEOUTS SERVICES OTHERS "sync start backup --dev eth1\n" },
	{ "sync stop master", TIMEOUTS SERVICES EXCLUDE MARK },
	{ "sync flush", TIMEOUTS SERVICES EXCLUDE MARK },
};

static void test_lines_edit_what_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		struct ipvsctl_config *to = NULL;
		struct ipvsctl_error err = { 0 };
		char *told;

		if (run_line(standing, edits[i].line, &to, &err) < 0)
			fail_msg("%s: %s: %s", edits[i].line, err.subject,
				 err.message);
		told = tell(to);
		if (strcmp(told, edits[i].makes) != 0)
			print_error("of '%s':\n", edits[i].line);
		assert_string_equal(told, edits[i].makes);
		free(told);
		ipvsctl_config_free(to);
	}
}

/* A flush keeps holds for a ruleset to come; whoever adds a server by itself
   wants it without. */
static void test_lines_and_holds_that_wait(void **state)
{
	struct ipvsctl_config *flushed = NULL;
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_ruleset *ruleset = NULL;
	const char *const add[] = { "svc", "add", S };
	const char *const add_server[] = { "svc", "add-server", S, "10.0.0.1" };
	char *told;

	(void)state;
	assert_int_equal(run_line(standing, "svc flush", &flushed, NULL), 0);
	assert_int_equal(ipvsctl_config_count_waiting(flushed), 2);
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	assert_int_equal(ipvsctl_ruleset_add_words(ruleset, add, 3, NULL), 0);
	assert_int_equal(ipvsctl_ruleset_add_words(ruleset, add_server, 4, NULL),
			 0);
	assert_int_equal(ipvsctl_ruleset_run(ruleset, flushed, &to, NULL), 0);
	told = tell(to);
	assert_non_null(strstr(told, "10.0.0.1 --forward dr --weight 1\n"));
	assert_int_equal(ipvsctl_config_count_waiting(to), 1);
	free(told);
	ipvsctl_config_free(to);
	ipvsctl_config_free(flushed);
	ipvsctl_ruleset_free(ruleset);
}

/* ---- Failures --------------------------------------------------------------- */

struct mistake {
	const char *line;
	struct failure failure;
};

#define MISSING	 "tcp:192.0.2.9:80"
#define NONE	 "no such service"
#define ADD_IT	 "lbctl-svc add " MISSING
#define SHOW_ALL "lbctl-svc show"
#define SHOW	 "lbctl-svc show " S

static const struct mistake mistakes[] = {
	{ "svc add " S, { -EEXIST, S, "the service exists already", SHOW } },
	{ "svc change " MISSING " --scheduler rr",
	  { -ENOENT, MISSING, NONE, SHOW_ALL } },
	{ "svc change " S " --netmask 24", { -EINVAL, S, NULL, NULL } },
	{ "svc delete " MISSING, { -ENOENT, MISSING, NONE, "" } },
	{ "svc delete " S " " MISSING, { -ENOENT, MISSING, NONE, "" } },
	{ "svc add-server " MISSING " 10.0.0.1",
	  { -ENOENT, MISSING, NONE, ADD_IT } },
	{ "svc replace-server " MISSING " 10.0.0.1",
	  { -ENOENT, MISSING, NONE, ADD_IT } },
	{ "svc change-server " MISSING " 10.0.0.1",
	  { -ENOENT, MISSING, NONE, SHOW_ALL } },
	{ "svc delete-server " MISSING " 10.0.0.1",
	  { -ENOENT, MISSING, NONE, SHOW_ALL } },
	{ "svc add-server " S " 10.0.0.9 10.0.0.1",
	  { -EEXIST, "10.0.0.1:80", S " has this server already", SHOW } },
	{ "svc add-server " S " 10.0.0.9 10.0.0.9",
	  { -EEXIST, "10.0.0.9:80", S " has this server already", SHOW } },
	{ "svc add-server " S " 10.0.0.2 --forward nat",
	  { -EEXIST, "10.0.0.2:80", "check web has removed it from " S,
	    "lbctl-check show web" } },
	{ "svc change-server " S " 10.0.0.1 10.0.0.9 --weight 1",
	  { -ENOENT, "10.0.0.9:80", S " has no such server", SHOW } },
	{ "svc delete-server " S " 10.0.0.1 10.0.0.9",
	  { -ENOENT, "10.0.0.9:80", S " has no such server", "" } },
	{ "mark add 2 --proto tcp --dport 80",
	  { -EEXIST, "2 (0x2)", "a rule with this match exists already",
	    "lbctl-mark replace 2 --proto tcp --dport 80" } },
	{ "mark add 2 --proto tcp --dport 80 --ipv4",
	  { -EEXIST, "2 (0x2)", "a rule with this match exists already",
	    "lbctl-mark replace 2 --proto tcp --dport 80 --ipv4" } },
	{ "mark exclude --priority 100 --proto tcp --dport 80 --exempt-own socket",
	  { -EEXIST, "exclude", "a rule with this match exists already", "" } },
	{ "mark delete 2 --proto tcp --dport 80",
	  { -ENOENT, "2 (0x2)", "no such rule", "lbctl-mark show" } },
	{ "mark delete --exclude --proto tcp",
	  { -ENOENT, "exclude", "no such rule", "lbctl-mark show" } },
	{ "sync start master --dev eth1",
	  { -EEXIST, "master", "the sync daemon runs already",
	    "lbctl-sync show" } },
	{ "sync stop backup",
	  { -ENOENT, "backup", "no such sync daemon runs", "" } },
};

/* Wrong whatever stands. */
static const struct mistake wrong[] = {
	{ "", { -EINVAL, "", "the command line is empty", "" } },
	{ "svc", { -EINVAL, "svc", "the verb is missing", NULL } },
	{ "svc show", { -EINVAL, "svc", NULL, NULL } },
	{ "svc add",
	  { -EINVAL, "", "missing argument: lbctl-svc add SERVICE", "" } },
	{ "svc timeouts 900",
	  { -EINVAL, "", "missing argument: lbctl-svc timeouts TCP TCP-FIN UDP",
	    "" } },
	{ "svc add tcp:192.0.2.1:0x50 --persistent x",
	  { -EINVAL, S, NULL, NULL } },
	{ "svc change-server " S " 10.0.0.1 --weight x",
	  { -EINVAL, "10.0.0.1:80", NULL, NULL } },
	{ "svc delete " S " tcp:x", { -EINVAL, "tcp:x", NULL, NULL } },
	{ "svc delete-server " S " x", { -EINVAL, "x", NULL, NULL } },
	{ "mark replace --proto udp",
	  { -EINVAL, "",
	    "missing argument: lbctl-mark replace MARK, or "
	    "--exclude",
	    "" } },
	{ "mark delete 1 -x", { -EINVAL, "", "--exclude takes no mark", "" } },
	{ "mark add 0", { -EINVAL, "0", NULL, NULL } },
	{ "sync start master", { -EINVAL, "master", NULL, "--dev eth0" } },
};

static void test_what_stands_fails_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct ipvsctl_config *to = NULL;
		struct ipvsctl_error err = { 0 };
		struct line line = { 0 };
		int r;

		/* By itself nothing is wrong with it. */
		r = open_line(&line, mistakes[i].line, NULL);
		close_line(&line);
		if (strstr(mistakes[i].line, "10.0.0.9 10.0.0.9") == NULL)
			assert_int_equal(r, 0);
		r = run_line(standing, mistakes[i].line, &to, &err);
		if (r != mistakes[i].failure.code)
			print_error("of '%s': %s\n", mistakes[i].line,
				    err.message);
		assert_int_equal(r, mistakes[i].failure.code);
		assert_failure(&err, &mistakes[i].failure);
		assert_null(to);
		assert_string_equal(err.file, "");
		assert_int_equal(err.line, 0);
	}
}

static void test_wrong_lines_are_found_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct ipvsctl_error err = { 0 };
		struct line line = { 0 };

		if (open_line(&line, wrong[i].line, &err) != -EINVAL)
			fail_msg("%s is taken", wrong[i].line);
		assert_failure(&err, &wrong[i].failure);
		close_line(&line);
	}
}

static void test_lines_and_texts_do_not_mix(void **state)
{
	const char *const words[] = { "svc", "flush" };
	const char text[] = "svc flush\n";
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	assert_int_equal(ipvsctl_ruleset_add_words(ruleset, words, 2, &err), 0);
	assert_int_equal(ipvsctl_ruleset_add(ruleset, "text", text,
					     strlen(text), &err),
			 -EINVAL);
	assert_string_equal(err.file, "text");
	ipvsctl_ruleset_free(ruleset);
	ruleset = given_ruleset(text, NULL);
	assert_int_equal(ipvsctl_ruleset_add_words(ruleset, words, 2, &err),
			 -EINVAL);
	assert_string_equal(err.file, "");
	ipvsctl_ruleset_free(ruleset);
}

/* ---- Several lines, and what is read for them -------------------------------- */

static void add_line(struct ipvsctl_ruleset *ruleset, const char *const *words)
{
	struct ipvsctl_error err = { 0 };
	size_t count = 0;

	while (words[count])
		count++;
	if (ipvsctl_ruleset_add_words(ruleset, words, count, &err) < 0)
		fail_msg("%s %s: %s", words[0], words[1], err.message);
}

static void test_lines_follow_each_other(void **state)
{
	static const char *const lines[][6] = {
		{ "svc", "delete", S, NULL },
		{ "svc", "add", S, NULL },
		{ "svc", "add-server", S, "10.0.0.7", NULL },
		{ "svc", "delete-server", S, "10.0.0.7", NULL },
	};
	struct ipvsctl_config *from = given_config(standing);
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_ruleset *ruleset = NULL;
	char *told;

	(void)state;
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		add_line(ruleset, lines[i]);
	assert_int_equal(ipvsctl_ruleset_run(ruleset, from, &to, NULL), 0);
	told = tell(to);
	assert_string_equal(told,
			    TIMEOUTS "svc add " S " --scheduler wlc\n" OTHERS);
	free(told);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
	ipvsctl_ruleset_free(ruleset);
}

static void test_a_line_says_what_it_is_about(void **state)
{
	static const struct {
		const char *line;
		int at;
		int step;
		unsigned int kinds;
	} cases[] = {
		{ "svc add " S, AIM_ONE, STEP_IF_MISSING, IPVSCTL_SERVICES },
		{ "svc delete " S, AIM_ONE, STEP_IF_EXISTS, IPVSCTL_SERVICES },
		{ "svc delete " S " " S2, AIM_MANY, STEP_NONE,
		  IPVSCTL_SERVICES },
		{ "svc delete " S " " S, AIM_ONE, STEP_NONE, IPVSCTL_SERVICES },
		{ "svc add-server " S " 10.0.0.1", AIM_ONE, STEP_IF_EXISTS,
		  IPVSCTL_SERVICES },
		{ "svc add-server " S " 10.0.0.1 10.0.0.2", AIM_ONE, STEP_NONE,
		  IPVSCTL_SERVICES },
		{ "svc replace " S, AIM_ONE, STEP_NONE, IPVSCTL_SERVICES },
		{ "svc change " S, AIM_ONE, STEP_NONE, IPVSCTL_SERVICES },
		{ "svc change-server " S " 10.0.0.1", AIM_ONE, STEP_NONE,
		  IPVSCTL_SERVICES },
		{ "svc replace-server " S " 10.0.0.1", AIM_ONE, STEP_NONE,
		  IPVSCTL_SERVICES },
		{ "svc delete-server " S " 10.0.0.1", AIM_ONE, STEP_NONE,
		  IPVSCTL_SERVICES },
		{ "svc flush", AIM_MANY, STEP_NONE, IPVSCTL_SERVICES },
		{ "svc timeouts 1 1 1", AIM_NOTHING, STEP_NONE,
		  IPVSCTL_TIMEOUTS },
		{ "mark delete 1", AIM_NOTHING, STEP_NONE, IPVSCTL_MARKS },
		{ "sync stop master", AIM_NOTHING, STEP_NONE, IPVSCTL_SYNC },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct line line = { 0 };
		const struct run *found;

		assert_int_equal(open_line(&line, cases[i].line, NULL), 0);
		found = ruleset_found(line.ruleset);
		assert_int_equal(found->aim.at, cases[i].at);
		assert_int_equal(found->aim.step, cases[i].step);
		assert_int_equal(found->kinds, cases[i].kinds);
		assert_true(found->strict);
		close_line(&line);
	}
}

static void test_two_lines_are_no_single_step(void **state)
{
	static const char *const add[] = { "svc", "add", S, NULL };
	static const char *const other[] = { "svc", "add", S2, NULL };
	static const char *const server[] = { "svc", "add-server", S,
					      "10.0.0.1", NULL };
	struct ipvsctl_ruleset *ruleset = NULL;

	(void)state;
	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	add_line(ruleset, add);
	add_line(ruleset, server);
	assert_int_equal(ruleset_found(ruleset)->aim.at, AIM_ONE);
	assert_int_equal(ruleset_found(ruleset)->aim.step, STEP_NONE);
	add_line(ruleset, other);
	assert_int_equal(ruleset_found(ruleset)->aim.at, AIM_MANY);
	ipvsctl_ruleset_free(ruleset);
}

/* ---- Rules in the form in which they load ------------------------------------ */

/* As on a host where the words mean something else to each family. */
static int settle_as_two(struct ipvsctl *ctx, struct ipvsctl_config *config,
			 struct ipvsctl_error *err)
{
	const struct ipvsctl_mark *first =
		ipvsctl_config_next_mark(config, NULL);
	struct ipvsctl_mark rule = *first;
	int r;

	assert_null(ctx);
	r = ipvsctl_config_delete_mark(config, first, err);
	rule.family = AF_INET;
	if (r == 0)
		r = ipvsctl_config_add_mark(config, &rule, err);
	rule.family = AF_INET6;
	rule.priority++;
	return r < 0 ? r : ipvsctl_config_add_mark(config, &rule, err);
}

static void test_rules_are_settled_first(void **state)
{
	static const struct mistake cases[] = {
		{ "mark add 1 --proto udp", { 0, NULL, NULL, NULL } },
		{ "mark replace 3 --proto tcp", { 0, NULL, NULL, NULL } },
		{ "mark delete 1 --proto tcp", { 0, NULL, NULL, NULL } },
		{ "mark add 1 --proto tcp",
		  { -EEXIST, "1 (0x1)", "a rule with this match exists already",
		    "lbctl-mark replace 1 --proto tcp --ipv4" } },
		{ "mark delete 1 --proto udp",
		  { -ENOENT, "1 (0x1)", "no such rule", "lbctl-mark show" } },
	};
	static const char *const two[] = {
		"mark 1 --proto tcp --ipv4",
		"mark 1 --proto tcp --ipv6 --priority 101", NULL
	};
	static const char *const makes[] = {
		"mark add 1 --proto tcp --ipv4\nmark add 1 --proto udp --ipv4\n"
		"mark add 1 --proto tcp --priority 101 --ipv6\n"
		"mark add 1 --proto udp --priority 101 --ipv6\n",
		"mark add 3 --proto tcp --ipv4\n"
		"mark add 3 --proto tcp --priority 101 --ipv6\n",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_config *from = given_config(two);
		struct ipvsctl_config *to = NULL;
		struct ipvsctl_error err = { 0 };
		struct line line = { 0 };
		int r = open_line(&line, cases[i].line, &err);

		assert_int_equal(r, 0);
		ruleset_found(line.ruleset)->settle = settle_as_two;
		r = ipvsctl_ruleset_run(line.ruleset, from, &to, &err);
		assert_int_equal(r, cases[i].failure.code);
		if (r < 0) {
			assert_failure(&err, &cases[i].failure);
		} else {
			char *told = tell(to);

			assert_string_equal(told, makes[i]);
			free(told);
		}
		ipvsctl_config_free(to);
		ipvsctl_config_free(from);
		close_line(&line);
	}
}

/* ---- Short memory -------------------------------------------------------------- */

static int run_edit(void *data)
{
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };
	int r = run_line(standing, data, &to, &err);

	assert_int_equal(err.code, r == -ENOMEM && !err.message[0] ? 0 : r);
	ipvsctl_config_free(to);
	return r;
}

static void test_short_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++)
		alloc_each_failure(run_edit, (void *)edits[i].line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_edit_what_stands),
		cmocka_unit_test(test_lines_and_holds_that_wait),
		cmocka_unit_test(test_what_stands_fails_lines),
		cmocka_unit_test(test_wrong_lines_are_found_at_once),
		cmocka_unit_test(test_lines_and_texts_do_not_mix),
		cmocka_unit_test(test_lines_follow_each_other),
		cmocka_unit_test(test_a_line_says_what_it_is_about),
		cmocka_unit_test(test_two_lines_are_no_single_step),
		cmocka_unit_test(test_rules_are_settled_first),
		cmocka_unit_test(test_short_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
