/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Programs that are told of transitions, and the one that sends mail. */
#include "unit.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>

#include "check/tell/mail.h"
#include "check/tell/notify.h"
#include "check/tell/tell.h"
#include "given.h"

static struct transition transition(struct check *check,
				    enum transition_event event,
				    const char *server)
{
	return (struct transition){
		.check = check,
		.event = event,
		.service = given_service("fwmark:1"),
		.server = given_server("fwmark:1", server),
	};
}

/* A folder with a program that keeps what it gets in a file "got". */
struct desk {
	char folder[32], program[64], got[64], lock[64];
	struct command command;
	struct transitions transitions;
	struct news_list news;
};

static const struct command_program program = { .name = "lbctl-check" };

static void write_program(const struct desk *desk, const char *script)
{
	FILE *file = fopen(desk->program, "we");

	assert_non_null(file);
	(void)fprintf(file, "#!/bin/sh\nexec >>%s\n%s\n", desk->got, script);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(desk->program, 0700), 0);
}

static void desk_open(struct desk *desk, const char *script)
{
	*desk = (struct desk){ .folder = "/tmp/lbctl-tell-XXXXXX" };
	desk->command.program = &program;
	assert_non_null(mkdtemp(desk->folder));
	(void)snprintf(desk->program, sizeof(desk->program), "%s/program",
		       desk->folder);
	(void)snprintf(desk->got, sizeof(desk->got), "%s/got", desk->folder);
	(void)snprintf(desk->lock, sizeof(desk->lock), "%s/lock", desk->folder);
	write_program(desk, script);
}

static void add(struct desk *desk, struct transition added)
{
	assert_int_equal(transitions_add(&desk->transitions, &added), 0);
}

static void gather(struct desk *desk)
{
	assert_int_equal(news_gather(&desk->transitions, &desk->news), 0);
}

static void desk_close(struct desk *desk)
{
	(void)unlink(desk->program);
	(void)unlink(desk->got);
	(void)unlink(desk->lock);
	assert_int_equal(rmdir(desk->folder), 0);
	news_free(&desk->news);
	transitions_free(&desk->transitions);
}

static void desk_got(const struct desk *desk, const char *expected)
{
	char text[4096] = "";
	FILE *file = fopen(desk->got, "re");

	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		assert_int_equal(fclose(file), 0);
	}
	assert_string_equal(text, expected);
}

static void test_notify(void **state)
{
	struct desk desk;
	struct check check = { .name = "web", .notify = desk.program };
	struct check silent = { .name = "db" };
	struct transition down =
		transition(&check, TRANSITION_DOWN, "10.0.0.1");
	struct transition lost =
		transition(&check, TRANSITION_QUORUM_LOST, "10.0.0.1");

	(void)state;
	(void)snprintf(down.reason, sizeof(down.reason), "a $(reboot)\nb");
	(void)snprintf(down.done, sizeof(down.done), "drained");
	lost.up = 1;
	lost.wanted = 2;
	desk_open(&desk, "printf '<%s>' \"$@\"; echo\n"
			 "tr '\\0' '\\n' </proc/$$/environ | grep ^LBCTL_");
	add(&desk, down);
	add(&desk, lost);
	add(&desk, transition(&silent, TRANSITION_UP, "10.0.0.2"));
	gather(&desk);
	desk.news.list[0].others = 7;

	/* Two runs, for their order. */
	notify_all(&desk.command, &(struct news_list){ desk.news.list, 1 },
		   desk.lock);
	notify_all(&desk.command, &(struct news_list){ desk.news.list + 1, 2 },
		   desk.lock);
	desk_got(&desk, "<down><fwmark:1><10.0.0.1><web><a $(reboot)?b>\n"
			"LBCTL_EVENT=down\nLBCTL_SERVICE=fwmark:1\n"
			"LBCTL_SERVER=10.0.0.1\nLBCTL_CHECK=web\n"
			"LBCTL_REASON=a $(reboot)?b\nLBCTL_DONE=drained\n"
			"LBCTL_UP=0\nLBCTL_WANTED=0\nLBCTL_OTHERS=7\n"
			"<quorum-lost><fwmark:1><-><web><>\n"
			"LBCTL_EVENT=quorum-lost\nLBCTL_SERVICE=fwmark:1\n"
			"LBCTL_SERVER=-\nLBCTL_CHECK=web\n"
			"LBCTL_REASON=\nLBCTL_DONE=\n"
			"LBCTL_UP=1\nLBCTL_WANTED=2\nLBCTL_OTHERS=0\n");
	desk_close(&desk);
}

/* Those of one server come one after the other, whatever their checks. */
static void test_notify_order(void **state)
{
	struct desk desk;
	struct check first = { .name = "web", .notify = desk.program };
	struct check second = { .name = "db", .notify = desk.program };

	(void)state;
	desk_open(&desk, "echo $1 $4; sleep 0.05; echo end");
	add(&desk, transition(&first, TRANSITION_DOWN, "10.0.0.1"));
	add(&desk, transition(&second, TRANSITION_DOWN, "10.0.0.1"));
	add(&desk, transition(&first, TRANSITION_UP, "10.0.0.1"));
	gather(&desk);
	notify_all(&desk.command, &desk.news, desk.lock);
	desk_got(&desk, "down web\nend\ndown db\nend\nup web\nend\n");
	desk_close(&desk);
}

