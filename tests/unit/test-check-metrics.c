/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What checks have seen, as metrics and as a monitoring plugin's line. */
#include "alloc.h"
#include "captured.h"
#include "unit.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "check/pool/member.h"
#include "check/show/metrics.h"
#include "check/show/nagios.h"
#include "check/state/state.h"
#include "given.h"

#define LIST_MAX 8

/* Members, and what they point to. */
struct pool {
	struct check checks[LIST_MAX];
	struct state_row rows[LIST_MAX];
	struct ipvsctl_service services[LIST_MAX];
	struct member list[LIST_MAX];
	struct members members;
	struct watched watched_list[LIST_MAX];
	struct watched_list watched;
};

static struct member *add(struct pool *pool, const char *check,
			  const char *service, const char *server,
			  enum row_state state)
{
	size_t i = pool->members.count++;
	struct member *member = &pool->list[i];

	assert_true(i < LIST_MAX);
	pool->members.list = pool->list;
	(void)snprintf(pool->checks[i].name, sizeof(pool->checks[i].name), "%s",
		       check);
	pool->services[i] = given_service(service);
	pool->rows[i].state = (uint8_t)state;
	*member = (struct member){
		.check = &pool->checks[i],
		.row = &pool->rows[i],
		.service = &pool->services[i],
		.server = given_server(service, server),
	};
	return member;
}

/* ---- The plugin's line -------------------------------------------------------- */

struct plugin_case {
	const char *servers[6]; /* "STATE CHECK SERVICE SERVER" */
	unsigned int quorums_lost;
	int status;
	const char *line;
};

static void fill(struct pool *pool, const char *const *servers)
{
	static const char states[] = {
		[ROW_NEW] = 'n', [ROW_UP] = 'u', [ROW_DOWN] = 'd'
	};

	for (; *servers; servers++) {
		char state, check[16], service[64], server[64];
		const char *place;

		assert_int_equal(sscanf(*servers, "%c %15s %63s %63s", &state,
					check, service, server),
				 4);
		place = memchr(states, state, sizeof(states));
		assert_non_null(place);
		(void)add(pool, check, service, server,
			  (enum row_state)(place - states));
	}
}

static void add_watched(struct pool *pool, const char *service, size_t count,
			bool missing)
{
	const size_t i = pool->watched.count++;

	assert_true(i < LIST_MAX);
	pool->watched.list = pool->watched_list;
	pool->watched_list[i] = (struct watched){
		.check = &pool->checks[0],
		.service = given_service(service),
		.missing = missing,
		.count = count,
	};
}

static void fill_watched(struct pool *pool, const char *const *watched)
{
	for (; *watched; watched++) {
		const bool missing = strncmp(*watched, "missing ", 8) == 0;

		add_watched(pool, strchr(*watched, ' ') + 1, 0, missing);
	}
}

