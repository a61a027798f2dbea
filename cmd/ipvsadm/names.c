/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Formats endpoints: by name, or in numbers with -n. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "ipvsadm/ipvsadm.h"
#include "ipvsadm/names.h"

/* Room for answers; more are not read. */
#define ANSWER_SIZE 8192

static const char *format_numbers(char text[NAMES_TEXT],
				  const struct ipvsctl_address *address,
				  uint16_t port)
{
	const struct ipvsctl_server endpoint = { .address = *address,
						 .port = port };
	char bare[IPVSCTL_ADDRESS_TEXT];

	/* The other programs leave out a port of 0; ipvsadm shows it. */
	if (port)
		return ipvsctl_server_format(&endpoint, text);
	(void)snprintf(text, NAMES_TEXT,
		       address->family == AF_INET6 ? "[%s]:0" : "%s:0",
		       ipvsctl_address_format(address, bare));
	return text;
}

static const char *host_name(const struct ipvsctl_address *address,
			     char text[NAMES_TEXT])
{
	char buffer[ANSWER_SIZE];
	struct hostent entry;
	struct hostent *found = NULL;
	int why = 0;

	if (gethostbyaddr_r(address->bytes, address->family == AF_INET ? 4 : 16,
			    address->family, &entry, buffer, sizeof(buffer),
			    &found, &why) == 0 &&
	    found) {
		(void)snprintf(text, NAMES_TEXT, "%s", found->h_name);
		return text;
	}
	/* Do not wait again for a DNS server that does not answer. */
	if (why == TRY_AGAIN)
		(void)__nss_configure_lookup("hosts", "files");
	return ipvsctl_address_format(address, text);
}

static const char *port_name(uint16_t port, uint16_t protocol,
			     char text[NAMES_TEXT])
{
	char buffer[ANSWER_SIZE];
	struct servent entry;
	struct servent *found = NULL;

	if (protocol &&
	    getservbyport_r(htons(port), ipvsctl_protocol_name(protocol),
			    &entry, buffer, sizeof(buffer), &found) == 0 &&
	    found)
		(void)snprintf(text, NAMES_TEXT, "%s", found->s_name);
	else
		(void)snprintf(text, NAMES_TEXT, "%u", port);
	return text;
}

const char *names_protocol(uint16_t protocol)
{
	static const struct {
		uint16_t protocol;
		const char *name;
	} names[] = {
		{ IPPROTO_TCP, "TCP" },
		{ IPPROTO_UDP, "UDP" },
		{ IPPROTO_SCTP, "SCTP" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].protocol == protocol)
			return names[i].name;
	return NULL;
}

const char *names_format(char text[NAMES_TEXT], const struct endpoint *endpoint,
			 bool numeric)
{
	const bool ipv6 = endpoint->address->family != AF_INET;
	char host[NAMES_TEXT];
	char port[NAMES_TEXT];

	if (numeric)
		return format_numbers(text, endpoint->address, endpoint->port);
	(void)host_name(endpoint->address, host);
	(void)port_name(endpoint->port, endpoint->protocol, port);
	(void)snprintf(text, NAMES_TEXT, "%s%.*s%s:%.32s", ipv6 ? "[" : "",
		       NAMES_TEXT - 40, host, ipv6 ? "]" : "", port);
	return text;
}

const char *names_format_safe(char text[NAMES_TEXT],
			      const struct endpoint *endpoint, bool numeric)
{
	struct ipvsctl_address address;
	uint16_t port = 0;
	bool has_port;

	(void)names_format(text, endpoint, numeric);
	if (numeric ||
	    (parse_endpoint(text, endpoint->protocol, &address, &port,
			    &has_port) == 0 &&
	     ipvsctl_address_compare(&address, endpoint->address) == 0 &&
	     port == endpoint->port))
		return text;
	return format_numbers(text, endpoint->address, endpoint->port);
}
