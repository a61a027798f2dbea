/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes that run programs, and that nothing is left of them. */
#include "clock.h"
#include "unit.h"

#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "given.h"
#include "probing.h"

#include "array.h"
#include "check/config/placeholder.h"

#define SERVER "2001:db8::7"
#define NOBODY 65534 /* where it is us that run this */

static char shell[] = "/bin/sh";
static char dash_c[] = "-c";

/* A program of the shell, with one argument. */
struct script {
	char *words[6];
};

static struct script given_script(const char *text, const char *argument)
{
	return (struct script){ { shell, dash_c, (char *)text, shell,
				  (char *)argument, NULL } };
}

static void expect_words(char **words, int64_t timeout_us,
			 enum probe_verdict verdict, const char *message)
{
	struct check check = given_check(CHECK_EXEC, timeout_us);
	struct probe probe = given_probe(&check, SERVER, 8080);

	check.way.exec = words;
	run_probes(&probe, 1, 0);
	assert_probe(&probe, verdict, message);
	/* Nobody is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void expect(const char *text, enum probe_verdict verdict,
		   const char *message)
{
	struct script script = given_script(text, NULL);

	expect_words(script.words, PROBING_LONG_US, verdict, message);
}

/* ---- Outcomes ------------------------------------------------------------ */

static void test_status(void **state)
{
	(void)state;
	expect("exit 0", PROBE_UP, "exit status 0");
	expect("echo; echo fine; echo more", PROBE_UP, "fine");
	expect("printf 'no end'", PROBE_UP, "no end");
	expect("exit 75", PROBE_DOWN, "exit status 75");
	expect("echo broken >&2; exit 2", PROBE_DOWN, "exit status 2: broken");
	expect("printf 'a\\033[1mb\\000c\\n'; exit 1", PROBE_DOWN,
	       "exit status 1: a?[1mb");
	expect("echo last; kill -9 $$", PROBE_DOWN, "killed by signal 9: last");
	expect("exit 127", PROBE_DOWN, "exit status 127");
}

/* What one status means where it is a weight. */
static void expect_weight(const char *text, enum probe_verdict verdict,
			  bool weighed, uint32_t weight, const char *message)
{
	struct script script = given_script(text, NULL);
	struct check check = given_check(CHECK_EXEC, PROBING_LONG_US);
	struct probe probe = given_probe(&check, SERVER, 8080);

	check.way.exec = script.words;
	check.way.weight_from = CHECK_WEIGHT_FROM_STATUS;
	run_probes(&probe, 1, 0);
	assert_probe(&probe, verdict, message);
	assert_int_equal(probe.report.unit == REPORT_NUMBER, weighed);
	if (weighed)
		assert_int_equal(probe.report.weight, weight);
}

/* What a line means where the weight is in the output. */
static void expect_output(const char *text, enum probe_verdict verdict,
			  enum report_unit unit, uint32_t weight, bool garbled)
{
	struct script script = given_script(text, NULL);
	struct check check = given_check(CHECK_EXEC, PROBING_LONG_US);
	struct probe probe = given_probe(&check, SERVER, 8080);

