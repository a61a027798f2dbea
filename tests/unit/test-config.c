/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Configurations: services, servers, daemons, timeouts, sizes, memory. */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "given.h"

#include "model/config.h"
#include "text.h"

/* Everything in a configuration, in its order; free it. */
static char *describe(const struct ipvsctl_config *config)
{
	struct text text = { 0 };
	char *line = NULL;

	for (const struct ipvsctl_service *service =
		     ipvsctl_config_next_service(config, NULL);
	     service; service = ipvsctl_config_next_service(config, service)) {

		assert_int_equal(ipvsctl_service_line(service, &line, NULL), 0);
		text_add(&text, "%s\n", line);
		free(line);
		ipvsctl_for_each_server(config, service, server) {
			assert_int_equal(ipvsctl_server_line(service, server,
							     &line, NULL),
					 0);
			text_add(&text, "%s%s\n", line,
				 server->held ? " held" : "");
			free(line);
		}
	}
	assert_int_equal(text_take(&text, &line), 0);
	return line;
}

static void assert_described(const struct ipvsctl_config *config,
			     const char *wanted)
{
	char *text = describe(config);

	assert_string_equal(text, wanted);
	free(text);
}

static const char *const sample[] = {
	"service fwmark:1 --scheduler rr",
	"service udp:192.0.2.1:53",
	"service tcp:192.0.2.1:80",
	"server tcp:192.0.2.1:80 10.0.0.2 --forward nat",
	"server tcp:192.0.2.1:80 10.0.0.1",
	"server fwmark:1 10.0.0.1 --weight 3",
	"mark 1 --proto udp",
	"sync master --dev eth0 --id 3",
	"timeouts 1 2 3",
	"hold tcp:192.0.2.1:80 10.0.0.1 admin",
	NULL,
};

static void test_an_empty_configuration_speaks_for_nothing(void **state)
{
	struct ipvsctl_config *config = given_config(&sample[10]);
	struct ipvsctl_service service = given_service("fwmark:1");

	(void)state;
	assert_int_equal(config->kinds, 0);
	assert_null(ipvsctl_config_next_service(config, NULL));
	assert_null(ipvsctl_config_find_service(config, &service));
	assert_null(ipvsctl_config_next_server(config, &service, NULL));
	assert_int_equal(ipvsctl_config_count_servers(config, &service), 0);
	assert_null(ipvsctl_config_next_mark(config, NULL));
	assert_null(ipvsctl_config_get_sync(config, IPVSCTL_SYNC_MASTER));
	assert_null(ipvsctl_config_get_timeouts(config));
	ipvsctl_config_sort(config);
	ipvsctl_config_free(config);
	ipvsctl_config_free(NULL);
}

static void test_what_was_added_is_there_in_order(void **state)
{
	struct ipvsctl_config *config = given_config(sample);

	(void)state;
	assert_described(
		config,
		"svc add fwmark:1 --scheduler rr\n"
		"svc add-server fwmark:1 10.0.0.1 --forward dr --weight 3\n"
		"svc add udp:192.0.2.1:53 --scheduler wlc\n"
		"svc add tcp:192.0.2.1:80 --scheduler wlc\n"
		"svc add-server tcp:192.0.2.1:80 10.0.0.2 --forward nat "
		"--weight 1\n"
		"svc add-server tcp:192.0.2.1:80 10.0.0.1 --forward dr "
		"--weight 1 held\n");
	ipvsctl_config_sort(config);
	assert_described(
		config,
		"svc add tcp:192.0.2.1:80 --scheduler wlc\n"
		"svc add-server tcp:192.0.2.1:80 10.0.0.1 --forward dr "
		"--weight 1 held\n"
		"svc add-server tcp:192.0.2.1:80 10.0.0.2 --forward nat "
		"--weight 1\n"
		"svc add udp:192.0.2.1:53 --scheduler wlc\n"
		"svc add fwmark:1 --scheduler rr\n"
		"svc add-server fwmark:1 10.0.0.1 --forward dr --weight 3\n");
	struct ipvsctl_service service = given_service("fwmark:1");
	assert_non_null(ipvsctl_config_find_service(config, &service));
	assert_int_equal(ipvsctl_config_count_servers(config, &service), 1);
	assert_int_equal(config->kinds, IPVSCTL_SERVICES | IPVSCTL_MARKS |
						IPVSCTL_SYNC |
						IPVSCTL_TIMEOUTS);
	ipvsctl_config_free(config);
}

