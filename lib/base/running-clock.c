/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tells the time in which a process runs from the time in which it does not. */
#include "running-clock.h"

#include "clock.h"

/* The delay of the scheduler and of timers that a tick tolerates. */
#define SLACK_US INT64_C(100000)

void running_clock_tick(struct running_clock *clock, int64_t waited_us)
{
	const int64_t seen = clock_now(),
		      worked = clock_us(CLOCK_THREAD_CPUTIME_ID);
	const int64_t passed = seen - clock->seen;
	int64_t ran = worked - clock->worked + waited_us + SLACK_US;

	/* The first tick has nothing to compare with. */
	if (ran > passed || clock->seen == 0)
		ran = passed;
	clock->now += ran;
	clock->left_out += passed - ran;
	clock->seen = seen;
	clock->worked = worked;
}
