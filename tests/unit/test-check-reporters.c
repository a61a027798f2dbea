/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Agents and files that report weights, hostile ones too. */
#include "unit.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "check/probe/weight-file.h"
#include "probing.h"
#include "talker.h"

#define LOCAL "127.0.0.1"

/* ---- Agents ---------------------------------------------------------------- */

/* What an agent sends, and whether it then waits for the client to go. */
struct saying {
	const char *text;
	size_t length;
	bool stays;
	bool slowly; /* a byte at a time */
};

static void say(int fd, void *data)
{
	const struct saying *saying = data;
	char heard[8];

	for (size_t i = 0; saying->slowly && i < saying->length; i++)
		talker_say(fd, saying->text + i, 1);
	if (!saying->slowly)
		talker_say(fd, saying->text, saying->length);
	if (saying->stays)
		(void)talker_hear(fd, "never", 5, heard, sizeof(heard));
}

/* Asks by the confined process, as lbctl-check does. */
static struct probe ask(struct saying saying, int64_t timeout_us)
{
	const struct probe_limits limits = { .window = 0 };
	struct check check = given_check(CHECK_AGENT, timeout_us);
	struct talker *talker;
	struct probe probe;
	uint16_t port;

	saying.length = saying.length ? saying.length : strlen(saying.text);
	talker = talker_start(LOCAL, say, &saying, &port);
	probe = given_probe(&check, LOCAL, port);
	run_apart(&probe, &limits);
	talker_stop(talker);
	return probe;
}

static void test_agents_that_answer(void **state)
{
	struct probe probe = ask((struct saying){ .text = "up 75% # fine\n" },
				 PROBING_LONG_US);

	(void)state;
	assert_probe(&probe, PROBE_UP, "up 75% # fine");
	assert_int_equal(probe.report.unit, REPORT_PERCENT);
	assert_int_equal(probe.report.weight, 75);
	assert_int_equal(probe.report.down, REPORT_LIFTS);
	/* Without an end of the line, the end of the connection is it. */
	probe = ask((struct saying){ .text = "drain" }, PROBING_LONG_US);
	assert_probe(&probe, PROBE_UP, "drain");
	assert_int_equal(probe.report.drain, REPORT_SETS);
	probe = ask((struct saying){ .text = "d\x1b[1m down\r\nup\n",
				     .slowly = true },
		    PROBING_LONG_US);
	assert_probe(&probe, PROBE_UP, "d?[1m down");
	assert_int_equal(probe.report.down, REPORT_SETS);
	assert_int_equal(probe.report.drain, REPORT_KEEPS);
	/* What follows the line is not waited for. */
	probe = ask((struct saying){ .text = "5%\nmore", .stays = true },
		    PROBING_LONG_US);
	assert_probe(&probe, PROBE_UP, "5%");
}

static void assert_no_report(const struct probe *probe,
			     enum probe_verdict verdict, const char *message)
{
	assert_probe(probe, verdict, message);
	assert_int_equal(probe->report.unit, REPORT_NO_WEIGHT);
	assert_int_equal(probe->report.drain, REPORT_KEEPS);
	assert_int_equal(probe->report.down, REPORT_KEEPS);
}

static void test_agents_that_do_not(void **state)
{
	static char flood[100000];
	struct probe probe = ask((struct saying){ .text = "up", .stays = true },
				 PROBING_SHORT_US);
	struct check check = given_check(CHECK_AGENT, PROBING_LONG_US);
	uint16_t port;

	(void)state;
	assert_no_report(&probe, PROBE_DOWN, "no answer within 1 s");
	probe = ask((struct saying){ .text = "hello 20\n" }, PROBING_LONG_US);
	assert_no_report(&probe, PROBE_UNKNOWN,
			 "its agent says no percentage and no known word: "
			 "'hello 20'");
	probe = ask((struct saying){ .text = "\0up\n", .length = 4 },
		    PROBING_LONG_US);
	assert_no_report(&probe, PROBE_UNKNOWN,
			 "its agent says no percentage and no known word: ''");
	(void)memset(flood, ' ', sizeof(flood));
	(void)memcpy(flood, "up", 2);
	probe = ask((struct saying){ .text = flood, .length = sizeof(flood) },
		    PROBING_LONG_US);
	assert_no_report(&probe, PROBE_UNKNOWN,
			 "the line of its agent has more than 254 bytes");
	/* Nobody is there. */
	(void)close(bound_socket(LOCAL, SOCK_STREAM, &port));
	probe = given_probe(&check, LOCAL, port);
	run_probes(&probe, 1, 0);
	assert_no_report(&probe, PROBE_DOWN, "connection refused");
}

