/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Servers that are in a pool for a while: stand-ins, the sorry server, standbys,
 * and servers that drain before they leave. The state has them, so that they are
 * neither taken for members nor forgotten. Every run decides anew which guests it wants;
 * the others leave.
 */
#include "check/pool/guest.h"

#include <errno.h>
#include <string.h>

#include "check/pool/cut.h"
#include "check/pool/listed.h"
#include "check/pool/verdict.h"

#define LEAVING "leaving"

static int add_entry(struct run *run, const struct state_server *entry,
		     const char *name)
{
	struct state_server named = *entry;

	named.since = state_now();
	(void)snprintf(named.name, sizeof(named.name), "%s", name);
	if (state_add_server(&run->state, &named) < 0)
		return command_no_memory(run->command);
	return 0;
}

/* ---- Leaving ------------------------------------------------------------- */

static int start_leaving(struct run *run, const char *name,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server, bool guest)
{
	const struct state_server entry = { .role = STATE_LEAVING,
					    .service = *service,
					    .server = *server,
					    .guest = guest };
	int r = change_hold(run, service, server, LEAVING, name);

	cut_templates(run, checks_find(run->checks, name, service), service);
	if (r < 0 ||
	    state_server(&run->state, STATE_LEAVING, name, service, server))
		return r;
	return add_entry(run, &entry, name);
}

/* Ends leaving, whichever check began it. */
static int stop_leaving(const struct pool *pool,
			const struct ipvsctl_server *server)
{
	const struct ipvsctl_server *found = change_find(pool, server);
	struct state_server *entry;
	int r = 0;

	while (r == 0 && (entry = state_server(&pool->run->state, STATE_LEAVING,
					       NULL, pool->service, server))) {
		if (found)
			r = change_release(pool->run, pool->service, found,
					   LEAVING, entry->name);
		state_drop_server(&pool->run->state, entry);
	}
	return r;
}

static bool is_drained(const struct ipvsctl_server *server)
{
	return server->held && server->held_weight == 0;
}

/* Tells whether to cut a guest's flows, which can keep it for ever. */
static bool is_cut(struct run *run, const struct state_server *entry)
{
	const struct ipvsctl_service *service =
		ipvsctl_config_find_service(run->command->from, &entry->service);

	return entry->guest && service &&
	       cut_is_due(run, checks_find(run->checks, entry->name, service),
			  service, entry->since);
}

/* Continues the leaving of a server; *ret_gone: it has left. */
static int leave(struct run *run, const struct state_server *entry,
		 bool *ret_gone)
{
	struct command *command = run->command;
	const struct ipvsctl_server *before =
		ipvsctl_config_find_server(command->from, &entry->service,
					   &entry->server);
	bool drained;
	int r;

	*ret_gone = !ipvsctl_config_find_server(command->to, &entry->service,
						&entry->server);
	if (*ret_gone)
		return 0;
	drained = before && is_drained(before);
	/* Idle, as read at least one run after it was drained. */
	*ret_gone =
		drained &&
		before->active_connections + before->inactive_connections == 0;
	if (!*ret_gone && drained && is_cut(run, entry)) {
		*ret_gone = true;
		cut_flows(run);
	}
	if (!*ret_gone)
		return change_hold(run, &entry->service, &entry->server,
				   LEAVING, entry->name);
	/* A command can have made it leave too, and its service with it. */
	r = ipvsctl_config_delete_left(command->to, &entry->service,
				       &entry->server, NULL);
	return r == -ENOENT ? ipvsctl_config_delete_server(command->to,
							   &entry->service,
							   &entry->server,
							   &command->err) :
			      r;
}

int guest_leave_all(struct run *run)
{
	struct state *state = &run->state;
	int r = 0;

	/* From the end, since servers that have left are dropped. */
	for (size_t i = state->server_count; r == 0 && i-- > 0;) {
		bool gone = false;

		if (state->servers[i].role != STATE_LEAVING)
			continue;
		r = leave(run, &state->servers[i], &gone);
		if (gone)
			state_drop_server(state, &state->servers[i]);
	}
	return r;
}

/* ---- Files of servers ---------------------------------------------------- */

/* Makes the file's weight the wanted one, if the file has one. */
static int follow_weight(const struct pool *pool,
			 const struct listed_server *listed,
			 const struct ipvsctl_server *server)
{
	struct command *command = pool->run->command;
	const struct ipvsctl_server *current = change_find(pool, server);
	struct ipvsctl_server changed;

	if (!listed->weighed || !current || current->weight == listed->weight)
		return 0;
	changed = *current;
	changed.weight = listed->weight;
	return ipvsctl_config_change_server(command->to, pool->service,
					    &changed, &command->err);
}

/* Tells whether one of the file's servers takes connections. */
static bool has_listed(const struct pool *pool)
{
	ipvsctl_for_each_server(pool->run->command->to, pool->service, server)
		if (ipvsctl_server_effective_weight(server) > 0 &&
		    list_find(pool->list, pool->service, server))
			return true;
	return false;
}

/* Forgets removed servers that the file does not have any more. */
static void drop_removed(const struct pool *pool)
{
	struct state *state = &pool->run->state;

	for (size_t i = state->server_count; i-- > 0;) {
		struct state_server *entry = &state->servers[i];

		if (entry->role == STATE_REMOVED &&
		    !ipvsctl_service_compare(&entry->service, pool->service) &&
		    !list_find(pool->list, pool->service, &entry->server))
			state_drop_server(state, entry);
	}
}

