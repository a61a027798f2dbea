/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which service and server a connection belongs to. */
#include "push/belonging.h"

#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"

#define FTP_PORT 21

/* ---- Servers of marks ---------------------------------------------------- */

static int compare_servers(const void *a, const void *b)
{
	const struct marked_server *one = a;
	const struct marked_server *other = b;

	return ipvsctl_server_compare(one->server, other->server);
}

int belonging_init(struct belonging *belonging,
		   const struct ipvsctl_config *config)
{
	size_t capacity = 0;

	*belonging = (struct belonging){ .config = config };
	ipvsctl_for_each_service(config, service) {
		if (!service->fwmark)
			continue;
		ipvsctl_for_each_server(config, service, server) {
			struct marked_server *grown =
				array_grow(belonging->marked, &capacity,
					   belonging->marked_count + 1,
					   sizeof(*grown));

			if (!grown)
				return -ENOMEM;
			belonging->marked = grown;
			grown[belonging->marked_count++] =
				(struct marked_server){ service, server };
		}
	}
	if (belonging->marked_count)
		qsort(belonging->marked, belonging->marked_count,
		      sizeof(*belonging->marked), compare_servers);
	return 0;
}

void belonging_free(struct belonging *belonging)
{
	free(belonging->marked);
	*belonging = (struct belonging){ .config = NULL };
}

/* Returns the first server that is not before this one. */
static size_t lower_bound(const struct belonging *belonging,
			  const struct ipvsctl_server *server)
{
	size_t low = 0, high = belonging->marked_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (ipvsctl_server_compare(belonging->marked[middle].server,
					   server) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- One connection ------------------------------------------------------ */

struct search {
	const struct belonging *belonging;
	const struct ipvsctl_connection *connection;
	const struct ipvsctl_service *only;
	size_t found;
	bool chosen;
	bool doubtful; /* those found forward in different ways */
	uint16_t forward;
	uint32_t mark;
};

static void take(struct search *search, const struct ipvsctl_service *service,
		 const struct ipvsctl_server *server)
{
	if (search->found && search->forward != server->forward)
		search->doubtful = true;
	search->forward = server->forward;
	search->mark = search->found ? 0 : service->fwmark;
	search->found++;
	if (search->only && ipvsctl_service_compare(search->only, service) == 0)
		search->chosen = true;
}

/* The server's entry has the port of the connection, or none. */
static bool find_in(struct search *search, struct ipvsctl_service *identity)
{
	const struct ipvsctl_config *config = search->belonging->config;
	const struct ipvsctl_service *service =
		ipvsctl_config_find_service(config, identity);
	const struct ipvsctl_server *found = NULL;
	struct ipvsctl_server server = {
		.address = search->connection->server,
		.port = search->connection->server_port,
	};

	if (!service)
		return false;
	found = ipvsctl_config_find_server(config, service, &server);
	server.port = 0;
	if (!found)
		found = ipvsctl_config_find_server(config, service, &server);
	if (found)
		take(search, service, found);
	return found;
}

static bool find_by_address(struct search *search)
{
	struct ipvsctl_service identity = {
		.address = search->connection->service,
		.protocol = search->connection->protocol,
		.port = search->connection->service_port,
	};

	if (find_in(search, &identity))
		return true;
	identity.port = 0;
	return find_in(search, &identity);
}

static void find_by_mark(struct search *search, uint16_t port)
{
	const struct belonging *belonging = search->belonging;
	const struct ipvsctl_server server = {
		.address = search->connection->server,
		.port = port,
	};

	for (size_t i = lower_bound(belonging, &server);
	     i < belonging->marked_count &&
	     ipvsctl_server_compare(belonging->marked[i].server, &server) == 0;
	     i++)
		if (belonging->marked[i].service->address.family ==
		    search->connection->service.family)
			take(search, belonging->marked[i].service,
			     belonging->marked[i].server);
}

/* A template of a mark names it, but for the family. */
static void find_named(struct search *search)
{
	struct ipvsctl_service identity = {
		.address.family = search->connection->service.family,
	};
	uint32_t mark;

	memcpy(&mark, search->connection->service.bytes, sizeof(mark));
	identity.fwmark = ntohl(mark);
	(void)find_in(search, &identity);
}

bool connection_is_template(const struct ipvsctl_connection *connection)
{
	return connection->client_port == 0 &&
	       (strcmp(connection->state, "NONE") == 0 ||
		strcmp(connection->state, "ASSURED") == 0);
}

static const struct ipvsctl_connection_state *
find_state(const struct ipvsctl_connection *connection, bool template)
{
	const uint16_t protocol = template ? 0 : connection->protocol;

	for (const struct ipvsctl_connection_state *state =
		     ipvsctl_connection_states();
	     state->name; state++)
		if (state->protocol == protocol &&
		    strcmp(state->name, connection->state) == 0)
			return state;
	return NULL;
}

/*
 * Connections of FTP by NAT have offsets of sequence numbers, and an entry
 * without them would take them away. Persistence data is not shown whole if it
 * has bytes that cannot be printed.
 */
static bool is_hidden(const struct ipvsctl_connection *connection,
		      uint16_t forward)
{
	return (connection->protocol == IPPROTO_TCP &&
		forward == IPVSCTL_FORWARD_NAT &&
		connection->service_port == FTP_PORT) ||
	       strchr(connection->persistence_data, '?');
}

static uint32_t make_flags(const struct ipvsctl_connection *connection,
			   const struct ipvsctl_connection_state *state,
			   uint16_t forward, bool template)
{
	/* The forwarding method is as the kernel numbers it. */
	uint32_t flags = forward & IP_VS_CONN_F_FWD_MASK;

	if (forward != IPVSCTL_FORWARD_NAT)
		flags |= IP_VS_CONN_F_NOOUTPUT;
	if (template)
		return flags | IP_VS_CONN_F_TEMPLATE;
	if (!(state->flags & IPVSCTL_STATE_ACTIVE))
		flags |= IP_VS_CONN_F_INACTIVE;
	if (!connection->client_port)
		flags |= IP_VS_CONN_F_NO_CPORT;
	return flags;
}

enum belongs belonging_find(const struct belonging *belonging,
			    const struct ipvsctl_connection *connection,
			    const struct ipvsctl_service *only,
			    struct sync_details *ret_details, bool *ret_chosen)
{
	const bool template = connection_is_template(connection);
	const struct ipvsctl_connection_state *state =
		find_state(connection, template);
	struct search search = {
		.belonging = belonging,
		.connection = connection,
		.only = only,
	};

	if (template && connection->protocol == 0)
		find_named(&search);
	else if (!find_by_address(&search))
		find_by_mark(&search, connection->server_port);
	if (!search.found && connection->server_port)
		find_by_mark(&search, 0);
	*ret_chosen = !only || search.chosen;
	if (!search.found || search.doubtful)
		return BELONGS_UNKNOWN;
	if (state && state->flags & IPVSCTL_STATE_HALF_OPEN)
		return BELONGS_HALF_OPEN;
	if (!state || is_hidden(connection, search.forward))
		return BELONGS_HIDDEN;
	*ret_details = (struct sync_details){
		.flags = make_flags(connection, state, search.forward, template),
		.state = state->number,
		.mark = search.mark,
	};
	return BELONGS_KNOWN;
}
