/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The child that probes, and children that a server has taken over. */
#include "clock.h"
#include "unit.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <linux/keyctl.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>

#include "check/probe/apart.h"
#include "check/probe/confine.h"
#include "probing.h"

#define LOCAL	"127.0.0.1"
#define COUNT	20
#define LOOK_US INT64_C(100000)
/* A child that is short of a processor gets somewhere in this time. */
#define LONG_LOOK_US (5 * LOOK_US)
#define PROGRAM	     "true of a program"

static char shell[] = "/bin/sh", dash_c[] = "-c";
static char speaks[] = "echo " PROGRAM, sleeps[] = "sleep 60";

/* A run of COUNT probes of the network and one program. */
struct scene {
	struct check checks[2];
	struct probe probes[COUNT + 1], before[COUNT + 1];
	char *words[4];
	struct probe_limits limits;
	struct apart apart;
	int r;
};

static struct scene *given_scene(void (*work)(struct apart *apart))
{
	static struct scene scene;

	scene = (struct scene){
		.checks = { given_check(CHECK_TCP, PROBING_LONG_US),
			    given_check(CHECK_EXEC, PROBING_LONG_US) },
		.words = { shell, dash_c, speaks },
		.apart = { .count = COUNT, .work = work, .look_us = LOOK_US },
	};
	scene.checks[1].way.exec = scene.words;
	scene.apart.probes = scene.probes;
	scene.apart.limits = &scene.limits;
	for (size_t i = 0; i < COUNT; i++)
		scene.probes[i] =
			given_probe(&scene.checks[0], LOCAL, (uint16_t)(i + 1));
	scene.probes[COUNT] = given_probe(&scene.checks[1], LOCAL, 1);
	(void)memcpy(scene.before, scene.probes, sizeof(scene.probes));
	return &scene;
}

/* Whatever the child did: what it is not asked for is as before. */
static void assert_untouched(const struct scene *scene)
{
	for (size_t i = 0; i <= COUNT; i++) {
		const struct probe *now = &scene->probes[i];
		const struct probe *before = &scene->before[i];

		assert_ptr_equal(now->check, before->check);
		assert_memory_equal(&now->server, &before->server,
				    sizeof(now->server));
		assert_memory_equal(&now->address, &before->address,
				    sizeof(now->address));
		assert_int_equal(now->port, before->port);
		assert_int_equal(now->mark, before->mark);
		assert_true(now->verdict <= PROBE_DOWN);
		assert_non_null(
			memchr(now->message, '\0', sizeof(now->message)));
		for (const char *c = now->message; *c; c++)
			assert_in_range(*c, ' ', '~');
	}
}

