/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Takes locks of flock(2), and waits for a bounded time. */
#ifndef LBCTL_BASE_FLOCK_H
#define LBCTL_BASE_FLOCK_H

#include <signal.h>
#include <stdint.h>

#include "scope.h"

/*
 * Takes the lock of flock(2). Returns 0; -EBUSY if others have it for longer
 * than wait_us; -EINTR once *stop is not 0 (stop may be NULL); or another
 * negative errno.
 */
int flock_wait(int fd, int64_t wait_us,
	       const volatile sig_atomic_t *stop) MUST_CHECK;

#endif
