/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs at intervals, and sd_notify(3) messages without libsystemd. */
#include "check/process/every.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "output/output.h"

/* timeout(1) sends its signal twice, to its child and to the group. */
#define SAME_SIGNAL_US 500000

volatile sig_atomic_t every_stopped;

/* The first signal makes the run end cleanly. A later one ends the process at
   once, by its default action. */
static void stop(int number)
{
	static int64_t first;
	const int saved = errno;
	sigset_t own;

	if (!every_stopped) {
		first = clock_now();
	} else if (clock_now() - first > SAME_SIGNAL_US) {
		(void)signal(number, SIG_DFL);
		(void)raise(number);
		(void)sigemptyset(&own);
		(void)sigaddset(&own, number);
		(void)sigprocmask(SIG_UNBLOCK, &own, NULL);
	}
	every_stopped = 1;
	errno = saved;
}

void every_catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop };

	/* No handler interrupts another. */
	(void)sigaddset(&action.sa_mask, SIGTERM);
	(void)sigaddset(&action.sa_mask, SIGINT);
	(void)sigaddset(&action.sa_mask, SIGHUP);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

/* Sends text to the service manager, if $NOTIFY_SOCKET names its socket. */
static void tell_manager(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path ? strlen(path) : 0;
	AUTO_CLOSE int fd = -1;

	if (length < 2 || length >= sizeof(address.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	(void)memcpy(address.sun_path, path, length);
	/* "@" means an abstract socket. */
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
			     (struct sockaddr *)&address,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					 length));
}

static void report(struct command *command, int r)
{
	struct report report = command_report(command);

	if (r < 0)
		report_error(&report, status_of(r, command->standing),
			     &command->err,
			     (const char *const *)command->stands);
	for (char **line = command->stands; line && *line; line++)
		free(*line);
	free(command->stands);
	command->stands = NULL;
	command->err = (struct ipvsctl_error){ 0 };
	command->standing = command->changed = false;
	(void)fflush(stdout);
}

/* Sleeps until due; returns at once if that has passed. Signals are unblocked
   only during the sleep, so that none is missed before it. */
static void wait_until(int64_t due)
{
	struct timespec pause;
	sigset_t ending, before;
	int64_t left;

	(void)sigemptyset(&ending);
	(void)sigaddset(&ending, SIGTERM);
	(void)sigaddset(&ending, SIGINT);
	(void)sigaddset(&ending, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ending, &before);
	while (!every_stopped && (left = due - clock_now()) > 0) {
		pause.tv_sec = left / 1000000;
		pause.tv_nsec = left % 1000000 * 1000;
		(void)ppoll(NULL, 0, &pause, &before);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

int every(struct command *command, const int64_t *wait_us, every_run_fn run,
	  void *data)
{
	bool first = true;
	int r;

	while (!every_stopped) {
		int64_t start = clock_now();

		r = run(command, data);
		/* Another run cannot fix bad arguments or a lost network
		   namespace. */
		if ((first && r == -EINVAL) || r == -ESTALE)
			return r;
		if (every_stopped)
			break;
		report(command, r);
		tell_manager(first ? "READY=1\nWATCHDOG=1" : "WATCHDOG=1");
		first = false;
		wait_until(start + *wait_us);
	}
	tell_manager("STOPPING=1");
	return 0;
}
