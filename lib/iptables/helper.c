/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Running the helper program: bounded in time and in what it may answer. */
#include "helper.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "clock.h"
#include "model/error.h"

#define HELPER_TIMEOUT_MS 10000
#define REPLIES_MAX	  (64u << 20)
#define COMPLAINT_MAX	  512

void frame_add(struct bytes *frames, const void *data, size_t size)
{
	uint32_t length = (uint32_t)size;

	bytes_add(frames, &length, sizeof(length));
	bytes_add(frames, data, size);
}

bool frame_next(const struct bytes *frames, size_t *offset,
		const void **ret_data, size_t *ret_size)
{
	uint32_t length;

	if (frames->size - *offset < sizeof(length))
		return false;
	memcpy(&length, frames->data + *offset, sizeof(length));
	if (frames->size - *offset - sizeof(length) < length)
		return false;
	*ret_data = frames->data + *offset + sizeof(length);
	*ret_size = length;
	*offset += sizeof(length) + length;
	return true;
}

static size_t count_frames(const struct bytes *frames)
{
	size_t count = 0;
	size_t offset = 0;
	size_t size;
	const void *data;

	while (frame_next(frames, &offset, &data, &size))
		count++;
	return count;
}

/* The helper lies beside the file this code was loaded from. */
static int helper_path(char *path, size_t size)
{
	Dl_info info;
	if (!dladdr((const void *)&helper_run, &info) || !info.dli_fname)
		return -EOPNOTSUPP;
	const char *slash = strrchr(info.dli_fname, '/');
	int length = slash ? (int)(slash - info.dli_fname) : 1;
	int wrote = snprintf(path, size, "%.*s/xtables", length,
			     slash ? info.dli_fname : ".");
	if (wrote < 0 || (size_t)wrote >= size || access(path, X_OK) < 0)
		return -EOPNOTSUPP;
	return 0;
}

/* A running helper and our ends of its pipes. */
struct run {
	pid_t pid;
	int fds[2];		/* its output and its complaints */
	struct bytes *texts[2]; /* what they said */
	size_t limits[2];
	int64_t end; /* of our patience, in ms */
};

/* The requests as a file, so that writing never has to wait for reading. */
static int open_requests(const struct bytes *requests)
{
	int fd = memfd_create("lbctl-xtables", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < requests->size) {
		ssize_t wrote =
			write(fd, requests->data + done, requests->size - done);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			(void)close(fd);
			return -1;
		}
		done += (size_t)wrote;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Signals as a new program expects them, whatever our caller has set. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t defaults;

	(void)sigemptyset(&none);
	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	(void)sigaddset(&defaults, SIGCHLD);
	int r = posix_spawnattr_setsigmask(attributes, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attributes, &defaults);
	if (r == 0)
		r = posix_spawnattr_setflags(attributes,
					     POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF);
	return r;
}

/* Gives the new process its standard descriptors. */
static int set_files(posix_spawn_file_actions_t *actions, const int fds[3])
{
	int r = 0;

	for (int fd = 0; fd < 3 && r == 0; fd++)
		r = posix_spawn_file_actions_adddup2(actions, fds[fd], fd);
	return r;
}