/* ---- Files ----------------------------------------------------------------- */

static char folder[] = "/tmp/lbctl-test-XXXXXX";

static void path_of(const char *name, char path[64])
{
	(void)snprintf(path, 64, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text, size_t length)
{
	char path[64];
	int fd;

	path_of(name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	assert_int_equal(close(fd), 0);
}

static struct probe read_file(const char *name)
{
	struct check check = given_check(CHECK_FILE, PROBING_LONG_US);
	struct probe probe = given_probe(&check, LOCAL, 80);
	char path[64];

	path_of(name, path);
	check.way.weight_file = path;
	run_probes(&probe, 1, 0);
	return probe;
}

static struct probe read_text(const char *text)
{
	write_file("127.0.0.1-80", text, strlen(text));
	return read_file("{server}-{port}");
}

static void test_files(void **state)
{
	struct probe probe = read_text("40\n50\n");
	static char large[300];
	char path[64];

	(void)state;
	assert_probe(&probe, PROBE_UP, "40");
	assert_int_equal(probe.report.unit, REPORT_NUMBER);
	assert_int_equal(probe.report.weight, 40);
	probe = read_text("drain 30% # until ten");
	assert_probe(&probe, PROBE_UP, "drain 30% # until ten");
	assert_int_equal(probe.report.unit, REPORT_PERCENT);
	assert_int_equal(probe.report.weight, 30);
	assert_int_equal(probe.report.drain, REPORT_SETS);
	/* No text of a file that makes no sense: it can be any file. */
	probe = read_text("root:x:0:0\n");
	assert_no_report(&probe, PROBE_UNKNOWN, NULL);
	assert_null(strstr(probe.message, "root"));
	assert_non_null(strstr(probe.message, "no weight and no known word"));
	probe = read_text("");
	assert_no_report(&probe, PROBE_UNKNOWN, NULL);
	(void)memset(large, '1', sizeof(large));
	write_file("large", large, sizeof(large));
	probe = read_file("large");
	assert_no_report(&probe, PROBE_UNKNOWN, NULL);
	assert_non_null(strstr(probe.message, "more than 254 bytes"));
	probe = read_file("none");
	assert_no_report(&probe, PROBE_DOWN, "no file");
	probe = read_file("large/none");
	assert_no_report(&probe, PROBE_DOWN, "no file");
	/* Neither a FIFO nor a folder is waited for. */
	path_of("fifo", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	probe = read_file("fifo");
	assert_no_report(&probe, PROBE_UNKNOWN, NULL);
	assert_non_null(strstr(probe.message, "not a regular file"));
	probe = read_file("");
	assert_no_report(&probe, PROBE_UNKNOWN, NULL);
	assert_non_null(strstr(probe.message, "not a regular file"));
}

static void test_paths(void **state)
{
	struct check check = given_check(CHECK_FILE, PROBING_LONG_US);
	struct probe probe = given_probe(&check, LOCAL, 0);
	char path[] = "/w/{server}/{a}", portless[] = "/w/{port}";
	const char *missing = NULL;
	char *filled = NULL;

	(void)state;
	check.way.weight_file = path;
	assert_int_equal(weight_file_path(&probe, &filled, &missing), 0);
	assert_string_equal(filled, "/w/127.0.0.1/{a}");
	free(TAKE_PTR(filled));
	check.way.weight_file = portless;
	assert_int_equal(weight_file_path(&probe, &filled, &missing), -EINVAL);
	assert_string_equal(missing, "{port}");
	free(filled);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	static const char *const names[] = { "127.0.0.1-80", "large", "fifo" };
	char path[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		path_of(names[i], path);
		(void)unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agents_that_answer),
		cmocka_unit_test(test_agents_that_do_not),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
