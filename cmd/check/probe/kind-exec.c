/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * exec: the server is up if a program exits with status 0. The process group is
 * killed before the program is reaped: until then its number cannot be reused.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "array.h"
#include "check/probe/exec-child.h"
#include "check/probe/probe.h"
#include "check/process/loop.h"
#include "program.h"

#define OUTPUT_MAX 65536
/* The status for weight 0, as in keepalived; the next is weight 1. */
#define STATUS_WEIGHT_0 2
/* Time for a killed process to end. */
#define KILL_WAIT_MS 1000

struct exec {
	struct probe *probe;
	char **words;		   /* the program and its arguments */
	pid_t pid;		   /* 0: none */
	struct loop_watch process; /* its pidfd, or -1 */
	int failure;		   /* pipe: why it was not run, or -1 */
	bool killed;		   /* because the time was up */
	size_t output;		   /* bytes read; below, the first line */
	size_t line_length;
	bool line_ended;
	char line[PROBE_MESSAGE_SIZE];
};

/* ---- Output -------------------------------------------------------------- */

/* Keeps the first line that is not empty; a NUL ends a line, too. */
static void keep_line(struct exec *exec, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length && !exec->line_ended; i++) {
		if (bytes[i] == '\n' || bytes[i] == '\0')
			exec->line_ended = exec->line_length > 0;
		else if (exec->line_length < sizeof(exec->line) - 1)
			exec->line[exec->line_length++] = bytes[i];
	}
	exec->line[exec->line_length] = '\0';
}

static void close_output(struct probe *probe)
{
	loop_remove(prober_loop(probe->prober), &probe->watch);
	(void)close(TAKE_FD(probe->watch.fd));
}

/* Returns false if there is no more for now. */
static bool read_output(struct probe *probe)
{
	struct exec *exec = probe->state;
	char bytes[4096];
	ssize_t got;

	if (probe->watch.fd < 0)
		return false;
	got = read(probe->watch.fd, bytes, sizeof(bytes));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got > 0) {
		keep_line(exec, bytes, (size_t)got);
		exec->output += (size_t)got;
		if (exec->output < OUTPUT_MAX)
			return true;
	}
	close_output(probe);
	return false;
}

/* ---- End ----------------------------------------------------------------- */

static void end_killed(struct probe *probe, const char *what)
{
	probe_end(probe, PROBE_DOWN, "still running after %g s, %s",
		  (double)probe->check->way.timeout_us / 1e6, what);
}

/* Ends the probe if the program was not run; returns whether it did. */
static bool end_failure(struct probe *probe)
{
	const struct exec *exec = probe->state;
	const struct check_way *way = &probe->check->way;
	struct exec_failure failure;

	if (read(exec->failure, &failure, sizeof(failure)) !=
	    (ssize_t)sizeof(failure))
		return false;
	if (failure.became)
		probe_end(probe, PROBE_UNKNOWN, "cannot run %s: %s",
			  way->exec[0], strerrordesc_np(failure.error));
	else
		probe_end(probe, PROBE_UNKNOWN, "cannot run as %s: %s%s",
			  way->user, strerrordesc_np(failure.error),
			  failure.error == EPERM ?
				  ": it needs CAP_SETUID and CAP_SETGID" :
				  "");
	return true;
}

/* Reads the report in the first line. A program that prints nothing makes none. */
static void take_output(struct probe *probe)
{
	const struct exec *exec = probe->state;
	const bool cut = exec->line_length == sizeof(exec->line) - 1 &&
			 !strchr(exec->line, '#');

	if (exec->line_length > 0)
		probe->garbled =
			cut ||
			!weight_report_parse(exec->line, exec->line_length,
					     true, &probe->report);
}

/* Reads the report in the exit status. Returns whether that is a weight. */
static bool take_weight(struct probe *probe, int status)
{
	if (status == 1)
		return false;
	probe->report = (struct weight_report){ .drain = REPORT_LIFTS,
						.unit = REPORT_PERCENT,
						.weight = REPORT_PERCENT_MAX };
	if (status < STATUS_WEIGHT_0)
		return false;
	probe->report.unit = REPORT_NUMBER;
	probe->report.weight = (uint32_t)status - STATUS_WEIGHT_0;
	return true;
}

static void end_status(struct probe *probe, const siginfo_t *info)
{
	const enum check_weight_from from = probe->check->way.weight_from;
	const bool exited = info->si_code == CLD_EXITED;
	struct exec *exec = probe->state;
	const char *line = exec->line;
	const char *colon = *line ? ": " : "";

	if (exited && info->si_status == 0 && from == CHECK_WEIGHT_FROM_OUTPUT)
		take_output(probe);
	if (exited && from == CHECK_WEIGHT_FROM_STATUS &&
	    take_weight(probe, info->si_status))
		probe_end(probe, PROBE_UP, "weight %u%s%s",
			  probe->report.weight, colon, line);
	else if (exited && info->si_status == 0)
		probe_end(probe, PROBE_UP, "%s", *line ? line : "exit status 0");
	else if (exited)
		probe_end(probe, PROBE_DOWN, "exit status %d%s%s",
			  info->si_status, colon, line);
	else if (info->si_status == SIGPIPE && exec->output >= OUTPUT_MAX)
		probe_end(probe, PROBE_DOWN, "more than %d bytes of output",
			  OUTPUT_MAX);
	else
		probe_end(probe, PROBE_DOWN, "killed by signal %d%s%s",
			  info->si_status, colon, line);
}