static void run(struct scene *scene)
{
	unsigned int before = count_descriptors();

	scene->r = apart_run(&scene->apart, 1);
	assert_int_equal(count_descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_untouched(scene);
}

static struct scene *given_run(void (*work)(struct apart *apart))
{
	struct scene *scene = given_scene(work);

	run(scene);
	assert_int_equal(scene->r, 0);
	assert_probe(&scene->probes[COUNT], PROBE_UP, PROGRAM);
	return scene;
}

/* As a child does that means well. */
static void post(struct apart *apart, size_t position, const char *message)
{
	struct apart_record *record = &apart->board->records[position];

	record->verdict = PROBE_DOWN;
	record->started = clock_now();
	record->said = 1;
	(void)snprintf(apart->messages[position], PROBE_MESSAGE_SIZE, "%s",
		       message);
	record->done = 1;
}

/* All but the first, which was posted. */
static void assert_unknown(const struct scene *scene, const char *message)
{
	assert_probe(&scene->probes[0], PROBE_DOWN, "posted");
	for (size_t i = 1; i < COUNT; i++)
		assert_probe(&scene->probes[i], PROBE_UNKNOWN, message);
}

/* ---- Ends ---------------------------------------------------------------- */

static void die(struct apart *apart)
{
	post(apart, 0, "posted");
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
}

static void leave(struct apart *apart)
{
	post(apart, 0, "posted");
	_exit(3);
}

static void omit(struct apart *apart)
{
	post(apart, 0, "posted");
}

static void give_up(struct apart *apart)
{
	post(apart, 0, "posted");
	(void)memset(apart->board->why, '\33', sizeof(apart->board->why));
}

static void test_ends(void **state)
{
	char escapes[PROBE_MESSAGE_SIZE] = "the process that probes: ";

	(void)state;
	assert_unknown(given_run(die), "the process that probes was killed by "
				       "signal 11 (Segmentation fault)");
	assert_unknown(given_run(leave),
		       "the process that probes ended with status 3");
	assert_unknown(given_run(omit), "the process that probes skipped it");
	(void)memset(escapes + strlen(escapes), '?', 80);
	assert_unknown(given_run(give_up), escapes);
}

static void hang(struct apart *apart)
{
	post(apart, 0, "posted");
	(void)signal(SIGTERM, SIG_IGN);
	for (;;)
		(void)pause();
}

static void stop_itself(struct apart *apart)
{
	post(apart, 0, "posted");
	(void)raise(SIGSTOP);
}

static void turn_for_ever(struct apart *apart)
{
	post(apart, 0, "posted");
	for (;;) {
		(void)__atomic_add_fetch(&apart->board->turns, 1,
					 __ATOMIC_RELAXED);
		(void)usleep(LOOK_US / 10);
	}
}

/* What a child does, for a test that gets it as its state. */
struct deed {
	void (*work)(struct apart *apart);
};

static void test_hang(void **state)
{
	static const char hung[] = "the process that probes hung and was "
				   "killed";
	const struct deed *deed = *state;
	struct scene *scene = given_scene(deed->work);

	scene->apart.look_us = LONG_LOOK_US;
	scene->checks[0].way.timeout_us = 1;
	run(scene);
	assert_unknown(scene, hung);
}

static void take_long(struct apart *apart)
{
	for (int i = 0; i < 5 * 4; i++) {
		(void)__atomic_add_fetch(&apart->board->turns, 1,
					 __ATOMIC_RELAXED);
		(void)usleep(LOOK_US);
	}
	for (size_t i = 0; i < COUNT; i++)
		post(apart, i, "in the end");
}

/* Stops both at a time when the child has not turned, for many looks. */
static void freeze(struct apart *apart)
{
	const pid_t parent = getppid(), child = getpid();
	pid_t freezer = fork();

	if (freezer == 0) {
		(void)kill(child, SIGSTOP);
		(void)kill(parent, SIGSTOP);
		(void)usleep(6 * LONG_LOOK_US);
		(void)kill(parent, SIGCONT);
		(void)usleep(LOOK_US);
		(void)kill(child, SIGCONT);
		_exit(0);
	}
	(void)waitpid(freezer, NULL, 0);
	take_long(apart);
}

static void test_alive(void **state)
{
	const struct deed *deed = *state;
	struct scene *scene = given_scene(deed->work);

	scene->apart.look_us = LONG_LOOK_US;
	run(scene);
	for (size_t j = 0; j < COUNT; j++)
		assert_probe(&scene->probes[j], PROBE_DOWN, "in the end");
}

static pid_t start_test(const struct CMUnitTest *test, FILE *said)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int failed;

		(void)dup2(fileno(said), STDOUT_FILENO);
		(void)dup2(fileno(said), STDERR_FILENO);
		failed = _cmocka_run_group_tests(test->name, test, 1, NULL,
						 NULL);
		(void)fflush(NULL);
		_exit(failed != 0);
	}
	assert_true(pid > 0);
	return pid;
}

/* Waits for a test; prints what it has said when it has failed. */
static bool end_test(pid_t pid, FILE *said)
{
	char line[512];
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	rewind(said);
	while (status != 0 && fgets(line, sizeof(line), said))
		print_error("# %s", line);
	(void)fclose(said);
	return status == 0;
}