	check.way.exec = script.words;
	check.way.weight_from = CHECK_WEIGHT_FROM_OUTPUT;
	run_probes(&probe, 1, 0);
	assert_int_equal(probe.verdict, verdict);
	assert_int_equal(probe.report.unit, unit);
	assert_int_equal(probe.report.weight, weight);
	assert_int_equal(probe.garbled, garbled);
}

static void test_weights_in_output(void **state)
{
	(void)state;
	expect_output("echo 20; echo 30", PROBE_UP, REPORT_NUMBER, 20, false);
	expect_output("echo '50% # busy'", PROBE_UP, REPORT_PERCENT, 50, false);
	expect_output("echo fine", PROBE_UP, REPORT_NO_WEIGHT, 0, true);
	expect_output("echo OK: 5 of 20", PROBE_UP, REPORT_NO_WEIGHT, 0, true);
	expect_output("exit 0", PROBE_UP, REPORT_NO_WEIGHT, 0, false);
	expect_output("echo 20; exit 1", PROBE_DOWN, REPORT_NO_WEIGHT, 0, false);
	expect_output("echo 20; exit 57", PROBE_DOWN, REPORT_NO_WEIGHT, 0,
		      false);
	/* A number that does not fit into the line is none, but a reason is. */
	expect_output("printf '%9999s\n' 20", PROBE_UP, REPORT_NO_WEIGHT, 0,
		      true);
	expect_output("printf '20 #%9999s\n' .", PROBE_UP, REPORT_NUMBER, 20,
		      false);
}

static void test_weights(void **state)
{
	(void)state;
	expect_weight("exit 0", PROBE_UP, false, 0, "exit status 0");
	expect_weight("exit 1", PROBE_DOWN, false, 0, "exit status 1");
	expect_weight("exit 2", PROBE_UP, true, 0, "weight 0");
	expect_weight("echo busy; exit 57", PROBE_UP, true, 55,
		      "weight 55: busy");
	expect_weight("exit 255", PROBE_UP, true, 253, "weight 253");
	expect_weight("kill -15 $$", PROBE_DOWN, false, 0,
		      "killed by signal 15");
	/* Unless it is asked for. */
	expect("exit 57", PROBE_DOWN, "exit status 57");
}

/* ---- Placeholders -------------------------------------------------------- */

/* The words "{...}" with what is probed in place of the names. */
static void assert_filled(const struct probe *probe, const char *word,
			  const char *filled)
{
	char *words[] = { (char *)"/bin/{port}", (char *)word, (char *)"",
			  NULL };
	const struct placeholder_values values = {
		.server = probe->address,
		.port = probe->port,
		.service = probe->told,
	};
	const char *missing = NULL;
	char **copy = NULL;

	if (!filled) {
		assert_int_equal(placeholder_fill(words, &values, &copy,
						  &missing),
				 -EINVAL);
		assert_non_null(strstr(word, missing));
		return;
	}
	assert_int_equal(placeholder_fill(words, &values, &copy, &missing), 0);
	assert_string_equal(copy[0], "/bin/{port}");
	assert_string_equal(copy[1], filled);
	assert_string_equal(copy[2], "");
	assert_null(copy[3]);
	array_free_texts(copy);
}

static void test_placeholders(void **state)
{
	static const struct {
		const char *word, *port, *mark;
	} cases[] = {
		{ "{server}", "2001:db8::7", "2001:db8::7" },
		{ "-H{server}:{port}", "-H2001:db8::7:8080", NULL },
		{ "{service}", "tcp:192.0.2.1:80", "fwmark:513" },
		{ "{service-address} {service-port}", "192.0.2.1 80", NULL },
		{ "{mark}", NULL, "513" },
		{ "{service-port}", "80", NULL },
		{ "{service-address}", "192.0.2.1", NULL },
		{ "{{server}}", "{2001:db8::7}", "{2001:db8::7}" },
		/* Other braces are nobody's. */
		{ "{ print $1 }", "{ print $1 }", "{ print $1 }" },
		{ "{serve}r{}{Port}{port", "{serve}r{}{Port}{port",
		  "{serve}r{}{Port}{port" },
		{ "", "", "" },
	};
	const struct check check = given_check(CHECK_EXEC, PROBING_LONG_US);
	struct probe port = given_probe(&check, SERVER, 8080);
	struct probe mark = given_probe(&check, SERVER, 0);
	const struct ipvsctl_service service =
		given_service("tcp:192.0.2.1:80");
	const struct ipvsctl_service marked = given_service("fwmark:0x201");

	(void)state;
	port.told = told_of(&service);
	mark.told = told_of(&marked);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *words[] = { (char *)cases[i].word, NULL };

		assert_filled(&port, cases[i].word, cases[i].port);
		assert_filled(&mark, cases[i].word, cases[i].mark);
		assert_int_equal(placeholder_tells_service(words),
				 strstr(cases[i].word, "{service") ||
					 strstr(cases[i].word, "{mark"));
	}
	assert_true(told_compare(&port.told, &mark.told) != 0);
	assert_int_equal(told_compare(&mark.told, &mark.told), 0);
	mark.told = (struct told){ 0 };
	assert_true(told_compare(&mark.told, &port.told) < 0);
	assert_true(told_compare(&port.told, &mark.told) > 0);
	assert_int_equal(told_compare(&mark.told, &mark.told), 0);
}

static void test_output(void **state)
{
	char line[PROBE_MESSAGE_SIZE] = { 0 };

	(void)state;
	memset(line, '0', sizeof(line) - 1);
	expect("printf '%0200d\\n' 0", PROBE_UP, line);
	/* As much as is taken is fine, more is not. */
	expect("exec head -c 60000 /dev/zero", PROBE_UP, NULL);
	expect("exec head -c 400000 /dev/zero", PROBE_DOWN,
	       "more than 65536 bytes of output");
	expect("exec >&- 2>&-; exit 3", PROBE_DOWN, "exit status 3");
}

static void test_unable(void **state)
{
	static char missing[] = "/nonexistent/program";
	static char plain[] = "/etc/passwd";
	char *no_file[] = { missing, NULL };
	char *no_program[] = { plain, NULL };

	(void)state;
	expect_words(no_file, PROBING_LONG_US, PROBE_UNKNOWN,
		     "cannot run /nonexistent/program: No such file or "
		     "directory");
	expect_words(no_program, PROBING_LONG_US, PROBE_UNKNOWN,
		     "cannot run /etc/passwd: Permission denied");
}

