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

/* Writes why the server is not up. The last report can be another than that by which
   it is down. */
static void explain(struct state_row *row, const struct probe *probe,
		    bool told_down)
{
	const bool up = probe->verdict == PROBE_UP;

	if (told_down && probe->verdict != PROBE_DOWN)
		(void)snprintf(row->message, sizeof(row->message),
			       "%sreported down; last report: %s",
			       up ? "up, but " : "", row->said);
	else
		(void)snprintf(row->message, sizeof(row->message), "%s",
			       up ? "" : probe->message);
}

static void take(const struct run *run, const struct member *member,
		 const struct probe *probe, int64_t now)
{
	struct check check = *member->check;
	struct state_row *row = member->row;
	enum probe_verdict verdict = probe->verdict;
	int64_t age = (clock_now() - probe->started) / 1000;
	bool told_down;

	/* Ignore a probe that began before another run updated the row. */
	if (now - age < row->last && row->last <= now)
		return;
	if (verdict == PROBE_UP)
		row->latency_us = probe->latency_us;
	weigh_take(&check, row, probe, target_report(run, member));
	/* A server that this host cannot reach has no say. */
	told_down = row->told_down && !probe->cut_off;
	explain(row, probe, told_down);
	/* One that says that it is down has not failed by chance: one report is
	   enough. */
	if (told_down) {
		check.fall = 1;
		verdict = PROBE_DOWN;
	}
	verdict_step(&check, row, verdict, !member->removed, now);
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
