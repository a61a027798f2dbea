/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* How many servers should be up, and what happens when they are not. */
#include <string.h>

#include "check/effect.h"

#define QUORUM "quorum"

static bool is_sorry(const struct pool *pool,
		     const struct ipvsctl_server *server)
{
	return state_server(&pool->run->state, STATE_SORRY, NULL, pool->service,
			    server) != NULL;
}

/* Whether anything but a quorum holds it, or it has no weight at all. */
static bool is_idle(const struct pool *pool, const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	while ((reason = ipvsctl_config_next_reason(pool->run->command->to,
						    pool->service, server,
						    reason)))
		if (strncmp(reason, QUORUM ":", sizeof(QUORUM)) != 0)
			return true;
	return server->weight == 0;
}

/* The servers that could take connections, stand-ins too, sorry servers not. */
static unsigned int count_up(const struct pool *pool)
{
	const struct ipvsctl_server *server = NULL;
	unsigned int count = 0;

	while ((server = ipvsctl_config_next_server(pool->run->command->to,
						    pool->service, server)))
		if (!is_sorry(pool, server) && !is_idle(pool, server))
			count++;
	return count;
}

/* 0: the check does not care. */
static unsigned int quorum_of(const struct pool *pool)
{
	const struct check *check = pool->check;

	if (check->quorum_percent)
		return (unsigned int)((pool->count * check->quorum + 99) / 100);
	return !check->quorum && check->sorry ? 1 : check->quorum;
}

/* Keeps in the state whether it is lost, and tells when that changes. */
static int note(const struct pool *pool, bool lost, unsigned int up)
{
	struct state *state = &pool->run->state;
	struct state_server *entry =
		state_server(state, STATE_QUORUM, pool->check->name,
			     pool->service, NULL);
	struct state_server fresh = { .role = STATE_QUORUM,
				      .since = state_now(),
				      .service = *pool->service };
	const struct transition transition = {
		.event = lost ? TRANSITION_QUORUM_LOST :
				TRANSITION_QUORUM_GAINED,
		.up = up,
		.wanted = quorum_of(pool),
	};

	if (lost == (entry != NULL))
		return 0;
	(void)memcpy(fresh.name, pool->check->name, sizeof(fresh.name));
	if (entry)
		state_drop_server(state, entry);
	else if (state_add_server(state, &fresh) < 0)
		return command_no_memory(pool->run->command);
	return transition.wanted ? effect_tell(pool, &transition) : 0;
}

/* With a sorry server those few that are left get no new connections. */
static int hold_rest(const struct pool *pool, const struct ipvsctl_server *sorry)
{
	const struct ipvsctl_server *server = NULL;
	const char *name = pool->check->name;
	int r = 0;

	while (r == 0 &&
	       (server = ipvsctl_config_next_server(pool->run->command->to,
						    pool->service, server))) {
		bool held = sorry && !is_sorry(pool, server) &&
			    ipvsctl_server_compare(server, sorry) != 0;

		r = held ? effect_hold(pool->run, pool->service, server, QUORUM,
				       name) :
			   effect_release(pool->run, pool->service, server,
					  QUORUM, name);
	}
	return r;
}

int guest_quorum(const struct pool *pool)
{
	unsigned int up = count_up(pool);
	bool lost = up < quorum_of(pool);
	const struct ipvsctl_server *found;
	struct ipvsctl_server sorry;
	int r = note(pool, lost, up);

	pool->run->quorums_lost += lost;
	if (r < 0 || !lost || !pool->check->sorry)
		return r < 0 ? r : hold_rest(pool, NULL);
	/* As keepalived has it, of weight 1. */
	r = guest_parse(pool, pool->check->sorry, &pool->members[0].server, 1,
			&sorry);
	if (r == 0)
		r = guest_come_in(pool, STATE_SORRY, &sorry);
	if (r < 0)
		return effect_skip(pool, r);
	/* One that takes no connections is no reason to hold the rest. */
	found = effect_find(pool, &sorry);
	return hold_rest(pool, found && !is_idle(pool, found) ? &sorry : NULL);
}
