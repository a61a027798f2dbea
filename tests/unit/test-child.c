/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Programs that checks run: their surroundings, their input, their time. */
#include "clock.h"
#include "unit.h"

#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "check/process/loop.h"
#include "child.h"
#include "process.h"

#define SECOND INT64_C(1000000)

/* What programs write goes here; they have it as $1. */
static char directory[] = "/tmp/lbctl-child-XXXXXX";

static const char *const environment[] = { CHILD_PATH, CHILD_LANG, NULL };

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command); /* NOLINT */
}

/* Room for the words of one run of the shell. */
struct script {
	const char *argv[6];
};

static struct child script(struct script *script, const char *text,
			   const char *argument)
{
	*script = (struct script){ { "/bin/sh", "-c", text, "sh", argument } };
	return (struct child){ .argv = script->argv, .envp = environment };
}

static volatile sig_atomic_t stop;

static void run(struct child *children, size_t count, int64_t each, int64_t all)
{
	const struct child_limits limits = {
		.each = each,
		.end = clock_now() + all,
		.stop = &stop,
	};

	children_run(children, count, &limits);
}

/* Without a look at who can write the program. */
static void run_trusted(struct child *child)
{
	const struct child_limits limits = {
		.each = 10 * SECOND,
		.end = INT64_MAX,
		.trusted = true,
	};

	children_run(child, 1, &limits);
}

static void run_one(const char *text, const char *argument, const char *input,
		    const char *why)
{
	struct script words;
	struct child child = script(&words, text, argument);

	child.input = input;
	child.input_size = input ? strlen(input) : 0;
	run(&child, 1, 10 * SECOND, 10 * SECOND);
	assert_string_equal(child.why, why);
}

static char *path_of(const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

/* Free what it returns. */
static char *read_file(const char *path)
{
	char *text = calloc(1, 1024 * 1024);
	FILE *file = fopen(path, "re");

	assert_non_null(text);
	assert_non_null(file);
	text[fread(text, 1, 1024 * 1024 - 1, file)] = '\0';
	assert_int_equal(fclose(file), 0);
	return text;
}

static void test_status(void **state)
{
	static const char *const none[] = { "/nonexistent/program", NULL };
	struct child child = { .argv = none, .envp = environment };

	(void)state;
	run_one("exit 0", NULL, NULL, "");
	run_one("exit 3", NULL, NULL, "ended with status 3");
	run_one("kill -TERM $$", NULL, NULL, "was killed by signal 15");
	run(&child, 1, SECOND, SECOND);
	/* Under valgrind libc does not get to know why. */
	if (strcmp(child.why, "ended with status 127") != 0)
		assert_string_equal(child.why, "cannot be run: No such file or "
					       "directory");
	run_trusted(&child);
	if (strcmp(child.why, "ended with status 127") != 0)
		assert_int_equal(child.error, ENOENT);
	run(NULL, 0, SECOND, SECOND);
}

static void test_input(void **state)
{
	enum { LENGTH = 300000 };
	AUTO_FREE char *path = path_of("input"), *got = NULL;
	AUTO_FREE char *text = calloc(1, LENGTH + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LENGTH);
	run_one("cat >\"$1\"", path, text, "");
	got = read_file(path);
	assert_string_equal(got, text);

	/* Who does not read does no harm; who reads gets nothing of ours. */
	run_one("exit 0", NULL, text, "");
	run_one("test -z \"$(cat)\"", NULL, NULL, "");
}

/* What is written comes back, and what is closed stays closed. */
static void test_output(void **state)
{
	struct script words;
	struct child child =
		script(&words,
		       "echo out; echo errors >&2; test ! -e /proc/$$/fd/3",
		       NULL);
	char text[16] = "";

	(void)state;
	child.output = child_file();
	child.errors = child_file();
	assert_true(child.output > 2 && child.errors > 2);
	run(&child, 1, 10 * SECOND, 10 * SECOND);
	assert_string_equal(child.why, "");
	assert_int_equal(child.error, 0);
	assert_int_equal(pread(child.output, text, sizeof(text), 0), 4);
	assert_string_equal(text, "out\n");
	assert_int_equal(pread(child.errors, text, sizeof(text), 0), 7);
	assert_string_equal(text, "errors\n");
	(void)close(child.output);
	(void)close(child.errors);
}

static void test_surroundings(void **state)
{
	AUTO_FREE char *path = path_of("environment"), *got = NULL;
	int fd = open("/dev/null", O_RDONLY); /* NOLINT: without O_CLOEXEC */
	sigset_t blocked, before;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, 50), 50);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	assert_int_equal(setenv("SECRET", "1", 1), 0);

	run_one("tr '\\0' '\\n' </proc/$$/environ >\"$1\"", path, NULL, "");
	got = read_file(path);
	assert_string_equal(got, CHILD_PATH "\n" CHILD_LANG "\n");
	run_one("test ! -e /proc/$$/fd/50", NULL, NULL, "");
	/* The first 28: libc has two of its own be ignored, 32 and 33. */
	run_one("grep -q '^SigIgn:.*0000000$' /proc/self/status", NULL, NULL,
		"");
	run_one("grep -q '^SigBlk:[[:space:]]*0*$' /proc/self/status", NULL,
		NULL, "");
	/* Its process group and its session are its own. */
	run_one("test $(cut -d' ' -f5 /proc/$$/stat) = $$", NULL, NULL, "");
	run_one("test $(cut -d' ' -f6 /proc/$$/stat) = $$", NULL, NULL, "");
	run_one("test \"$(readlink /proc/$$/cwd)\" = /", NULL, NULL, "");

	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(50);
	(void)close(fd);
}

