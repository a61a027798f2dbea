/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* How signals end a run: the first in good order, a later one at once. */
#include "unit.h"

#include <sys/wait.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "check/process/every.h"

static void pause_ms(long milliseconds)
{
	const struct timespec time = { milliseconds / 1000,
				       milliseconds % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

/* A run that is at work which no flag ends. It writes when it is ready, and
   after each signal that it has survived. */
static pid_t start_deaf(int *ret_read)
{
	sigset_t all, none;
	int ends[2];
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* A signal gets in only where it is waited for. */
		(void)sigprocmask(SIG_SETMASK, &all, NULL);
		every_catch_signals();
		while (write(ends[1], "", 1) == 1)
			(void)sigsuspend(&none);
		_exit(1);
	}
	(void)close(ends[1]);
	*ret_read = ends[0];
	return pid;
}

static void assert_survived(int fd)
{
	char said;

	assert_int_equal(read(fd, &said, 1), 1);
}

/* Sends two signals in that time; returns how the second one ended it, or 0. */
static int ended_by(int first, int second, long pause)
{
	int fd, status = 0;
	pid_t pid = start_deaf(&fd);
	char said;

	assert_survived(fd);
	assert_int_equal(kill(pid, first), 0);
	assert_survived(fd);
	pause_ms(pause);
	assert_int_equal(kill(pid, second), 0);
	/* Either it says that it lives, or its end closes the pipe. */
	if (read(fd, &said, 1) == 1)
		(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(fd);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status) == SIGKILL ? 0 : WTERMSIG(status);
}

static void test_later(void **state)
{
	(void)state;
	assert_int_equal(ended_by(SIGTERM, SIGTERM, 600), SIGTERM);
	assert_int_equal(ended_by(SIGTERM, SIGINT, 600), SIGINT);
	assert_int_equal(ended_by(SIGHUP, SIGTERM, 600), SIGTERM);
}

/* As timeout(1) sends it: one signal, told twice. On a machine that took half a
   second in between it is two. */
static void test_twice_at_once(void **state)
{
	int tries = 10;

	(void)state;
	while (ended_by(SIGTERM, SIGTERM, 0) != 0)
		assert_true(--tries > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_twice_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
