/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The lock that all writers of the family take. */
#include <sys/file.h>
#include <time.h>

#include "clock.h"
#include "kernel/context.h"
#include "kernel/state.h"
#include "model/error.h"

/* Others hold the lock for milliseconds. */
#define FIRST_PAUSE_US 500
#define LAST_PAUSE_US  20000

static void pause_us(int64_t microseconds)
{
	struct timespec time = { .tv_nsec = microseconds * 1000 };

	(void)nanosleep(&time, NULL);
}

static int wait_lock(int fd, unsigned int timeout_ms)
{
	int64_t end = clock_us(CLOCK_MONOTONIC) + (int64_t)timeout_ms * 1000;
	int64_t left, pause = FIRST_PAUSE_US;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return nerrno();
		left = end - clock_us(CLOCK_MONOTONIC);
		if (left <= 0)
			return -EBUSY;
		pause_us(pause < left ? pause : left);
		if (pause < LAST_PAUSE_US)
			pause *= 2;
	}
	return 0;
}

API int ipvsctl_lock(struct ipvsctl *ctx, unsigned int timeout_ms,
		     struct ipvsctl_error *err)
{
	AUTO_CLOSE int fd = -1;
	int r;

	if (ctx->lock >= 0)
		return 0;
	r = state_open_lock(&fd, err);
	if (r < 0)
		return r;
	r = wait_lock(fd, timeout_ms);
	if (r == -EBUSY) {
		r = fail(err, r, "another program is changing the setup");
		return fail_hint(err, r, "fuser -v " STATE_LOCK_PATH);
	}
	if (r < 0)
		return state_fail(r, STATE_LOCK_PATH, err);
	ctx->lock = TAKE_FD(fd);
	return 0;
}

API void ipvsctl_unlock(struct ipvsctl *ctx)
{
	closep(&ctx->lock);
	ctx->lock = -1;
}
