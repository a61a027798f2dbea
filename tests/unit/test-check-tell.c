/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Transitions in words, what is told once, and mails as text. */
#include "alloc.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "check/tell/letter.h"
#include "check/tell/tell.h"
#include "given.h"

static struct check web = { .name = "web" };
static struct check db = { .name = "db" };

static struct transition transition(struct check *check,
				    enum transition_event event,
				    const char *service, const char *server)
{
	struct transition made = { .check = check, .event = event };

	made.service = given_service(service);
	if (server)
		made.server = given_server(service, server);
	return made;
}

static struct transition server_event(enum transition_event event,
				      const char *server, const char *reason,
				      const char *done)
{
	struct transition made = transition(&web, event, "fwmark:1", server);

	(void)snprintf(made.reason, sizeof(made.reason), "%s", reason);
	(void)snprintf(made.done, sizeof(made.done), "%s", done);
	return made;
}

static struct transition quorum_event(enum transition_event event,
				      unsigned int up, unsigned int wanted)
{
	struct transition made = transition(&web, event, "fwmark:1", NULL);

	made.up = up;
	made.wanted = wanted;
	return made;
}

/* ---- Words ------------------------------------------------------------------ */

static void test_text(void **state)
{
	const struct {
		struct transition transition;
		const char *text;
	} cases[] = {
		{ server_event(TRANSITION_DOWN, "10.10.20.13",
			       "connection refused", "drained"),
		  "server 10.10.20.13 of fwmark:1 is down: connection "
		  "refused; drained" },
		{ server_event(TRANSITION_UP, "10.10.20.13", "",
			       "back with weight 1"),
		  "server 10.10.20.13 of fwmark:1 is up; back with weight 1" },
		{ server_event(TRANSITION_DOWN, "10.10.20.13", "timeout", ""),
		  "server 10.10.20.13 of fwmark:1 is down: timeout" },
		{ server_event(TRANSITION_UP, "10.10.20.13", "", ""),
		  "server 10.10.20.13 of fwmark:1 is up" },
		{ server_event(TRANSITION_CUT, "10.10.20.13", "", "removed"),
		  "server 10.10.20.13 of fwmark:1 is still down; removed" },
		{ server_event(TRANSITION_DOWN, "10.10.20.13",
			       "got 'a\r\nb\x1b[2J\x7f", "drained"),
		  "server 10.10.20.13 of fwmark:1 is down: got "
		  "'a??b?[2J?; drained" },
		{ quorum_event(TRANSITION_QUORUM_LOST, 1, 2),
		  "fwmark:1 has lost its quorum: 1 of 2 servers up" },
		{ quorum_event(TRANSITION_QUORUM_GAINED, 2, 2),
		  "fwmark:1 has its quorum again: 2 of 2 servers up" },
		{ quorum_event(TRANSITION_QUORUM_GAINED, 3, 2),
		  "fwmark:1 has its quorum again: 3 servers up, 2 needed" },
	};
	struct transition sorry = quorum_event(TRANSITION_QUORUM_LOST, 0, 1);
	char text[NEWS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct news news = { .first = &cases[i].transition };

		transition_text(&cases[i].transition, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
		assert_int_equal(news_is_told(&news),
				 cases[i].transition.event != TRANSITION_CUT);
	}
	(void)snprintf(sorry.done, sizeof(sorry.done), "10.0.0.9 added");
	transition_text(&sorry, text, sizeof(text));
	assert_string_equal(text, "fwmark:1 has lost its quorum: 0 of 1 "
				  "servers up; 10.0.0.9 added");
	transition_text(&sorry, text, 16);
	assert_string_equal(text, "fwmark:1 has lo");
}

/* Nothing gets cut off. */
static void test_longest(void **state)
{
	struct transition longest =
		transition(&web, TRANSITION_DOWN,
			   "sctp:[2001:db8:1111:2222:3333:4444:5555:6666]:65535",
			   "[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
	struct news news = { &longest, SIZE_MAX };
	char text[NEWS_TEXT_SIZE];

	(void)state;
	memset(longest.reason, 'r', sizeof(longest.reason) - 1);
	memset(longest.done, 'd', sizeof(longest.done) - 1);
	news_text(&news, text);
	assert_non_null(strstr(text, "65535 and 18446744073709551615 other "
				     "services is down: rrr"));
	assert_int_equal(text[strlen(text) - 1], 'd');
	assert_true(strlen(text) < sizeof(text) - 1);
}

/* ---- Grouping ---------------------------------------------------------------- */

static void add(struct transitions *transitions, struct transition added)
{
	assert_int_equal(transitions_add(transitions, &added), 0);
}

static void test_gather(void **state)
{
	static const char *const texts[] = {
		"server 10.0.0.1:80 of tcp:192.0.2.1:80 and 1 other service is "
		"down",
		"tcp:192.0.2.1:80 and 1 other service have lost their quorum: 0 "
		"of 1 servers up",
		"server 10.0.0.2:80 of tcp:192.0.2.1:80 is down",
		"server 10.0.0.1:80 of tcp:192.0.2.1:80 is down",
		"tcp:192.0.2.1:82 has lost its quorum: 1 of 2 servers up",
		"server 10.0.0.1:80 of tcp:192.0.2.1:80 is up",
	};
	AUTO_TRANSITIONS struct transitions all = { 0 };
	AUTO_NEWS struct news_list news = { 0 };
	const char *first = "tcp:192.0.2.1:80", *second = "tcp:192.0.2.1:81";
	struct transition lost =
		transition(&web, TRANSITION_QUORUM_LOST, first, NULL);

	(void)state;
	lost.wanted = 1;
	add(&all, transition(&web, TRANSITION_DOWN, first, "10.0.0.1"));
	add(&all, lost);
	add(&all, transition(&web, TRANSITION_DOWN, first, "10.0.0.2"));
	add(&all, transition(&web, TRANSITION_DOWN, second, "10.0.0.1"));
	/* Another check's, other numbers, another event. */
	add(&all, transition(&db, TRANSITION_DOWN, first, "10.0.0.1"));
	lost.service = given_service(second);
	add(&all, lost);
	lost.service = given_service("tcp:192.0.2.1:82");
	lost.up = 1;
	lost.wanted = 2;
	add(&all, lost);
	add(&all, transition(&web, TRANSITION_UP, first, "10.0.0.1"));

	assert_int_equal(news_gather(&all, &news), 0);
	assert_int_equal(news.count, ARRAY_SIZE(texts));
	for (size_t i = 0; i < news.count; i++) {
		char text[NEWS_TEXT_SIZE];

		news_text(&news.list[i], text);
		assert_string_equal(text, texts[i]);
	}
}

static void test_gather_many(void **state)
{
	AUTO_TRANSITIONS struct transitions all = { 0 };
	AUTO_NEWS struct news_list news = { 0 };
	struct transition one = transition(&web, TRANSITION_DOWN,
					   "tcp:192.0.2.1:10000", "10.0.0.1");
	char text[NEWS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i <= 10000; i++) {
		one.service.port = (uint16_t)(10000 + i);
		one.server.port = one.service.port;
		add(&all, one);
	}
	assert_int_equal(news_gather(&all, &news), 0);
	assert_int_equal(news.count, 1);
	news_text(&news.list[0], text);
	assert_string_equal(text,
			    "server 10.0.0.1:10000 of tcp:192.0.2.1:10000 "
			    "and 10000 other services is down");
}

static int add_and_gather(void *data)
{
	AUTO_TRANSITIONS struct transitions all = { 0 };
	AUTO_NEWS struct news_list news = { 0 };
	int r = transitions_add(&all, data);

	return r < 0 ? r : news_gather(&all, &news);
}

static void test_memory(void **state)
{
	struct transition one =
		server_event(TRANSITION_DOWN, "10.0.0.1", "", "");

	(void)state;
	alloc_each_failure(add_and_gather, &one);
}

/* ---- Letters ----------------------------------------------------------------- */

static const struct letter plain = {
	.from = "root@lb1.example",
	.to = "ops@example.net",
	.host = "lb1.example",
	.time = 1700000000,
};

static void test_letter(void **state)
{
	struct transition down = server_event(TRANSITION_DOWN, "10.10.20.13",
					      "refused\nBcc: x@y", "drained");
	struct transition lost = quorum_event(TRANSITION_QUORUM_LOST, 1, 2);
	const struct news one = { &down, 0 }, two = { &lost, 0 };
	const struct news *const news[] = { &one, &two };
	struct letter letter = plain;
	AUTO_FREE char *single = NULL, *both = NULL, *expected = NULL;

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	letter.news = news;
	letter.count = 1;
	assert_int_equal(letter_compose(&letter, &single), 0);
	assert_true(asprintf(&expected,
			     "From: root@lb1.example\n"
			     "To: ops@example.net\n"
			     "Subject: lbctl: fwmark:1: server 10.10.20.13 is "
			     "down\n"
			     "Date: Tue, 14 Nov 2023 22:13:20 +0000\n"
			     "Message-ID: <lbctl.1700000000.%ld.0@lb1.example>\n"
			     "MIME-Version: 1.0\n"
			     "Content-Type: text/plain; charset=UTF-8\n"
			     "Content-Transfer-Encoding: 7bit\n"
			     "Auto-Submitted: auto-generated\n"
			     "\n"
			     "server 10.10.20.13 of fwmark:1 is down: "
			     "refused?Bcc: x@y; drained\n"
			     "\n-- \nlbctl-check on lb1.example\n",
			     (long)getpid()) > 0);
	assert_string_equal(single, expected);

	letter.count = 2;
	assert_int_equal(letter_compose(&letter, &both), 0);
	assert_non_null(strstr(both, "\nSubject: lbctl: 2 changes on "
				     "lb1.example\n"));
	assert_non_null(strstr(both, "drained\nfwmark:1 has lost its quorum: "
				     "1 of 2 servers up\n"));
}

static void test_subjects(void **state)
{
	struct transition ported =
		transition(&web, TRANSITION_UP, "tcp:192.0.2.1:80",
			   "10.0.0.1:8080 --forward nat");
	struct transition lost = quorum_event(TRANSITION_QUORUM_LOST, 1, 2);
	const struct {
		struct news news;
		const char *subject;
	} cases[] = {
		{ { &ported, 0 },
		  "tcp:192.0.2.1:80: server 10.0.0.1:8080 is up" },
		{ { &ported, 2 },
		  "tcp:192.0.2.1:80 and 2 other services: "
		  "server 10.0.0.1:8080 is up" },
		{ { &lost, 0 }, "fwmark:1 has lost its quorum" },
		{ { &lost, 1 },
		  "fwmark:1 and 1 other service have lost their quorum" },
	};
	char text[NEWS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		news_subject(&cases[i].news, text);
		assert_string_equal(text, cases[i].subject);
	}
}

static void test_injection(void **state)
{
	static const char *const addresses[] = {
		"",	   "-oQ/tmp",	"a@b\nBcc: c@d", "a@b\r\n\r\nbody",
		"a@b c@d", "a@b,c@d",	"<a@b>",	 "a@b\x7f",
		"a\tb@c",  "\"a b\"@c",
	};
	struct transition down =
		server_event(TRANSITION_DOWN, "10.0.0.1", "", "");
	const struct news one = { &down, 0 };
	const struct news *const news[] = { &one };
	char *text = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct letter to = plain, from = plain, host = plain;

		to.news = from.news = host.news = news;
		to.count = from.count = host.count = 1;
		to.to = from.from = host.host = addresses[i];
		assert_int_equal(letter_compose(&to, &text), -EINVAL);
		assert_int_equal(letter_compose(&from, &text), -EINVAL);
		assert_int_equal(letter_compose(&host, &text), -EINVAL);
		assert_null(text);
	}
}

static void test_long_letter(void **state)
{
	struct transition down =
		server_event(TRANSITION_DOWN, "10.0.0.1", "", "");
	const struct news one = { &down, 0 };
	const struct news *news[1500];
	struct letter letter = plain;
	AUTO_FREE char *text = NULL;
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(news); i++)
		news[i] = &one;
	letter.news = news;
	letter.count = ARRAY_SIZE(news);
	assert_int_equal(letter_compose(&letter, &text), 0);
	for (const char *c = strstr(text, "server 10"); c;
	     c = strstr(c + 1, "server 10"))
		lines++;
	assert_int_equal(lines, 1000);
	assert_non_null(strstr(text, "\nand 500 more changes\n"));
}

static int compose(void *data)
{
	AUTO_FREE char *text = NULL;

	return letter_compose(data, &text);
}

static void test_letter_memory(void **state)
{
	struct transition down =
		server_event(TRANSITION_DOWN, "10.0.0.1", "", "");
	const struct news one = { &down, 0 };
	const struct news *const news[] = { &one };
	struct letter letter = plain;

	(void)state;
	letter.news = news;
	letter.count = 1;
	alloc_each_failure(compose, &letter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_gather),
		cmocka_unit_test(test_gather_many),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_letter),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_long_letter),
		cmocka_unit_test(test_letter_memory),
	};

	return cmocka_run_group_tests_name("check-tell", tests, NULL, NULL);
}
