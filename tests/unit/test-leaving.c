/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that are leaving. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"
#include "rulesets.h"

#include "model/holds.h"
#include "model/leaving.h"
#include "model/plan.h"

#define WEB "tcp:192.0.2.1:80"
#define DNS "udp:192.0.2.1:53"

static const char *const full[] = {
	"service " WEB,
	"server " WEB " 10.0.0.1 --weight 5",
	"server " WEB " 10.0.0.2",
	"service " DNS,
	"server " DNS " 10.0.0.3",
	"vip 192.0.2.1/24 --dev eth0",
	"vip 192.0.2.9/24 --dev eth0",
	"hold " WEB " 10.0.0.1 admin",
	NULL,
};

static const char *const less[] = {
	"service " WEB,
	"server " WEB " 10.0.0.2",
	NULL,
};

static const struct ipvsctl_leaving how = { .since = 100, .seconds = 30 };

/* What of full is left in less, and its VIPs, if the rest of it leaves. */
static struct ipvsctl_config *given_leaving(const struct ipvsctl_config *from)
{
	struct ipvsctl_config *to = given_config(less);

	to->kinds |= IPVSCTL_VIPS;
	assert_int_equal(leaving_put_back(to, from, &how), 0);
	return to;
}

static void assert_holds(const struct ipvsctl_config *config, const char *wanted)
{
	char *text = NULL;

	assert_int_equal(holds_format(config, &text), 0);
	assert_string_equal(text, wanted);
	free(text);
}

static const char leaving_text[] =
	"lbctl-holds 1\n" WEB " 10.0.0.1:80 5 admin,leaving@100+30\n" DNS
	" 10.0.0.3:53 1 leaving@100+30:service\n";

