/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes messages of sync daemons. */
#include "push/sync-message.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "model/address.h"

#define HEADER_SIZE 8
#define VERSION	    1
#define ENTRY_FIXED 24
#define TYPE_IPV6   1

enum option {
	OPTION_ENGINE_DATA = 2,
	OPTION_ENGINE = 3,
};

static void put(uint8_t **at, const void *data, size_t size)
{
	memcpy(*at, data, size);
	*at += size;
}

static void put8(uint8_t **at, size_t number)
{
	*(*at)++ = (uint8_t)number;
}

static void put16(uint8_t **at, size_t number)
{
	const uint16_t bytes = htons((uint16_t)number);

	put(at, &bytes, sizeof(bytes));
}

static void put32(uint8_t **at, uint32_t number)
{
	const uint32_t bytes = htonl(number);

	put(at, &bytes, sizeof(bytes));
}

static void put_option(uint8_t **at, enum option type, const char *text)
{
	const size_t length = strlen(text);

	put8(at, type);
	put8(at, length);
	put(at, text, length);
}

static size_t entry_size(const struct ipvsctl_connection *connection)
{
	size_t size = ENTRY_FIXED + 3 * address_length(&connection->client);

	if (connection->persistence_data[0])
		size += 4 + strlen(connection->persistence_data) +
			strlen(connection->persistence_engine);
	return size;
}

static void put_entry(uint8_t *at, size_t size,
		      const struct ipvsctl_connection *connection,
		      const struct sync_details *details)
{
	const size_t length = address_length(&connection->client);

	put8(&at, connection->client.family == AF_INET6 ? TYPE_IPV6 : 0);
	put8(&at, connection->protocol);
	put16(&at, size);
	put32(&at, details->flags);
	put16(&at, details->state);
	put16(&at, connection->client_port);
	put16(&at, connection->service_port);
	put16(&at, connection->server_port);
	put32(&at, details->mark);
	put32(&at, connection->expires_seconds);
	put(&at, connection->client.bytes, length);
	put(&at, connection->service.bytes, length);
	put(&at, connection->server.bytes, length);
	if (connection->persistence_data[0]) {
		put_option(&at, OPTION_ENGINE_DATA,
			   connection->persistence_data);
		put_option(&at, OPTION_ENGINE, connection->persistence_engine);
	}
}

bool sync_message_add(struct sync_message *message,
		      const struct ipvsctl_connection *connection,
		      const struct sync_details *details)
{
	const size_t size = entry_size(connection);
	const size_t start =
		message->size ? (message->size + 3) & ~(size_t)3 : HEADER_SIZE;
	uint8_t *at = message->data;

	if (message->entries &&
	    (message->entries == UINT8_MAX || start + size > message->max))
		return false;
	memset(message->data + message->size, 0, start - message->size);
	put_entry(message->data + start, size, connection, details);
	message->size = start + size;
	message->entries++;
	put8(&at, 0);
	put8(&at, message->id);
	put16(&at, message->size);
	put8(&at, message->entries);
	put8(&at, VERSION);
	put16(&at, 0);
	return true;
}

void sync_message_empty(struct sync_message *message)
{
	message->size = 0;
	message->entries = 0;
}
