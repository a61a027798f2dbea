/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What is said of a connection to other directors: the message is read here as
 * the kernel's backup daemon reads it.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "given.h"
#include "kernel/connections.h"
#include "push/belonging.h"
#include "scope.h"

static const char *const lines[] = {
	"service tcp:192.0.2.1:80",
	"server tcp:192.0.2.1:80 10.0.0.1 --forward dr",
	"service udp:192.0.2.1:53",
	"server udp:192.0.2.1:53 10.0.0.1:5353 --forward nat",
	"service tcp:192.0.2.2:21",
	"server tcp:192.0.2.2:21 10.0.0.1 --forward nat",
	"service tcp:192.0.2.3:0 --persistent 60",
	"server tcp:192.0.2.3:0 10.0.0.1 --forward dr",
	"service fwmark:7",
	"server fwmark:7 10.0.0.2 --forward tun",
	"server fwmark:7 10.0.0.3 --forward dr",
	"server fwmark:7 10.0.0.4 --forward dr",
	"service fwmark:8",
	"server fwmark:8 10.0.0.3 --forward dr",
	"server fwmark:8 10.0.0.4 --forward nat",
	"service fwmark:7/inet6",
	"server fwmark:7/inet6 2001:db8::2 --forward nat",
	NULL,
};

#define NOOUTPUT (IP_VS_CONN_F_DROUTE | IP_VS_CONN_F_NOOUTPUT)

struct given {
	struct ipvsctl_config *config;
	struct belonging belonging;
};

static int start(void **state)
{
	static struct given given;

	given.config = given_config(lines);
	assert_int_equal(belonging_init(&given.belonging, given.config), 0);
	*state = &given;
	return 0;
}

static int end(void **state)
{
	struct given *given = *state;

	belonging_free(&given->belonging);
	ipvsctl_config_free(given->config);
	return 0;
}

static const struct row {
	const char *line;
	enum belongs belongs;
	struct sync_details details;
} rows[] = {
	{ "TCP 0A000009 1000 C0000201 0050 0A000001 0050 ESTABLISHED 800",
	  BELONGS_KNOWN,
	  { NOOUTPUT, 1, 0 } },
	{ "TCP 0A000009 1000 C0000201 0050 0A000001 0050 FIN_WAIT 100",
	  BELONGS_KNOWN,
	  { NOOUTPUT | IP_VS_CONN_F_INACTIVE, 4, 0 } },
	{ "TCP 0A000009 1000 C0000201 0050 0A000001 0050 SYN_RECV 9",
	  BELONGS_HALF_OPEN,
	  { 0 } },
	{ "TCP 0A000009 1000 C0000201 0050 0A000001 0050 NONE 9",
	  BELONGS_HALF_OPEN,
	  { 0 } },
	{ "TCP 0A000009 1000 C0000201 0050 0A000001 0050 A_NEW_STATE 9",
	  BELONGS_HIDDEN,
	  { 0 } },
	/* Its server has been deleted; there is no such service. */
	{ "TCP 0A000009 1000 C0000201 0050 0A000008 0050 ESTABLISHED 800",
	  BELONGS_UNKNOWN,
	  { 0 } },
	{ "UDP 0A000009 1000 C0000201 0050 0A000001 0050 UDP 100",
	  BELONGS_UNKNOWN,
	  { 0 } },
	{ "UDP 0A000009 1000 C0000201 0035 0A000001 14E9 UDP 100",
	  BELONGS_KNOWN,
	  { IP_VS_CONN_F_INACTIVE, 0, 0 } },
	/* FTP by NAT, its control connection and one that waits for data. */
	{ "TCP 0A000009 1000 C0000202 0015 0A000001 0015 ESTABLISHED 800",
	  BELONGS_HIDDEN,
	  { 0 } },
	/* A service of all ports, and its template. */
	{ "TCP 0A000009 1000 C0000203 0050 0A000001 0050 ESTABLISHED 800",
	  BELONGS_KNOWN,
	  { NOOUTPUT, 1, 0 } },
	{ "TCP 0A000009 0000 C0000203 0000 0A000001 0000 NONE 60",
	  BELONGS_KNOWN,
	  { NOOUTPUT | IP_VS_CONN_F_TEMPLATE, 0, 0 } },
	{ "TCP 0A000009 0000 C0000203 0000 0A000001 0000 ASSURED 60",
	  BELONGS_KNOWN,
	  { NOOUTPUT | IP_VS_CONN_F_TEMPLATE, 1, 0 } },
	/* Of one mark; of two, which forward alike; of two, which do not. */
	{ "SCTP 0A000009 1000 C0000204 0050 0A000002 0050 ESTABLISHED 800",
	  BELONGS_KNOWN,
	  { IP_VS_CONN_F_TUNNEL | IP_VS_CONN_F_NOOUTPUT, 8, 7 } },
	{ "SCTP 0A000009 1000 C0000204 0050 0A000003 0050 S-SENT 60",
	  BELONGS_KNOWN,
	  { NOOUTPUT | IP_VS_CONN_F_INACTIVE, 9, 0 } },
	{ "TCP 0A000009 1000 C0000204 0050 0A000004 0050 ESTABLISHED 800",
	  BELONGS_UNKNOWN,
	  { 0 } },
	/* Templates of marks say which. */
	{ "IP 0A000000 0000 00000008 0000 0A000004 0000 NONE 60",
	  BELONGS_KNOWN,
	  { IP_VS_CONN_F_TEMPLATE, 0, 8 } },
	{ "IP 0A000000 0000 00000009 0000 0A000004 0000 NONE 60",
	  BELONGS_UNKNOWN,
	  { 0 } },
	{ "IP 2001:0db8:0000:0000:0000:0000:0000:0009 0000 "
	  "0000:0007:0000:0000:0000:0000:0000:0000 0000 "
	  "2001:0db8:0000:0000:0000:0000:0000:0002 0000 NONE 60",
	  BELONGS_KNOWN,
	  { IP_VS_CONN_F_TEMPLATE, 0, 7 } },
	{ "UDP 0A000009 0000 C0000201 0035 0A000001 14E9 NONE 60 sip a@b",
	  BELONGS_KNOWN,
	  { IP_VS_CONN_F_TEMPLATE, 0, 0 } },
	{ "UDP 0A000009 0000 C0000201 0035 0A000001 14E9 NONE 60 sip a\x01@b",
	  BELONGS_HIDDEN,
	  { 0 } },
};

