/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The rhythm of probes. All rows that a run probes have the same time of their last
 * probe, that of its beginning, so that rows of one state stay together, and jitter
 * does not make a round for each.
 */
#include "check/pool/rhythm.h"

/* The shortest time between the beginnings of two rounds, unless --every is
   shorter. A server that is due before the next round can begin is probed in this
   one: rounds do not begin to the millisecond. */
#define SHORTEST_MS 100
#define THOUSAND    1000

bool rhythm_is_wanted(const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct check *check = &checks->checks[i];

		if (check->retry_every_us || check->every_down_us ||
		    check->jitter_percent)
			return true;
	}
	return false;
}

/* FNV-1a over the bytes of a number. */
static uint32_t hash(uint32_t from, uint64_t number)
{
	for (int i = 0; i < 8; i++, number >>= 8)
		from = (from ^ (uint8_t)number) * 16777619U;
	return from;
}

int64_t rhythm_wait(const struct rhythm *rhythm, const struct check *check,
		    const struct state_row *row)
{
	int64_t wait = rhythm->every_us;
	uint32_t random =
		hash(rhythm->seed ^ 2166136261U, (uint64_t)row->asked);

	if (row->streak > 0 && check->retry_every_us)
		wait = check->retry_every_us;
	else if (row->streak == 0 && row->state == ROW_DOWN &&
		 check->every_down_us)
		wait = check->every_down_us;
	/* Never longer: the options are limits that an operator can count on. */
	random = hash(random, check->way_number) % (THOUSAND + 1);
	wait -= wait / 100 * check->jitter_percent * random / THOUSAND;
	return wait / 1000;
}

bool rhythm_is_due(const struct run *run, const struct check *check,
		   const struct state_row *row)
{
	return !run->rhythm || row->asked == 0 || row->asked > run->began ||
	       row->asked + rhythm_wait(run->rhythm, check, row) <
		       run->began + SHORTEST_MS;
}

int64_t rhythm_next(const struct run *run)
{
	const int64_t every = run->rhythm->every_us;
	int64_t next = every / 1000;

	for (size_t i = 0; i < run->members.count; i++) {
		const struct member *member = &run->members.list[i];
		const struct state_row *row = member->row;
		int64_t due;

		if (!row)
			continue;
		due = row->asked - run->began +
		      rhythm_wait(run->rhythm, member->check, row);
		next = due < next ? due : next;
	}
	next = next < SHORTEST_MS ? SHORTEST_MS : next;
	return next * 1000 < every ? next * 1000 : every;
}
