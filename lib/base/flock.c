/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Takes locks of flock(2), and waits for a bounded time. */
#include "flock.h"

#include <sys/file.h>

#include <time.h>

#include "clock.h"

/* Most locks are held for milliseconds. */
#define FIRST_PAUSE_US	 500
#define LONGEST_PAUSE_US 16000

int flock_wait(int fd, int64_t wait_us, const volatile sig_atomic_t *stop)
{
	const int64_t end = clock_now() + wait_us;
	int64_t pause_us = FIRST_PAUSE_US;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		const int64_t left = end - clock_now();
		struct timespec pause;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return nerrno();
		if (stop && *stop)
			return -EINTR;
		if (left <= 0)
			return -EBUSY;
		pause = (struct timespec){
			.tv_nsec = (pause_us < left ? pause_us : left) * 1000,
		};
		(void)nanosleep(&pause, NULL);
		if (pause_us < LONGEST_PAUSE_US)
			pause_us *= 2;
	}
	return 0;
}