/* A program that others can replace is not run, nor is its server down. */
static void test_trust(void **state)
{
	char folder[] = "/tmp/lbctl-exec-XXXXXX", program[48], message[112];
	char *words[] = { program, program, NULL };

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(program, sizeof(program), "%s/true", folder);
	assert_int_equal(symlink("/bin/true", program), 0);
	expect_words(words, PROBING_LONG_US, PROBE_UP, "exit status 0");
	assert_int_equal(chmod(folder, 0777), 0);
	(void)snprintf(message, sizeof(message),
		       "cannot run %s: others than root can write %s", program,
		       folder);
	expect_words(words, PROBING_LONG_US, PROBE_UNKNOWN, message);
	(void)unlink(program);
	assert_int_equal(rmdir(folder), 0);
}

static void test_user(void **state)
{
	static char nobody[] = "nobody", missing[] = "lbctl-no-such-user";
	struct script script =
		given_script("[ \"$(id -G)\" = \"$(id -G nobody)\" ] && id -un",
			     NULL);
	const gid_t groups[] = { 0, 1, 2 };
	struct check check = given_check(CHECK_EXEC, PROBING_LONG_US);
	struct probe probe = given_probe(&check, SERVER, 0);

	(void)state;
	check.way.exec = script.words;
	check.way.user = missing;
	run_probes(&probe, 1, 0);
	assert_probe(&probe, PROBE_UNKNOWN, "no user lbctl-no-such-user");
	check.way.user = nobody;
	(void)!setgroups(ARRAY_SIZE(groups), groups);
	run_probes(&probe, 1, 0);
	if (geteuid() == 0 || geteuid() == NOBODY)
		assert_probe(&probe, PROBE_UP, "nobody");
	else
		assert_probe(&probe, PROBE_UNKNOWN,
			     "cannot run as nobody: Operation not permitted");
}

/* ---- What programs are given --------------------------------------------- */

static void test_environment(void **state)
{
	struct script script =
		given_script("echo \"${LBCTL_PORT-none} $LBCTL_FAMILY\"", NULL);
	struct check check = given_check(CHECK_EXEC, PROBING_LONG_US + 500000);
	struct probe probe = given_probe(&check, "192.0.2.7", 0);

	(void)state;
	assert_int_equal(setenv("LBCTL_SECRET", "1", 1), 0);
	expect("echo $LBCTL_CHECK $LBCTL_SERVER $LBCTL_PORT $LBCTL_FAMILY "
	       "$LBCTL_TIMEOUT $LANG \"${LBCTL_SECRET-clean}\"",
	       PROBE_UP, "test " SERVER " 8080 inet6 60 C clean");
	expect("echo $PATH; pwd", PROBE_UP, "/usr/sbin:/usr/bin:/sbin:/bin");
	check.way.exec = script.words;
	run_probes(&probe, 1, 0);
	assert_probe(&probe, PROBE_UP, "none inet");
}

static void test_arguments(void **state)
{
	struct script script =
		given_script("echo \"$# $1\"", "two words; $HOME `id`");

	(void)state;
	expect_words(script.words, PROBING_LONG_US, PROBE_UP,
		     "1 two words; $HOME `id`");
}