/* These take seconds: each has a process of its own, all at the same time. */
static void test_hangs_and_alive(void **state)
{
	struct deed hangs = { hang }, stops = { stop_itself },
		    turns = { turn_for_ever }, takes_long = { take_long },
		    freezes = { freeze };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_hang, &hangs),
		cmocka_unit_test_prestate(test_hang, &stops),
		cmocka_unit_test_prestate(test_hang, &turns),
		cmocka_unit_test_prestate(test_alive, &takes_long),
		cmocka_unit_test_prestate(test_alive, &freezes),
	};
	pid_t pids[ARRAY_SIZE(tests)];
	FILE *said[ARRAY_SIZE(tests)];
	size_t good = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		said[i] = tmpfile();
		assert_non_null(said[i]);
		pids[i] = start_test(&tests[i], said[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		good += end_test(pids[i], said[i]);
	assert_int_equal(good, ARRAY_SIZE(tests));
}

/* ---- Lies ---------------------------------------------------------------- */

static void scribble(struct apart *apart)
{
	(void)memset(apart->board->records, 0xff,
		     COUNT * (sizeof(struct apart_record) + PROBE_MESSAGE_SIZE));
}

static void lie_about_verdicts(struct apart *apart)
{
	for (size_t i = 0; i < COUNT; i++) {
		post(apart, i, "neither");
		apart->board->records[i].verdict =
			(uint8_t)(PROBE_DOWN + 1 + i);
	}
}

static void lie_about_times(struct apart *apart)
{
	for (size_t i = 0; i < COUNT; i++) {
		struct apart_record *record = &apart->board->records[i];

		post(apart, i, "at the wrong time");
		if (i % 3 == 0)
			record->started += PROBING_LONG_US;
		else if (i % 3 == 1)
			record->started = 1;
		else
			record->latency_us = UINT32_MAX;
	}
}

/* An agent has no numbers: a server would get all clients by one. */
static void lie_about_weights(struct apart *apart)
{
	for (size_t i = 0; i < COUNT; i++) {
		struct weight_report *report = &apart->board->records[i].report;

		post(apart, i, "too heavy");
		report->unit = i % 2 ? REPORT_NUMBER : REPORT_PERCENT;
		report->weight = i % 2 ? 1 : REPORT_PERCENT_MAX + 1;
	}
}

static void test_lies(void **state)
{
	void (*const works[])(struct apart *) = { scribble, lie_about_verdicts,
						  lie_about_times,
						  lie_about_weights };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(works); i++) {
		const struct scene *scene = given_run(works[i]);

		for (size_t j = 0; j < COUNT; j++) {
			assert_probe(&scene->probes[j], PROBE_UNKNOWN,
				     "the process that probes sent an "
				     "impossible verdict");
			assert_int_equal(scene->probes[j].latency_us, 0);
			assert_int_equal(scene->probes[j].report.unit,
					 REPORT_NO_WEIGHT);
		}
	}
}

/* The messages as given, with no end to them. */
static void say_escapes(struct apart *apart)
{
	for (size_t i = 0; i < COUNT; i++) {
		post(apart, i, "");
		(void)memset(apart->messages[i], '\33', PROBE_MESSAGE_SIZE);
		apart->messages[i][1] = '[';
	}
}

static void test_texts(void **state)
{
	const struct scene *scene = given_run(say_escapes);

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		assert_probe(&scene->probes[i], PROBE_DOWN, NULL);
		assert_int_equal(strlen(scene->probes[i].message),
				 PROBE_MESSAGE_SIZE - 1);
		assert_memory_equal(scene->probes[i].message, "?[??", 4);
	}
}

/* Its own copy of the probes, and the board, with anything. */
static void throw_dice(struct apart *apart)
{
	uint8_t *bytes = (uint8_t *)apart->board->records;

	srandom((unsigned int)getpid());
	for (size_t i = 0;
	     i < COUNT * (sizeof(struct apart_record) + PROBE_MESSAGE_SIZE);
	     i++)
		bytes[i] = (uint8_t)random();
	for (size_t i = 0; i < COUNT; i++)
		if (random() % 2) {
			apart->board->records[i].verdict = PROBE_UP;
			apart->board->records[i].started = clock_now();
			apart->board->records[i].latency_us = 0;
		}
	(void)memset(apart->probes, 0xa5, COUNT * sizeof(*apart->probes));
	if (random() % 2)
		abort();
}

