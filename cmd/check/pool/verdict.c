/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state machine: how verdicts move a row. */
#include "check/pool/verdict.h"

#include <string.h>

#include "check/pool/slow-start.h"
#include "check/pool/target.h"
#include "check/pool/weigh.h"
#include "clock.h"

static void enter(struct state_row *row, enum row_state state, int64_t now)
{
	row->state = (uint8_t)state;
	row->streak = 0;
	row->since = now;
	row->changed = true;
}

/* Returns the state that the first verdict leads to. */
static enum row_state first_state(const struct check *check,
				  enum probe_verdict verdict, bool present)
{
	enum row_state seen = verdict == PROBE_UP ? ROW_UP : ROW_DOWN;

	switch (check->start) {
	case CHECK_START_UP:
		return ROW_UP;
	case CHECK_START_DOWN:
		return ROW_DOWN;
	case CHECK_START_CHECK:
		return seen;
	case CHECK_START_AUTO:
	default:
		return present ? ROW_UP : seen;
	}
}

static void step(const struct check *check, struct state_row *row,
		 enum probe_verdict verdict, bool present, int64_t now)
{
	bool up = verdict == PROBE_UP;

	row->verdict = (uint8_t)verdict;
	row->last = now;
	if (verdict == PROBE_UNKNOWN)
		return;
	if (row->state == ROW_NEW) {
		enter(row, first_state(check, verdict, present), now);
		/* A server that is as expected is no news. */
		row->changed = up ? row->state == ROW_UP && !present :
				    row->state == ROW_DOWN;
	}
	if (up == (row->state == ROW_UP)) {
		row->streak = 0;
		return;
	}
	row->streak++;
	if (row->streak < (up ? check->rise : check->fall))
		return;
	enter(row, up ? ROW_UP : ROW_DOWN, now);
	row->transitions++;
}

void verdict_step(const struct check *check, struct state_row *row,
		  enum probe_verdict verdict, bool present, int64_t now)
{
	const enum row_state before = row->state;

	step(check, row, verdict, present, now);
	if (row->state != before)
		slow_start_turn(check, row, before, present, now);
}

bool verdict_is_out(const struct check *check, const struct state_row *row,
		    bool present)
{
	if (row->state != ROW_NEW)
		return row->state == ROW_DOWN;
	/* Not known yet: leave the server as it is, unless it starts down. */
	return !present || check->start == CHECK_START_DOWN;
}

/* A server that says that it is down has not failed by chance: one report is
   enough. */
static void step_down(const struct member *member, int64_t now)
{
	struct check strict = *member->check;
	struct state_row *row = member->row;

	strict.fall = 1;
	(void)snprintf(row->message, sizeof(row->message),
		       "up, but reports: %s", row->said);
	verdict_step(&strict, row, PROBE_DOWN, !member->removed, now);
}

static void take(const struct run *run, const struct member *member,
		 const struct probe *probe, int64_t now)
{
	struct state_row *row = member->row;
	int64_t age = (clock_now() - probe->started) / 1000;

	/* Ignore a probe that began before another run updated the row. */
	if (now - age < row->last && row->last <= now)
		return;
	if (probe->verdict == PROBE_UP)
		row->latency_us = probe->latency_us;
	weigh_take(member->check, row, probe, target_report(run, member));
	if (probe->verdict == PROBE_UP && row->told_down) {
		step_down(member, now);
		return;
	}
	(void)snprintf(row->message, sizeof(row->message), "%s",
		       probe->verdict == PROBE_UP ? "" : probe->message);
	verdict_step(member->check, row, probe->verdict, !member->removed, now);
}

void verdict_take(struct run *run)
{
	int64_t now = state_now();

	for (size_t i = 0; i < run->members.count; i++) {
		const struct member *member = &run->members.list[i];
		const struct probe *probe = target_of(run, member);

		if (probe && run->rhythm)
			member->row->asked = run->began;
		/* Services that share a server share a row: take the verdict
		   once. */
		if (probe && probe->started && member->row->seen) {
			member->row->seen = false;
			take(run, member, probe, now);
		}
		member->state->last = now;
	}
}

bool verdict_member_is_out(const struct member *member)
{
	return member->row &&
	       verdict_is_out(member->check, member->row, !member->removed);
}
