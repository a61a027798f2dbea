/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* epoll and a heap of timers. */
#include "check/process/loop.h"

#include <sys/epoll.h>

#include <errno.h>
#include <limits.h>

#include "array.h"
#include "running-clock.h"

#define BATCH 256
/* A turn polls at most this often before it expires timers. */
#define LOOKS_MAX 1000

struct loop {
	int epoll;
	struct running_clock clock;
	struct loop_timer **heap; /* from 1 on; the earliest is first */
	size_t timers, capacity;
	struct epoll_event batch[BATCH]; /* of this turn */
	int next, count; /* the next event to handle, and the end */
};

int64_t loop_now(const struct loop *loop)
{
	return loop->clock.now;
}

int64_t loop_left_out(const struct loop *loop)
{
	return loop->clock.left_out;
}

int64_t loop_worked(const struct loop *loop)
{
	return loop->clock.worked;
}

void loop_tick(struct loop *loop)
{
	running_clock_tick(&loop->clock, 0);
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
	loop_tick(loop);
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

/* Drops pending events of a watch that may be freed. */
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

int loop_set(struct loop *loop, struct loop_timer *timer, int64_t due)
{
	struct loop_timer **heap;

	if (timer->place == 0) {
		/* Index 0 is unused. */
		heap = array_grow(loop->heap, &loop->capacity, loop->timers + 2,
				  sizeof(struct loop_timer *));
		if (!heap)
			return -ENOMEM;
		loop->heap = heap;
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

static bool is_due(const struct loop *loop, int64_t now)
{
	return loop->timers > 0 && loop->heap[1]->due <= now;
}

/* Rounds up to milliseconds, so that a turn does not end before a timer is
   due. */
static int milliseconds(const struct loop *loop, int64_t wait_us)
{
	int64_t wait = wait_us;

	if (loop->timers > 0 && wait > loop->heap[1]->due - loop->clock.now)
		wait = loop->heap[1]->due - loop->clock.now;
	wait = wait > 0 ? (wait + 999) / 1000 : 0;
	return wait > INT_MAX ? INT_MAX : (int)wait;
}

/* Waits, then calls the watches that are ready. */
static int look(struct loop *loop, int wait_ms)
{
	int count = epoll_wait(loop->epoll, loop->batch, BATCH, wait_ms);

	/* A stop and SIGCONT end epoll_wait() before it has looked. */
	if (count < 0 && errno == EINTR)
		count = epoll_wait(loop->epoll, loop->batch, BATCH, 0);
	if (count < 0)
		return -errno;
	running_clock_tick(&loop->clock, wait_ms * INT64_C(1000));
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
	int64_t before;
	int count, looks = 0;
	bool again;

	loop_tick(loop);
	/* Expire a timer only if it was due before a poll that found
	   nothing. */
	do {
		before = loop->clock.now;
		count = look(loop, looks ? 0 : milliseconds(loop, wait_us));
		again = count == BATCH ||
			(is_due(loop, loop->clock.now) &&
			 (count > 0 || !is_due(loop, before)));
	} while (count >= 0 && again && ++looks < LOOKS_MAX);
	if (count < 0)
		return count;
	while (is_due(loop, before)) {
		struct loop_timer *timer = loop->heap[1];

		loop_unset(loop, timer);
		timer->expire(timer);
	}
	return 0;
}