static struct ipvsctl_connection parse(const char *line)
{
	struct ipvsctl_connection connection = { .protocol = 0 };

	assert_int_equal(connection_parse(line, strlen(line), &connection), 0);
	return connection;
}

static void test_belonging(void **state)
{
	const struct given *given = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct ipvsctl_connection connection =
			parse(rows[i].line);
		struct sync_details details = { 0 };
		bool chosen = false;

		if (belonging_find(&given->belonging, &connection, NULL,
				   &details, &chosen) != rows[i].belongs)
			fail_msg("%s", rows[i].line);
		assert_true(chosen);
		if (memcmp(&details, &rows[i].details, sizeof(details)) != 0)
			fail_msg("%s: flags %x, state %u, mark %u",
				 rows[i].line, details.flags, details.state,
				 details.mark);
	}
}

static void test_one_service(void **state)
{
	const struct given *given = *state;
	const struct ipvsctl_connection of_mark = parse(
		"TCP 0A000009 1000 C0000204 0050 0A000002 0050 ESTABLISHED 1");
	const struct ipvsctl_connection of_address = parse(
		"TCP 0A000009 1000 C0000201 0050 0A000001 0050 ESTABLISHED 1");
	struct ipvsctl_service only;
	struct sync_details details;
	bool chosen;

	assert_int_equal(ipvsctl_service_parse("fwmark:7", &only, NULL), 0);
	(void)belonging_find(&given->belonging, &of_mark, &only, &details,
			     &chosen);
	assert_true(chosen);
	(void)belonging_find(&given->belonging, &of_address, &only, &details,
			     &chosen);
	assert_false(chosen);
	assert_int_equal(ipvsctl_service_parse("tcp:192.0.2.1:80", &only, NULL),
			 0);
	(void)belonging_find(&given->belonging, &of_mark, &only, &details,
			     &chosen);
	assert_false(chosen);
	(void)belonging_find(&given->belonging, &of_address, &only, &details,
			     &chosen);
	assert_true(chosen);
}

