/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes of a process that is stopped for longer than their timeouts. */
#include "clock.h"
#include "unit.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
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
	int64_t stopped;
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
		/* Nobody else would end one that is stopped. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		run_probes(frozen->probe, 1, 0);
		_exit(0);
	}
}

static void frozen_stop(struct frozen *frozen)
{
	int status;

	/* By now it waits. */
	pause_us(200000);
	assert_int_equal(kill(frozen->pid, SIGSTOP), 0);
	assert_int_equal(waitpid(frozen->pid, &status, WUNTRACED), frozen->pid);
	assert_true(WIFSTOPPED(status));
	frozen->stopped = clock_now();
}

/* Waits until it has been stopped for long enough. */
static void frozen_wait(const struct frozen *frozen)
{
	const int64_t left = frozen->stopped + FREEZE_US - clock_now();

	if (left > 0)
		pause_us(left);
}

static void frozen_go_on(const struct frozen *frozen)
{
	assert_int_equal(kill(frozen->pid, SIGCONT), 0);
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

/* A server, and the one that asks it and is stopped then. */
struct server {
	struct frozen frozen;
	struct sockaddr_storage from;
	int fd;
};

static struct server answers, answers_after, is_fast, is_dead;

static void freeze_udp(struct server *server)
{
	uint16_t port;
	struct probe probe;

	server->fd = bound_socket(LOCAL, SOCK_DGRAM, &port);
	server->frozen.check = given_check(CHECK_UDP, TIMEOUT_US);
	given_step(&server->frozen.check, true, "yes");
	probe = given_probe(&server->frozen.check, LOCAL, port);
	frozen_start(&server->frozen, &probe);
	server->from = request(server->fd);
	frozen_stop(&server->frozen);
}

/* Several answers are in when it goes on; the last one is the right one. */
static void test_answered(void **state)
{
	(void)state;
	frozen_wait(&answers.frozen);
	answer(answers.fd, &answers.from, "no");
	answer(answers.fd, &answers.from, "not yet");
	answer(answers.fd, &answers.from, "yes");
	frozen_go_on(&answers.frozen);
	frozen_end(&answers.frozen, PROBE_UP, "answered");
	(void)close(answers.fd);
}

/* An answer that comes after it goes on is in time as well. */
static void test_answered_after(void **state)
{
	(void)state;
	frozen_wait(&answers_after.frozen);
	frozen_go_on(&answers_after.frozen);
	pause_us(20000);
	answer(answers_after.fd, &answers_after.from, "yes");
	frozen_end(&answers_after.frozen, PROBE_UP, "answered");
	(void)close(answers_after.fd);
}

static void test_latency(void **state)
{
	const struct frozen *frozen = &is_fast.frozen;

	(void)state;
	frozen_wait(frozen);
	answer(is_fast.fd, &is_fast.from, "yes");
	frozen_go_on(frozen);
	assert_int_equal(waitpid(frozen->pid, NULL, 0), frozen->pid);
	assert_true(frozen->probe->latency_us < FREEZE_US - TIMEOUT_US / 2);
	(void)munmap(frozen->probe, sizeof(*frozen->probe));
	(void)close(is_fast.fd);
}

/* A dead server is asked once more, and then it is down. */
static void test_dead(void **state)
{
	char bytes[64];
	int fd = is_dead.fd;

	(void)state;
	frozen_wait(&is_dead.frozen);
	frozen_go_on(&is_dead.frozen);
	frozen_end(&is_dead.frozen, PROBE_DOWN, "no answer within 1 s");
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

/* A program, and the one that runs it and is stopped meanwhile. */
struct program {
	struct frozen frozen;
	struct pipes pipes;
	char *words[6];
};

static struct program succeeds, fails_once, fails_always;

static void freeze_program(struct program *program, const char *text)
{
	struct probe probe;

	program->pipes = given_pipes();
	program->words[0] = shell;
	program->words[1] = dash_c;
	program->words[2] = (char *)text;
	program->words[3] = program->pipes.runs;
	program->words[4] = program->pipes.goes_on;
	program->frozen.check = given_check(CHECK_EXEC, TIMEOUT_US);
	program->frozen.check.way.exec = program->words;
	probe = given_probe(&program->frozen.check, LOCAL, 0);
	frozen_start(&program->frozen, &probe);
	meet(program->pipes.runs, O_RDONLY);
	frozen_stop(&program->frozen);
}

static void end_program(struct program *program, enum probe_verdict verdict,
			const char *message)
{
	frozen_wait(&program->frozen);
	meet(program->pipes.goes_on, O_WRONLY);
	/* The program ends meanwhile. */
	pause_us(300000);
	frozen_go_on(&program->frozen);
	frozen_end(&program->frozen, verdict, message);
	remove_pipes(&program->pipes);
}

/* Valgrind has no descriptors of processes, without which nothing is run. */
static bool has_pidfd(void)
{
	int fd = pidfd_open(getpid(), 0);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void skip_without_pidfd(void)
{
	if (has_pidfd())
		return;
	print_message("no pidfd_open(2) here\n");
	skip();
}

static void test_program(void **state)
{
	(void)state;
	skip_without_pidfd();
	end_program(&succeeds, PROBE_UP, "fine");
}

/* A program that fails meanwhile is run once more, and only once. */
static void test_program_again(void **state)
{
	(void)state;
	skip_without_pidfd();
	end_program(&fails_once, PROBE_UP, "exit status 0");
	end_program(&fails_always, PROBE_DOWN, "exit status 8");
}

/* All are stopped before the tests: their times pass together. */
static int freeze_all(void **state)
{
	(void)state;
	freeze_udp(&answers);
	freeze_udp(&answers_after);
	freeze_udp(&is_fast);
	freeze_udp(&is_dead);
	if (!has_pidfd())
		return 0;
	freeze_program(&succeeds, ": >$0; read x <$1; echo fine");
	freeze_program(&fails_once, "[ -e $1 ] || exit 0; : >$0; read x <$1; "
				    "rm $1; exit 7");
	freeze_program(&fails_always, "[ -e $1 ] || exit 8; : >$0; read x <$1; "
				      "rm $1; exit 7");
	return 0;
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

	return cmocka_run_group_tests(tests, freeze_all, NULL);
}