static const struct plugin_case plugin_cases[] = {
	{ { "u a fwmark:1 10.0.0.1", "u a fwmark:1 10.0.0.2" },
	  0,
	  0,
	  "LBCTL OK - 2 of 2 servers up | 'up'=2;;;0;2 'down'=0;;;0;2 "
	  "'unknown'=0;;;0;2 'quorums_lost'=0;;;0;\n" },
	{ { "u a fwmark:1 10.0.0.1", "d a fwmark:1 10.0.0.2" },
	  0,
	  1,
	  "LBCTL WARNING - 1 of 2 servers up; down: 10.0.0.2 of "
	  "fwmark:1 | 'up'=1;;;0;2 'down'=1;;;0;2 'unknown'=0;;;0;2 "
	  "'quorums_lost'=0;;;0;\n" },
	/* One down check of a server is enough. */
	{ { "u a fwmark:1 10.0.0.1", "u a fwmark:1 10.0.0.2",
	    "d b fwmark:1 10.0.0.2", "u c fwmark:1 10.0.0.2" },
	  0,
	  1,
	  "LBCTL WARNING - 1 of 2 servers up; down: 10.0.0.2 of "
	  "fwmark:1 | 'up'=1;;;0;2 'down'=1;;;0;2 'unknown'=0;;;0;2 "
	  "'quorums_lost'=0;;;0;\n" },
	{ { "u a fwmark:1 10.0.0.1", "d a fwmark:2 10.0.0.1" },
	  0,
	  2,
	  "LBCTL CRITICAL - 1 of 2 servers up; down: 10.0.0.1 of "
	  "fwmark:2; services without a server: 1 | 'up'=1;;;0;2 "
	  "'down'=1;;;0;2 'unknown'=0;;;0;2 'quorums_lost'=0;;;0;\n" },
	{ { "u a fwmark:1 10.0.0.1", "d a fwmark:1 10.0.0.2" },
	  1,
	  2,
	  "LBCTL CRITICAL - 1 of 2 servers up; down: 10.0.0.2 of "
	  "fwmark:1; quorums lost: 1 | 'up'=1;;;0;2 'down'=1;;;0;2 "
	  "'unknown'=0;;;0;2 'quorums_lost'=1;;;0;\n" },
	{ { "u a fwmark:1 10.0.0.1", "n a fwmark:1 10.0.0.2" },
	  0,
	  0,
	  "LBCTL OK - 1 of 2 servers up; not known yet: 1 | "
	  "'up'=1;;;0;2 'down'=0;;;0;2 'unknown'=1;;;0;2 "
	  "'quorums_lost'=0;;;0;\n" },
	{ { "n a fwmark:1 10.0.0.1" },
	  0,
	  3,
	  "LBCTL UNKNOWN - 0 of 1 servers up; not known yet: 1 | "
	  "'up'=0;;;0;1 'down'=0;;;0;1 'unknown'=1;;;0;1 "
	  "'quorums_lost'=0;;;0;\n" },
	{ { NULL },
	  0,
	  3,
	  "LBCTL UNKNOWN - no servers are checked | 'up'=0;;;0;0 "
	  "'down'=0;;;0;0 'unknown'=0;;;0;0 'quorums_lost'=0;;;0;\n" },
	{ { "d a tcp:192.0.2.1:80 10.0.0.5", "d a tcp:192.0.2.1:80 10.0.0.4",
	    "d a tcp:192.0.2.1:80 10.0.0.3", "d a tcp:192.0.2.1:80 10.0.0.2",
	    "d a tcp:192.0.2.1:80 10.0.0.1" },
	  0,
	  2,
	  "LBCTL CRITICAL - 0 of 5 servers up; down: 10.0.0.1:80 of "
	  "tcp:192.0.2.1:80, 10.0.0.2:80 of tcp:192.0.2.1:80, "
	  "10.0.0.3:80 of tcp:192.0.2.1:80 and 2 more; services "
	  "without a server: 1 | 'up'=0;;;0;5 'down'=5;;;0;5 "
	  "'unknown'=0;;;0;5 'quorums_lost'=0;;;0;\n" },
};

static void try_nagios(const struct plugin_case *one,
		       const char *const *watched, bool faulty)
{
	struct pool pool = { 0 };
	const struct nagios_facts facts = {
		.members = &pool.members,
		.watched = &pool.watched,
		.quorums_lost = one->quorums_lost,
		.faulty = faulty,
	};
	struct captured captured;

	fill(&pool, one->servers);
	fill_watched(&pool, watched);
	captured_open(&captured);
	assert_int_equal(nagios_print(captured.stream, &facts), one->status);
	captured_equals(&captured, one->line);
}

static void test_nagios(void **state)
{
	static const char *const none[] = { NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plugin_cases); i++)
		try_nagios(&plugin_cases[i], none, false);
}

/* Services without a server, each once. */
static void test_nagios_of_empty_services(void **state)
{
	static const char *const some[] = { "empty tcp:192.0.2.1:84",
					    "empty tcp:192.0.2.1:83",
					    "empty tcp:192.0.2.1:82",
					    "empty tcp:192.0.2.1:81",
					    "missing fwmark:7",
					    "missing fwmark:7",
					    NULL };
	static const struct plugin_case up = {
		{ "u a fwmark:1 10.0.0.1" },
		2,
		2,
		"LBCTL CRITICAL - 1 of 1 servers up; no server: "
		"tcp:192.0.2.1:81, tcp:192.0.2.1:82, tcp:192.0.2.1:83 and 1 "
		"more; no such service: fwmark:7; quorums lost: 2 | "
		"'up'=1;;;0;1 'down'=0;;;0;1 'unknown'=0;;;0;1 "
		"'quorums_lost'=2;;;0;\n"
	};
	static const struct plugin_case nothing = {
		{ NULL },
		0,
		2,
		"LBCTL CRITICAL - no servers are checked; no such service: "
		"fwmark:7; not all could be checked | 'up'=0;;;0;0 "
		"'down'=0;;;0;0 'unknown'=0;;;0;0 'quorums_lost'=0;;;0;\n"
	};

	(void)state;
	try_nagios(&up, some, false);
	try_nagios(&nothing, some + 4, true);
}

