/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Starts programs by posix_spawn(3), and waits by their pidfds. */
#include "child.h"

#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program.h"
#include "replace.h"
#include "running-clock.h"

/* How long a killed program may take to end; then it is given up. */
#define KILL_US INT64_C(500000)
/* How often to poll a child that has no pidfd. */
#define LOOK_MS 10
#define WAIT_MS 60000
/* How often to look at *stop, in case the signal came just before poll(). */
#define STOP_MS 200

/* Runs the children of one lane, one after another. */
struct slot {
	struct child *next, *end; /* rest of the lane; none if next == end */
	struct child *child;	  /* the running one, or NULL */
	pid_t pid;
	int pidfd;
	int64_t due;
	bool killed;
};

struct pool {
	struct slot slots[CHILD_WINDOW];
	struct child *next, *end; /* children that no slot has taken yet */
	const struct child_limits *limits;
	struct running_clock clock;
	int64_t all_due; /* by clock, like due */
};

static bool is_stopped(const struct child_limits *limits)
{
	return limits->stop && *limits->stop;
}

static void free_actions(posix_spawn_file_actions_t *actions)
{
	(void)posix_spawn_file_actions_destroy(actions);
}

static void free_attributes(posix_spawnattr_t *attributes)
{
	(void)posix_spawnattr_destroy(attributes);
}

int child_file(void)
{
	AUTO_CLOSE int fd = memfd_create("lbctl", MFD_CLOEXEC);
	const int other = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return other < 0 ? nerrno() : other;
}

static int open_input(const struct child *child, int *ret_fd)
{
	AUTO_CLOSE int fd = child_file();
	int r = fd < 0 ? fd : write_all(fd, child->input, child->input_size);

	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = nerrno();
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

/* Returns 0 or an errno. */
static int set_actions(posix_spawn_file_actions_t *actions, int input,
		       const struct child *child)
{
	const int fds[] = { input, child->output, child->errors };
	int error = 0;

	for (int i = 0; error == 0 && i < 3; i++)
		error = fds[i] > 0 ?
				posix_spawn_file_actions_adddup2(actions,
								 fds[i], i) :
				posix_spawn_file_actions_addopen(actions, i,
								 "/dev/null",
								 O_RDWR, 0);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	/* A relative argv[0] would not be found from "/". */
	if (error == 0 && child->argv[0][0] == '/')
		error = posix_spawn_file_actions_addchdir_np(actions, "/");
	return error;
}

/* Resets and unblocks all signals, and makes a session without a terminal. */
static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all, none;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	(void)posix_spawnattr_setsigdefault(attributes, &all);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setflags(attributes,
				       POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSID);
}

/* Returns 0 or an errno. */
static int spawn(const struct child *child, pid_t *ret_pid)
{
	CLEANUP(free_actions) posix_spawn_file_actions_t actions;
	CLEANUP(free_attributes) posix_spawnattr_t attributes;
	AUTO_CLOSE int input = -1;
	int error = child->input ? -open_input(child, &input) : 0;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	set_attributes(&attributes);
	if (error == 0)
		error = set_actions(&actions, input, child);
	if (error == 0)
		error = posix_spawn(ret_pid, child->argv[0], &actions,
				    &attributes, (char *const *)child->argv,
				    (char *const *)child->envp);
	return error;
}

static void say(struct child *child, const char *format, ...) PRINTF(2, 3);
static void say(struct child *child, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(child->why, sizeof(child->why), format, arguments);
	va_end(arguments);
}

/* Starts the child. Returns false, and says why, if it cannot. */
static bool start(struct child *child, const struct pool *pool, pid_t *ret_pid)
{
	char why[PROGRAM_WHY_SIZE];

	if (is_stopped(pool->limits)) {
		say(child, "was not run: interrupted");
		return false;
	}
	if (pool->clock.now >= pool->all_due) {
		say(child, "was not run, for lack of time");
		return false;
	}
	if (!pool->limits->trusted && program_look(child->argv[0], why) < 0) {
		say(child, "cannot be run: %s", why);
		return false;
	}
	child->error = spawn(child, ret_pid);
	if (child->error)
		say(child, "cannot be run: %s", strerror(child->error));
	return child->error == 0;
}

