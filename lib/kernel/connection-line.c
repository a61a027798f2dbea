/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * One line of the connection table: protocol, three addresses each with its
 * port, state, seconds, and for some a persistence engine with its data. IPv4
 * is eight hex digits, IPv6 eight groups of four; ports are hex.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/connections.h"

#define HEX_DIGITS "0123456789ABCDEFabcdef"

/* The words that each line has. */
enum word {
	WORD_PROTOCOL,
	WORD_CLIENT, /* an address and a port */
	WORD_SERVICE = WORD_CLIENT + 2,
	WORD_SERVER = WORD_SERVICE + 2,
	WORD_STATE = WORD_SERVER + 2,
	WORD_EXPIRES,
	WORDS,
};

/* Reads the whole text; strtoull() alone accepts blanks, signs and "0x". */
static bool get_number(const char *text, int base, uint32_t max,
		       uint32_t *ret_number)
{
	char *end;
	unsigned long long number = strtoull(text, &end, base);

	if (!*text || text[strspn(text, HEX_DIGITS)] || *end || number > max)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static bool get_address(const char *text, struct ipvsctl_address *address)
{
	size_t length = strlen(text);
	uint32_t number;

	/* With this length and no dots, each group has four digits. */
	if (length == 39 && !text[strspn(text, HEX_DIGITS ":")]) {
		address->family = AF_INET6;
		return inet_pton(AF_INET6, text, address->bytes) == 1;
	}
	if (length != 8 || !get_number(text, 16, UINT32_MAX, &number))
		return false;
	address->family = AF_INET;
	number = htonl(number);
	(void)memcpy(address->bytes, &number, sizeof(number));
	return true;
}

static bool get_end(char *const words[2], struct ipvsctl_address *address,
		    uint16_t *port)
{
	uint32_t number;

	if (!get_address(words[0], address) || strlen(words[1]) != 4 ||
	    !get_number(words[1], 16, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* Reads the kernel's name of a protocol, or "IP_" and a number. */
static bool get_protocol(const char *text, uint16_t *ret_protocol)
{
	static const struct {
		const char *name;
		uint16_t number;
	} names[] = {
		{ "TCP", IPPROTO_TCP },	      { "UDP", IPPROTO_UDP },
		{ "SCTP", IPPROTO_SCTP },     { "AH", IPPROTO_AH },
		{ "ESP", IPPROTO_ESP },	      { "ICMP", IPPROTO_ICMP },
		{ "ICMPv6", IPPROTO_ICMPV6 }, { "IP", IPPROTO_IP },
	};
	uint32_t number;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(text, names[i].name) == 0) {
			*ret_protocol = names[i].number;
			return true;
		}
	if (strncmp(text, "IP_", 3) != 0 ||
	    !get_number(text + 3, 10, UINT8_MAX, &number))
		return false;
	*ret_protocol = (uint16_t)number;
	return true;
}

int connection_parse(const char *line, size_t length,
		     struct ipvsctl_connection *ret_connection)
{
	struct ipvsctl_connection entry = { .protocol = 0 };
	char text[CONNECTION_LINE_MAX + 1], *words[WORDS], *rest = NULL;
	const char *engine, *data = NULL;

	if (length > CONNECTION_LINE_MAX)
		return -EBADMSG;
	/* Clients choose the persistence data: let only printable text pass. */
	for (size_t i = 0; i < length; i++)
		text[i] =
			(char)(line[i] < ' ' || line[i] > '~' ? '?' : line[i]);
	text[length] = '\0';
	for (size_t i = 0; i < WORDS; i++) {
		words[i] = strtok_r(i ? NULL : text, " ", &rest);
		if (!words[i])
			return -EBADMSG;
	}
	engine = strtok_r(NULL, " ", &rest);
	if (engine)
		data = strtok_r(NULL, "", &rest);
	if (!get_protocol(words[WORD_PROTOCOL], &entry.protocol) ||
	    !get_end(words + WORD_CLIENT, &entry.client, &entry.client_port) ||
	    !get_end(words + WORD_SERVICE, &entry.service,
		     &entry.service_port) ||
	    !get_end(words + WORD_SERVER, &entry.server, &entry.server_port) ||
	    !get_number(words[WORD_EXPIRES], 10, UINT32_MAX,
			&entry.expires_seconds))
		return -EBADMSG;
	(void)snprintf(entry.state, sizeof(entry.state), "%s",
		       words[WORD_STATE]);
	(void)snprintf(entry.persistence_engine,
		       sizeof(entry.persistence_engine), "%s",
		       engine ? engine : "");
	(void)snprintf(entry.persistence_data, sizeof(entry.persistence_data),
		       "%s", data ? data + strspn(data, " ") : "");
	*ret_connection = entry;
	return 0;
}