static void test_failures_name_what_they_are_about(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_service absent = given_service("tcp:192.0.2.9:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	struct ipvsctl_server other =
		given_server("tcp:192.0.2.1:80", "10.0.0.9");
	const struct failure exists = { -EEXIST, "tcp:192.0.2.1:80",
					"service already exists", "" };
	const struct failure no_service = { -ENOENT, "tcp:192.0.2.9:80",
					    "no such service",
					    "lbctl-svc show" };
	const struct failure no_server = { -ENOENT, "tcp:192.0.2.1:80 10.0.0.9",
					   "no such server", "" };
	const struct failure server_exists = { -EEXIST,
					       "tcp:192.0.2.1:80 10.0.0.1",
					       "server already exists", "" };
	struct ipvsctl_error err = { 0 };
	char *before = describe(config);

	(void)state;
	assert_int_equal(ipvsctl_config_add_service(config, &service, &err),
			 -EEXIST);
	assert_failure(&err, &exists);
	assert_int_equal(ipvsctl_config_change_service(config, &absent, &err),
			 -ENOENT);
	assert_failure(&err, &no_service);
	assert_int_equal(ipvsctl_config_delete_service(config, &absent, &err),
			 -ENOENT);
	assert_failure(&err, &no_service);
	assert_int_equal(ipvsctl_config_add_server(config, &absent, &server,
						   &err),
			 -ENOENT);
	assert_failure(&err, &no_service);
	assert_int_equal(ipvsctl_config_add_server(config, &service, &server,
						   &err),
			 -EEXIST);
	assert_failure(&err, &server_exists);
	assert_int_equal(ipvsctl_config_change_server(config, &service, &other,
						      &err),
			 -ENOENT);
	assert_failure(&err, &no_server);
	assert_int_equal(ipvsctl_config_delete_server(config, &service, &other,
						      &err),
			 -ENOENT);
	assert_failure(&err, &no_server);
	assert_int_equal(ipvsctl_config_delete_server(config, &absent, &other,
						      NULL),
			 -ENOENT);
	assert_described(config, before);
	free(before);
	ipvsctl_config_free(config);
}

static void test_changes_replace_attributes(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service =
		given_service("tcp:192.0.2.1:80 --scheduler sh --sched-flags "
			      "sh-port");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1 --weight 9");

	(void)state;
	assert_int_equal(ipvsctl_config_change_service(config, &service, NULL),
			 0);
	assert_string_equal(
		ipvsctl_config_find_service(config, &service)->scheduler, "sh");
	/* How flags were spelled stays with the caller. */
	assert_int_equal(ipvsctl_config_find_service(config, &service)->flags,
			 IPVSCTL_SCHED_FLAG_2);
	assert_int_equal(ipvsctl_config_change_server(config, &service, &server,
						      NULL),
			 0);
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(config, &service, &server);
	assert_int_equal(found->weight, 9);
	assert_true(found->held);
	assert_int_equal(ipvsctl_config_count_servers(config, &service), 2);
	ipvsctl_config_free(config);
}

/* Identities are often pointers into the configuration itself. */
static void test_deleting_what_iteration_hands_out(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	const struct ipvsctl_service *service;
	const struct ipvsctl_server *server;

	(void)state;
	while ((service = ipvsctl_config_next_service(config, NULL))) {
		while ((server = ipvsctl_config_next_server(config, service,
							    NULL)))
			assert_int_equal(ipvsctl_config_delete_server(
						 config, service, server, NULL),
					 0);
		assert_int_equal(ipvsctl_config_delete_service(config, service,
							       NULL),
				 0);
	}
	assert_int_equal(config->count, 0);
	assert_int_equal(config->holds.count, 0);
	assert_int_equal(config->kinds & IPVSCTL_SERVICES, IPVSCTL_SERVICES);
	ipvsctl_config_free(config);
}

static void test_deleting_a_service_takes_all_of_it(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");

	(void)state;
	assert_int_equal(ipvsctl_config_delete_service(config, &service, NULL),
			 0);
	assert_described(
		config,
		"svc add fwmark:1 --scheduler rr\n"
		"svc add-server fwmark:1 10.0.0.1 --forward dr --weight 3\n"
		"svc add udp:192.0.2.1:53 --scheduler wlc\n");
	assert_int_equal(config->holds.count, 0);
	assert_int_equal(ipvsctl_config_add_service(config, &service, NULL), 0);
	assert_int_equal(ipvsctl_config_count_servers(config, &service), 0);
	ipvsctl_config_free(config);
}

static void test_a_copy_is_its_own(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_config *copy = NULL;
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	char *before = describe(config);

	(void)state;
	assert_int_equal(ipvsctl_config_copy(config, &copy, NULL), 0);
	assert_described(copy, before);
	assert_int_equal(copy->kinds, config->kinds);
	assert_int_equal(ipvsctl_config_get_timeouts(copy)->udp, 3);
	assert_int_equal(ipvsctl_config_get_sync(copy, IPVSCTL_SYNC_MASTER)->id,
			 3);
	assert_non_null(ipvsctl_config_next_mark(copy, NULL));
	assert_int_equal(ipvsctl_config_delete_service(copy, &service, NULL), 0);
	ipvsctl_config_free(copy);
	assert_described(config, before);
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	assert_string_equal(ipvsctl_config_next_reason(config, &service,
						       &server, NULL),
			    "admin");
	ipvsctl_config_free(config);
	free(before);
}

static void test_daemons_and_timeouts(void **state)
{
	struct ipvsctl_config *config = given_config(&sample[10]);
	struct ipvsctl_sync sync = given_sync("backup --dev eth1");

	(void)state;
	ipvsctl_config_set_sync(config, &sync);
	assert_null(ipvsctl_config_get_sync(config, IPVSCTL_SYNC_MASTER));
	assert_string_equal(
		ipvsctl_config_get_sync(config, IPVSCTL_SYNC_BACKUP)->interface,
		"eth1");
	sync = given_sync("backup --dev eth2");
	ipvsctl_config_set_sync(config, &sync);
	assert_string_equal(
		ipvsctl_config_get_sync(config, IPVSCTL_SYNC_BACKUP)->interface,
		"eth2");
	ipvsctl_config_remove_sync(config, IPVSCTL_SYNC_MASTER);
	ipvsctl_config_remove_sync(config, IPVSCTL_SYNC_BACKUP);
	assert_null(ipvsctl_config_get_sync(config, IPVSCTL_SYNC_BACKUP));
	assert_int_equal(config->kinds, IPVSCTL_SYNC);
	ipvsctl_config_set_timeouts(config,
				    &(struct ipvsctl_timeouts){ .tcp = 9 });
	assert_int_equal(ipvsctl_config_get_timeouts(config)->tcp, 9);
	ipvsctl_config_free(config);
}

/* Would take minutes if anything here were quadratic. */
static void test_many_services_and_servers(void **state)
{
	struct ipvsctl_config *config = given_config(&sample[10]);
	struct ipvsctl_config *copy = NULL;
	struct ipvsctl_service service = given_service("tcp:10.0.0.1:80");
	struct ipvsctl_server server =
		given_server("tcp:10.0.0.1:80", "192.0.2.1 --forward nat");

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t bytes = htonl(0x0a000001 + (i * 7919) % 20000);

		(void)memcpy(service.address.bytes, &bytes, 4);
		assert_int_equal(ipvsctl_config_add_service(config, &service,
							    NULL),
				 0);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		server.port = (uint16_t)((i * 7919) % 20000 + 1);
		assert_int_equal(ipvsctl_config_add_server(config, &service,
							   &server, NULL),
				 0);
	}
	assert_int_equal(ipvsctl_config_add_server(config, &service, &server,
						   NULL),
			 -EEXIST);
	ipvsctl_config_sort(config);
	assert_int_equal(ipvsctl_config_copy(config, &copy, NULL), 0);
	uint16_t port = 0;
	ipvsctl_for_each_server(copy, &service, at)
		assert_int_equal(at->port, ++port);
	assert_int_equal(port, 20000);
	ipvsctl_config_free(copy);
	ipvsctl_config_free(config);
}

