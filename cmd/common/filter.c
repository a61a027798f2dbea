/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads which connections are wanted, and selects them. */
#include "common/filter.h"

#include <errno.h>
#include <strings.h>

#include "common/suggest.h"
#include "fail.h"

static int parse_state(struct command *command, const char *text,
		       const char **ret_state)
{
	struct suggest suggest = { .typed = text };

	for (const struct ipvsctl_connection_state *state =
		     ipvsctl_connection_states();
	     state->name; state++) {
		if (strcasecmp(state->name, text) == 0) {
			*ret_state = state->name;
			return 0;
		}
		suggest_offer(&suggest, state->name);
	}
	(void)command_fail(command, -EINVAL, text,
			   "no connection is ever in this state");
	return fail_hint(&command->err, -EINVAL, "--state %s",
			 suggest.best ? suggest.best : "ESTABLISHED");
}

int filter_parse(struct command *command, struct filter *ret_filter)
{
	static const struct ipvsctl_service no_service = { 0 };
	const char *service = command_value(command, "service", NULL);
	const char *server = command_value(command, "server", NULL);
	const char *client = command_value(command, "client", NULL);
	const char *state = command_value(command, "state", NULL);
	struct filter filter = {
		.has_service = service,
		.has_server = server,
		.has_client = client,
	};
	int r = 0;

	if (service)
		r = ipvsctl_service_parse(service, &filter.service,
					  &command->err);
	if (r == 0 && server)
		r = ipvsctl_server_parse(server, &no_service, &filter.server,
					 &command->err);
	if (r == 0 && client)
		r = ipvsctl_address_parse(client, &filter.client, &command->err);
	if (r == 0 && state)
		r = parse_state(command, state, &filter.state);
	if (r == 0)
		*ret_filter = filter;
	return r;
}

/* A service with port 0 takes all ports of its address. */
static bool is_of(const struct ipvsctl_service *service,
		  const struct ipvsctl_connection *connection)
{
	return service->protocol == connection->protocol &&
	       (service->port == 0 ||
		service->port == connection->service_port) &&
	       ipvsctl_address_compare(&service->address,
				       &connection->service) == 0;
}

static bool has_address_service(const struct ipvsctl_config *config,
				const struct ipvsctl_connection *connection)
{
	struct ipvsctl_service identity = {
		.address = connection->service,
		.protocol = connection->protocol,
		.port = connection->service_port,
	};

	if (ipvsctl_config_find_service(config, &identity))
		return true;
	identity.port = 0;
	return ipvsctl_config_find_service(config, &identity) != NULL;
}

static bool is_of_mark(const struct filter *filter,
		       const struct ipvsctl_connection *connection)
{
	struct ipvsctl_server identity = {
		.address = connection->server,
		.port = connection->server_port,
	};

	if (connection->service.family != filter->service.address.family ||
	    has_address_service(filter->config, connection))
		return false;
	if (ipvsctl_config_find_server(filter->config, &filter->service,
				       &identity))
		return true;
	identity.port = 0;
	return ipvsctl_config_find_server(filter->config, &filter->service,
					  &identity) != NULL;
}

static bool is_to(const struct ipvsctl_server *server,
		  const struct ipvsctl_connection *connection)
{
	return (server->port == 0 || server->port == connection->server_port) &&
	       ipvsctl_address_compare(&server->address, &connection->server) ==
		       0;
}

bool filter_match(const struct filter *filter,
		  const struct ipvsctl_connection *connection)
{
	if (filter->state && strcasecmp(filter->state, connection->state) != 0)
		return false;
	if (filter->has_client &&
	    ipvsctl_address_compare(&filter->client, &connection->client) != 0)
		return false;
	if (filter->has_server && !is_to(&filter->server, connection))
		return false;
	if (!filter->has_service)
		return true;
	return filter->service.fwmark ? is_of_mark(filter, connection) :
					is_of(&filter->service, connection);
}