/* Grandchildren are killed as well. */
static void test_time_limit(void **state)
{
	AUTO_FREE char *path = path_of("grandchild"), *text = NULL;
	struct script words;
	struct child child =
		script(&words, "sleep 100 & echo $! >\"$1\"; wait; sleep 100",
		       path);
	const struct timespec pause = { .tv_nsec = 10000000 };
	int64_t start = clock_now();
	pid_t pid;

	(void)state;
	run(&child, 1, SECOND / 2, 10 * SECOND);
	assert_string_equal(child.why, "took too long and was killed");
	assert_int_equal(child.error, ETIMEDOUT);
	assert_true(clock_now() - start < 5 * SECOND);
	text = read_file(path);
	pid = (pid_t)strtol(text, NULL, 10);
	assert_true(pid > 1);
	for (int i = 0; i < 200 && !process_is_dead(pid); i++)
		(void)nanosleep(&pause, NULL);
	assert_true(process_is_dead(pid));
}

/* What is left behind in good order goes on. */
static void test_left_behind(void **state)
{
	AUTO_FREE char *path = path_of("behind"), *text = NULL;
	pid_t pid;

	(void)state;
	run_one("sleep 100 & echo $! >\"$1\"", path, NULL, "");
	text = read_file(path);
	pid = (pid_t)strtol(text, NULL, 10);
	assert_true(pid > 1);
	assert_false(process_is_dead(pid));
	assert_int_equal(kill(pid, SIGKILL), 0);
}

static void test_lanes(void **state)
{
	static const char log[] =
		"echo begin >>\"$1\"; sleep 0.05; echo end >>\"$1\"";
	/* Each waits for the other. */
	static const char meet[] = "touch \"$1/$0\"; for i in $(seq 100); do "
				   "test -e \"$1/a\" -a -e \"$1/b\" && exit 0; "
				   "sleep 0.05; done; exit 1";
	AUTO_FREE char *path = path_of("log"), *got = NULL;
	struct script words[3];
	struct child children[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		children[i] = script(&words[i], log, path);
	run(children, 3, 10 * SECOND, 10 * SECOND);
	got = read_file(path);
	assert_string_equal(got, "begin\nend\nbegin\nend\nbegin\nend\n");

	for (size_t i = 0; i < 2; i++) {
		children[i] = script(&words[i], meet, directory);
		words[i].argv[3] = i == 0 ? "a" : "b";
		children[i].lane = i;
	}
	run(children, 2, 10 * SECOND, 10 * SECOND);
	assert_string_equal(children[0].why, "");
	assert_string_equal(children[1].why, "");
}

/* Many lanes, more than run at once, and one that fails to start. */
static void test_many(void **state)
{
	static const char *const none[] = { "/nonexistent/program", NULL };
	AUTO_FREE char *path = path_of("many"), *got = NULL;
	struct script words[100];
	struct child children[100];
	struct stat status;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		children[i] = script(&words[i], "echo >>\"$1\"", path);
		children[i].lane = i / 2;
		if (i % 10 == 4)
			children[i].argv = none;
	}
	run(children, 100, 10 * SECOND, 20 * SECOND);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(children[i].why[0] != '\0', i % 10 == 4);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 90);
}

