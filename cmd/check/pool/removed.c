/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Servers that checks have removed. The library keeps them with their service,
 * so that every program can hold, change and delete them. A run works on the
 * copies that its state has; "show" reads those, which needs no privilege.
 */
#include <errno.h>
#include <string.h>

#include "check/pool/removed.h"

static const struct ipvsctl_server *find_removed(
	const struct ipvsctl_config *config, const struct state_server *entry)
{
	const struct ipvsctl_server *server =
		ipvsctl_config_find_server(config, &entry->service,
					   &entry->server);

	return server && server->removed ? server : NULL;
}

/* Forgets servers that others have deleted or put back. */
static void drop_others(struct run *run)
{
	struct state *state = &run->state;

	for (size_t i = state->server_count; i-- > 0;)
		if (state->servers[i].role == STATE_REMOVED &&
		    !find_removed(run->command->from, &state->servers[i]))
			state_drop_server(state, &state->servers[i]);
}

/* Free with state_server_clear(). Returns 0 or -ENOMEM. */
static int copy_reasons(const struct run *run, struct state_server *entry)
{
	const char *reason = NULL;
	int r = 0;

	while (r == 0 &&
	       (reason = ipvsctl_config_next_reason(run->command->from,
						    &entry->service,
						    &entry->server, reason)))
		r = state_add_reason(&entry->reasons, reason);
	return r;
}

static int read_one(struct run *run, const struct ipvsctl_service *service,
		    const struct ipvsctl_server *server)
{
	const struct state_server *old =
		state_server(&run->state, STATE_REMOVED, NULL, service, server);
	struct state_server entry = {
		.role = STATE_REMOVED,
		.name = "-",
		.since = old ? old->since : state_now(),
		.service = *service,
		.server = *server,
	};

	entry.server.removed = false;
	entry.server.held = false;
	if (copy_reasons(run, &entry) == 0 &&
	    state_add_server(&run->state, &entry) == 0)
		return 0;
	state_server_clear(&entry);
	return command_no_memory(run->command);
}

int removed_read(struct run *run)
{
	const struct ipvsctl_config *from = run->command->from;
	const struct ipvsctl_service *service = NULL;
	int r = 0;

	drop_others(run);
	while (r == 0 &&
	       (service = ipvsctl_config_next_service(from, service))) {
		const struct ipvsctl_server *server = NULL;

		while (r == 0 &&
		       (server = ipvsctl_config_next_server(from, service,
							    server)))
			if (server->removed)
				r = read_one(run, service, server);
	}
	return r;
}

int removed_set_aside(struct run *run)
{
	struct command *command = run->command;
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->state.server_count; i++) {
		const struct state_server *entry = &run->state.servers[i];

		if (entry->role == STATE_REMOVED &&
		    find_removed(command->to, entry))
			r = ipvsctl_config_delete_server(command->to,
							 &entry->service,
							 &entry->server,
							 &command->err);
	}
	return r;
}

static int write_one(struct run *run, const struct state_server *entry)
{
	struct command *command = run->command;
	int r = ipvsctl_config_add_server(command->to, &entry->service,
					  &entry->server, &command->err);

	for (char **reason = entry->reasons; r == 0 && reason && *reason;
	     reason++)
		r = ipvsctl_config_remove_server(command->to, &entry->service,
						 &entry->server, *reason,
						 &command->err);
	return r;
}

int removed_write(struct run *run)
{
	const struct ipvsctl_config *to = run->command->to;
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->state.server_count; i++) {
		const struct state_server *entry = &run->state.servers[i];

		if (entry->role == STATE_REMOVED &&
		    ipvsctl_config_find_service(to, &entry->service) &&
		    !ipvsctl_config_find_server(to, &entry->service,
						&entry->server))
			r = write_one(run, entry);
	}
	return r;
}

bool removed_takes_out(const struct run *run)
{
	for (size_t i = 0; i < run->state.server_count; i++) {
		const struct state_server *entry = &run->state.servers[i];

		if (entry->role == STATE_REMOVED &&
		    ipvsctl_config_find_server(run->command->from,
					       &entry->service,
					       &entry->server) &&
		    !find_removed(run->command->from, entry))
			return true;
	}
	return false;
}