/* Starts the lane's next child that can be started, if there is one. */
static void start_next(struct slot *slot, const struct pool *pool)
{
	while (!slot->child && slot->next < slot->end) {
		struct child *child = slot->next++;

		if (!start(child, pool, &slot->pid))
			continue;
		slot->child = child;
		slot->pidfd = pidfd_open(slot->pid, 0);
		slot->due = pool->clock.now + pool->limits->each;
		if (slot->due > pool->all_due)
			slot->due = pool->all_due;
		slot->killed = false;
	}
}

static void end_child(struct slot *slot, const struct pool *pool, int status)
{
	slot->child->error = slot->killed ? ETIMEDOUT : 0;
	if (slot->killed)
		say(slot->child, is_stopped(pool->limits) ?
					 "was killed: interrupted" :
					 "took too long and was killed");
	else if (WIFSIGNALED(status))
		say(slot->child, "was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		say(slot->child, "ended with status %d", WEXITSTATUS(status));
	closep(&slot->pidfd);
	slot->child = NULL;
}

/* Reaps the running child if it has ended; kills it if it is due. */
static void look(struct slot *slot, const struct pool *pool)
{
	int64_t now = pool->clock.now;
	int status = 0;

	/* waitpid() fails if the caller ignores SIGCHLD: it has ended. */
	if (waitpid(slot->pid, &status, WNOHANG) != 0 ||
	    (slot->killed && now >= slot->due)) {
		end_child(slot, pool, status);
	} else if (now >= slot->due ||
		   (!slot->killed && is_stopped(pool->limits))) {
		(void)kill(-slot->pid, SIGKILL);
		slot->killed = true;
		slot->due = now + KILL_US;
	}
}

/* Gives an idle slot the next lane, which must exist. */
static void take_lane(struct pool *pool, struct slot *slot)
{
	slot->next = pool->next;
	while (pool->next < pool->end && pool->next->lane == slot->next->lane)
		pool->next++;
	slot->end = pool->next;
}

static void fill(struct pool *pool, struct slot *slot)
{
	start_next(slot, pool);
	while (!slot->child && pool->next < pool->end) {
		take_lane(pool, slot);
		start_next(slot, pool);
	}
}

/* Waits until a child ends or is due. Returns false if none runs. */
static bool wait_some(struct pool *pool)
{
	struct pollfd polled[CHILD_WINDOW];
	int64_t wait_ms = pool->limits->stop ? STOP_MS : WAIT_MS;
	nfds_t count = 0;

	for (size_t i = 0; i < CHILD_WINDOW; i++) {
		const struct slot *slot = &pool->slots[i];
		int64_t left_ms = (slot->due - pool->clock.now + 999) / 1000;

		if (!slot->child)
			continue;
		polled[count++] =
			(struct pollfd){ .fd = slot->pidfd, .events = POLLIN };
		if (slot->pidfd < 0 && left_ms > LOOK_MS)
			left_ms = LOOK_MS;
		if (left_ms < wait_ms)
			wait_ms = left_ms > 0 ? left_ms : 0;
	}
	if (count > 0)
		(void)poll(polled, count, (int)wait_ms);
	running_clock_tick(&pool->clock, count > 0 ? wait_ms * 1000 : 0);
	return count > 0;
}

void children_run(struct child *children, size_t count,
		  const struct child_limits *limits)
{
	struct pool pool = {
		.next = children,
		.end = children + count,
		.limits = limits,
	};

	running_clock_tick(&pool.clock, 0);
	pool.all_due = limits->end;
	do {
		for (size_t i = 0; i < CHILD_WINDOW; i++) {
			struct slot *slot = &pool.slots[i];

			if (slot->child)
				look(slot, &pool);
			if (!slot->child)
				fill(&pool, slot);
		}
	} while (wait_some(&pool));
}
