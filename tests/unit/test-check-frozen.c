/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes of a process that is stopped for longer than their timeouts. */
#include "unit.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "probing.h"
#include "running-clock.h"

#define LOCAL	   "127.0.0.1"
#define TIMEOUT_US INT64_C(1000000)
#define FREEZE_US  INT64_C(2500000) /* longer */

static void pause_us(int64_t us)
{
	const struct timespec pause = { .tv_sec = us / 1000000,
					.tv_nsec = us % 1000000 * 1000 };

	(void)nanosleep(&pause, NULL);
}

/* ---- The clock ------------------------------------------------------------ */

static int64_t worked(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

static void test_clock(void **state)
{
	struct running_clock clock = { 0 };
	int64_t start, busy_until;

	(void)state;
	running_clock_tick(&clock, 0);
	start = clock.now;
	assert_int_equal(clock.left_out, 0);
	/* A wait that the process wanted counts, and no other. */
	pause_us(500000);
	running_clock_tick(&clock, 500000);
	assert_true(clock.now - start >= 500000);
	start = clock.now;
	pause_us(500000);
	running_clock_tick(&clock, 0);
	assert_true(clock.now - start < 300000);
	assert_true(clock.left_out >= 200000);
	/* Work counts, whatever share of a processor it gets. */
	start = clock.now;
	busy_until = worked() + 500000;
	while (worked() < busy_until)
		;
	running_clock_tick(&clock, 0);
	assert_true(clock.now - start >= 400000);
}

/* ---- A run that is stopped ------------------------------------------------ */

/* A run in a process of its own, whose probe is read in the end. */
struct frozen {
	struct check check;
	struct probe *probe; /* shared */
	pid_t pid;
};

static void frozen_start(struct frozen *frozen, const struct probe *probe)
{
	frozen->probe = mmap(NULL, sizeof(*probe), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(frozen->probe != MAP_FAILED);
	*frozen->probe = *probe;
	frozen->pid = fork();
	assert_true(frozen->pid >= 0);
	if (frozen->pid == 0) {
		run_probes(frozen->probe, 1, 0);
		_exit(0);
	}
}

static void frozen_stop(const struct frozen *frozen)
{
	int status;

	/* By now it waits. */
	pause_us(200000);
	assert_int_equal(kill(frozen->pid, SIGSTOP), 0);
	assert_int_equal(waitpid(frozen->pid, &status, WUNTRACED), frozen->pid);
	assert_true(WIFSTOPPED(status));
	pause_us(FREEZE_US);
}

static void frozen_end(struct frozen *frozen, enum probe_verdict verdict,
		       const char *message)
{
	int status;

	assert_int_equal(waitpid(frozen->pid, &status, 0), frozen->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_probe(frozen->probe, verdict, message);
	(void)munmap(frozen->probe, sizeof(*frozen->probe));
}

/* Waits for a request; returns where to answer it. */
static struct sockaddr_storage request(int fd)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	char bytes[64];

	assert_true(recvfrom(fd, bytes, sizeof(bytes), 0,
			     (struct sockaddr *)&from, &length) >= 0);
	return from;
}

static void answer(int fd, const struct sockaddr_storage *to, const char *text)
{
	assert_true(sendto(fd, text, strlen(text), 0,
			   (const struct sockaddr *)to,
			   sizeof(struct sockaddr_in)) >= 0);
}

static int given_udp(struct frozen *frozen)
{
	uint16_t port;
	int fd = bound_socket(LOCAL, SOCK_DGRAM, &port);
	struct probe probe;

	frozen->check = given_check(CHECK_UDP, TIMEOUT_US);
	frozen->check.way.expect = given_bytes("yes");
	probe = given_probe(&frozen->check, LOCAL, port);
	frozen_start(frozen, &probe);
	return fd;
}

/* Several answers are in when it goes on; the last one is the right one. */
static void test_answered(void **state)
{
	struct frozen frozen;
	int fd = given_udp(&frozen);
	struct sockaddr_storage from = request(fd);

	(void)state;
	frozen_stop(&frozen);
	answer(fd, &from, "no");
	answer(fd, &from, "not yet");
	answer(fd, &from, "yes");
	assert_int_equal(kill(frozen.pid, SIGCONT), 0);
	frozen_end(&frozen, PROBE_UP, "answered");
	(void)close(fd);
}

/* An answer that comes after it goes on is in time as well. */
static void test_answered_after(void **state)
{
	struct frozen frozen;
	int fd = given_udp(&frozen);
	struct sockaddr_storage from = request(fd);

	(void)state;
	frozen_stop(&frozen);
	assert_int_equal(kill(frozen.pid, SIGCONT), 0);
	pause_us(20000);
	answer(fd, &from, "yes");
	frozen_end(&frozen, PROBE_UP, "answered");
	(void)close(fd);
}

static void test_latency(void **state)
{
	struct frozen frozen;
	int fd = given_udp(&frozen);
	struct sockaddr_storage from = request(fd);

	(void)state;
	frozen_stop(&frozen);
	answer(fd, &from, "yes");
	assert_int_equal(kill(frozen.pid, SIGCONT), 0);
	assert_int_equal(waitpid(frozen.pid, NULL, 0), frozen.pid);
	assert_true(frozen.probe->latency_us < FREEZE_US - TIMEOUT_US / 2);
	(void)munmap(frozen.probe, sizeof(*frozen.probe));
	(void)close(fd);
}

/* A dead server is asked once more, and then it is down. */
static void test_dead(void **state)
{
	struct frozen frozen;
	int fd = given_udp(&frozen);
	char bytes[64];

	(void)state;
	(void)request(fd);
	frozen_stop(&frozen);
	assert_int_equal(kill(frozen.pid, SIGCONT), 0);
	frozen_end(&frozen, PROBE_DOWN, "no answer within 1 s");
	assert_true(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) >= 0);
	assert_int_equal(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
	(void)close(fd);
}

/* ---- Programs ------------------------------------------------------------- */

static char shell[] = "/bin/sh";
static char dash_c[] = "-c";

/* Two pipes with names: a program says that it runs, and is told to go on. */
struct pipes {
	char folder[32], runs[48], goes_on[48];
};

static struct pipes given_pipes(void)
{
	struct pipes pipes = { .folder = "/tmp/lbctl-frozen-XXXXXX" };

	assert_non_null(mkdtemp(pipes.folder));
	(void)snprintf(pipes.runs, sizeof(pipes.runs), "%s/runs", pipes.folder);
	(void)snprintf(pipes.goes_on, sizeof(pipes.goes_on), "%s/goes-on",
		       pipes.folder);
	assert_int_equal(mkfifo(pipes.runs, 0600), 0);
	assert_int_equal(mkfifo(pipes.goes_on, 0600), 0);
	return pipes;
}

static void remove_pipes(const struct pipes *pipes)
{
	(void)unlink(pipes->runs);
	(void)unlink(pipes->goes_on);
	assert_int_equal(rmdir(pipes->folder), 0);
}

/* Opening one waits for the other end. */
static void meet(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	while (flags == O_RDONLY && read(fd, &byte, 1) > 0)
		;
	(void)close(fd);
}

static void try_program(const char *text, enum probe_verdict verdict,
			const char *message)
{
	struct frozen frozen = { .check = given_check(CHECK_EXEC, TIMEOUT_US) };
	struct pipes pipes = given_pipes();
	char *words[] = { shell,      dash_c,	     (char *)text,
			  pipes.runs, pipes.goes_on, NULL };
	struct probe probe = given_probe(&frozen.check, LOCAL, 0);

	frozen.check.way.exec = words;
	frozen_start(&frozen, &probe);
	meet(pipes.runs, O_RDONLY);
	frozen_stop(&frozen);
	meet(pipes.goes_on, O_WRONLY);
	/* The program ends meanwhile. */
	pause_us(300000);
	assert_int_equal(kill(frozen.pid, SIGCONT), 0);
	frozen_end(&frozen, verdict, message);
	remove_pipes(&pipes);
}

/* Valgrind has no descriptors of processes, without which nothing is run. */
static void skip_without_pidfd(void)
{
	int fd = pidfd_open(getpid(), 0);

	if (fd < 0) {
		print_message("no pidfd_open(2) here\n");
		skip();
	}
	(void)close(fd);
}

static void test_program(void **state)
{
	(void)state;
	skip_without_pidfd();
	try_program(": >$0; read x <$1; echo fine", PROBE_UP, "fine");
}

/* A program that fails meanwhile is run once more, and only once. */
static void test_program_again(void **state)
{
	static const char first[] =
		"[ -e $1 ] || exit 0; : >$0; read x <$1; rm $1; exit 7";
	static const char always[] =
		"[ -e $1 ] || exit 8; : >$0; read x <$1; rm $1; exit 7";

	(void)state;
	skip_without_pidfd();
	try_program(first, PROBE_UP, "exit status 0");
	try_program(always, PROBE_DOWN, "exit status 8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_answered),
		cmocka_unit_test(test_answered_after),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_dead),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_program_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