/* ---- Without memory ---------------------------------------------------- */

/* What no longer lies in order needs an index; those before it stay. */
static int add_before(struct ipvsctl_config *config,
		      const struct ipvsctl_service *service,
		      struct ipvsctl_server server)
{
	const uint16_t last = server.port;
	int r;

	server.port = 0;
	r = ipvsctl_config_add_server(config, service, &server, NULL);
	assert_int_equal(!ipvsctl_config_find_server(config, service, &server),
			 r < 0);
	for (server.port = 1; server.port <= last; server.port++)
		assert_non_null(
			ipvsctl_config_find_server(config, service, &server));
	assert_null(ipvsctl_config_find_server(config, service, &server));
	return r;
}

static int build_all(void *data)
{
	struct ipvsctl_config *config = NULL;
	struct ipvsctl_service service = *(struct ipvsctl_service *)data;
	struct ipvsctl_server server = { .address = service.address };
	int r = ipvsctl_config_new(&config, NULL);

	for (uint16_t i = 1; !r && i <= 20; i++) {
		service.port = i;
		r = ipvsctl_config_add_service(config, &service, NULL);
		assert_int_equal(config->count, r ? i - 1 : i);
	}
	for (uint16_t i = 1; !r && i <= 20; i++) {
		server.port = i;
		r = ipvsctl_config_add_server(config, &service, &server, NULL);
		assert_int_equal(ipvsctl_config_count_servers(config, &service),
				 r ? i - 1 : i);
	}
	if (!r)
		r = add_before(config, &service, server);
	ipvsctl_config_free(config);
	return r;
}