static void test_mail(void **state)
{
	static char to[] = "ops@example.net", from[] = "lb@example.net";
	static char option[] = "-X/etc/passwd";
	struct desk desk;
	struct check check = { .name = "web", .mail = to, .mail_from = from };
	struct check same = { .name = "db", .mail = to, .mail_from = from };
	struct check harmful = { .name = "x", .mail = option };

	(void)state;
	desk_open(&desk, "echo \"$@\"\ngrep -v -e ^Date: -e ^Message-ID:\n"
			 "echo .");
	desk.command.quiet = true;
	add(&desk, transition(&check, TRANSITION_DOWN, "10.0.0.1"));
	add(&desk, transition(&harmful, TRANSITION_DOWN, "10.0.0.1"));
	add(&desk, transition(&same, TRANSITION_UP, "10.0.0.2"));
	gather(&desk);
	mail_all(&desk.command, &desk.news, desk.program);
	assert_int_equal(desk.command.err.code, 0);

	char host[256] = "", expected[2048];

	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	(void)snprintf(expected, sizeof(expected),
		       "-i -f lb@example.net -- ops@example.net\n"
		       "From: lb@example.net\nTo: ops@example.net\n"
		       "Subject: lbctl: 2 changes on %s\n"
		       "MIME-Version: 1.0\n"
		       "Content-Type: text/plain; charset=UTF-8\n"
		       "Content-Transfer-Encoding: 7bit\n"
		       "Auto-Submitted: auto-generated\n\n"
		       "server 10.0.0.1 of fwmark:1 is down\n"
		       "server 10.0.0.2 of fwmark:1 is up\n"
		       "\n-- \nlbctl-check on %s\n.\n",
		       host, host);
	desk_got(&desk, expected);
	desk_close(&desk);
}

/* What goes to stderr meanwhile is kept in the desk's file. */
static int divert(const struct desk *desk)
{
	int before = dup(STDERR_FILENO);
	int fd = open(desk->got, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		      0600);

	assert_true(before >= 0 && fd >= 0);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	(void)close(fd);
	return before;
}

static void restore(int before)
{
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	(void)close(before);
}

static void test_warnings(void **state)
{
	static char to[] = "ops@example.net", option[] = "-X/etc/passwd";
	struct desk desk;
	struct check check = { .name = "web",
			       .notify = desk.program,
			       .mail = to };
	struct check harmful = { .name = "x", .mail = option };
	char expected[512];
	int before;

	(void)state;
	desk_open(&desk, "exit 3");
	add(&desk, transition(&check, TRANSITION_DOWN, "10.0.0.1"));
	add(&desk, transition(&harmful, TRANSITION_DOWN, "10.0.0.1"));
	gather(&desk);
	before = divert(&desk);
	notify_all(&desk.command, &desk.news, desk.lock);
	mail_all(&desk.command, &desk.news, desk.program);
	desk.command.quiet = true;
	notify_all(&desk.command, &desk.news, desk.lock);
	mail_all(&desk.command, &desk.news, desk.program);
	restore(before);
	(void)snprintf(expected, sizeof(expected),
		       "lbctl-check: warning: fwmark:1: %s ended with status 3\n"
		       "lbctl-check: warning: no mail to -X/etc/passwd: not an "
		       "address\n"
		       "lbctl-check: warning: ops@example.net: %s ended with "
		       "status 3\n",
		       desk.program, desk.program);
	desk_got(&desk, expected);
	desk_close(&desk);
}

/* Thousands that fail are a few lines. */
static void test_many_warnings(void **state)
{
	struct desk desk;
	struct check check = { .name = "web", .notify = desk.program };
	struct transition down =
		transition(&check, TRANSITION_DOWN, "10.0.0.1");
	char text[4096] = "";
	size_t lines = 0;
	FILE *file;
	int before;

	(void)state;
	desk_open(&desk, "exit 3");
	for (size_t i = 0; i < 20; i++) {
		down.server.address.bytes[3]++;
		add(&desk, down);
	}
	gather(&desk);
	before = divert(&desk);
	notify_all(&desk.command, &desk.news, desk.lock);
	restore(before);
	file = fopen(desk.got, "re");
	assert_non_null(file);
	while (fgets(text, sizeof(text), file))
		lines++;
	assert_int_equal(fclose(file), 0);
	assert_int_equal(lines, 9);
	assert_string_equal(text,
			    "lbctl-check: warning: and 12 more like these\n");
	desk_close(&desk);
}

/* Programs wait for those of another run. */
static void test_lock(void **state)
{
	struct desk desk;
	struct check check = { .name = "web", .notify = desk.program };
	const char *argv[] = { "/bin/sh", "-c",
			       "sleep 0.3; echo other >>\"$0\"", desk.got,
			       NULL };
	pid_t pid;
	int fd;

	(void)state;
	desk_open(&desk, "echo ours");
	add(&desk, transition(&check, TRANSITION_DOWN, "10.0.0.1"));
	gather(&desk);
	/* The other one inherits the lock, and has it until it ends. */
	fd = open(desk.lock, O_RDWR | O_CREAT, 0600); /* NOLINT */
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(posix_spawn(&pid, argv[0], NULL, NULL,
				     (char *const *)argv, environ),
			 0);
	assert_int_equal(close(fd), 0);
	notify_all(&desk.command, &desk.news, desk.lock);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	desk_got(&desk, "other\nours\n");
	desk_close(&desk);
}

/* Without a lock they run all the same. */
static void test_no_lock(void **state)
{
	struct desk desk;
	struct check check = { .name = "web", .notify = desk.program };

	(void)state;
	desk_open(&desk, "echo ours");
	desk.command.quiet = true;
	add(&desk, transition(&check, TRANSITION_DOWN, "10.0.0.1"));
	gather(&desk);
	notify_all(&desk.command, &desk.news, "/nonexistent/lock");
	desk_got(&desk, "ours\n");
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_notify_order),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_many_warnings),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_no_lock),
	};

	return cmocka_run_group_tests_name("check-notify", tests, NULL, NULL);
}