static void test_end(void **state)
{
	struct script words[CHILD_WINDOW + 4];
	struct child children[CHILD_WINDOW + 4];
	int64_t start = clock_now();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = script(&words[i], "exec sleep 100", NULL);
		children[i].lane = i;
	}
	run(children, ARRAY_SIZE(children), 100 * SECOND, SECOND / 2);
	assert_true(clock_now() - start < 5 * SECOND);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		assert_string_equal(children[i].why,
				    i < CHILD_WINDOW ?
					    "took too long and was killed" :
					    "was not run, for lack of time");
}

static void set_stop(int number)
{
	(void)number;
	stop = 1;
}

/* A signal ends what runs, and nothing more is run. */
static void test_stop(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 300000 };
	struct script words[2];
	struct child children[2];
	int64_t start = clock_now();

	(void)state;
	for (size_t i = 0; i < 2; i++)
		children[i] =
			script(&words[i], "trap '' TERM; sleep 100; :", NULL);
	(void)signal(SIGALRM, set_stop);
	(void)setitimer(ITIMER_REAL, &soon, NULL);
	run(children, 2, 100 * SECOND, 100 * SECOND);
	assert_true(clock_now() - start < 10 * SECOND);
	assert_string_equal(children[0].why, "was killed: interrupted");
	assert_string_equal(children[1].why, "was not run: interrupted");
	stop = 0;
	(void)signal(SIGALRM, SIG_DFL);
}

/* Nobody runs what others can write, or lead to something else. */
static void test_trust(void **state)
{
	AUTO_FREE char *path = path_of("program"), *link = path_of("link");
	const char *argv[] = { path, NULL };
	struct child child = { .argv = argv, .envp = environment };
	FILE *file = fopen(path, "we");

	(void)state;
	assert_non_null(file);
	(void)fputs("#!/bin/sh\ntest \"$0\" = \"$1\"\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0722), 0);
	run(&child, 1, 10 * SECOND, 10 * SECOND);
	assert_non_null(strstr(child.why, "others than root can write"));
	run_trusted(&child);
	assert_string_equal(child.why, "ended with status 1");
	assert_int_equal(chmod(path, 0700), 0);
	child.why[0] = '\0';
	run(&child, 1, 10 * SECOND, 10 * SECOND);
	assert_string_equal(child.why, "ended with status 1");
	/* A folder that all can write leads nowhere. */
	assert_int_equal(chmod(directory, 0777), 0);
	run(&child, 1, 10 * SECOND, 10 * SECOND);
	assert_non_null(strstr(child.why, "others than root can write"));
	assert_non_null(strstr(child.why, directory));
	assert_int_equal(chmod(directory, 0700), 0);
	/* The name that a script is called by is the one that was given. */
	assert_int_equal(symlink("program", link), 0);
	child.argv = (const char *[]){ link, link, NULL };
	child.why[0] = '\0';
	run(&child, 1, 10 * SECOND, 10 * SECOND);
	assert_string_equal(child.why, "");
}

/* Somebody has it that children are not waited for. */
static void test_not_waited_for(void **state)
{
	(void)state;
	(void)signal(SIGCHLD, SIG_IGN);
	run_one("sleep 0.1", NULL, NULL, "");
	(void)signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_surroundings),
		cmocka_unit_test(test_time_limit),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_not_waited_for),
	};

	return cmocka_run_group_tests_name("child", tests, set_up, tear_down);
}