static int copy_all(void *data)
{
	struct ipvsctl_config *copy = data;
	int r = ipvsctl_config_copy(data, &copy, NULL);

	if (r)
		assert_ptr_equal(copy, data);
	else
		ipvsctl_config_free(copy);
	return r;
}

static int describe_lines(void *data)
{
	struct ipvsctl_service service =
		given_service("tcp:192.0.2.1:80 --scheduler sh --persistent 5");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	struct ipvsctl_mark rule = given_mark("1 --proto udp");
	struct ipvsctl_sync sync = given_sync("master --dev eth0");
	char *lines[4] = { data, data, data, data };
	int r = ipvsctl_service_line(&service, &lines[0], NULL);

	rule.comment = "borrowed";
	rule.extra = "-m x";
	if (!r)
		r = ipvsctl_server_line(&service, &server, &lines[1], NULL);
	if (!r)
		r = ipvsctl_mark_line(&rule, &lines[2], NULL);
	if (!r)
		r = ipvsctl_sync_line(&sync, &lines[3], NULL);
	for (size_t i = 0; i < 4; i++)
		if (lines[i] != data)
			free(lines[i]);
	return r;
}

static void test_everything_survives_running_out_of_memory(void **state)
{
	struct ipvsctl_config *config = given_config(sample);
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	char untouched = 0;

	(void)state;
	alloc_each_failure(build_all, &service);
	alloc_each_failure(copy_all, config);
	alloc_each_failure(describe_lines, &untouched);
	ipvsctl_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_configuration_speaks_for_nothing),
		cmocka_unit_test(test_what_was_added_is_there_in_order),
		cmocka_unit_test(test_failures_name_what_they_are_about),
		cmocka_unit_test(test_changes_replace_attributes),
		cmocka_unit_test(test_deleting_what_iteration_hands_out),
		cmocka_unit_test(test_deleting_a_service_takes_all_of_it),
		cmocka_unit_test(test_a_copy_is_its_own),
		cmocka_unit_test(test_daemons_and_timeouts),
		cmocka_unit_test(test_many_services_and_servers),
		cmocka_unit_test(test_everything_survives_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