/* ---- Metrics -------------------------------------------------------------------- */

struct folder {
	char path[32], file[64];
};

static void folder_open(struct folder *folder)
{
	(void)snprintf(folder->path, sizeof(folder->path),
		       "/tmp/lbctl-prom-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	(void)snprintf(folder->file, sizeof(folder->file), "%s/lbctl.prom",
		       folder->path);
}

/* Fails the test when anything but the file is left there. */
static void folder_close(struct folder *folder)
{
	(void)unlink(folder->file);
	assert_int_equal(rmdir(folder->path), 0);
}

static void file_equals(const char *path, const char *expected)
{
	char text[8192] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	assert_int_equal(fclose(file), 0);
	assert_string_equal(text, expected);
}

#define MARK                                                      \
	"{local_address=\"\",local_port=\"0\",proto=\"FWM\","     \
	"local_mark=\"0000ABCD\",remote_address=\"10.10.20.13\"," \
	"remote_port=\"0\",check=\"web\\\\\\\"\\n\"} "
#define TCP                                                             \
	"{local_address=\"2001:db8::1\",local_port=\"443\","            \
	"proto=\"TCP\",local_mark=\"\",remote_address=\"2001:db8::2\"," \
	"remote_port=\"8443\",check=\"db\"} "
#define SERVICES                                                              \
	"lbctl_check_servers_up{local_address=\"\",local_port=\"0\","         \
	"proto=\"FWM\",local_mark=\"0000ABCD\",check=\"web\\\\\\\"\\n\"} 1\n" \
	"lbctl_check_servers_up{local_address=\"192.0.2.1\","                 \
	"local_port=\"81\",proto=\"TCP\",local_mark=\"\",check="              \
	"\"web\\\\\\\"\\n\"} 0\n"
#define HEAD(name, type, help) \
	"# HELP " name " " help "\n# TYPE " name " " type "\n"

static void fill_two(struct pool *pool)
{
	struct member *member = add(pool, "web\\\"\n", "fwmark:0xabcd",
				    "10.10.20.13", ROW_DOWN);

	member->removed = true;
	member->server.weight = 7;
	member->weight = 4;
	pool->rows[0].latency_us = 1234567;
	pool->rows[0].weighed = true;
	pool->rows[0].weight = 55;
	pool->rows[0].last = 1000;
	pool->rows[0].transitions = 3;
	(void)add(pool, "db", "tcp:[2001:db8::1]:443",
		  "[2001:db8::2]:8443 --forward nat", ROW_NEW);
	pool->list[1].row = NULL;
	add_watched(pool, "fwmark:0xabcd", 3, false);
	add_watched(pool, "tcp:192.0.2.1:81", 0, true);
	(void)add(pool, "web", "fwmark:0xabcd", "10.10.20.14", ROW_UP);
	pool->members.count = 2;
}

