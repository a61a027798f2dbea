/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A clock that stands still while this process does not run. */
#ifndef LBCTL_BASE_RUNNING_CLOCK_H
#define LBCTL_BASE_RUNNING_CLOCK_H

#include <stdint.h>

/*
 * A clock in microseconds. It counts the time that the process works or wants
 * to wait. It leaves out, but for a little, the time in which the process was
 * stopped, frozen, suspended or short of a processor. { 0 } is a new clock,
 * which the first tick sets to clock_now().
 */
struct running_clock {
	int64_t now;
	int64_t left_out;
	int64_t seen, worked; /* clock_now() and CPU time at the last tick */
};

/* Moves the clock; the process wanted to wait waited_us since the last tick. */
void running_clock_tick(struct running_clock *clock, int64_t waited_us);

#endif
