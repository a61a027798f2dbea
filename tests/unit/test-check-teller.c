/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rounds that have more to tell than programs take. */
#include "clock.h"
#include "unit.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "check/process/every.h"
#include "check/process/loop.h"
#include "check/tell/teller.h"
#include "given.h"
#include "process.h"

#define SECOND INT64_C(1000000)

/* A program in a folder of its own, which keeps what it is told in "got". */
struct desk {
	char folder[32], program[64], got[64], wait[64], pid[64];
	struct command command;
	struct check check;
	struct teller teller;
};

static const struct command_program program = { .name = "lbctl-check" };

/* While there is a file "wait" the program waits. */
static void desk_open(struct desk *desk)
{
	FILE *file;

	*desk = (struct desk){
		.folder = "/tmp/lbctl-teller-XXXXXX",
		.command = { .program = &program, .quiet = true },
		.check = { .name = "web", .notify = desk->program },
	};
	assert_non_null(mkdtemp(desk->folder));
	(void)snprintf(desk->program, sizeof(desk->program), "%s/program",
		       desk->folder);
	(void)snprintf(desk->got, sizeof(desk->got), "%s/got", desk->folder);
	(void)snprintf(desk->wait, sizeof(desk->wait), "%s/wait", desk->folder);
	(void)snprintf(desk->pid, sizeof(desk->pid), "%s/pid", desk->folder);
	file = fopen(desk->program, "we");
	assert_non_null(file);
	(void)fprintf(file,
		      "#!/bin/sh\ntrap '' TERM\necho $$ >%s\necho $1 $3 >>%s\n"
		      "while [ -e %s ]; do sleep 0.05; done\n",
		      desk->pid, desk->got, desk->wait);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(desk->program, 0700), 0);
	file = fopen(desk->wait, "we");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static void desk_close(struct desk *desk)
{
	teller_end(&desk->command, &desk->teller);
	(void)unlink(desk->program);
	(void)unlink(desk->got);
	(void)unlink(desk->wait);
	(void)unlink(desk->pid);
	assert_int_equal(rmdir(desk->folder), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* A round in which the server has gone down or up. */
static void round_of(struct desk *desk, enum transition_event event,
		     const char *server)
{
	struct transitions transitions = { 0 };
	const struct transition transition = {
		.check = &desk->check,
		.event = event,
		.service = given_service("fwmark:1"),
		.server = given_server("fwmark:1", server),
	};

	if (server)
		assert_int_equal(transitions_add(&transitions, &transition), 0);
	teller_tell(&desk->command, &desk->teller, &transitions);
	transitions_free(&transitions);
}

static void quiet_round(struct desk *desk)
{
	struct transitions transitions = { 0 };

	teller_tell(&desk->command, &desk->teller, &transitions);
}

static void got(const struct desk *desk, char text[512])
{
	FILE *file = fopen(desk->got, "re");

	text[0] = '\0';
	if (!file)
		return;
	text[fread(text, 1, 511, file)] = '\0';
	assert_int_equal(fclose(file), 0);
}

/* Rounds go on until the program has been told that. */
static void within_time(struct desk *desk, const char *expected)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int64_t end = clock_now() + 30 * SECOND;
	char text[512];

	do {
		quiet_round(desk);
		got(desk, text);
		(void)nanosleep(&pause, NULL);
	} while (strcmp(text, expected) != 0 && clock_now() < end);
	assert_string_equal(text, expected);
}

/* One child tells; of each server it is the last change that the next tells. */
static void test_last(void **state)
{
	struct desk desk;
	pid_t child;

	(void)state;
	desk_open(&desk);
	round_of(&desk, TRANSITION_DOWN, "10.0.0.1");
	child = desk.teller.child;
	assert_true(child > 0);
	within_time(&desk, "down 10.0.0.1\n");
	for (int i = 0; i < 200; i++) {
		round_of(&desk, TRANSITION_UP, "10.0.0.1");
		round_of(&desk, TRANSITION_DOWN, "10.0.0.1");
		assert_int_equal(desk.teller.child, child);
	}
	round_of(&desk, TRANSITION_DOWN, "10.0.0.2");
	round_of(&desk, TRANSITION_UP, "10.0.0.1");
	assert_int_equal(desk.teller.child, child);
	assert_int_equal(desk.teller.count, 2);
	assert_int_equal(desk.teller.untold, 400);
	assert_int_equal(unlink(desk.wait), 0);
	/* The two programs run side by side. */
	int64_t end = clock_now() + 30 * SECOND;

	while ((desk.teller.count > 0 || desk.teller.child == child) &&
	       clock_now() < end)
		quiet_round(&desk);
	assert_int_equal(desk.teller.count, 0);
	assert_int_equal(desk.teller.untold, 0);
	assert_int_equal(waitpid(desk.teller.child, NULL, 0), desk.teller.child);
	char text[512];

	got(&desk, text);
	assert_non_null(strstr(text, "up 10.0.0.1\n"));
	assert_non_null(strstr(text, "down 10.0.0.2\n"));
	assert_int_equal(strlen(text), strlen("down 10.0.0.1\n") * 2 +
					       strlen("up 10.0.0.1\n"));
	desk_close(&desk);
}

/* However many servers there are, so many news wait at most. */
static void test_bound(void **state)
{
	struct desk desk;
	char server[32];

	(void)state;
	desk_open(&desk);
	round_of(&desk, TRANSITION_DOWN, "10.0.0.1");
	for (int i = 0; i < TELLER_QUEUE_MAX + 7; i++) {
		(void)snprintf(server, sizeof(server), "10.1.%d.%d", i / 200,
			       i % 200);
		round_of(&desk, TRANSITION_DOWN, server);
	}
	assert_int_equal(desk.teller.count, TELLER_QUEUE_MAX);
	assert_int_equal(desk.teller.untold, 7);
	desk_close(&desk);
}

static void stop(int number)
{
	(void)number;
	every_stopped = 1;
}

/* A program that hangs and takes no SIGTERM is gone when the teller is. */
static void test_end(void **state)
{
	struct desk desk;
	int64_t start;
	char text[512];
	FILE *file;

	(void)state;
	desk_open(&desk);
	(void)signal(SIGTERM, stop);
	round_of(&desk, TRANSITION_DOWN, "10.0.0.1");
	within_time(&desk, "down 10.0.0.1\n");
	round_of(&desk, TRANSITION_UP, "10.0.0.1");
	start = clock_now();
	teller_end(&desk.command, &desk.teller);
	assert_true(clock_now() - start < 2 * SECOND);
	(void)signal(SIGTERM, SIG_DFL);
	file = fopen(desk.pid, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_int_equal(fclose(file), 0);
	assert_true(process_is_dead((pid_t)strtol(text, NULL, 10)));
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests_name("check-teller", tests, NULL, NULL);
}