static int spawn(enum helper_task task, uint16_t family, const int fds[3],
		 pid_t *ret_pid)
{
	char path[PATH_MAX];

	if (helper_path(path, sizeof(path)) < 0)
		return ENOENT;
	char name[] = "xtables";
	char verb[] = "compile";
	if (task == HELPER_PRINT)
		memcpy(verb, "print", sizeof("print"));
	char number[] = { family == AF_INET ? '4' : '6', '\0' };
	char search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char locale[] = "LC_ALL=C";
	char *const arguments[] = { name, verb, number, NULL };
	char *const environment[] = { search, locale, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return r;
	r = posix_spawnattr_init(&attributes);
	if (r == 0) {
		r = set_files(&actions, fds);
		if (r == 0)
			r = set_signals(&attributes);
		if (r == 0)
			r = posix_spawn(ret_pid, path, &actions, &attributes,
					arguments, environment);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return r;
}

/*
 * Reads what there is of one stream; closes it at its end. What is over the
 * limit is an error of the output, and dropped of the complaints.
 */
static int receive(struct run *run, int which)
{
	uint8_t buffer[16384];
	ssize_t got = read(run->fds[which], buffer, sizeof(buffer));

	if (got < 0 && errno == EINTR)
		return 0;
	if (got <= 0) {
		(void)close(run->fds[which]);
		run->fds[which] = -1;
		return 0;
	}
	size_t room = run->limits[which] - run->texts[which]->size;
	size_t take = (size_t)got < room ? (size_t)got : room;
	bytes_add(run->texts[which], buffer, take);
	if (run->texts[which]->failed)
		return -ENOMEM;
	return which == 0 && take < (size_t)got ? -EIO : 0;
}

/* Reads both streams to their end. Returns 0, -ETIMEDOUT, -ENOMEM, -EIO. */
static int receive_all(struct run *run)
{
	while (run->fds[0] >= 0 || run->fds[1] >= 0) {
		struct pollfd polls[2] = {
			{ .fd = run->fds[0], .events = POLLIN },
			{ .fd = run->fds[1], .events = POLLIN },
		};
		int64_t left = run->end - clock_us(CLOCK_MONOTONIC) / 1000;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(polls, 2, (int)left) < 0 && errno != EINTR)
			return -EIO;
		for (int i = 0; i < 2; i++) {
			int r = polls[i].revents ? receive(run, i) : 0;
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/*
 * Takes the process away. One that has said everything is about to end; what
 * it answered counts, not its status, which the caller's handling of SIGCHLD
 * can keep from us.
 */
static void reap(struct run *run, bool finished)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	while (finished && clock_us(CLOCK_MONOTONIC) / 1000 < run->end) {
		pid_t got = waitpid(run->pid, NULL, WNOHANG);
		if (got == run->pid || (got < 0 && errno != EINTR))
			return;
		(void)nanosleep(&pause, NULL);
	}
	(void)kill(run->pid, SIGKILL);
	while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Starts the helper; on success run has the pipes to read and close. */
static int start(enum helper_task task, uint16_t family,
		 const struct bytes *requests, struct run *run)
{
	int output[2];
	int complaints[2];
	AUTO_CLOSE int input = open_requests(requests);

	if (input < 0 || pipe2(output, O_CLOEXEC) < 0)
		return errno;
	if (pipe2(complaints, O_CLOEXEC) < 0) {
		int raw = errno;
		(void)close(output[0]);
		(void)close(output[1]);
		return raw;
	}
	int r = spawn(task, family,
		      (const int[]){ input, output[1], complaints[1] },
		      &run->pid);
	(void)close(output[1]);
	(void)close(complaints[1]);
	run->fds[0] = output[0];
	run->fds[1] = complaints[0];
	return r;
}

static int fail_start(int raw, struct ipvsctl_error *err)
{
	if (raw == ENOMEM)
		return fail_memory(err);
	if (raw != ENOENT)
		return fail(err, -EIO, "cannot run the xtables helper: %s",
			    strerror(raw));
	fail(err, -EOPNOTSUPP,
	     "lbctl/xtables, which knows iptables' own words, is missing");
	return fail_hint(err, -EOPNOTSUPP, "make install");
}

/* Judges the answer; the helper's complaint, of that code, is one line. */
static int judge(int r, const struct run *run, size_t wanted, int code,
		 struct ipvsctl_error *err)
{
	const struct bytes *complaint = run->texts[1];

	if (r == -ENOMEM)
		return fail_memory(err);
	if (r == -ETIMEDOUT)
		return fail(err, r, "the xtables helper did not answer");
	if (r < 0)
		return fail(err, r, "the xtables helper said too much");
	if (count_frames(run->texts[0]) == wanted)
		return 0;
	const char *text = (const char *)complaint->data;
	int length = (int)strcspn(text, "\n");
	if (complaint->failed || !length)
		return fail(err, -EIO, "the xtables helper failed");
	/* Our own words, and those that libxtables 1.8.9 ends with. */
	if (strncmp(text, "out of memory", 13) == 0 ||
	    memmem(text, (size_t)length, "malloc failed", 13))
		return fail_memory(err);
	return fail(err, code, "%.*s", length, text);
}

int helper_run(enum helper_task task, uint16_t family,
	       const struct bytes *requests, struct bytes *ret_replies,
	       struct ipvsctl_error *err)
{
	AUTO_BYTES struct bytes complaints = { 0 };
	struct run run = { .fds = { -1, -1 },
			   .texts = { ret_replies, &complaints },
			   .limits = { REPLIES_MAX, COMPLAINT_MAX },
			   .end = clock_us(CLOCK_MONOTONIC) / 1000 +
				  HELPER_TIMEOUT_MS };

	if (requests->failed)
		return fail_memory(err);
	int raw = start(task, family, requests, &run);
	int r = 0;
	if (raw == 0) {
		r = receive_all(&run);
		reap(&run, r == 0);
	}
	closep(&run.fds[0]);
	closep(&run.fds[1]);
	if (raw != 0)
		return fail_start(raw, err);
	bytes_add(&complaints, "", 1);
	/* Words come from the caller, what is printed from the kernel. */
	return judge(r, &run, count_frames(requests),
		     task == HELPER_COMPILE ? -EINVAL : -EIO, err);
}
