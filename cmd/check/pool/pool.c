/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds the members of pools, in the kernel or not yet. */
#include "check/pool/pool.h"

#include <errno.h>
#include <string.h>

#include "array.h"
#include "check/pool/listed.h"
#include "check/pool/slow-start.h"
#include "check/pool/standby.h"
#include "check/pool/watch.h"
#include "check/pool/weigh.h"

/* ---- Members ------------------------------------------------------------- */

/* A check and one of its services, while its members are found. */
struct group {
	struct run *run;
	const struct check *check;
	struct state_check *state;
	const struct server_list *list;
	const struct standby_list *standbys;
	struct watched *watched;
	const struct ipvsctl_service *service;
};

/* rank: of a standby; 0: a first server. */
static int add_member(struct group *group, const struct ipvsctl_server *server,
		      bool absent, uint8_t rank)
{
	struct members *members = &group->run->members;
	struct member *grown = array_grow(members->list, &members->capacity,
					  members->count + 1, sizeof(*grown));

	if (!grown)
		return command_no_memory(group->run->command);
	members->list = grown;
	members->list[members->count++] = (struct member){
		.check = group->check,
		.state = group->state,
		.service = group->service,
		.server = *server,
		.removed = absent,
		.rank = rank,
	};
	return 0;
}

/* Tells whether a command makes the server leave, and notes it. */
static bool leaves(const struct group *group,
		   const struct ipvsctl_server *server)
{
	struct ipvsctl_leaving leaving;

	if (!ipvsctl_config_get_leaving(group->run->command->from,
					group->service, server, &leaving))
		return false;
	group->watched->drains = true;
	return true;
}

/* Adds the kernel's servers: those of the list, or all but guests, standbys, and
   those that leave. */
static int find_present(struct group *group)
{
	const struct ipvsctl_config *from = group->run->command->from;
	const struct ipvsctl_server *server = NULL;
	int r = 0;

	while (r == 0 &&
	       (server = ipvsctl_config_next_server(from, group->service,
						    server))) {
		bool listed = group->list->count > 0;

		if (server->removed || leaves(group, server))
			continue;
		if (listed ? !list_find(group->list, group->service, server) :
			     state_is_guest(&group->run->state, group->service,
					    server) ||
				     standby_lists(group->standbys,
						   group->service, server))
			continue;
		r = add_member(group, server, false, 0);
	}
	return r;
}

static bool is_present(const struct group *group,
		       const struct ipvsctl_server *server)
{
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(group->run->command->from,
					   group->service, server);

	return found && !found->removed;
}

/* Adds the servers that checks have removed. */
static int find_removed(struct group *group)
{
	struct state *state = &group->run->state;
	struct state_server *one =
		state_server(state, STATE_REMOVED, NULL, group->service, NULL);
	const struct state_server *end = state->servers + state->server_count;
	int r = 0;

	for (; r == 0 && one && one < end && one->role == STATE_REMOVED &&
	       !ipvsctl_service_compare(&one->service, group->service);
	     one++)
		if (!is_present(group, &one->server) &&
		    (!group->list->count ||
		     list_find(group->list, group->service, &one->server)))
			r = add_member(group, &one->server, true, 0);
	return r;
}

/* Warns, by command->err, of a listed server that does not fit the service. */
static void warn_listed(struct run *run, const struct listed_server *listed,
			const char *file)
{
	struct ipvsctl_error *err = &run->command->err;

	if (file) {
		(void)snprintf(err->file, sizeof(err->file), "%s", file);
		err->line = listed->line;
	}
	list_warn(run);
}

/* Adds the servers of the list that the kernel does not have yet. */
static int find_listed(struct group *group)
{
	struct command *command = group->run->command;
	int r = 0;

	for (size_t i = 0; r == 0 && i < group->list->count; i++) {
		const struct listed_server *listed = &group->list->servers[i];
		const struct ipvsctl_server named = {
			.address = listed->address,
			.port = list_port(group->service, listed),
		};
		struct ipvsctl_server server;

		/* Skip backups, and entries that differ only in a port that
		   does not matter. */
		if (list_find(group->list, group->service, &named) != listed)
			continue;
		if (list_server(group->check, group->service, listed, &server,
				&command->err) < 0) {
			warn_listed(group->run, listed,
				    group->check->servers_file);
			continue;
		}
		if (is_present(group, &server) ||
		    state_server(&group->run->state, STATE_REMOVED, NULL,
				 group->service, &server))
			continue;
		r = add_member(group, &server, true, 0);
	}
	return r;
}

