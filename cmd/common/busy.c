/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Counts who is still with a server. The kernel counts established connections
 * only. Entries of its connection table tell of others: handshakes, connections
 * that one side has closed, flows of UDP.
 */
#include "common/busy.h"

#include <netinet/in.h>

#include <string.h>
#include <time.h>

#include "common/filter.h"

/* A flow whose last packet is longer ago counts as ended, and so does a connection
   that is closing. */
#define QUIET_SECONDS 10

struct watched {
	struct busy *list;
	size_t count;
	struct filter filter;
	struct ipvsctl_timeouts timeouts;
};

void busy_pause(int64_t milliseconds)
{
	struct timespec pause = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000,
	};

	(void)nanosleep(&pause, NULL);
}

static uint32_t flags_of(const struct ipvsctl_connection *connection)
{
	const struct ipvsctl_connection_state *state =
		ipvsctl_connection_states();

	while (state->name && (state->protocol != connection->protocol ||
			       strcmp(state->name, connection->state) != 0))
		state++;
	return state->flags;
}

/* Each packet of an entry restarts its timeout. */
static bool is_recent(const struct ipvsctl_connection *connection,
		      uint32_t timeout)
{
	return connection->expires_seconds + QUIET_SECONDS > timeout;
}

/* Tells whether the entry goes on, although it does not count as active. Entries
   of persistence have no client port. */
static bool goes_on(const struct watched *watched,
		    const struct ipvsctl_connection *connection)
{
	uint32_t flags;

	if (!connection->client_port)
		return false;
	if (connection->protocol == IPPROTO_UDP)
		return is_recent(connection, watched->timeouts.udp);
	flags = flags_of(connection);
	if (flags & IPVSCTL_STATE_CLOSING)
		return is_recent(connection, watched->timeouts.tcp_fin);
	return flags & (IPVSCTL_STATE_HALF_OPEN | IPVSCTL_STATE_HALF_CLOSED);
}

static int count_entry(const struct ipvsctl_connection *connection, void *data)
{
	struct watched *watched = data;
	struct filter *filter = &watched->filter;

	if (!goes_on(watched, connection))
		return 0;
	for (size_t i = 0; i < watched->count; i++) {
		struct busy *busy = &watched->list[i];

		if (!busy->inactive)
			continue;
		filter->service = busy->service;
		filter->server = busy->server;
		if (!filter_match(filter, connection))
			continue;
		if (connection->protocol == IPPROTO_UDP)
			busy->flows++;
		else
			busy->connections++;
	}
	return 0;
}

static int read_table(struct command *command, struct busy *list, size_t count)
{
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	struct watched watched = {
		.list = list,
		.count = count,
		.filter = { .has_service = true,
			    .has_server = true,
			    .config = command->from },
	};
	int r = ipvsctl_load(command->ctx, IPVSCTL_TIMEOUTS, NULL, &config,
			     &command->err);

	if (r < 0)
		return r;
	if (ipvsctl_config_get_timeouts(config))
		watched.timeouts = *ipvsctl_config_get_timeouts(config);
	return ipvsctl_each_connection(command->ctx, count_entry, &watched,
				       &command->err);
}

/* Tells whether to look for entries; active connections say enough. With
   one-packet scheduling each packet is a flow of its own. */
static bool needs_table(const struct ipvsctl_service *service,
			const struct ipvsctl_server *server)
{
	return server->inactive_connections > 0 &&
	       !(service->flags & IPVSCTL_ONE_PACKET) &&
	       (server->active_connections == 0 || service->fwmark);
}

int busy_count(struct command *command, struct busy *list, size_t count)
{
	const struct ipvsctl_config *from = command->from;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		const struct ipvsctl_service *service =
			ipvsctl_config_find_service(from, &list[i].service);
		const struct ipvsctl_server *server =
			ipvsctl_config_find_server(from, &list[i].service,
						   &list[i].server);

		list[i].flows = 0;
		list[i].connections = server ? server->active_connections : 0;
		list[i].inactive =
			service && server && needs_table(service, server);
		any = any || list[i].inactive;
	}
	return any ? read_table(command, list, count) : 0;
}