/* ---- Messages ------------------------------------------------------------ */

static unsigned int get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static size_t address_size(const struct ipvsctl_connection *connection)
{
	return connection->client.family == AF_INET6 ? 16 : 4;
}

static void check_options(const uint8_t *at, const uint8_t *entry_end,
			  const struct ipvsctl_connection *connection)
{
	const char *const texts[] = { connection->persistence_data,
				      connection->persistence_engine };

	if (!connection->persistence_data[0]) {
		assert_ptr_equal(at, entry_end);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(at[0], 2 + i);
		assert_int_equal(at[1], strlen(texts[i]));
		assert_memory_equal(at + 2, texts[i], at[1]);
		at += 2 + at[1];
	}
	assert_ptr_equal(at, entry_end);
}

static void check_entry(const uint8_t *entry, const uint8_t *entry_end,
			const struct ipvsctl_connection *connection,
			const struct sync_details *details)
{
	const size_t size = address_size(connection);

	assert_int_equal(entry[0], size == 16);
	assert_int_equal(entry[1], connection->protocol);
	assert_int_equal(get32(entry + 4), details->flags);
	assert_int_equal(get16(entry + 8), details->state);
	assert_int_equal(get16(entry + 10), connection->client_port);
	assert_int_equal(get16(entry + 12), connection->service_port);
	assert_int_equal(get16(entry + 14), connection->server_port);
	assert_int_equal(get32(entry + 16), details->mark);
	assert_int_equal(get32(entry + 20), connection->expires_seconds);
	assert_memory_equal(entry + 24, connection->client.bytes, size);
	assert_memory_equal(entry + 24 + size, connection->service.bytes, size);
	assert_memory_equal(entry + 24 + 2 * size, connection->server.bytes,
			    size);
	check_options(entry + 24 + 3 * size, entry_end, connection);
}

/* As the kernel walks it (ip_vs_process_message in 6.1). */
static void test_messages(void **state)
{
	static struct sync_message message = { .id = 9, .max = 1400 };
	struct ipvsctl_connection connections[ARRAY_SIZE(rows)];
	const uint8_t *at = message.data + 8;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		connections[i] = parse(rows[i].line);
		assert_true(sync_message_add(&message, &connections[i],
					     &rows[i].details));
	}
	assert_int_equal(message.data[0], 0);
	assert_int_equal(message.data[1], 9);
	assert_int_equal(get16(message.data + 2), message.size);
	assert_int_equal(message.data[4], ARRAY_SIZE(rows));
	assert_int_equal(message.data[5], 1);
	assert_int_equal(get16(message.data + 6), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const unsigned int size = get16(at + 2);

		check_entry(at, at + size, &connections[i], &rows[i].details);
		at += i + 1 < ARRAY_SIZE(rows) ? (size + 3) & ~3U : size;
	}
	assert_ptr_equal(at, message.data + message.size);
}

static void test_full_messages(void **state)
{
	static struct sync_message message;
	const struct ipvsctl_connection connection = parse(rows[0].line);
	const struct sync_details details = rows[0].details;

	(void)state;
	message.max = 8 + 2 * 36;
	assert_true(sync_message_add(&message, &connection, &details));
	assert_true(sync_message_add(&message, &connection, &details));
	assert_int_equal(message.size, message.max);
	assert_false(sync_message_add(&message, &connection, &details));
	assert_int_equal(message.entries, 2);
	sync_message_empty(&message);
	/* One has room whatever the limit is. */
	message.max = 1;
	assert_true(sync_message_add(&message, &connection, &details));
	assert_false(sync_message_add(&message, &connection, &details));
	/* The number of entries is one byte. */
	sync_message_empty(&message);
	message.max = SYNC_MESSAGE_MAX;
	for (size_t i = 0; i < UINT8_MAX; i++)
		assert_true(sync_message_add(&message, &connection, &details));
	assert_false(sync_message_add(&message, &connection, &details));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_belonging, start, end),
		cmocka_unit_test_setup_teardown(test_one_service, start, end),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_full_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
