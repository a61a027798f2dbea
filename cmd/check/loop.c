/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* epoll and a heap of timers. */
#include "check/loop.h"

#include <sys/epoll.h>

#include <errno.h>
#include <limits.h>
#include <time.h>

#define BATCH 256

struct loop {
	int epoll;
	int64_t now;
	struct loop_timer **heap; /* from 1 on: the one due first is the first */
	size_t timers, capacity;
	struct epoll_event batch[BATCH]; /* of this turn */
	int next, count; /* those of it that are yet to be called */
};

int64_t loop_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

int64_t loop_now(const struct loop *loop)
{
	return loop->now;
}

void loop_tick(struct loop *loop)
{
	loop->now = loop_clock();
}

int loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return -errno;
	}
	*ret_loop = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	(void)close(loop->epoll);
	free(loop->heap);
	free(loop);
}

/* ---- Descriptors --------------------------------------------------------- */

static int control(struct loop *loop, int operation, struct loop_watch *watch,
		   uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(loop->epoll, operation, watch->fd, &event) < 0 ?
		       -errno :
		       0;
}

int loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_ADD, watch, events);
}

int loop_modify(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, watch, events);
}

/* What is ready already must not be called any more: it may be freed. */
static void forget(struct loop *loop, const struct loop_watch *watch)
{
	for (int i = loop->next; i < loop->count; i++)
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
}

void loop_remove(struct loop *loop, struct loop_watch *watch)
{
	(void)control(loop, EPOLL_CTL_DEL, watch, 0);
	forget(loop, watch);
}

/* ---- Timers -------------------------------------------------------------- */

static void put(struct loop *loop, size_t place, struct loop_timer *timer)
{
	loop->heap[place] = timer;
	timer->place = place;
}

static void sift_up(struct loop *loop, size_t place, struct loop_timer *timer)
{
	while (place > 1 && loop->heap[place / 2]->due > timer->due) {
		put(loop, place, loop->heap[place / 2]);
		place /= 2;
	}
	put(loop, place, timer);
}

static void sift_down(struct loop *loop, size_t place, struct loop_timer *timer)
{
	size_t child;

	while ((child = place * 2) <= loop->timers) {
		if (child < loop->timers &&
		    loop->heap[child + 1]->due < loop->heap[child]->due)
			child++;
		if (loop->heap[child]->due >= timer->due)
			break;
		put(loop, place, loop->heap[child]);
		place = child;
	}
	put(loop, place, timer);
}

static void settle(struct loop *loop, size_t place, struct loop_timer *timer)
{
	if (place > 1 && loop->heap[place / 2]->due > timer->due)
		sift_up(loop, place, timer);
	else
		sift_down(loop, place, timer);
}

static int grow(struct loop *loop)
{
	size_t capacity = loop->capacity ? loop->capacity * 2 : 64;
	struct loop_timer **heap;

	if (loop->timers + 1 < loop->capacity)
		return 0;
	heap = reallocarray(loop->heap, capacity, sizeof(struct loop_timer *));
	if (!heap)
		return -ENOMEM;
	loop->heap = heap;
	loop->capacity = capacity;
	return 0;
}

int loop_set(struct loop *loop, struct loop_timer *timer, int64_t due)
{
	if (timer->place == 0) {
		if (grow(loop) < 0)
			return -ENOMEM;
		timer->due = due;
		sift_up(loop, ++loop->timers, timer);
	} else {
		timer->due = due;
		settle(loop, timer->place, timer);
	}
	return 0;
}

void loop_unset(struct loop *loop, struct loop_timer *timer)
{
	size_t place = timer->place;
	struct loop_timer *last;

	if (place == 0)
		return;
	timer->place = 0;
	last = loop->heap[loop->timers--];
	if (last != timer)
		settle(loop, place, last);
}

/* ---- Waiting ------------------------------------------------------------- */

static int64_t wait_for(const struct loop *loop, int64_t wait_us)
{
	int64_t left = wait_us;

	if (loop->timers > 0 && wait_us > 0)
		left = loop->heap[1]->due - loop_clock();
	if (left > wait_us)
		left = wait_us;
	return left > 0 ? left : 0;
}

/* Whole milliseconds, rounded up: not to turn in vain before a timer is due. */
static int milliseconds(int64_t wait_us)
{
	int64_t wait = (wait_us + 999) / 1000;

	return wait > INT_MAX ? INT_MAX : (int)wait;
}

static int call_ready(struct loop *loop, int64_t wait_us)
{
	int count = epoll_wait(loop->epoll, loop->batch, BATCH,
			       milliseconds(wait_for(loop, wait_us)));

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	loop_tick(loop);
	loop->count = count;
	for (loop->next = 0; loop->next < loop->count;) {
		const struct epoll_event *event = &loop->batch[loop->next++];
		struct loop_watch *watch = event->data.ptr;

		if (watch)
			watch->ready(watch, event->events);
	}
	loop->next = loop->count = 0;
	return count;
}

int loop_turn(struct loop *loop, int64_t wait_us)
{
	int count = call_ready(loop, wait_us);

	/* All that is in comes before anything that is due. */
	while (count == BATCH)
		count = call_ready(loop, 0);
	if (count < 0)
		return count;
	loop_tick(loop);
	while (loop->timers > 0 && loop->heap[1]->due <= loop->now) {
		struct loop_timer *timer = loop->heap[1];

		loop_unset(loop, timer);
		timer->expire(timer);
	}
	return 0;
}