/* Tells whether the server is one of the members since first. */
static bool is_known(const struct members *members, size_t first,
		     const struct ipvsctl_server *server)
{
	for (size_t i = first; i < members->count; i++)
		if (!ipvsctl_server_compare(&members->list[i].server, server))
			return true;
	return false;
}

/* Makes the server of a standby: like the first member, if there is one. */
static int standby_server(const struct group *group, size_t first,
			  const struct listed_server *listed,
			  struct ipvsctl_server *ret_server)
{
	const struct members *members = &group->run->members;
	struct ipvsctl_error *err = &group->run->command->err;

	if (first == members->count)
		return list_server(group->check, group->service, listed,
				   ret_server, err);
	*ret_server = members->list[first].server;
	return list_server_like(group->check, group->service, listed,
				ret_server, err);
}

static int add_standby(struct group *group,
		       const struct ipvsctl_server *standby, uint8_t rank)
{
	struct run *run = group->run;
	const bool present = is_present(group, standby);
	int r = add_member(group,
			   present ?
				   ipvsctl_config_find_server(run->command->from,
							      group->service,
							      standby) :
				   standby,
			   !present, rank);

	if (r < 0)
		return r;
	run->members.list[run->members.count - 1].serving =
		state_server(&run->state, STATE_STANDBY, group->check->name,
			     group->service, standby);
	return 0;
}

/* Adds the standbys after the members since first. */
static int find_standbys(struct group *group, size_t first)
{
	const struct standby_list *standbys = group->standbys;
	int r = 0;

	for (size_t i = 0; r == 0 && i < standbys->count; i++) {
		const struct standby *standby = &standbys->list[i];
		struct ipvsctl_server server;

		if (standby_server(group, first, &standby->listed, &server) <
		    0) {
			warn_listed(group->run, &standby->listed, standby->file);
			continue;
		}
		if (!is_known(&group->run->members, first, &server) &&
		    !leaves(group, &server))
			r = add_standby(group, &server, standby->rank);
	}
	return r;
}

/* Finds the members of a service that is there; one that is leaving gets none. */
static int find_of_service(struct group *group)
{
	const struct members *members = &group->run->members;
	struct watched *watched = group->watched;
	const size_t first = members->count;
	int r = group->service ? find_present(group) : 0;
	bool stays;

	watched->leaving =
		watched->drains &&
		ipvsctl_config_service_is_leaving(group->run->command->from,
						  group->service);
	stays = group->service && !watched->leaving;
	if (stays && r == 0)
		r = find_removed(group);
	if (stays && r == 0)
		r = find_listed(group);
	watched->first = first;
	watched->count = members->count - first;
	if (stays && r == 0)
		r = find_standbys(group, first);
	watched->standbys = members->count - first - watched->count;
	return r;
}

static int find_members(struct run *run, size_t position)
{
	const struct check *check = &run->checks->checks[position];
	struct group group = {
		.run = run,
		.check = check,
		.list = &run->lists[position],
		.standbys = &run->standbys[position],
		.state = state_find(&run->state, check->name, check->selected),
	};
	const size_t before = run->members.count, start = run->watched.count;
	bool leaving = false;
	int r = watch(run, check);

	for (size_t i = start; r == 0 && i < run->watched.count; i++) {
		struct watched *watched = &run->watched.list[i];

		group.watched = watched;
		group.service = ipvsctl_config_find_service(run->command->from,
							    &watched->service);
		r = find_of_service(&group);
		leaving = leaving || watched->leaving;
	}
	if (r == 0 && run->members.count == before && !leaving)
		run_warn(run,
			 "%s: there is no such service, or it has no server: "
			 "nothing is checked",
			 check->selected);
	return r;
}

/* ---- Rows ---------------------------------------------------------------- */

/* Gets the port to probe; returns false if the member has none. */
static bool target_port(const struct member *member, uint16_t *ret_port)
{
	const struct check_way *way = &member->check->way;
	uint16_t port = member->server.port ? member->server.port :
					      member->service->port;

	if (way->kind == CHECK_PING)
		port = 0;
	else if (way->kind != CHECK_EXEC && !way->server_port)
		port = way->port;
	*ret_port = port;
	return port || way->kind == CHECK_PING || way->kind == CHECK_EXEC;
}

/* Returns the service if the check's program gets it, or none. */
static struct told told_by(const struct member *member)
{
	return member->check->way.tells_service ? told_of(member->service) :
						  (struct told){ 0 };
}

