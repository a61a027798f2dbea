/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Standbys, by rank. They are probed like members, but are guests of the service:
 * a rank comes in while too few servers of the ranks before it are up, and leaves
 * as other guests do.
 */
#include "check/pool/standby.h"

#include <errno.h>
#include <string.h>

#include "array.h"
#include "check/pool/guest.h"
#include "check/pool/keep.h"
#include "check/pool/listed.h"
#include "check/pool/quorum.h"
#include "check/pool/verdict.h"
#include "check/pool/weigh.h"

/* ---- Reading ------------------------------------------------------------- */

static int add(struct run *run, struct standby_list *standbys,
	       const struct standby *standby)
{
	struct standby *grown = array_grow(standbys->list, &standbys->capacity,
					   standbys->count + 1, sizeof(*grown));

	if (!grown)
		return command_no_memory(run->command);
	standbys->list = grown;
	grown[standbys->count++] = *standby;
	return 0;
}

/* Adds the servers of a list that is all standbys, or only its backups. */
static int add_list(struct run *run, struct standby_list *standbys,
		    const struct server_list *list, struct standby standby,
		    bool all)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->count; i++) {
		standby.listed = list->servers[i];
		if (all || standby.listed.backup)
			r = add(run, standbys, &standby);
	}
	return r;
}

static int read_servers(struct run *run, const char *lines,
			struct server_list *list)
{
	AUTO_FREE char *text = strdup(lines);
	const struct server_file file = { .name = "--standby",
					  .text = text,
					  .length = strlen(lines) };

	if (!text)
		return command_no_memory(run->command);
	return server_list_parse(&file, list, &run->command->err);
}

static int read_rank(struct run *run, struct standby_list *standbys,
		     const struct check_standbys *given, size_t rank)
{
	AUTO_SERVER_LIST struct server_list list = { 0 };
	const struct standby standby = { .file = given->file,
					 .rank = (uint8_t)rank };
	int r = given->file ? list_read(run, given->file, NULL, &list) :
			      read_servers(run, given->servers, &list);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		standbys->incomplete = true;
		list_warn(run);
	}
	return add_list(run, standbys, &list, standby, true);
}

static int read_all(struct run *run, size_t position)
{
	const struct check *check = &run->checks->checks[position];
	const struct server_list *list = &run->lists[position];
	struct standby_list *standbys = &run->standbys[position];
	const struct standby backup = { .file = check->servers_file, .rank = 1 };
	int r = add_list(run, standbys, list, backup, false);

	standbys->incomplete = check->servers_file && list->count == 0;
	for (size_t i = 0; r == 0 && i < check->standby_ranks; i++)
		r = read_rank(run, standbys, &check->standbys[i], i + 1);
	return r;
}

int standby_read_all(struct run *run)
{
	int r = 0;

	run->standbys = calloc(run->checks->count + 1, sizeof(*run->standbys));
	if (!run->standbys)
		return command_no_memory(run->command);
	for (size_t i = 0; r == 0 && i < run->checks->count; i++)
		r = read_all(run, i);
	return r;
}

bool standby_lists(const struct standby_list *standbys,
		   const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server)
{
	for (size_t i = 0; i < standbys->count; i++) {
		const struct listed_server *listed = &standbys->list[i].listed;

		if (!ipvsctl_address_compare(&listed->address,
					     &server->address) &&
		    list_port(service, listed) == server->port)
			return true;
	}
	return false;
}

/* ---- Rows ---------------------------------------------------------------- */

void standby_keep_rows(struct run *run, size_t position)
{
	const struct check *check = &run->checks->checks[position];
	const struct state_check *state =
		state_find(&run->state, check->name, check->selected);

	for (size_t i = 0;
	     run->standbys[position].incomplete && i < state->count; i++)
		if (state->rows[i].rank)
			state->rows[i].seen = true;
}

void standby_rank_rows(const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (members[i].row) {
			members[i].row->rank = members[i].rank;
			members[i].row->serving = false;
		}
	/* A target can be a first server of another service. */
	for (size_t i = 0; i < count; i++)
		if (members[i].row && members[i].rank == 0)
			members[i].row->rank = 0;
}

/* ---- Coming in and going ------------------------------------------------- */

bool standby_is_wanted(const struct check *check, size_t first,
		       unsigned int serving, bool in)
{
	/* A pool that has lost all its servers has too few. */
	const uint64_t all = first ? first : 1;

	return (uint64_t)serving * 100 <
	       all * (in ? check->standby_above : check->standby_below);
}