/* No descriptor but three, no input, no signal ignored or blocked. */
static void test_inheritance(void **state)
{
	int inherited = open("/dev/null", O_RDONLY);
	sigset_t blocked, before;

	(void)state;
	assert_true(inherited >= 0);
	assert_true(dup2(inherited, 40) == 40);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	expect("for fd in 3 4 5 6 7 8 9 10 11 12 40; do "
	       "[ ! -e /proc/self/fd/$fd ] || exit $fd; done; cat; echo done",
	       PROBE_UP, "done");
	/* The program itself, with no shell's children between. */
	expect("exec grep ^SigBlk: /proc/self/status", PROBE_UP,
	       "SigBlk:?0000000000000000");
	/* Signals 32 and 33 are glibc's own: its posix_spawn(), by which make
	   starts us, has them ignored, and nobody can change that again. */
	expect("exec grep -E '^SigIgn:.0000000(00000000|18000000)0$' "
	       "/proc/self/status",
	       PROBE_UP, NULL);
	expect("[ $(ulimit -n) -le 1024 ]", PROBE_UP, NULL);
	/* A session of its own has no terminal. */
	expect("[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ]", PROBE_UP, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGUSR1, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(inherited);
	(void)close(40);
}

/* ---- What is left -------------------------------------------------------- */

/* A pipe with a name: it ends when the last that writes to it is gone. */
struct fifo {
	char directory[32];
	char path[48];
	int fd;
};

static struct fifo given_fifo(void)
{
	struct fifo fifo = { .directory = "/tmp/lbctl-exec-XXXXXX" };

	assert_non_null(mkdtemp(fifo.directory));
	(void)snprintf(fifo.path, sizeof(fifo.path), "%s/fifo", fifo.directory);
	assert_int_equal(mkfifo(fifo.path, 0600), 0);
	fifo.fd = open(fifo.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fifo.fd >= 0);
	return fifo;
}

/* That there was a writer, if so wanted, and that none is left. */
static void assert_gone(const struct fifo *fifo, bool wrote)
{
	struct pollfd polled = { .fd = fifo->fd, .events = POLLIN };
	char bytes[16];
	ssize_t got, total = 0;

	do {
		(void)poll(&polled, 1, 10000);
		got = read(fifo->fd, bytes, sizeof(bytes));
		total += got > 0 ? got : 0;
	} while (got > 0);
	assert_int_equal(got, 0);
	if (wrote)
		assert_true(total > 0);
	(void)close(fifo->fd);
	(void)unlink(fifo->path);
	(void)rmdir(fifo->directory);
}

static void test_timeout(void **state)
{
	struct fifo fifo = given_fifo();
	struct script script =
		given_script("trap '' TERM; sleep 600 >\"$1\" & wait",
			     fifo.path);

	(void)state;
	expect_words(script.words, PROBING_SHORT_US, PROBE_DOWN,
		     "still running after 1 s, killed");
	assert_gone(&fifo, false);
}

/* A grandchild that keeps the output is neither waited for nor left. */
static void test_grandchild(void **state)
{
	struct fifo fifo = given_fifo();
	struct script script =
		given_script("exec 3>\"$1\"; echo up >&3; sleep 600 & echo fine",
			     fifo.path);
	int64_t started = clock_now();

	(void)state;
	expect_words(script.words, PROBING_LONG_US, PROBE_UP, "fine");
	assert_true(clock_now() - started < PROBING_LONG_US / 2);
	assert_gone(&fifo, true);
}

static volatile sig_atomic_t stop;

static void set_stop(int number)
{
	(void)number;
	stop = 1;
}

/* To be told to stop is to kill what runs. */
static void test_stop(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 200000 };
	struct fifo fifo = given_fifo();
	struct script script =
		given_script("sleep 600 >\"$1\" & wait", fifo.path);
	struct check check = given_check(CHECK_EXEC, PROBING_LONG_US);
	const struct probe_limits limits = { .stop = &stop };
	struct probe probe = given_probe(&check, SERVER, 0);

	(void)state;
	check.way.exec = script.words;
	(void)signal(SIGALRM, set_stop);
	(void)setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(probe_all(&probe, 1, &limits), -EINTR);
	assert_probe(&probe, PROBE_UNKNOWN, NULL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_gone(&fifo, false);
	(void)signal(SIGALRM, SIG_DFL);
}

static void test_many(void **state)
{
	struct script good = given_script("echo fine", NULL);
	struct script bad = given_script("exit 1", NULL);
	struct check checks[2] = {
		given_check(CHECK_EXEC, PROBING_LONG_US),
		given_check(CHECK_EXEC, PROBING_LONG_US),
	};
	static const unsigned int windows[] = { 0, 1, 9 };
	struct probe probes[100];

	(void)state;
	checks[0].way.exec = good.words;
	checks[1].way.exec = bad.words;
	for (size_t w = 0; w < ARRAY_SIZE(windows); w++) {
		for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
			probes[i] = given_probe(&checks[i % 2], SERVER, 1);
		run_probes(probes, ARRAY_SIZE(probes), windows[w]);
		for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
			assert_probe(&probes[i], i % 2 ? PROBE_DOWN : PROBE_UP,
				     i % 2 ? "exit status 1" : "fine");
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	}
}

/* Without descriptors of processes nothing is run, and nothing left. */
static void test_unsupported(void **state)
{
	(void)state;
	expect("exit 0", PROBE_UNKNOWN, "function not implemented");
}

static bool has_pidfd(void)
{
	int fd = pidfd_open(getpid(), 0);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

int main(void)
{
	const struct CMUnitTest without[] = {
		cmocka_unit_test(test_unsupported),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_weights_in_output),
		cmocka_unit_test(test_placeholders),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_unable),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_inheritance),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_grandchild),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_many),
	};

	if (!has_pidfd()) {
		print_message("no pidfd_open(2) here, as under valgrind\n");
		return cmocka_run_group_tests(without, NULL, NULL);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
