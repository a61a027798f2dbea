/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Waits for many thousands of descriptors and timers at once. */
#ifndef LBCTL_CHECK_LOOP_H
#define LBCTL_CHECK_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "output/cleanup.h"

struct loop;

/* A descriptor to wait for; part of the object that it belongs to. */
struct loop_watch {
	int fd;
	/* events are those of epoll_wait(2). */
	void (*ready)(struct loop_watch *watch, uint32_t events);
};

/* A time to wait for; { 0 } is not set. */
struct loop_timer {
	int64_t due; /* as of loop_now() */
	void (*expire)(struct loop_timer *timer);
	size_t place; /* the loop's own; 0: not set */
};

/* Returns 0 or a negative errno. */
int loop_new(struct loop **ret_loop) MUST_CHECK;
void loop_free(struct loop *loop);

/*
 * loop_now() returns the microseconds that this process has run. The clock is
 * read once per turn, and by loop_tick(): reading it for each of thousands of
 * probes costs too much. loop_left_out() returns the microseconds in which the
 * process did not run: stopped, frozen, suspended or starved. loop_worked()
 * returns the processor time that it has used.
 */
int64_t loop_now(const struct loop *loop);
int64_t loop_left_out(const struct loop *loop);
int64_t loop_worked(const struct loop *loop);
void loop_tick(struct loop *loop);

/* Each returns 0 or a negative errno. events are those of epoll_ctl(2). */
int loop_add(struct loop *loop, struct loop_watch *watch,
	     uint32_t events) MUST_CHECK;
int loop_modify(struct loop *loop, struct loop_watch *watch,
		uint32_t events) MUST_CHECK;
/* Call this before closing the descriptor. */
void loop_remove(struct loop *loop, struct loop_watch *watch);

/* Sets or moves a timer. Returns 0 or -ENOMEM. */
int loop_set(struct loop *loop, struct loop_timer *timer,
	     int64_t due) MUST_CHECK;
/* Unsets a timer; it need not be set. */
void loop_unset(struct loop *loop, struct loop_timer *timer);

/*
 * Waits until something is ready or due, at most wait_us. Calls the ready
 * watches before the timers that were due, so that an answer that has arrived
 * is never too late. Returns 0, or the negative errno of waiting.
 */
int loop_turn(struct loop *loop, int64_t wait_us) MUST_CHECK;

#endif
