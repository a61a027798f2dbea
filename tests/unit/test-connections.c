/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines of the connection table, as kernels write them and broken. */
#include "unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/connections.h"

#define IPV6_CLIENT "2001:0db8:0000:0000:0000:0000:0000:0005"
#define IPV6_VIP    "2001:0db8:0000:0000:0000:0000:0000:0001"

#define LINE_WITH_NUL                                    \
	"UDP 0A000001 0000 0A000002 13C4 0A000003 13C4 " \
	"NONE             59 sip 7c5f\0example"

static int parse(const char *line, struct ipvsctl_connection *connection)
{
	return connection_parse(line, strlen(line), connection);
}

static void reads_ipv4(void **state)
{
	struct ipvsctl_connection c;
	char text[IPVSCTL_ADDRESS_TEXT];

	(void)state;
	assert_int_equal(parse("TCP AC100102 E164 AC100101 1F90 AC100202 1F91 "
			       "ESTABLISHED     897",
			       &c),
			 0);
	assert_int_equal(c.protocol, IPPROTO_TCP);
	assert_string_equal(ipvsctl_address_format(&c.client, text),
			    "172.16.1.2");
	assert_int_equal(c.client_port, 0xe164);
	assert_string_equal(ipvsctl_address_format(&c.service, text),
			    "172.16.1.1");
	assert_int_equal(c.service_port, 8080);
	assert_string_equal(ipvsctl_address_format(&c.server, text),
			    "172.16.2.2");
	assert_int_equal(c.server_port, 8081);
	assert_string_equal(c.state, "ESTABLISHED");
	assert_int_equal(c.expires_seconds, 897);
	assert_string_equal(c.persistence_engine, "");
	assert_string_equal(c.persistence_data, "");
}

/* Under a tunnel the server may be of the other family. */
static void reads_ipv6(void **state)
{
	struct ipvsctl_connection c;
	char text[IPVSCTL_ADDRESS_TEXT];

	(void)state;
	assert_int_equal(parse("UDP " IPV6_CLIENT " 0001 " IPV6_VIP
			       " 0035 0A000001 0035 UDP             0",
			       &c),
			 0);
	assert_string_equal(ipvsctl_address_format(&c.client, text),
			    "2001:db8::5");
	assert_string_equal(ipvsctl_address_format(&c.server, text), "10.0.0.1");
	assert_int_equal(c.server.family, AF_INET);
}

static void reads_persistence(void **state)
{
	struct ipvsctl_connection c;
	char line[512];

	(void)state;
	assert_int_equal(parse("UDP 0A000001 0000 0A000002 13C4 0A000003 13C4 "
			       "NONE             59 sip 7c5f@example \x1b[2J",
			       &c),
			 0);
	assert_string_equal(c.persistence_engine, "sip");
	assert_string_equal(c.persistence_data, "7c5f@example ?[2J");
	assert_int_equal(connection_parse(LINE_WITH_NUL,
					  sizeof(LINE_WITH_NUL) - 1, &c),
			 0);
	assert_string_equal(c.persistence_data, "7c5f?example");
	(void)snprintf(line, sizeof(line),
		       "IP_47 0A000001 0000 0A000002 13C4 0A000003 13C4 "
		       "%s 59 sip %0255d",
		       "A_STATE_THAT_IS_TOO_LONG", 7);
	assert_int_equal(parse(line, &c), 0);
	assert_int_equal(c.protocol, 47);
	assert_int_equal(strlen(c.state), sizeof(c.state) - 1);
	assert_int_equal(strlen(c.persistence_data),
			 sizeof(c.persistence_data) - 1);
}

static void refuses_nonsense(void **state)
{
	static const char *const lines[] = {
		"",
		" ",
		"TCP",
		"T",
		"IP_256 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"IP_ 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"XXX 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A00001 0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A0000G1 0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A000001 000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A000001 00000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE",
		"TCP 0A000001 0000 0A000002 13C4 0A000003 13C4",
		"TCP 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 5x",
		"TCP 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE -1",
		"TCP 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 4294967296",
		"TCP 2001:0db8:0000:0000:0000:0000:0000.0005 0000 0A000002 "
		"13C4 0A000003 13C4 NONE 59",
		"TCP 2001:0db8:0000:0000:0000:0000:127.0.0.1 0000 0A000002 "
		"13C4 0A000003 13C4 NONE 59",
		"TCP 2001:0db8:0000:0000:0000:0000:00000:005 0000 0A000002 "
		"13C4 0A000003 13C4 NONE 59",
		"TCP 0x000001 0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP +A000001 0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A000001 0x00 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A000001\t0000 0A000002 13C4 0A000003 13C4 NONE 59",
		"TCP 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 5A",
		"IP_2F 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 59",
	};
	char line[CONNECTION_LINE_MAX + 2] =
		"TCP 0A000001 0000 0A000002 13C4 0A000003 13C4 NONE 59 sip ";
	struct ipvsctl_connection c = { .protocol = 99 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (parse(lines[i], &c) != -EBADMSG)
			fail_msg("accepted: %s", lines[i]);
		assert_int_equal(c.protocol, 99);
	}
	(void)memset(line + strlen(line), 'x', sizeof(line) - 1 - strlen(line));
	assert_int_equal(parse(line, &c), -EBADMSG);
	line[CONNECTION_LINE_MAX] = '\0';
	assert_int_equal(parse(line, &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ipv4),
		cmocka_unit_test(reads_ipv6),
		cmocka_unit_test(reads_persistence),
		cmocka_unit_test(refuses_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
