/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Addresses, endpoints and networks, from text and to text. */
#include "model/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "number.h"

size_t address_length(const struct ipvsctl_address *address)
{
	switch (address->family) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 16;
	default:
		return 0;
	}
}

bool address_is_multicast(const struct ipvsctl_address *address)
{
	if (address->family == AF_INET6)
		return address->bytes[0] == 0xff;
	return address->family == AF_INET && (address->bytes[0] & 0xf0) == 0xe0;
}

bool address_is_unicast(const struct ipvsctl_address *address)
{
	static const uint8_t none[16];
	static const uint8_t broadcast[4] = { 255, 255, 255, 255 };
	size_t length = address_length(address);

	return length && memcmp(address->bytes, none, length) != 0 &&
	       !address_is_multicast(address) &&
	       (length != 4 || memcmp(address->bytes, broadcast, 4) != 0);
}

/*
 * Reads and writes IPv4 by itself: inet_pton() and inet_ntop() take several
 * times as long, and a ruleset or a list has tens of thousands of addresses.
 */
static const char *get_number(const char *text, uint8_t *ret_number)
{
	unsigned int number = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9' && at < text + 4; at++)
		number = number * 10 + (unsigned int)(*at - '0');
	/* Some programs read a leading zero as octal. */
	if (at == text || number > 255 || (*text == '0' && at > text + 1))
		return NULL;
	*ret_number = (uint8_t)number;
	return at;
}

/* Returns what follows the address, or NULL when there is none. */
static const char *get_ipv4(const char *text, uint8_t *bytes)
{
	for (size_t i = 0; i < 4; i++) {
		if (i > 0 && *text++ != '.')
			return NULL;
		text = get_number(text, &bytes[i]);
		if (!text)
			return NULL;
	}
	return text;
}

API int ipvsctl_address_parse(const char *text,
			      struct ipvsctl_address *ret_address,
			      struct ipvsctl_error *err)
{
	struct ipvsctl_address address = { .family = AF_INET };
	const char *rest = get_ipv4(text, address.bytes);

	if (!rest || *rest) {
		address = (struct ipvsctl_address){ .family = AF_INET6 };
		if (inet_pton(AF_INET6, text, address.bytes) != 1)
			return fail(err, -EINVAL,
				    "'%.64s' is not an IPv4 or IPv6 address; "
				    "names are not resolved",
				    text);
	}
	*ret_address = address;
	return 0;
}

char *number_put(char *text, uint64_t number)
{
	if (number >= 10)
		text = number_put(text, number / 10);
	*text = (char)('0' + number % 10);
	return text + 1;
}

/* Returns where the NUL is. */
static char *put_ipv4(char *text, const uint8_t *bytes)
{
	for (size_t i = 0; i < 4; i++) {
		text = number_put(text, bytes[i]);
		*text++ = i < 3 ? '.' : '\0';
	}
	return text - 1;
}

API const char *ipvsctl_address_format(const struct ipvsctl_address *address,
				       char text[IPVSCTL_ADDRESS_TEXT])
{
	if (address->family == AF_INET)
		(void)put_ipv4(text, address->bytes);
	else if (!address_length(address) ||
		 !inet_ntop(address->family, address->bytes, text,
			    IPVSCTL_ADDRESS_TEXT))
		(void)snprintf(text, IPVSCTL_ADDRESS_TEXT, "any");
	return text;
}

API int ipvsctl_address_compare(const struct ipvsctl_address *a,
				const struct ipvsctl_address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, address_length(a));
}

/* ---- Endpoints --------------------------------------------------------- */

/*
 * Finds where the address in text starts, how long it is, and its port, or
 * NULL. Returns false if a bracket has no partner.
 */
static bool endpoint_split(const char *text, const char **ret_address,
			   size_t *ret_length, const char **ret_port)
{
	const char *colon = strchr(text, ':');

	if (*text != '[') {
		bool has_port = colon && !strchr(colon + 1, ':');

		*ret_address = text;
		*ret_length = has_port ? (size_t)(colon - text) : strlen(text);
		*ret_port = has_port ? colon + 1 : NULL;
		return true;
	}
	const char *end = strchr(text, ']');
	if (!end || (end[1] != '\0' && end[1] != ':'))
		return false;
	*ret_address = text + 1;
	*ret_length = (size_t)(end - text - 1);
	*ret_port = end[1] ? end + 2 : NULL;
	return memchr(text, ':', *ret_length) != NULL;
}

/* Parses an endpoint that is not a plain IPv4 one. */
static int bare_parse(const char *text, struct ipvsctl_address *ret_address,
		      const char **ret_port, struct ipvsctl_error *err)
{
	char bare[IPVSCTL_ADDRESS_TEXT];
	const char *start = NULL;
	size_t length = 0;

	if (!endpoint_split(text, &start, &length, ret_port) ||
	    length >= sizeof(bare))
		return fail(err, -EINVAL,
			    "'%.64s' is not ADDRESS, ADDRESS:PORT or "
			    "[IPV6]:PORT",
			    text);
	(void)memcpy(bare, start, length);
	bare[length] = '\0';
	return ipvsctl_address_parse(bare, ret_address, err);
}

