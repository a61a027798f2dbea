/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Slow start: a hold at a step below the weight, which each run computes anew from
 * the time since when the server is up.
 */
#include "check/pool/slow-start.h"

#include "check/pool/weigh.h"

uint32_t slow_start_step(uint32_t target, int64_t elapsed_ms, int64_t all_ms)
{
	uint64_t step;

	if (elapsed_ms >= all_ms)
		return target;
	if (elapsed_ms < 0)
		elapsed_ms = 0;
	step = (uint64_t)target * (uint64_t)elapsed_ms / (uint64_t)all_ms;
	return step > 0 ? (uint32_t)step : 1;
}

/* A server that --keep has kept in has all its clients. A standby comes in when
   its weight is needed. */
void slow_start_turn(const struct check *check, struct state_row *row,
		     enum row_state before, bool present, int64_t now)
{
	const bool out =
		before == ROW_DOWN ? !row->kept : before == ROW_NEW && !present;
	const bool enters = out && row->rank == 0;

	if (row->state == ROW_DOWN)
		row->slow_since = 0;
	else if (enters && check->slow_start_us > 0) {
		row->slow_since = now;
		row->slow_ms = (uint32_t)(check->slow_start_us / 1000);
	}
}

bool slow_start_is_own(const struct check *check, const char *reason)
{
	char own[REASON_SIZE];

	return ipvsctl_reason_is(reason, change_reason(own, SLOW_START_REASON,
						       check->name));
}

/* Tells whether the service has the hold, or gets it first by this run. Otherwise
   somebody has dropped it, or the service got the server later. */
static bool is_under_way(const struct pool *pool, const struct state_row *row,
			 const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	/* The run that saved this may have been killed before it set the hold. */
	if (row->changed)
		return true;
	while ((reason = ipvsctl_config_next_reason(pool->run->command->to,
						    pool->service, server,
						    reason)))
		if (slow_start_is_own(pool->check, reason))
			return true;
	return false;
}

int slow_start_member(const struct pool *pool, const struct member *member,
		      const struct ipvsctl_server *server)
{
	struct state_row *row = member->row;
	const int64_t elapsed = state_now() - row->slow_since;
	char name[CHECK_NAME_SIZE + sizeof("=4294967295")];

	/* A hold that is not saved would look like the wanted weight. */
	if (pool->run->unsaved.code)
		return 0;
	if (pool->check->slow_start_us == 0 || elapsed >= row->slow_ms)
		row->slow_since = 0;
	/* Services can share a row: what ends in one goes on in others. */
	if (!row->slow_since || !is_under_way(pool, row, server))
		return change_release(pool->run, pool->service, server,
				      SLOW_START_REASON, pool->check->name);
	(void)snprintf(name, sizeof(name), "%s=%u", pool->check->name,
		       slow_start_step(weigh_reported(row, server->weight),
				       elapsed, row->slow_ms));
	return change_hold(pool->run, pool->service, server, SLOW_START_REASON,
			   name);
}