static void process_ready(struct loop_watch *watch, uint32_t events)
{
	struct exec *exec =
		(struct exec *)((char *)watch - offsetof(struct exec, process));
	struct probe *probe = exec->probe;
	siginfo_t info = { 0 };

	(void)events;
	/* Read the rest of the output: it contains the reason. */
	while (read_output(probe))
		;
	if (exec->killed)
		end_killed(probe, "killed");
	else if (waitid(P_PID, (id_t)exec->pid, &info,
			WEXITED | WNOHANG | WNOWAIT) < 0)
		probe_end_errno(probe, errno);
	else if (info.si_pid && !end_failure(probe))
		end_status(probe, &info);
}

static void kill_group(const struct exec *exec)
{
	(void)kill(-exec->pid, SIGKILL);
	/* It may have left its group. */
	(void)kill(exec->pid, SIGKILL);
}

/* Kills the program. The probe ends when the process has ended, or when the
   timer expires again. */
static void exec_expire(struct probe *probe)
{
	struct exec *exec = probe->state;
	int64_t due = loop_now(prober_loop(probe->prober)) +
		      KILL_WAIT_MS * INT64_C(1000);

	kill_group(exec);
	if (exec->killed ||
	    loop_set(prober_loop(probe->prober), &probe->timer, due) < 0)
		end_killed(probe, "cannot be killed");
	else
		exec->killed = true;
}

/* Does not wait for a process that hangs in the kernel: that would stop all
   probes. */
static void reap(const struct exec *exec)
{
	struct pollfd end = { .fd = exec->process.fd, .events = POLLIN };

	kill_group(exec);
	if (end.fd >= 0)
		(void)poll(&end, 1, exec->killed ? 0 : KILL_WAIT_MS);
	(void)waitpid(exec->pid, NULL, end.fd >= 0 ? WNOHANG : 0);
}

static void exec_stop(struct probe *probe)
{
	struct exec *exec = TAKE_PTR(probe->state);

	if (!exec)
		return;
	if (exec->pid > 0)
		reap(exec);
	if (exec->process.fd >= 0) {
		loop_remove(prober_loop(probe->prober), &exec->process);
		(void)close(exec->process.fd);
	}
	if (exec->failure >= 0)
		(void)close(exec->failure);
	array_free_texts(exec->words);
	free(exec);
}

/* ---- Start --------------------------------------------------------------- */

/* Starts the program with two pipes to read from; closes the child's ends. */
static int spawn(struct probe *probe, const struct exec_user *user)
{
	struct exec *exec = probe->state;
	int output[2], failure[2];

	if (pipe2(output, O_CLOEXEC) < 0)
		return -errno;

	AUTO_CLOSE int output_end = output[1];
	AUTO_CLOSE int output_read = output[0];

	if (fcntl(output[0], F_SETFL, O_NONBLOCK) < 0 ||
	    pipe2(failure, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	exec->failure = failure[0];

	AUTO_CLOSE int failure_end = failure[1];
	pid_t pid =
		exec_spawn(probe, user, exec->words, output_end, failure_end);

	if (pid < 0)
		return pid;
	exec->pid = pid;
	return probe_watch(probe, TAKE_FD(output_read), EPOLLIN);
}

/* Opens the pidfd once the child's ends of the pipes are closed. */
static int spawn_and_watch(struct probe *probe, const struct exec_user *user)
{
	struct exec *exec = probe->state;
	int r = spawn(probe, user);

	if (r < 0)
		return r;
	exec->process.fd = pidfd_open(exec->pid, 0);
	if (exec->process.fd < 0)
		return -errno;
	return loop_add(prober_loop(probe->prober), &exec->process, EPOLLIN);
}

static int exec_start(struct probe *probe)
{
	const char *name = probe->check->way.user;
	struct exec *exec = calloc(1, sizeof(*exec));
	struct exec_user user = { 0 };
	char why[PROGRAM_WHY_SIZE];
	const char *missing;
	int r;

	probe->state = exec;
	if (!exec)
		return -ENOMEM;
	*exec = (struct exec){
		.probe = probe,
		.process = { .fd = -1, .ready = process_ready },
		.failure = -1,
	};
	r = name ? exec_user_find(name, &user) : 0;
	if (r == -ENOENT) {
		probe_end(probe, PROBE_UNKNOWN, "no user %s", name);
		return 0;
	}
	/* target_collect() has checked that each placeholder has a value. */
	if (r == 0)
		r = exec_words(probe, &exec->words, &missing);
	if (r == 0 && program_look(probe->check->way.exec[0], why) < 0)
		probe_end(probe, PROBE_UNKNOWN, "cannot run %s: %s",
			  probe->check->way.exec[0], why);
	else if (r == 0)
		r = spawn_and_watch(probe, &user);
	free(user.groups);
	return r;
}

static void exec_ready(struct probe *probe, uint32_t events)
{
	(void)events;
	(void)read_output(probe);
}

/* Limited because forking and the programs themselves cost CPU time. */
#define EXEC_WINDOW 64

const struct probe_kind probe_exec = {
	.start = exec_start,
	.ready = exec_ready,
	.expire = exec_expire,
	.stop = exec_stop,
	.descriptors = 4,
	.window = EXEC_WINDOW,
};
