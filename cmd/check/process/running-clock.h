/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A clock that stands still while this process does not run. */
#ifndef LBCTL_CHECK_RUNNING_CLOCK_H
#define LBCTL_CHECK_RUNNING_CLOCK_H

#include <stdint.h>

/*
 * Time passes on it while the process works, and while it waits as long as it
 * wants to. Time in which the process was stopped, frozen, suspended or short
 * of a processor is left out, but for a little. { 0 } is a new one, which the
 * first tick sets to clock_now(). Microseconds.
 */
struct running_clock {
	int64_t now;
	int64_t left_out;
	int64_t seen, worked; /* clock_now() and time of work at that tick */
};

/* Moves the clock; since the last tick the process wanted to wait so long. */
void running_clock_tick(struct running_clock *clock, int64_t waited_us);

#endif
