/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The checks of lbctl-recipes(7), each against a server that answers as the real
   one does, and against one that is not well. */
#include "checking.h"

#include <stdio.h>
#include <string.h>

#include "probing.h"
#include "standins.h"
#include "talker.h"

#define PAGE  "man/lbctl-recipes.7"
#define LOCAL "127.0.0.1"

extern const struct probe_curl lbctl_probe_curl;

/* Adds a line of the page as readers see it: "\e" is a backslash. */
static void add_line(FILE *stream, const char *line)
{
	for (const char *c = line; *c; c++) {
		(void)fputc(*c, stream);
		if (c[0] == '\\') {
			assert_int_equal(c[1], 'e');
			c++;
		}
	}
}

/* Reads what stands between .Bd and .Ed as a file of checks. */
static struct checks page_checks(void)
{
	struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };
	FILE *page = fopen(PAGE, "re"), *stream;
	char line[512], *text = NULL;
	size_t length = 0;
	bool inside = false;

	stream = open_memstream(&text, &length);
	assert_true(page && stream);
	while (fgets(line, sizeof(line), page)) {
		if (strncmp(line, ".Ed", 3) == 0)
			inside = false;
		if (inside)
			add_line(stream, line);
		if (strncmp(line, ".Bd", 3) == 0)
			inside = true;
	}
	(void)fclose(page);
	assert_int_equal(fclose(stream), 0);
	if (checking_bytes(text, length, &checks, &err) != 0)
		fail_msg("%s:%u: %s: %s", PAGE, err.line, err.subject,
			 err.message);
	free(text);
	return checks;
}

static bool udp_unwell;

static void answer_sip(const struct datagram *datagram)
{
	char heard[2048] = "";
	const char *answer;

	(void)memcpy(heard, datagram->bytes,
		     datagram->length < sizeof(heard) ? datagram->length :
							sizeof(heard) - 1);
	answer = standin_sip(heard, udp_unwell);
	respond(datagram, answer, strlen(answer));
}

static void run(const struct check *check, uint16_t port,
		enum probe_verdict verdict)
{
	struct probe_limits limits = { .curl = &lbctl_probe_curl };
	struct probe probe = given_probe(check, LOCAL, port);

	assert_int_equal(lbctl_probe_curl.load(&probe, 1, &limits.curl_data), 0);
	assert_int_equal(probe_all(&probe, 1, &limits), 0);
	lbctl_probe_curl.unload(limits.curl_data);
	print_message("%s: %s\n", check->name, probe.message);
	assert_probe(&probe, verdict, NULL);
}

static void try_udp(const struct check *check, bool unwell)
{
	uint16_t port;
	struct responder *server;

	udp_unwell = unwell;
	server = responder_start(LOCAL, answer_sip, &port);
	run(check, port, unwell ? PROBE_DOWN : PROBE_UP);
	responder_stop(server);
}

static void try_recipe(struct check *check, bool unwell)
{
	struct standin standin = { .name = check->name, .unwell = unwell };
	struct talker *talker;
	uint16_t port;

	if (!standin_is_known(check->name))
		fail_msg("nobody stands in for %s", check->name);
	/* A server that is well answers at once; the other need not. */
	check->way.timeout_us =
		unwell ? PROBING_SHORT_US / 4 : PROBING_LONG_US / 4;
	if (check->way.kind == CHECK_UDP) {
		try_udp(check, unwell);
		return;
	}
	talker = talker_start(LOCAL, standin_serve, &standin, &port);
	run(check, port, unwell ? PROBE_DOWN : PROBE_UP);
	talker_stop(talker);
}

static void test_recipes(void **state)
{
	AUTO_CHECKS struct checks checks = page_checks();

	(void)state;
	assert_true(checks.count >= 20);
	for (size_t i = 0; i < checks.count; i++) {
		try_recipe(&checks.checks[i], false);
		try_recipe(&checks.checks[i], true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
