/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* -L -c: the connection table. */
#include <netinet/in.h>

#include "ipvsadm/ipvsadm.h"
#include "ipvsadm/names.h"

struct table {
	bool numeric;
	bool engine; /* with the data of persistence engines */
};

/* Returns the kernel's name; connections can have protocols without
   services. */
static const char *protocol_name(uint16_t protocol, char text[16])
{
	const char *name = names_protocol(protocol);

	if (protocol == IPPROTO_ICMP)
		return "ICMP";
	if (protocol == IPPROTO_ICMPV6)
		return "ICMPv6";
	if (!name)
		(void)snprintf(text, 16, "IP_%u", protocol);
	return name ? name : text;
}

static const char *format(const struct table *table, char text[NAMES_TEXT],
			  const struct ipvsctl_address *address, uint16_t port,
			  uint16_t protocol)
{
	const struct endpoint endpoint = { address, port, protocol };

	(void)names_format(text, &endpoint, table->numeric);
	text[NAMES_SHOWN] = '\0';
	return text;
}

static int print_connection(const struct ipvsctl_connection *connection,
			    void *data)
{
	const struct table *table = data;
	const uint16_t protocol = connection->protocol;
	char protocol_text[16];
	char client[NAMES_TEXT];
	char service[NAMES_TEXT];
	char server[NAMES_TEXT];
	char expires[32];

	(void)format(table, client, &connection->client,
		     connection->client_port, protocol);
	(void)format(table, service, &connection->service,
		     connection->service_port, protocol);
	(void)format(table, server, &connection->server,
		     connection->server_port, protocol);
	(void)snprintf(expires, sizeof(expires), "%02u:%02u",
		       connection->expires_seconds / 60,
		       connection->expires_seconds % 60);
	(void)printf("%-3s %-6s %-11s %-18s %-18s ",
		     protocol_name(protocol, protocol_text), expires,
		     connection->state, client, service);
	if (table->engine && connection->persistence_data[0])
		(void)printf("%-16s %-18s %s\n", server,
			     connection->persistence_engine,
			     connection->persistence_data);
	else
		(void)printf("%s\n", server);
	return 0;
}

int list_connections(struct ipvsctl *ctx, const struct request *request)
{
	struct table table = { .numeric = has(request, NUMERIC),
			       .engine = has(request, PERSISTENT_CONN) };
	struct ipvsctl_error err;

	(void)printf("IPVS connection entries\n"
		     "pro expire %-11s %-18s %-18s ",
		     "state", "source", "virtual");
	if (table.engine)
		(void)printf("%-18s %-16s %s\n", "destination", "pe name",
			     "pe_data");
	else
		(void)puts("destination");
	if (ipvsctl_each_connection(ctx, print_connection, &table, &err) < 0)
		return kernel_failed(LIST, &err, EXIT_LIST_FAILED);
	return 0;
}
