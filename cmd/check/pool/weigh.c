/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Turns what servers report into weights: by holds, which keep the wanted weight for
 * save, reset and other holds.
 */
#include "check/pool/weigh.h"

#include <errno.h>
#include <string.h>

/* ---- Reports --------------------------------------------------------------- */

static void forget(struct state_row *row)
{
	row->weighed = row->percent = false;
	row->drained = row->told_down = row->turned = false;
	row->said[0] = '\0';
	row->source = CHECK_WEIGHT_FROM_NOTHING;
}

static bool changed(bool now, uint8_t change)
{
	return change == REPORT_KEEPS ? now : change == REPORT_SETS;
}

static void take_report(struct state_row *row,
			const struct weight_report *report, const char *line)
{
	const bool ready = report->drain == REPORT_LIFTS;
	const bool drained = changed(row->drained, report->drain);

	/* One that was not told of, by a run that was killed, is news still. */
	row->turned |= row->drained != drained;
	row->drained = drained;
	row->told_down = changed(row->told_down, report->down);
	(void)snprintf(row->said, sizeof(row->said), "%.*s",
		       (int)sizeof(row->said) - 1, line);
	if (report->unit != REPORT_NO_WEIGHT) {
		row->percent = report->unit == REPORT_PERCENT;
		row->weight = report->weight;
		row->weighed =
			!row->percent || report->weight < REPORT_PERCENT_MAX;
	} else if (ready && !row->source && row->weight == 0) {
		/* Of a lost state, a hold at 0 is all that remains of a drain. */
		row->weighed = false;
	}
}

void weigh_take(const struct check *check, struct state_row *row,
		const struct probe *probe, const struct probe *asked)
{
	const struct probe *source = asked ? asked : probe;
	const struct weight_report *report = &source->report;
	const enum check_weight_from from = check->way.weight_from;

	/* What another source has said, this one could not lift. */
	if (from == CHECK_WEIGHT_FROM_NOTHING ||
	    (row->source && row->source != from))
		forget(row);
	if (from == CHECK_WEIGHT_FROM_NOTHING)
		return;
	if (source->verdict == PROBE_UP &&
	    (report->drain || report->down || report->unit)) {
		take_report(row, report, source->message);
		row->source = (uint8_t)from;
	}
	/* That a program says 0 is no report. */
	if (from == CHECK_WEIGHT_FROM_STATUS && !weigh_holds(row))
		row->said[0] = '\0';
}

uint32_t weigh_reported(const struct state_row *row, uint32_t wanted)
{
	if (row->drained)
		return 0;
	if (!row->weighed)
		return wanted;
	return row->percent ?
		       (uint32_t)(((uint64_t)wanted * row->weight + 99) / 100) :
		       row->weight;
}

bool weigh_drains(const struct state_row *row)
{
	return row && weigh_reported(row, 1) == 0;
}

bool weigh_holds(const struct state_row *row)
{
	return row && (row->weighed || row->drained);
}

bool weigh_is_own(const struct check *check, const char *reason)
{
	char own[REASON_SIZE];

	return ipvsctl_reason_is(reason,
				 change_reason(own, WEIGH_REASON, check->name));
}

/* ---- Holds ----------------------------------------------------------------- */

/* Releases a server whose weight a hold would change: without the saved hold
   the new weight would look like the wanted one. */
static int weigh_unsaved(const struct pool *pool, const struct member *member,
			 const struct ipvsctl_server *server)
{
	const uint32_t weight = ipvsctl_server_effective_weight(server);
	int r = 0;

	if (server->held && weight > 0 &&
	    weight != ipvsctl_server_effective_weight(&member->server))
		r = ipvsctl_config_release(pool->run->command->to,
					   pool->service, server, NULL, NULL);
	return r == -ENOMEM ? command_no_memory(pool->run->command) : 0;
}

/* Reports that the server drains itself, or no more, or that --keep lets it. */
static int tell(const struct pool *pool, const struct member *member)
{
	const struct state_row *row = member->row;
	const bool let_go = row->drained && member->was_kept && !member->kept;
	struct transition transition = {
		.event = row->drained ? TRANSITION_DRAINED : TRANSITION_READY,
		.server = member->server,
	};

	if (!row->turned && !let_go)
		return 0;
	(void)snprintf(transition.reason, sizeof(transition.reason), "%s",
		       row->said);
	if (member->kept)
		(void)snprintf(transition.done, sizeof(transition.done),
			       "kept in service");
	return change_tell(pool, &transition);
}

static int hold(const struct pool *pool, const struct member *member,
		const struct ipvsctl_server *server)
{
	char name[CHECK_NAME_SIZE + sizeof("=4294967295")];

	if (!weigh_holds(member->row))
		return change_release(pool->run, pool->service, server,
				      WEIGH_REASON, pool->check->name);
	(void)snprintf(name, sizeof(name), "%s=%u", pool->check->name,
		       weigh_reported(member->row, server->weight));
	return change_hold(pool->run, pool->service, server, WEIGH_REASON, name);
}

int weigh_member(const struct pool *pool, const struct member *member,
		 const struct ipvsctl_server *server)
{
	int r;

	if (pool->run->unsaved.code)
		return member->kept ? 0 : weigh_unsaved(pool, member, server);
	r = member->kept ? 0 : hold(pool, member, server);
	return r < 0 ? r : tell(pool, member);
}