static void test_metrics(void **state)
{
	struct command command = { 0 };
	struct pool pool = { 0 };
	struct folder folder;
	struct stat status;
	char expected[8192];
	mode_t mask = umask(077);

	(void)state;
	fill_two(&pool);
	folder_open(&folder);
	assert_int_equal(metrics_write(&command, folder.file, &pool.members,
				       &pool.watched),
			 0);
	(void)snprintf(
		expected, sizeof(expected),
		HEAD("lbctl_check_up", "gauge",
		     "Whether the check has the server as up: 1, 0, or -1 for "
		     "not known yet.") "lbctl_check_up" MARK
				       "0\nlbctl_check_up" TCP
				       "-1\n" HEAD("lbctl_check_duration_seconds", "gauge", "How long the last probe took that was answered.") "lbctl_check_duration_seconds" MARK "1.234567\n" HEAD("lbctl_check_last_run_timestamp_seconds", "gauge", "When the last probe began, in seconds since the epoch.") "lbctl_check_last_run_timestamp_seconds" MARK "%lld\n" HEAD(
					       "lbctl_check_transitions_total",
					       "counter",
					       "How many times the server went up or down.") "lbctl_check_transitions_total" MARK
											     "3\n"
											     "lbctl_check_transitions_total" TCP
											     "0\n" HEAD(
												     "lbctl_server_wanted_weight",
												     "gauge",
												     "The weight of the server while it is not drained.") "lbctl_server_wanted_weight" MARK
																			  "7\n"
																			  "lbctl_server_wanted_weight" TCP
																			  "1\n" HEAD(
																				  "lbctl_server_effective_weight",
																				  "gauge",
																				  "The weight of the server in the kernel.") "lbctl_server_effective_weight" MARK
																									     "4\n"
																									     "lbctl_server_effective_weight" TCP
																									     "0\n" HEAD("lbctl_check_weight", "gauge", "The weight that the server, its program or a file reports.") "lbctl_check_weight" MARK "55\n" HEAD(
																										     "lbctl_check_slow_start_seconds_left",
																										     "gauge",
																										     "How long the slow start still takes, in which the weight is less.")
																										     HEAD("lbctl_server_removed",
																											  "gauge",
																											  "Whether the server is taken out of its service for "
																											  "being down.") "lbctl_server_removed" MARK
																													 "1\nlbctl_server_removed" TCP
																													 "0\n" HEAD("lbctl_server_kept", "gauge", "Whether the server is down but kept in its service.") "lbctl_server_kept" MARK "0\nlbctl_server_kept" TCP "0\n" HEAD(
																														 "lbctl_standby_rank",
																														 "gauge",
																														 "The rank of a standby, from 1.")
																														 HEAD("lbctl_standby_in_service",
																														      "gauge",
																														      "Whether the standby is in the service for lack of other servers.")
																															 HEAD("lbctl_check_servers_up",
																															      "gauge",
																															      "How many servers of the service the check has as up.")
																																 SERVICES HEAD(
																																	 "lbctl_vip_withdrawn",
																																	 "gauge",
																																	 "Whether the check has the VIP withdrawn."),
		(long long)state_wall(1000));
	file_equals(folder.file, expected);
	/* node_exporter is somebody else. */
	assert_int_equal(stat(folder.file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(umask(mask), 077);
	folder_close(&folder);
}

static void test_metrics_name(void **state)
{
	static const char *const paths[] = { "/tmp/lbctl.txt", ".prom",
					     "/tmp/x.prom.tmp", "" };
	struct members none = { 0 };
	struct watched_list unwatched = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct command command = { 0 };

		assert_int_equal(metrics_write(&command, paths[i], &none,
					       &unwatched),
				 -EINVAL);
		assert_string_equal(command.err.subject, paths[i]);
	}
}

static void test_metrics_failure(void **state)
{
	struct command command = { 0 };
	struct members none = { 0 };
	struct watched_list unwatched = { 0 };

	(void)state;
	assert_int_equal(metrics_write(&command, "/nonexistent/lbctl.prom",
				       &none, &unwatched),
			 -EIO);
	assert_string_equal(command.err.subject, "/nonexistent/lbctl.prom");
}

static int write_metrics(void *data)
{
	struct folder *folder = data;
	struct command command = { 0 };
	struct members none = { 0 };
	struct watched_list unwatched = { 0 };

	return metrics_write(&command, folder->file, &none, &unwatched);
}

static void test_metrics_memory(void **state)
{
	struct folder folder;

	(void)state;
	folder_open(&folder);
	alloc_each_failure(write_metrics, &folder);
	folder_close(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nagios),
		cmocka_unit_test(test_nagios_of_empty_services),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_metrics_name),
		cmocka_unit_test(test_metrics_failure),
		cmocka_unit_test(test_metrics_memory),
	};

	return cmocka_run_group_tests_name("check-metrics", tests, NULL, NULL);
}