int guest_follow_list(const struct pool *pool)
{
	const struct ipvsctl_config *from = pool->run->command->from;
	const struct ipvsctl_server *server = NULL;
	bool ready = has_listed(pool);
	int r = 0;

	if (pool->list->count == 0)
		return 0;
	if (!ready)
		run_warn(pool->run,
			 "%s: none of its servers is up: the current servers "
			 "stay",
			 pool->check->servers_file);
	while (r == 0 &&
	       (server = ipvsctl_config_next_server(from, pool->service,
						    server))) {
		const struct listed_server *listed =
			list_find(pool->list, pool->service, server);

		if (listed) {
			r = stop_leaving(pool, server);
			if (r == 0)
				r = follow_weight(pool, listed, server);
		} else if (ready &&
			   !state_has_come_in(&pool->run->state, pool->service,
					      server) &&
			   change_find(pool, server)) {
			r = start_leaving(pool->run, pool->check->name,
					  pool->service, server, false);
		}
	}
	drop_removed(pool);
	return r;
}

/* ---- Coming in and going ------------------------------------------------- */

static bool is_member(const struct pool *pool,
		      const struct ipvsctl_server *server)
{
	for (size_t i = 0; i < pool->count; i++)
		if (!ipvsctl_server_compare(&pool->members[i].server, server))
			return true;
	return false;
}

int guest_come_in(const struct pool *pool, enum state_role role,
		  const struct ipvsctl_server *server)
{
	struct command *command = pool->run->command;
	struct state *state = &pool->run->state;
	const char *name = pool->check->name;
	struct state_server entry = { .role = role,
				      .service = *pool->service,
				      .server = *server,
				      .wanted = true };
	struct state_server *own =
		state_server(state, role, name, pool->service, server);
	bool present = change_find(pool, server) != NULL;
	int r = 0;

	/* The server can be there in its own right. */
	if (!own && (is_member(pool, server) ||
		     (present && !state_is_guest(state, pool->service, server))))
		return 0;
	if (own)
		own->wanted = true;
	if (present)
		r = stop_leaving(pool, server);
	else
		r = ipvsctl_config_add_server(command->to, pool->service,
					      server, &command->err);
	return r < 0 || own ? r : add_entry(pool->run, &entry, name);
}

/* Drops a guest from the state; it leaves if no other check wants it. */
static int send_away(struct run *run, struct state_server *entry)
{
	const struct state_server copy = *entry;

	state_drop_server(&run->state, entry);
	if (copy.role == STATE_QUORUM ||
	    state_has_come_in(&run->state, &copy.service, &copy.server) ||
	    !ipvsctl_config_find_server(run->command->to, &copy.service,
					&copy.server))
		return 0;
	return start_leaving(run, copy.name, &copy.service, &copy.server, true);
}

int guest_sweep(const struct pool *pool, enum state_role role)
{
	struct state *state = &pool->run->state;
	int r = 0;

	for (size_t i = state->server_count; r == 0 && i-- > 0;) {
		struct state_server *entry = &state->servers[i];

		if (entry->role == role && !entry->wanted &&
		    strcmp(entry->name, pool->check->name) == 0 &&
		    !ipvsctl_service_compare(&entry->service, pool->service))
			r = send_away(pool->run, entry);
	}
	return r;
}

int guest_forget(struct run *run, const struct check *check)
{
	struct state *state = &run->state;
	int r = 0;

	for (size_t i = state->server_count; r == 0 && i-- > 0;) {
		struct state_server *entry = &state->servers[i];

		if ((state_comes_in(entry->role) ||
		     entry->role == STATE_QUORUM) &&
		    strcmp(entry->name, check->name) == 0 &&
		    check_selects(check, &entry->service) &&
		    !checks_find(run->checks, check->name, &entry->service))
			r = send_away(run, entry);
	}
	return r;
}

/* ---- Stand-ins ----------------------------------------------------------- */

int guest_parse(const struct pool *pool, const char *text,
		const struct ipvsctl_server *like, uint32_t weight,
		struct ipvsctl_server *ret_server)
{
	struct ipvsctl_error *err = &pool->run->command->err;
	struct ipvsctl_server named;
	int r = ipvsctl_server_parse(text, pool->service, &named, err);

	if (r < 0)
		return r;
	*ret_server = like ? *like : named;
	ret_server->address = named.address;
	ret_server->port = named.port;
	ret_server->weight = weight;
	ret_server->held = false;
	r = list_set_attributes(pool->check, ret_server, err);
	return r < 0 ? r : ipvsctl_server_check(pool->service, ret_server, err);
}

/* Returns the member that is out and has this stand-in, or NULL. */
static const struct member *find_original(const struct pool *pool,
					  const struct check_backup *backup)
{
	const struct ipvsctl_server *named = &backup->server;

	for (size_t i = 0; i < pool->count; i++) {
		const struct ipvsctl_server *server = &pool->members[i].server;

		if (!ipvsctl_address_compare(&named->address,
					     &server->address) &&
		    (!named->port || named->port == server->port) &&
		    verdict_member_is_out(&pool->members[i]))
			return &pool->members[i];
	}
	return NULL;
}

static int stand_in(const struct pool *pool, const struct check_backup *backup)
{
	const struct member *original = find_original(pool, backup);
	struct ipvsctl_server server;
	int r;

	if (!original)
		return 0;
	r = guest_parse(pool, backup->stand_in, &original->server,
			original->server.weight, &server);
	return r < 0 ? change_skip(pool, r) :
		       guest_come_in(pool, STATE_STAND_IN, &server);
}

int guest_stand_in(const struct pool *pool)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pool->check->backup_count; i++)
		r = stand_in(pool, &pool->check->backups[i]);
	return r;
}
