/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Lists connections. There may be millions: the first ones set the width of the
 * columns, the others are written as they come.
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "common/filter.h"
#include "output/output.h"
#include "output/render.h"
#include "svc/svc.h"

/* Written with the first entry, so that a failure before it writes nothing. */
#define DOCUMENT_START "{\n  \"version\": 1,\n  \"connections\": ["

#define SAMPLE	256
#define COLUMNS 6
/* "[ADDRESS]:65535" */
#define ENDPOINT_TEXT (IPVSCTL_ADDRESS_TEXT + 8)

struct list {
	const struct filter *filter;
	bool json;
	size_t written;
	struct ipvsctl_connection *sample;
	size_t sampled;
	bool measured;
	int widths[COLUMNS];
};

struct row {
	const char *cells[COLUMNS];
	char client[ENDPOINT_TEXT];
	char service[ENDPOINT_TEXT];
	char server[ENDPOINT_TEXT];
	char expires[RENDER_NUMBER];
};

static const char *endpoint(const struct ipvsctl_address *address,
			    uint16_t port, char text[ENDPOINT_TEXT])
{
	char bare[IPVSCTL_ADDRESS_TEXT];

	(void)snprintf(text, ENDPOINT_TEXT,
		       address->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		       ipvsctl_address_format(address, bare),
		       (unsigned int)port);
	return text;
}

static void fill(struct row *row, const struct ipvsctl_connection *connection)
{
	(void)snprintf(row->expires, sizeof(row->expires), "%02u:%02u",
		       connection->expires_seconds / 60,
		       connection->expires_seconds % 60);
	row->cells[0] = ipvsctl_protocol_name(connection->protocol);
	row->cells[1] = endpoint(&connection->client, connection->client_port,
				 row->client);
	row->cells[2] = endpoint(&connection->service, connection->service_port,
				 row->service);
	row->cells[3] = endpoint(&connection->server, connection->server_port,
				 row->server);
	row->cells[4] = connection->state;
	row->cells[5] = row->expires;
}

static void measure(struct list *list, const struct row *row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		int length = (int)strlen(row->cells[i]);

		if (length > list->widths[i])
			list->widths[i] = length;
	}
}

static int print(struct list *list, const struct row *row,
		 const struct ipvsctl_connection *connection)
{
	const int *widths = list->widths;
	bool has_data = connection && connection->persistence_engine[0];

	errno = 0;
	if (printf("%-*s  %-*s  %-*s  %-*s  %-*s  %*s%s%s%s%s\n", widths[0],
		   row->cells[0], widths[1], row->cells[1], widths[2],
		   row->cells[2], widths[3], row->cells[3], widths[4],
		   row->cells[4], widths[5], row->cells[5], has_data ? "  " : "",
		   has_data ? connection->persistence_engine : "",
		   has_data ? " " : "",
		   has_data ? connection->persistence_data : "") < 0)
		return errno > 0 ? -errno : -EIO;
	list->written++;
	return 0;
}

/* Sets the widths; writes the heading and the connections kept so far. */
static int print_sample(struct list *list)
{
	static const struct row heading = {
		.cells = { "PROTO", "CLIENT", "SERVICE", "SERVER", "STATE",
			   "EXPIRES" },
	};
	struct row row = { 0 };
	int r = 0;

	list->measured = true;
	if (list->sampled == 0)
		return 0;
	measure(list, &heading);
	for (size_t i = 0; i < list->sampled; i++) {
		fill(&row, &list->sample[i]);
		measure(list, &row);
	}
	r = print(list, &heading, NULL);
	for (size_t i = 0; r == 0 && i < list->sampled; i++) {
		fill(&row, &list->sample[i]);
		r = print(list, &row, &list->sample[i]);
	}
	return r;
}

static int take_text(struct list *list,
		     const struct ipvsctl_connection *connection)
{
	struct row row = { 0 };

	if (!list->measured) {
		list->sample[list->sampled++] = *connection;
		return list->sampled < SAMPLE ? 0 : print_sample(list);
	}
	fill(&row, connection);
	measure(list, &row);
	return print(list, &row, connection);
}

static json_t *document(const struct ipvsctl_connection *connection)
{
	char client[IPVSCTL_ADDRESS_TEXT];
	char service[IPVSCTL_ADDRESS_TEXT];
	char server[IPVSCTL_ADDRESS_TEXT];

	return render_pack(
		"{s:s, s:s, s:i, s:s, s:i, s:s, s:i, s:s, s:I, s:s, s:o}",
		"protocol", ipvsctl_protocol_name(connection->protocol),
		"client_address",
		ipvsctl_address_format(&connection->client, client),
		"client_port", (int)connection->client_port, "service_address",
		ipvsctl_address_format(&connection->service, service),
		"service_port", (int)connection->service_port, "server_address",
		ipvsctl_address_format(&connection->server, server),
		"server_port", (int)connection->server_port, "state",
		connection->state, "expires_seconds",
		(json_int_t)connection->expires_seconds, "pe",
		connection->persistence_engine, "pe_data",
		render_text_json(connection->persistence_data));
}

static int take_json(struct list *list,
		     const struct ipvsctl_connection *connection)
{
	AUTO_FREE char *text = NULL;
	int r = output_format_json(document(connection), 0, &text);

	if (r < 0)
		return r;
	text[strlen(text) - 1] = '\0'; /* the newline */
	errno = 0;
	if (printf("%s\n    %s", list->written++ > 0 ? "," : DOCUMENT_START,
		   text) < 0)
		return errno > 0 ? -errno : -EIO;
	return 0;
}

static int take(const struct ipvsctl_connection *connection, void *data)
{
	struct list *list = data;

	if (!filter_match(list->filter, connection))
		return 0;
	return list->json ? take_json(list, connection) :
			    take_text(list, connection);
}

/* The callback's own failures leave command->err alone. */
static int walk(struct command *command, struct list *list)
{
	int r = ipvsctl_each_connection(command->ctx, take, list, &command->err);

	if (r < 0 && command->err.message[0])
		return r;
	if (r == 0 && !list->measured && !list->json)
		r = print_sample(list);
	if (r < 0)
		return command_output_failed(command, r);
	if (list->json)
		(void)printf("%s]\n}\n",
			     list->written > 0 ? "\n  " : DOCUMENT_START);
	return 0;
}

int svc_connections(struct command *command)
{
	struct filter filter;
	struct list list = { .filter = &filter, .json = command->json };
	int r = filter_parse(command, &filter);

	if (r == 0 && filter.has_service && filter.service.fwmark) {
		r = command_load(command, IPVSCTL_SERVICES, NULL);
		filter.config = command->from;
	}
	if (r == 0)
		r = command_open(command);
	if (r < 0)
		return r;
	list.sample = calloc(SAMPLE, sizeof(*list.sample));
	r = list.sample ? walk(command, &list) : command_no_memory(command);
	free(list.sample);
	return r;
}