static void test_reasons(void **state)
{
	static const char *const bad[] = {
		"leaving",
		"leaving@",
		"leaving@1",
		"leaving@1+",
		"leaving@+1",
		"leaving@1+2:",
		"leaving@1+2:servic",
		"leaving@1+2:services",
		"leaving@-1+2",
		"leaving@1+2147483648",
		"leaving@1+2x",
		"leaving:web",
		"Leaving@1+2",
		"leaving@1+2=3",
		"leaving@99999999999999+1",
	};
	struct ipvsctl_leaving leaving = { 0 };

	(void)state;
	assert_true(leaving_parse("leaving@7+300", &leaving));
	assert_int_equal(leaving.since, 7);
	assert_int_equal(leaving.seconds, 300);
	assert_int_equal(leaving.with_service, 0);
	assert_true(leaving_parse("leaving@0+2147483647:service", &leaving));
	assert_int_equal(leaving.with_service, 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(leaving_parse(bad[i], &leaving));
	assert_true(ipvsctl_reason_is("leaving@1+2", "leaving@3+4:service"));
	assert_true(ipvsctl_reason_is("leaving@1+2", "leaving"));
	assert_false(ipvsctl_reason_is("leaving@1+2", "leaving:web"));
}

static void test_what_is_deleted_leaves(void **state)
{
	struct ipvsctl_config *from = given_config(full);
	struct ipvsctl_config *to = given_leaving(from);
	struct ipvsctl_service web = given_service(WEB);
	struct ipvsctl_server server = given_server(WEB, "10.0.0.1");
	struct ipvsctl_plan *plan = NULL;
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(to, &web, &server);
	const struct ipvsctl_step *step = NULL;
	/* The VIP that nobody needs is deleted. */
	static const char *const lines[] = {
		"vip drain 192.0.2.1/24 --reason leaving",
		"svc drain " WEB " 10.0.0.1 --reason leaving",
		"svc drain " DNS " 10.0.0.3 --reason leaving",
		"vip delete 192.0.2.9/24",
	};
	size_t at = 0;

	(void)state;
	assert_holds(to, leaving_text);
	assert_true(found->held);
	assert_int_equal(ipvsctl_server_effective_weight(found), 0);
	assert_int_equal(ipvsctl_plan_compare(from, to, &plan, NULL), 0);
	assert_int_equal(plan->count, ARRAY_SIZE(lines));
	while ((step = ipvsctl_plan_next(plan, step))) {
		char *line = NULL;

		assert_int_equal(ipvsctl_step_format(step, &line, NULL), 0);
		assert_string_equal(line, lines[at++]);
		free(line);
	}
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
}

/* A second command keeps the start, and has its own time. */
static void test_going_on(void **state)
{
	static const struct ipvsctl_leaving later = { .since = 200,
						      .seconds = 9 };
	struct ipvsctl_config *from = given_config(full);
	struct ipvsctl_config *leaving = given_leaving(from);
	struct ipvsctl_config *to = given_config(less);

	(void)state;
	assert_int_equal(leaving_put_back(to, leaving, &later), 0);
	assert_holds(to, "lbctl-holds 1\n" WEB
			 " 10.0.0.1:80 5 admin,leaving@100+9\n" DNS
			 " 10.0.0.3:53 1 leaving@100+9:service\n");
	ipvsctl_config_free(to);
	ipvsctl_config_free(leaving);
	ipvsctl_config_free(from);
}

static void test_a_service_goes_with_its_last_server(void **state)
{
	struct ipvsctl_config *from = given_config(full);
	struct ipvsctl_config *to = given_leaving(from);
	struct ipvsctl_service web = given_service(WEB);
	struct ipvsctl_service dns = given_service(DNS);
	struct ipvsctl_server first = given_server(WEB, "10.0.0.1");
	struct ipvsctl_server third = given_server(DNS, "10.0.0.3");
	struct ipvsctl_config *copy = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(ipvsctl_config_copy(to, &copy, NULL), 0);
	assert_int_equal(ipvsctl_config_delete_left(to, &dns, &third, NULL), 0);
	assert_null(ipvsctl_config_find_service(to, &dns));
	assert_int_equal(ipvsctl_config_delete_left(to, &web, &first, NULL), 0);
	assert_int_equal(ipvsctl_config_count_servers(to, &web), 1);
	assert_true(leaving_any(to));
	ipvsctl_config_delete_left_vips(to);
	assert_int_equal(to->vips.count, 1);
	assert_false(leaving_any(to));
	assert_int_equal(ipvsctl_config_delete_left(to, &web, &first, &err),
			 -ENOENT);
	/* Unless it is wanted again. */
	assert_int_equal(leaving_keep_service(copy, &dns), 0);
	assert_int_equal(ipvsctl_config_delete_left(copy, &dns, &third, NULL),
			 0);
	assert_non_null(ipvsctl_config_find_service(copy, &dns));
	ipvsctl_config_free(copy);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
}

/* A VIP stays as long as a server needs it, or for good if it is wanted again. */
static void test_vips(void **state)
{
	static const char *const nothing[] = { NULL };
	struct ipvsctl_service dns = given_service(DNS);
	struct ipvsctl_service web = given_service(WEB);
	struct ipvsctl_service other = given_service("tcp:192.0.2.1:443");
	struct ipvsctl_vip vip = given_vip("192.0.2.1/24 --dev eth0");
	struct ipvsctl_config *from = given_config(full);

	(void)state;
	for (int wanted = 0; wanted < 2; wanted++) {
		struct ipvsctl_config *to = given_config(nothing);
		const struct ipvsctl_vip *found;
		char *text = NULL;

		to->kinds |= IPVSCTL_VIPS;
		assert_int_equal(leaving_put_back(to, from, &how), 0);
		found = ipvsctl_config_find_vip(to, &vip);
		assert_true(found->leaving);
		assert_int_equal(to->vips.count, 1);
		assert_int_equal(ipvsctl_ruleset_format(to, IPVSCTL_VIPS,
							IPVSCTL_FORMAT_RULESET,
							&text, NULL),
				 0);
		assert_null(strstr(text, "192.0.2.1"));
		free(text);
		if (wanted)
			assert_int_equal(ipvsctl_config_add_service(to, &other,
								    NULL),
					 0);
		assert_int_equal(ipvsctl_config_delete_service(to, &web, NULL),
				 0);
		ipvsctl_config_delete_left_vips(to);
		assert_int_equal(to->vips.count, 1);
		assert_int_equal(to->vips.vips[0].leaving, !wanted);
		assert_int_equal(ipvsctl_config_delete_service(to, &dns, NULL),
				 0);
		ipvsctl_config_delete_left_vips(to);
		assert_int_equal(to->vips.count, wanted);
		ipvsctl_config_free(to);
	}
	ipvsctl_config_free(from);
}

/* Runs a text, or a command line, on what leaves. */
static struct ipvsctl_config *run_on_leaving(const char *text,
					     const char *const *words,
					     size_t count)
{
	struct ipvsctl_config *from = given_config(full);
	struct ipvsctl_config *leaving = given_leaving(from);
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_config *to = NULL;

	assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
	if (text)
		assert_int_equal(ipvsctl_ruleset_add(ruleset, TEXT_NAME, text,
						     strlen(text), NULL),
				 0);
	else
		assert_int_equal(ipvsctl_ruleset_add_words(ruleset, words,
							   count, NULL),
				 0);
	assert_int_equal(ipvsctl_ruleset_run(ruleset, leaving, &to, NULL), 0);
	ipvsctl_ruleset_free(ruleset);
	ipvsctl_config_free(leaving);
	ipvsctl_config_free(from);
	return to;
}

static void test_what_is_wanted_again_stays(void **state)
{
	static const char stays[] =
		"lbctl-holds 1\n" WEB " 10.0.0.1:80 7 admin\n" DNS
		" 10.0.0.3:53 1 leaving@100+30:service\n";
	static const char changed[] =
		"lbctl-holds 1\n" WEB
		" 10.0.0.1:80 7 admin,leaving@100+30\n" DNS
		" 10.0.0.3:53 1 leaving@100+30:service\n";
	static const struct {
		const char *verb;
		const char *holds;
	} verbs[] = {
		{ "add-server", stays },
		{ "replace-server", stays },
		{ "change-server", changed },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const char *const words[] = { "svc",	  verbs[i].verb, WEB,
					      "10.0.0.1", "--weight",	 "7" };
		char text[80];
		struct ipvsctl_config *to =
			run_on_leaving(NULL, words, ARRAY_SIZE(words));

		assert_holds(to, verbs[i].holds);
		ipvsctl_config_free(to);
		(void)snprintf(text, sizeof(text),
			       "svc %s " WEB " 10.0.0.1 --weight 7\n",
			       verbs[i].verb);
		to = run_on_leaving(text, NULL, 0);
		assert_holds(to, verbs[i].holds);
		ipvsctl_config_free(to);
	}
}

static void test_a_whole_ruleset_brings_back_what_it_has(void **state)
{
	struct ipvsctl_config *to =
		run_on_leaving("svc flush\nsvc add " DNS "\nsvc add-server " DNS
			       " 10.0.0.3\n",
			       NULL, 0);

	(void)state;
	assert_holds(to, "");
	ipvsctl_config_free(to);
	/* Nothing that leaves is set aside, except for other reasons. */
	to = run_on_leaving("svc flush\n", NULL, 0);
	struct ipvsctl_config *again = given_config(full);
	char *text = NULL;

	assert_int_equal(holds_format(to, &text), 0);
	hold_table_free(&again->holds);
	assert_int_equal(holds_parse(again, text, strlen(text), NULL, NULL), 0);
	assert_false(leaving_any(again));
	free(text);
	ipvsctl_config_free(again);
	ipvsctl_config_free(to);
}

/* Lines that are set aside keep the other reasons, and their weight. */
static void test_lines_set_aside(void **state)
{
	static const struct {
		const char *reasons;
		const char *kept; /* or NULL */
	} lines[] = {
		{ "leaving@1+2", NULL },
		{ "leaving@1+2:service", NULL },
		{ "admin,leaving@1+2", "admin" },
		{ "leaving@1+2,admin", "admin" },
		{ "a,leaving@1+2,weight:x=5", "a,weight:x=5" },
		{ "weight:x=5,leaving@1+2", "weight:x=5" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ipvsctl_config *config = given_config(less);
		char text[120], wanted[120] = "";

		(void)snprintf(text, sizeof(text),
			       "lbctl-holds 1\naside " DNS
			       " 10.0.0.3:53 4 %s\n",
			       lines[i].reasons);
		if (lines[i].kept)
			(void)snprintf(wanted, sizeof(wanted),
				       "lbctl-holds 1\naside " DNS
				       " 10.0.0.3:53 4 %s\n",
				       lines[i].kept);
		assert_int_equal(holds_parse(config, text, strlen(text), NULL,
					     NULL),
				 0);
		assert_holds(config, wanted);
		ipvsctl_config_free(config);
	}
}

/* Lines about servers that were not loaded stay as they are. */
static void test_lines_of_others(void **state)
{
	static const char text[] =
		"lbctl-holds 1\n" DNS " 10.0.0.3:53 1 admin,leaving@1+2\n";
	struct ipvsctl_config *config = given_config(less);

	(void)state;
	config->partial = true;
	assert_int_equal(holds_parse(config, text, strlen(text), NULL, NULL), 0);
	assert_holds(config, text);
	ipvsctl_config_free(config);
}

static void test_a_saved_ruleset_lacks_them(void **state)
{
	static const unsigned int formats[] = { IPVSCTL_FORMAT_RULESET,
						IPVSCTL_FORMAT_JSON };
	const unsigned int shown = IPVSCTL_FORMAT_JSON | IPVSCTL_FORMAT_RUNTIME;
	struct ipvsctl_config *from = given_config(full);
	struct ipvsctl_config *to = given_leaving(from);
	char *text = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		assert_int_equal(ipvsctl_ruleset_format(to, IPVSCTL_SERVICES,
							formats[i], &text, NULL),
				 0);
		assert_non_null(strstr(text, "10.0.0.2"));
		assert_null(strstr(text, "10.0.0.1"));
		assert_null(strstr(text, DNS));
		free(text);
	}
	assert_int_equal(ipvsctl_ruleset_format(to, IPVSCTL_SERVICES, shown,
						&text, NULL),
			 0);
	assert_non_null(strstr(text, "10.0.0.3"));
	assert_non_null(strstr(text, "\"since\": 100"));
	assert_null(strstr(text, "leaving@"));
	free(text);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_what_is_deleted_leaves),
		cmocka_unit_test(test_going_on),
		cmocka_unit_test(test_a_service_goes_with_its_last_server),
		cmocka_unit_test(test_vips),
		cmocka_unit_test(test_what_is_wanted_again_stays),
		cmocka_unit_test(test_a_whole_ruleset_brings_back_what_it_has),
		cmocka_unit_test(test_lines_set_aside),
		cmocka_unit_test(test_lines_of_others),
		cmocka_unit_test(test_a_saved_ruleset_lacks_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
