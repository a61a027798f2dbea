/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * One line of the connection table: protocol, three addresses each with its
 * port, state, seconds, and for some a persistence engine with its data. IPv4
 * is eight hex digits, IPv6 eight groups of four; ports are hex.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/connections.h"

/* What is left of a line. */
struct cursor {
	const char *at;
	const char *end;
};

struct word {
	const char *text;
	size_t length;
};

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at == ' ')
		cursor->at++;
}

/* The next word; of no length at the end. */
static struct word next_word(struct cursor *cursor)
{
	struct word word;

	skip_blanks(cursor);
	word.text = cursor->at;
	while (cursor->at < cursor->end && *cursor->at != ' ')
		cursor->at++;
	word.length = (size_t)(cursor->at - word.text);
	return word;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* All of text as a number of at most 32 bits. */
static int get_number(struct word word, unsigned int base, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (!word.length)
		return -EBADMSG;
	for (size_t i = 0; i < word.length; i++) {
		int value = digit(word.text[i]);

		if (value < 0 || (unsigned int)value >= base)
			return -EBADMSG;
		number = number * base + (unsigned int)value;
		if (number > UINT32_MAX)
			return -EBADMSG;
	}
	*ret_number = (uint32_t)number;
	return 0;
}

static int get_port(struct word word, uint16_t *ret_port)
{
	uint32_t number;

	if (word.length != 4 || get_number(word, 16, &number) < 0)
		return -EBADMSG;
	*ret_port = (uint16_t)number;
	return 0;
}

static void put_bytes(uint8_t *out, uint32_t number, size_t count)
{
	while (count-- > 0) {
		out[count] = (uint8_t)number;
		number >>= 8;
	}
}

static int get_ipv6(struct word word, struct ipvsctl_address *address)
{
	uint32_t group;

	address->family = AF_INET6;
	for (size_t i = 0; i < 8; i++) {
		struct word part = { word.text + i * 5, 4 };

		if ((i < 7 && part.text[4] != ':') ||
		    get_number(part, 16, &group) < 0)
			return -EBADMSG;
		put_bytes(&address->bytes[i * 2], group, 2);
	}
	return 0;
}

static int get_address(struct word word, struct ipvsctl_address *address)
{
	uint32_t number;

	if (word.length == 39)
		return get_ipv6(word, address);
	if (word.length != 8 || get_number(word, 16, &number) < 0)
		return -EBADMSG;
	address->family = AF_INET;
	put_bytes(address->bytes, number, 4);
	return 0;
}

static bool is_word(struct word word, const char *text)
{
	return word.length == strlen(text) &&
	       memcmp(word.text, text, word.length) == 0;
}

/* As the kernel names them; others are "IP_" and the number. */
static int get_protocol(struct word word, uint16_t *ret_protocol)
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
	struct word number;
	uint32_t value;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!is_word(word, names[i].name))
			continue;
		*ret_protocol = names[i].number;
		return 0;
	}
	if (word.length <= 3 || memcmp(word.text, "IP_", 3) != 0)
		return -EBADMSG;
	number = (struct word){ word.text + 3, word.length - 3 };
	if (get_number(number, 10, &value) < 0 || value > UINT8_MAX)
		return -EBADMSG;
	*ret_protocol = (uint16_t)value;
	return 0;
}

/* Copies what fits and a terminal can show. */
static void copy_text(struct word word, char *out, size_t size)
{
	size_t length = word.length < size ? word.length : size - 1;

	for (size_t i = 0; i < length; i++) {
		out[i] = word.text[i];
		if (out[i] < ' ' || out[i] > '~')
			out[i] = '?';
	}
	out[length] = '\0';
}

static int get_end(struct cursor *cursor, struct ipvsctl_address *address,
		   uint16_t *port)
{
	if (get_address(next_word(cursor), address) < 0)
		return -EBADMSG;
	return get_port(next_word(cursor), port);
}

int connection_parse(const char *line, size_t length,
		     struct ipvsctl_connection *ret_connection)
{
	struct ipvsctl_connection entry = { .protocol = 0 };
	struct cursor cursor = { line, line + length };
	struct word state;

	if (get_protocol(next_word(&cursor), &entry.protocol) < 0 ||
	    get_end(&cursor, &entry.client, &entry.client_port) < 0 ||
	    get_end(&cursor, &entry.service, &entry.service_port) < 0 ||
	    get_end(&cursor, &entry.server, &entry.server_port) < 0)
		return -EBADMSG;
	state = next_word(&cursor);
	if (!state.length ||
	    get_number(next_word(&cursor), 10, &entry.expires_seconds) < 0)
		return -EBADMSG;
	copy_text(state, entry.state, sizeof(entry.state));
	copy_text(next_word(&cursor), entry.persistence_engine,
		  sizeof(entry.persistence_engine));
	skip_blanks(&cursor);
	copy_text((struct word){ cursor.at, (size_t)(cursor.end - cursor.at) },
		  entry.persistence_data, sizeof(entry.persistence_data));
	*ret_connection = entry;
	return 0;
}