int endpoint_parse(const char *text, struct ipvsctl_address *ret_address,
		   bool *ret_has_port, uint16_t *ret_port,
		   struct ipvsctl_error *err)
{
	static const struct number_range range = { "port", 0, UINT16_MAX };
	struct ipvsctl_address address = { .family = AF_INET };
	const char *rest = get_ipv4(text, address.bytes);
	const char *port_text = NULL;
	uint32_t port = 0;
	int r = 0;

	if (rest && *rest == ':' && !strchr(rest + 1, ':'))
		port_text = rest + 1;
	else if (!rest || *rest)
		r = bare_parse(text, &address, &port_text, err);
	if (r == 0 && port_text)
		r = number_parse(port_text, &range, &port, err);
	if (r < 0)
		return r;
	*ret_address = address;
	*ret_has_port = port_text;
	*ret_port = (uint16_t)port;
	return 0;
}

void endpoint_format(const struct ipvsctl_address *address, uint16_t port,
		     char text[IPVSCTL_IDENTITY_TEXT])
{
	char bare[IPVSCTL_ADDRESS_TEXT];
	bool v6 = address->family == AF_INET6;

	if (address->family == AF_INET) {
		text = put_ipv4(text, address->bytes);
		*text++ = ':';
		*number_put(text, port) = '\0';
		return;
	}
	(void)snprintf(text, IPVSCTL_IDENTITY_TEXT, "%s%s%s:%u", v6 ? "[" : "",
		       ipvsctl_address_format(address, bare), v6 ? "]" : "",
		       port);
}

/* ---- Networks ---------------------------------------------------------- */

/* The bits of byte number position that a prefix of that length covers. */
static uint8_t prefix_byte(unsigned int prefix_length, unsigned int position)
{
	unsigned int before = position * 8;

	if (prefix_length >= before + 8)
		return 0xff;
	if (prefix_length <= before)
		return 0;
	return (uint8_t)((0xff00u >> (prefix_length - before)) & 0xff);
}

/* Clears the bits after the prefix; returns whether any was set. */
static bool mask_host_bits(struct network *network)
{
	bool had = false;
	size_t length = address_length(&network->address);

	for (unsigned int i = 0; i < length; i++) {
		uint8_t keep = prefix_byte(network->prefix_length, i);

		had = had || (network->address.bytes[i] & ~keep);
		network->address.bytes[i] &= keep;
	}
	return had;
}

int prefixed_parse(const char *text, struct network *ret_network,
		   bool *ret_has_prefix, struct ipvsctl_error *err)
{
	struct network network = { 0 };
	char bare[IPVSCTL_ADDRESS_TEXT];
	const char *slash = strchrnul(text, '/');
	size_t length = (size_t)(slash - text);
	uint32_t prefix;

	if (length >= sizeof(bare))
		return fail(err, -EINVAL, "'%.64s' is not ADDRESS/PREFIX", text);
	(void)memcpy(bare, text, length);
	bare[length] = '\0';
	int r = ipvsctl_address_parse(bare, &network.address, err);
	if (r < 0)
		return r;
	prefix = (uint32_t)address_length(&network.address) * 8;
	if (*slash) {
		r = number_parse(slash + 1,
				 &(struct number_range){ "prefix length", 0,
							 prefix },
				 &prefix, err);
		if (r < 0)
			return r;
	}
	network.prefix_length = (uint8_t)prefix;
	*ret_network = network;
	*ret_has_prefix = *slash;
	return 0;
}

int network_check(const struct network *given, const char *text,
		  struct ipvsctl_error *err)
{
	struct network network = *given;
	char masked[IPVSCTL_IDENTITY_TEXT];
	int r;

	if (!mask_host_bits(&network))
		return 0;
	network_format(&network, masked);
	r = fail(err, -EINVAL, "'%s' has bits set after the prefix", text);
	return fail_hint(err, r, "%s", masked);
}

int network_parse(const char *text, struct network *ret_network,
		  struct ipvsctl_error *err)
{
	struct network network = { 0 };
	bool has_prefix;
	int r = 0;

	if (strcmp(text, "any") != 0)
		r = prefixed_parse(text, &network, &has_prefix, err);
	if (r == 0)
		r = network_check(&network, text, err);
	if (r == 0)
		*ret_network = network;
	return r;
}

void network_format(const struct network *network,
		    char text[IPVSCTL_IDENTITY_TEXT])
{
	size_t bits = address_length(&network->address) * 8;
	char *end;

	(void)ipvsctl_address_format(&network->address, text);
	if (network->prefix_length == bits || !bits)
		return;
	end = text + strlen(text);
	*end = '/';
	*number_put(end + 1, network->prefix_length) = '\0';
}