static void test_dice(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		(void)given_run(throw_dice);
}

/* ---- Told to stop -------------------------------------------------------- */

static volatile sig_atomic_t stop;

static void set_stop(int number)
{
	(void)number;
	stop = 1;
}

static void test_stop(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 200000 };
	struct scene *scene = given_scene(hang);
	const int64_t started = clock_now();

	(void)state;
	stop = 0;
	scene->limits.stop = &stop;
	scene->apart.look_us = PROBING_LONG_US;
	scene->words[2] = sleeps;
	(void)signal(SIGALRM, set_stop);
	(void)setitimer(ITIMER_REAL, &soon, NULL);
	run(scene);
	(void)signal(SIGALRM, SIG_DFL);
	assert_int_equal(scene->r, -EINTR);
	assert_unknown(scene, "interrupted");
	assert_true(clock_now() - started < PROBING_LONG_US / 2);
}

/* ---- The child that means well ------------------------------------------- */

static int listener(uint16_t *ret_port)
{
	int fd = bound_socket(LOCAL, SOCK_STREAM, ret_port);

	assert_int_equal(listen(fd, COUNT), 0);
	return fd;
}

static void test_probes(void **state)
{
	struct scene *scene = given_scene(NULL);
	uint16_t open, closed;
	int fd = listener(&open);
	int bound = bound_socket(LOCAL, SOCK_STREAM, &closed);

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		scene->probes[i].port = i % 2 ? open : closed;
	assert_int_equal(apart_probe_all(scene->probes, COUNT + 1,
					 &scene->limits),
			 0);
	for (size_t i = 0; i < COUNT; i++)
		assert_probe(&scene->probes[i], i % 2 ? PROBE_UP : PROBE_DOWN,
			     i % 2 ? "connected" : "connection refused");
	assert_probe(&scene->probes[COUNT], PROBE_UP, PROGRAM);
	(void)close(fd);
	(void)close(bound);
}

/* What a child that is confined must not be able to: NULL, or what it could. */
static const char *what_can_be_done(void)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct rlimit limit;

	if (fd < 0)
		return "not even have a socket";
	if (execl("/bin/true", "true", NULL) == 0)
		return "run a program";
	if (open("/", O_RDONLY | O_CLOEXEC) >= 0)
		return "open a folder";
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0)
		return "open a file";
	if (fork() >= 0)
		return "fork";
	if (socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0)
		return "have a local socket";
	if (socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0)
		return "speak to the kernel";
	if (kill(getppid(), 0) == 0)
		return "send signals";
	if (prlimit(getpid(), RLIMIT_CORE, NULL, &limit) == 0)
		return "name a process that has limits";
	if (fcntl(fd, F_SETOWN, getppid()) == 0)
		return "send signals by way of a socket";
	(void)close(fd);
	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING,
		    0) >= 0)
		return "use the keys of others";
	if (socket(AF_INET, SOCK_DCCP | SOCK_CLOEXEC, IPPROTO_DCCP) >= 0 ||
	    errno != EPERM)
		return "have a protocol's module loaded";
	if (setuid(0) == 0)
		return "become root";
	if (fcntl(STDERR_FILENO + 1, F_GETFD) >= 0)
		return "use a descriptor";
	return NULL;
}

static void try_all(struct apart *apart)
{
	const struct confine_needs needs = { .ping = false };
	const char *step = NULL, *done;
	int r = confine(&needs, getppid(), &step);

	if (r < 0)
		post(apart, 0, step);
	done = what_can_be_done();
	for (size_t i = r < 0; i < COUNT; i++)
		post(apart, i, done ? done : "confined");
}

static void test_confined(void **state)
{
	const struct scene *scene = given_run(try_all);

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		assert_probe(&scene->probes[i], PROBE_DOWN, "confined");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_hangs_and_alive),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_dice),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_confined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