static struct state_row *row_of(const struct member *member)
{
	const struct told told = told_by(member);
	uint16_t port;

	return target_port(member, &port) ?
		       state_row(member->state, &member->server.address, port,
				 &told) :
		       NULL;
}

/* Tells whether the check has the server out already. The state can lack this
   if it was lost, or the check's selection has changed. */
static bool was_out(const struct run *run, const struct member *member)
{
	const struct state_server *entry =
		state_server(&run->state, STATE_REMOVED, NULL, member->service,
			     &member->server);
	const char *reason = NULL;
	char own[IPVSCTL_REASON_MAX + 1];

	(void)snprintf(own, sizeof(own), "check:%s", member->check->name);
	for (char **one = entry ? entry->reasons : NULL; one && *one; one++)
		if (ipvsctl_reason_is(*one, own))
			return true;
	while ((reason = ipvsctl_config_next_reason(run->command->from,
						    member->service,
						    &member->server, reason)))
		if (ipvsctl_reason_is(reason, own))
			return true;
	return false;
}

/* Finds the weight that the check has set already, but that the state lacks. A slow
   start begins anew. */
static void find_weight(const struct run *run, const struct member *member,
			struct state_row *row)
{
	const char *reason = NULL;

	while ((reason = ipvsctl_config_next_reason(run->command->from,
						    member->service,
						    &member->server, reason)))
		if (weigh_is_own(member->check, reason)) {
			row->weighed = true;
			row->weight = ipvsctl_reason_weight(reason);
		} else if (slow_start_is_own(member->check, reason)) {
			row->slow_since = state_now();
			row->slow_ms =
				(uint32_t)(member->check->slow_start_us / 1000);
		}
}

static struct state_row new_row(const struct run *run,
				const struct member *member, uint16_t port)
{
	struct state_row row = {
		.address = member->server.address,
		.port = port,
		.told = told_by(member),
		.seen = true,
	};

	if (was_out(run, member)) {
		row.state = ROW_DOWN;
		row.since = state_now();
	}
	find_weight(run, member, &row);
	return row;
}

/* Makes the rows that members lack; marks the others as seen. */
static size_t find_missing(struct run *run, const struct member *list,
			   size_t count, struct state_row *rows)
{
	char server[IPVSCTL_IDENTITY_TEXT];
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		struct state_row *row = row_of(&list[i]);
		uint16_t port;

		if (row)
			row->seen = true;
		else if (target_port(&list[i], &port))
			rows[missing++] = new_row(run, &list[i], port);
		else
			run_warn(run,
				 "%s: has no port of its own: name one instead "
				 "of 'server'",
				 ipvsctl_server_format(&list[i].server, server));
	}
	return missing;
}

/* Gives the members of one check their rows; drops other rows. */
static int fill_rows(struct run *run, struct member *list, size_t count)
{
	struct state_row *rows = calloc(count, sizeof(*rows));
	struct state_check *state = list[0].state;
	size_t missing;
	int r;

	if (!rows)
		return command_no_memory(run->command);
	missing = find_missing(run, list, count, rows);
	state_drop_unseen(state);
	r = state_add_rows(state, rows, missing);
	free(rows);
	if (r < 0)
		return command_no_memory(run->command);
	for (size_t i = 0; i < count; i++)
		list[i].row = row_of(&list[i]);
	standby_rank_rows(list, count);
	return 0;
}

int pool_find(struct run *run)
{
	const struct checks *checks = run->checks;
	struct members *members = &run->members;
	int r = 0;

	members->count = 0;
	run->watched.count = 0;
	/* Add all first, since adding one moves others. */
	for (size_t i = 0; i < checks->count; i++) {
		struct state_check *state =
			state_need(&run->state, checks->checks[i].name,
				   checks->checks[i].selected);

		if (!state)
			return command_no_memory(run->command);
		state->fall = checks->checks[i].fall;
		state->rise = checks->checks[i].rise;
		state->from_file = checks->checks[i].from_file;
	}
	for (size_t i = 0; r == 0 && i < checks->count; i++) {
		size_t first = members->count;

		r = find_members(run, i);
		standby_keep_rows(run, i);
		/* Servers that come back later are new. */
		if (r == 0 && members->count == first)
			state_drop_unseen(
				state_find(&run->state, checks->checks[i].name,
					   checks->checks[i].selected));
		else if (r == 0)
			r = fill_rows(run, members->list + first,
				      members->count - first);
	}
	return r;
}
