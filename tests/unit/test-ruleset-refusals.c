/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines of rulesets that are refused: where, why, and what helps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rulesets.h"

#include "scope.h"

#define S  "tcp:192.0.2.1:80"
#define S2 "udp:192.0.2.1:53"

static void test_lines_that_are_wrong_alone(void **state)
{
	static const struct refusal cases[] = {
		/* Nouns and verbs. */
		{ "service add " S "\n", 1, "",
		  "'service' is none of svc, mark, vip, sync",
		  "man 5 lbctl-ruleset" },
		{ "\n\nlbctl-svc add " S "\n", 3, "",
		  "'lbctl-svc' is none of svc, mark, vip, sync",
		  "leave 'lbctl-' out" },
		{ "''\n", 1, "", "'' is none of svc, mark, vip, sync", NULL },
		{ "svc\n", 1, "svc", "the verb is missing",
		  "svc: add-server, add, flush, timeouts, change, replace, "
		  "delete, change-server, replace-server, delete-server" },
		{ "mark zero\n", 1, "mark",
		  "a ruleset cannot have the verb 'zero'",
		  "mark: flush, add, exclude, replace, delete" },
		{ "sync 'start master'\n", 1, "sync", NULL,
		  "sync: flush, start, stop" },
		/* Arguments. */
		{ "svc add\n", 1, "", "missing argument: svc add SERVICE", "" },
		{ "svc add " S " " S2 "\n", 1, "",
		  "unexpected argument '" S2 "': svc add SERVICE", "" },
		{ "svc add-server " S "\n", 1, "",
		  "missing argument: svc add-server SERVICE SERVER...", "" },
		{ "svc delete\n", 1, "", NULL, NULL },
		{ "svc timeouts 1 2\n", 1, "", NULL, NULL },
		{ "svc timeouts 1 2 3 4\n", 1, "", NULL, NULL },
		{ "svc flush all\n", 1, "",
		  "unexpected argument 'all': svc "
		  "flush ",
		  NULL },
		{ "mark exclude 1\n", 1, "", NULL, NULL },
		{ "mark add\n", 1, "", NULL, NULL },
		{ "mark replace\n", 1, "",
		  "missing argument: mark replace MARK, or --exclude", "" },
		{ "mark delete 1 -x\n", 1, "", "--exclude takes no mark", "" },
		{ "sync start\n", 1, "", NULL, NULL },
		{ "sync stop master backup\n", 1, "", NULL, NULL },
		/* Identities and values. */
		{ "svc add 192.0.2.1:80\n", 1, "192.0.2.1:80", NULL,
		  "tcp:192.0.2.1:80" },
		{ "svc add ''\n", 1, "", NULL, NULL },
		{ "svc change ''\n", 1, NULL, NULL, NULL },
		{ "svc delete " S " ''\n", 1, NULL, NULL, NULL },
		{ "svc add-server '' 10.0.0.1 --forward tun\n", 1, NULL, NULL,
		  NULL },
		{ "svc delete-server '' 10.0.0.1\n", 1, NULL, NULL, NULL },
		{ "svc add " S "\nsvc delete-server '' 10.0.0.1\n", 2, NULL,
		  NULL, NULL },
		{ "svc delete-server " S " 10.0.0.1 x\n", 1, "x", NULL, NULL },
		{ "svc add " S " --persistent x\n", 1, S,
		  "persistence 'x' is not a number from 0 to 2678400", "" },
		{ "svc change " S " --persistent x\n", 1, S, NULL, NULL },
		{ "svc add-server " S " 10.0.0.1 10.0.0.2 --weight -1\n", 1,
		  "10.0.0.1", NULL, NULL },
		{ "svc change-server " S " 10.0.0.1 --forward magic\n", 1,
		  "10.0.0.1", NULL, NULL },
		{ "svc timeouts 1 2678401 3\n", 1, "",
		  "tcp-fin timeout '2678401' is not a number from 0 to 2678400",
		  "" },
		{ "mark add 0\n", 1, "0", NULL, NULL },
		{ "mark exclude --proto x\n", 1, "exclude", NULL, NULL },
		{ "sync start leader\n", 1, "leader", NULL, NULL },
		{ "sync stop leader\n", 1, "leader", NULL, NULL },
		{ "sync start master --id 256 --dev e\n", 1, "master", NULL,
		  NULL },
		/* What does not go together. */
		{ "svc add tcp:192.0.2.1:0\n", 1, "tcp:192.0.2.1:0", NULL,
		  "--persistent 300" },
		{ "svc add " S " --one-packet\n", 1, S, NULL, NULL },
		{ "svc add-server " S " 10.0.0.1:81\n", 1, "10.0.0.1:81", NULL,
		  NULL },
		{ "svc replace-server " S " ::1\n", 1, "[::1]:80", NULL,
		  "--forward tun" },
		{ "mark add 1 --dport 80\n", 1, "1", NULL, "--proto udp" },
		{ "mark add 1 --extra -mx -- -m x\n", 1, "1",
		  "--extra and words after -- exclude each other", "" },
		{ "mark add 1 --extra \"-m '\"\n", 1, "1",
		  "a quote after '--' is not closed", "" },
		{ "sync start master\n", 1, "master",
		  "the interface is missing", "--dev eth0" },
		/* Options. */
		{ "svc add " S " --weight 1\n", 1, "",
		  "unknown option '--weight'",
		  "svc add takes --unchecked --scheduler --sched-flags "
		  "--one-packet --no-one-packet --persistent --netmask --pe" },
		{ "svc add " S " --sched rr\n", 1, "",
		  "unknown option '--sched'", NULL },
		{ "svc add " S " --=rr\n", 1, "", "unknown option '--'", NULL },
		{ "svc add " S " -scheduler rr\n", 1, "",
		  "unknown option '-scheduler'", NULL },
		{ "svc add " S " -4\n", 1, "", "unknown option '-4'", NULL },
		{ "mark add 1 -46\n", 1, "", "unknown option '-46'", NULL },
		{ "mark exclude -x\n", 1, "", "unknown option '-x'", NULL },
		{ "mark add 1 --exclude\n", 1, "", "unknown option '--exclude'",
		  NULL },
		{ "mark delete --exclude=yes\n", 1, "",
		  "unknown option '--exclude'", NULL },
		{ "svc delete " S " --force\n", 1, "",
		  "unknown option '--force'", "svc delete takes no options" },
		{ "svc add " S " -- x\n", 1, "", "unknown option '--'", NULL },
		{ "svc add " S " --scheduler\n", 1, "",
		  "option '--scheduler' needs a value", "" },
		{ "svc add " S " --one-packet=yes\n", 1, "",
		  "option '--one-packet' takes no value", "" },
		{ "svc add " S " --pe sip --scheduler rr --pe=sip\n", 1, "",
		  "option '--pe' is given twice", "" },
		{ "mark add 1 -4 -6\n", 1, "1", NULL, NULL },
		/* It was a flag once. */
		{ "mark exclude --exempt-own\n", 1, "",
		  "option '--exempt-own' needs a value",
		  "--exempt-own socket|conntrack|none" },
		{ "mark exclude --exempt-own -4\n", 1, "exclude",
		  "exemption '-4' is none of socket, conntrack, none", NULL },
		/* Quotes. */
		{ "svc flush\nsvc add 'x\n", 2, "", "a quote, ', is not closed",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

static void test_lines_that_contradict_each_other(void **state)
{
	static const struct refusal cases[] = {
		{ "svc add " S "\n\nsvc add " S " --scheduler rr\n", 3, S,
		  "the ruleset adds this service twice",
		  "take one of the two lines out" },
		{ "svc flush\nsvc add " S "\nsvc add " S "\n", 3, S, NULL,
		  NULL },
		{ "svc add " S "\nsvc add-server " S " 10.0.0.1\n"
		  "svc add-server " S " 10.0.0.2 10.0.0.1\n",
		  3, S " 10.0.0.1", "the ruleset adds this server twice",
		  "take one of the two lines out" },
		{ "svc add " S "\nsvc add-server " S " 10.0.0.1 10.0.0.1\n", 2,
		  S " 10.0.0.1", NULL, NULL },
		{ "mark add 1 --proto udp\nmark add 2 --proto udp\n", 2, "",
		  "the ruleset has a rule with this match already",
		  "take one of the two lines out" },
		{ "mark add 1 --proto udp\nmark add 2 --proto udp -6\n", 2, "",
		  NULL, NULL },
		{ "mark exclude\nmark flush\nmark exclude\nmark exclude\n", 4,
		  "", NULL, NULL },
		{ "sync start master --dev e\nsync start master --dev e\n", 2,
		  "master", "the ruleset adds this sync daemon twice", NULL },
		/* After a flush all is known. */
		{ "svc flush\nsvc change " S "\n", 2, S, "no such service",
		  "lbctl-svc show" },
		{ "svc flush\nsvc add-server " S " 10.0.0.1\n", 2, S,
		  "no such service", NULL },
		{ "svc flush\nsvc add " S "\n"
		  "svc change-server " S " 10.0.0.1\n",
		  3, S " 10.0.0.1", "no such server", NULL },
		{ "svc add " S "\nsvc flush\nsvc replace-server " S
		  " 10.0.0.1\n",
		  3, S, "no such service", NULL },
		/* What lines have made is checked as a whole. */
		{ "svc add udp:192.0.2.1:53 --one-packet\n"
		  "svc change udp:192.0.2.1:53 --sched-flags sh-port\n",
		  2, "udp:192.0.2.1:53", "scheduler wlc has no flags", NULL },
		{ "svc add " S "\n"
		  "svc add-server " S " 10.0.0.1:81 --forward nat\n"
		  "svc change-server " S " 10.0.0.1:81 --forward dr\n",
		  3, "10.0.0.1:81", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

/* ---- What a text alone cannot know -------------------------------------- */

static const char *const standing[] = {
	"service " S " --scheduler rr --persistent 300",
	"server " S " 10.0.0.1 --weight 5 --upper-threshold 9",
	"server " S " 10.0.0.2:8080 --forward nat",
	NULL,
};

static void test_lines_that_do_not_go_with_what_stands(void **state)
{
	static const struct {
		const char *text;
		int code;
		unsigned int line;
		const char *subject;
		const char *message;
	} cases[] = {
		{ "svc delete " S2 "\nsvc change " S2 " --scheduler rr\n",
		  -ENOENT, 2, S2, "no such service" },
		{ "svc delete " S "\nsvc change " S "\n", -ENOENT, 2, S,
		  "no such service" },
		{ "svc change-server " S2 " 10.0.0.1 --weight 1\n", -ENOENT, 1,
		  S2, "no such service" },
		{ "svc change-server " S " 10.0.0.9 --weight 1\n", -ENOENT, 1,
		  S " 10.0.0.9", "no such server" },
		{ "svc add-server " S2 " 10.0.0.9\n", -ENOENT, 1, S2,
		  "no such service" },
		{ "\nsvc replace-server " S2 " 10.0.0.9\n", -ENOENT, 2, S2,
		  "no such service" },
		{ "svc change " S " --sched-flags sh-port\n", -EINVAL, 1, S,
		  "scheduler rr has no flags" },
		{ "svc change-server " S " 10.0.0.1 --lower-threshold 10\n",
		  -EINVAL, 1, "10.0.0.1:80",
		  "the lower threshold, 10, is above the upper one, 9" },
		{ "svc change-server " S " 10.0.0.2:8080 --forward dr\n",
		  -EINVAL, 1, "10.0.0.2:8080",
		  "direct routing cannot rewrite port 80 to 8080" },
		{ "svc add-server " S " 10.0.0.1\n"
		  "svc add-server " S " 10.0.0.1 --weight 2\n",
		  -EINVAL, 2, S " 10.0.0.1",
		  "the ruleset adds this server twice" },
		{ "mark flush\nsvc add-server " S " 10.0.0.1\n"
		  "mark add 1\nsvc change " S2 "\n",
		  -ENOENT, 4, S2, "no such service" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_config *to = NULL;
		struct ipvsctl_error err = { 0 };

		assert_int_equal(run_ruleset(standing, cases[i].text, NULL, &to,
					     &err),
				 cases[i].code);
		assert_null(to);
		assert_string_equal(err.file, TEXT_NAME);
		assert_int_equal(err.line, cases[i].line);
		assert_failure(&err, &(struct failure){
					     cases[i].code, cases[i].subject,
					     cases[i].message, NULL });
		assert_int_equal(run_ruleset(standing, cases[i].text, NULL, &to,
					     NULL),
				 cases[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_that_are_wrong_alone),
		cmocka_unit_test(test_lines_that_contradict_each_other),
		cmocka_unit_test(test_lines_that_do_not_go_with_what_stands),
	};

	return cmocka_run_group_tests_name("ruleset-refusals", tests, NULL,
					   NULL);
}
