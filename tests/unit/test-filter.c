/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which connections lbctl-svc lists. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "common/filter.h"
#include "given.h"
#include "output/cleanup.h"

static struct ipvsctl_connection connection(const char *service,
					    const char *server,
					    const char *state)
{
	struct ipvsctl_service vip = given_service(service);
	struct ipvsctl_server to = given_server(service, server);
	struct ipvsctl_connection made = {
		.protocol = vip.protocol,
		.client_port = 40000,
		.service = vip.address,
		.service_port = vip.port,
		.server = to.address,
		.server_port = to.port,
	};

	assert_int_equal(ipvsctl_address_parse("198.51.100.7", &made.client,
					       NULL),
			 0);
	(void)snprintf(made.state, sizeof(made.state), "%s", state);
	return made;
}

/* A command that was given these options. */
static int parse(const char *const *pairs, struct filter *filter,
		 struct ipvsctl_error *err)
{
	struct command_value values[4] = { 0 };
	struct command command = { .values = values };
	char texts[4][64];
	int r;

	for (; pairs[0]; pairs += 2) {
		char *text = texts[command.value_count];

		(void)snprintf(text, sizeof(texts[0]), "%s", pairs[1]);
		values[command.value_count++] = (struct command_value){
			.name = pairs[0],
			.value = text,
		};
	}
	r = filter_parse(&command, filter);
	*err = command.err;
	return r;
}

static void test_match(void **state)
{
	static const struct {
		const char *pairs[7];
		bool wanted;
	} cases[] = {
		{ { NULL }, true },
		{ { "service", "tcp:192.0.2.1:80", NULL }, true },
		{ { "service", "tcp:192.0.2.1:0", NULL }, true },
		{ { "service", "udp:192.0.2.1:80", NULL }, false },
		{ { "service", "tcp:192.0.2.1:81", NULL }, false },
		{ { "service", "tcp:192.0.2.2:80", NULL }, false },
		{ { "server", "10.0.0.1", NULL }, true },
		{ { "server", "10.0.0.1:8080", NULL }, true },
		{ { "server", "10.0.0.1:80", NULL }, false },
		{ { "server", "10.0.0.2", NULL }, false },
		{ { "client", "198.51.100.7", NULL }, true },
		{ { "client", "198.51.100.8", NULL }, false },
		{ { "state", "established", NULL }, true },
		{ { "state", "TIME_WAIT", NULL }, false },
		{ { "state", "ESTABLISHED", "server", "10.0.0.2", NULL },
		  false },
	};
	struct ipvsctl_connection made =
		connection("tcp:192.0.2.1:80", "10.0.0.1:8080 --forward nat",
			   "ESTABLISHED");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_error err;
		struct filter filter;

		assert_int_equal(parse(cases[i].pairs, &filter, &err), 0);
		assert_int_equal(filter_match(&filter, &made), cases[i].wanted);
	}
}

/* The mark's are those that its servers have of no address service. */
static void test_mark(void **state)
{
	static const char *const lines[] = {
		"service tcp:192.0.2.1:80",
		"server tcp:192.0.2.1:80 10.0.0.1",
		"service tcp:192.0.2.9:0 --persistent 60",
		"service fwmark:1",
		"server fwmark:1 10.0.0.1",
		NULL,
	};
	static const char *const mark[] = { "service", "fwmark:1", NULL };
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);
	struct ipvsctl_connection of_address =
		connection("tcp:192.0.2.1:80", "10.0.0.1", "NONE");
	struct ipvsctl_connection of_any_port =
		connection("tcp:192.0.2.9:443", "10.0.0.1:443", "NONE");
	struct ipvsctl_connection of_mark =
		connection("udp:192.0.2.1:50000", "10.0.0.1:50000", "UDP");
	struct ipvsctl_connection elsewhere =
		connection("udp:192.0.2.1:50000", "10.0.0.2:50000", "UDP");
	struct ipvsctl_error err;
	struct filter filter;

	(void)state;
	assert_int_equal(parse(mark, &filter, &err), 0);
	filter.config = config;
	assert_false(filter_match(&filter, &of_address));
	assert_false(filter_match(&filter, &of_any_port));
	assert_true(filter_match(&filter, &of_mark));
	assert_false(filter_match(&filter, &elsewhere));
}

static void test_faults(void **state)
{
	static const char *const typo[] = { "state", "establishd", NULL };
	static const char *const bad_client[] = { "client", "web", NULL };
	static const char *const bad_server[] = { "server", "web", NULL };
	static const char *const bad_service[] = { "service", "web", NULL };
	struct ipvsctl_error err;
	struct filter filter;

	(void)state;
	assert_int_equal(parse(typo, &filter, &err), -EINVAL);
	assert_string_equal(err.hint, "--state ESTABLISHED");
	assert_int_equal(parse(bad_client, &filter, &err), -EINVAL);
	assert_int_equal(parse(bad_server, &filter, &err), -EINVAL);
	assert_int_equal(parse(bad_service, &filter, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