static bool is_serving(const struct pool *pool, const struct member *member)
{
	const struct ipvsctl_server *server =
		change_find(pool, &member->server);

	return server && !member->kept && !quorum_is_idle(pool, server);
}

/* Takes for a standby what is in the service, perhaps by a lost state. */
static int adopt(const struct pool *pool, const struct member *member)
{
	struct state *state = &pool->run->state;
	struct state_server entry = { .role = STATE_STANDBY,
				      .since = state_now(),
				      .service = *pool->service,
				      .server = member->server };

	if (!change_find(pool, &member->server) ||
	    state_is_guest(state, pool->service, &member->server))
		return 0;
	(void)snprintf(entry.name, sizeof(entry.name), "%s", pool->check->name);
	return state_add_server(state, &entry) < 0 ?
		       command_no_memory(pool->run->command) :
		       0;
}

/* Reports that a standby is up or down, comes in or goes. */
static int tell(const struct pool *pool, const struct member *member,
		unsigned int serving, bool was_serving)
{
	struct transition transition = { .server = member->server };
	const struct ipvsctl_server *server =
		change_find(pool, &member->server);
	const bool up = !verdict_member_is_out(member);
	const size_t size = sizeof(transition.done);

	if (!member->row->changed && member->serving == was_serving)
		return 0;
	if (member->row->changed) {
		transition.event = up ? TRANSITION_UP : TRANSITION_DOWN;
		(void)snprintf(transition.reason, sizeof(transition.reason),
			       "%s", member->row->message);
	} else {
		transition.event = member->serving ? TRANSITION_STANDBY_IN :
						     TRANSITION_STANDBY_OUT;
		(void)snprintf(transition.reason, sizeof(transition.reason),
			       "%u of %zu servers up", serving, pool->count);
	}
	if (member->serving && server)
		(void)snprintf(transition.done, size,
			       "standby of rank %u, in with weight %u",
			       member->rank,
			       ipvsctl_server_effective_weight(server));
	else
		(void)snprintf(transition.done, size, "standby of rank %u%s",
			       member->rank,
			       was_serving ? ", drained" : ", not in");
	return change_tell(pool, &transition);
}

/* Puts a standby into the service, with the weight that it reports. */
static int come_in(const struct pool *pool, const struct member *member)
{
	const struct ipvsctl_server *server;
	int r = change_skip(pool, guest_come_in(pool, STATE_STANDBY,
						&member->server));

	server = change_find(pool, &member->server);
	return r < 0 || !server ? r : weigh_member(pool, member, server);
}

static int settle_one(const struct pool *pool, struct member *member, bool in,
		      unsigned int serving)
{
	const bool was_serving = member->serving;
	int r = adopt(pool, member);

	if (r < 0 || !member->row)
		return r;
	member->serving = in && !verdict_member_is_out(member);
	if (member->serving) {
		member->row->serving = true;
		r = come_in(pool, member);
	}
	return r < 0 ? r : tell(pool, member, serving, was_serving);
}

/* Keeps standbys that are in and whose file cannot be read. */
static void keep_unlisted(const struct pool *pool)
{
	struct state *state = &pool->run->state;

	for (size_t i = 0; i < state->server_count; i++) {
		struct state_server *entry = &state->servers[i];

		if (entry->role == STATE_STANDBY &&
		    !strcmp(entry->name, pool->check->name) &&
		    !ipvsctl_service_compare(&entry->service, pool->service) &&
		    !standby_lists(pool->standbys, pool->service,
				   &entry->server))
			entry->wanted = true;
	}
}

int standby_settle(const struct pool *pool)
{
	struct member *standbys = pool->members + pool->count;
	const size_t count = pool->standby_count;
	unsigned int serving = 0;
	int r = 0;

	for (size_t i = 0; i < pool->count; i++)
		serving += is_serving(pool, &pool->members[i]);
	if (pool->standbys->incomplete)
		keep_unlisted(pool);
	for (size_t next, first = 0; r == 0 && first < count; first = next) {
		const unsigned int lower = serving;
		bool in = false;

		for (next = first; next < count &&
				   standbys[next].rank == standbys[first].rank;
		     next++)
			in = in || standbys[next].serving;
		/* Without a file it is not known who serves in lower ranks. */
		if (!pool->standbys->incomplete)
			in = standby_is_wanted(pool->check, pool->count, lower,
					       in);
		for (size_t i = first; r == 0 && i < next; i++) {
			r = settle_one(pool, &standbys[i], in, lower);
			serving += standbys[i].serving &&
				   is_serving(pool, &standbys[i]);
		}
	}
	return r;
}
