/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Locks: free, held by others, given up, and given back in time. */
#include "unit.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "flock.h"

#define SECOND INT64_C(1000000)

/* Two open files of one place: a lock of one is in the way of the other. */
static int fds[2];

static int set_up(void **state)
{
	char path[32];

	(void)state;
	fds[0] = memfd_create("lock", MFD_CLOEXEC);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	fds[1] = open(path, O_RDWR | O_CLOEXEC);
	return fds[1] < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)close(fds[0]);
	return close(fds[1]);
}

static void test_a_free_lock_is_taken(void **state)
{
	(void)state;
	assert_int_equal(flock_wait(fds[0], 0, NULL), 0);
	assert_int_equal(flock(fds[1], LOCK_EX | LOCK_NB), -1);
	/* It is not in its own way. */
	assert_int_equal(flock_wait(fds[0], 0, NULL), 0);
}

static void test_a_held_lock_is_given_up_in_time(void **state)
{
	const int64_t start = clock_now();

	(void)state;
	assert_int_equal(flock_wait(fds[0], 0, NULL), 0);
	assert_int_equal(flock_wait(fds[1], 0, NULL), -EBUSY);
	assert_int_equal(flock_wait(fds[1], SECOND / 10, NULL), -EBUSY);
	assert_true(clock_now() - start >= SECOND / 10);
	assert_true(clock_now() - start < 5 * SECOND);
}

static void test_a_lock_that_is_given_back_is_taken(void **state)
{
	pid_t child;

	(void)state;
	assert_int_equal(flock_wait(fds[0], 0, NULL), 0);
	child = fork();
	if (child == 0) {
		(void)usleep(50000);
		(void)flock(fds[0], LOCK_UN);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(flock_wait(fds[1], 20 * SECOND, NULL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_a_stop_ends_the_wait(void **state)
{
	static volatile sig_atomic_t stop = 1;

	(void)state;
	assert_int_equal(flock_wait(fds[0], 0, &stop), 0);
	assert_int_equal(flock_wait(fds[1], 20 * SECOND, &stop), -EINTR);
}

static void test_what_cannot_be_locked_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(flock_wait(-1, SECOND, NULL), -EBADF);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_free_lock_is_taken),
		TEST(test_a_held_lock_is_given_up_in_time),
		TEST(test_a_lock_that_is_given_back_is_taken),
		TEST(test_a_stop_ends_the_wait),
		TEST(test_what_cannot_be_locked_is_an_error),
	};

	return cmocka_run_group_tests_name("flock", tests, NULL, NULL);
}
