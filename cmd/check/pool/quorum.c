/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* How many servers should be up, and what happens if they are not. */
#include "check/pool/quorum.h"

#include <string.h>

#include "check/pool/guest.h"
#include "check/pool/keep.h"

#define QUORUM "quorum"

static bool is_sorry(const struct pool *pool,
		     const struct ipvsctl_server *server)
{
	return state_server(&pool->run->state, STATE_SORRY, NULL, pool->service,
			    server) != NULL;
}

bool quorum_is_idle(const struct pool *pool, const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	while ((reason = ipvsctl_config_next_reason(pool->run->command->to,
						    pool->service, server,
						    reason)))
		if (strncmp(reason, QUORUM ":", sizeof(QUORUM)) != 0 &&
		    ipvsctl_reason_weight(reason) == 0)
			return true;
	return server->weight == 0;
}

/* Counts the servers that can take connections, except sorry servers and those
   that are kept though down. */
static unsigned int count_up(const struct pool *pool)
{
	unsigned int count = 0;

	ipvsctl_for_each_server(pool->run->command->to, pool->service, server)
		if (!is_sorry(pool, server) && !quorum_is_idle(pool, server))
			count++;
	return count - keep_count(pool);
}

static struct state_server *find_lost(const struct pool *pool)
{
	return state_server(&pool->run->state, STATE_QUORUM, pool->check->name,
			    pool->service, NULL);
}

/*
 * Returns how many servers should be up; 0: the check sets no quorum. A service
 * without servers needs one, and so does one that has lost its quorum, to
 * regain it.
 */
static unsigned int quorum_of(const struct pool *pool)
{
	const struct check *check = pool->check;
	size_t quorum =
		share_of(check->quorum, check->quorum_percent, pool->count);

	if (quorum == 0 && (check->sorry || check->withdraw ||
			    pool->count == 0 || find_lost(pool)))
		quorum = 1;
	return (unsigned int)quorum;
}

/* Keeps in the state whether the quorum is lost, and reports changes. */
static int note(const struct pool *pool, unsigned int up, unsigned int wanted)
{
	const bool lost = up < wanted;
	struct state *state = &pool->run->state;
	struct state_server *entry = find_lost(pool);
	struct state_server fresh = { .role = STATE_QUORUM,
				      .since = state_now(),
				      .service = *pool->service,
				      .wanted = true };
	struct transition transition = {
		.event = lost ? TRANSITION_QUORUM_LOST :
				TRANSITION_QUORUM_GAINED,
		.up = up,
		.wanted = wanted,
	};

	if (entry)
		entry->wanted = true;
	if (lost == (entry != NULL))
		return 0;
	(void)memcpy(fresh.name, pool->check->name, sizeof(fresh.name));
	if (entry)
		state_drop_server(state, entry);
	else if (state_add_server(state, &fresh) < 0)
		return command_no_memory(pool->run->command);
	/* Servers that are down show in the numbers. */
	if (lost && (pool->missing || pool->count == 0))
		(void)snprintf(transition.reason, sizeof(transition.reason),
			       pool->missing ? "there is no such service" :
					       "it has no server");
	return change_tell(pool, &transition);
}

/* With a sorry server, keeps new connections from the remaining servers. */
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

		r = held ? change_hold(pool->run, pool->service, server, QUORUM,
				       name) :
			   change_release(pool->run, pool->service, server,
					  QUORUM, name);
	}
	return r;
}

/* Counts the servers that no probe has had a verdict on and that are not in. */
static unsigned int count_unknown(const struct pool *pool)
{
	unsigned int count = 0;

	for (size_t i = 0; i < pool->count; i++) {
		const struct member *member = &pool->members[i];

		count += !change_find(pool, &member->server) &&
			 (!member->row || member->row->state == ROW_NEW);
	}
	return count;
}

int quorum_settle(const struct pool *pool)
{
	const unsigned int up = count_up(pool), wanted = quorum_of(pool);
	const bool lost = up < wanted;
	const struct ipvsctl_server *found;
	struct ipvsctl_server sorry;
	int r = note(pool, up, wanted);

	pool->run->quorums_lost += lost;
	pool->watched->unsure = lost && up + count_unknown(pool) >= wanted;
	pool->watched->lost = lost && !pool->watched->unsure;
	if (r < 0 || pool->missing)
		return r;
	if (!lost || !pool->check->sorry)
		return hold_rest(pool, NULL);
	/* As in keepalived, with weight 1. */
	r = guest_parse(pool, pool->check->sorry,
			pool->count > 0 ? &pool->members[0].server : NULL, 1,
			&sorry);
	if (r == 0)
		r = guest_come_in(pool, STATE_SORRY, &sorry);
	if (r < 0)
		return change_skip(pool, r);
	/* Do not hold the rest if the sorry server takes no connections. */
	found = change_find(pool, &sorry);
	return hold_rest(pool,
			 found && !quorum_is_idle(pool, found) ? &sorry : NULL);
}
