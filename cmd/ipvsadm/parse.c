/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of options, read as leniently as ipvsadm does. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/lookup.h"
#include "ipvsadm/ipvsadm.h"

#define HOST_MAX 1024

int64_t parse_number(const char *text, int64_t min, int64_t max)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (*end || end == text || errno == ERANGE || number < min ||
	    number > max)
		return -1;
	return number;
}

/* ---- Addresses --------------------------------------------------------- */

static void set_ipv4(struct ipvsctl_address *address, const void *bytes)
{
	*address = (struct ipvsctl_address){ .family = AF_INET };
	(void)memcpy(address->bytes, bytes, 4);
}

/* Parses any form of inet_aton(), or looks a name up. */
static bool parse_ipv4(const char *text, struct ipvsctl_address *address)
{
	struct in_addr ipv4;

	if (!inet_aton(text, &ipv4))
		return lookup_address(text, AF_INET, true, address) == 0;
	set_ipv4(address, &ipv4);
	return true;
}

static bool parse_port(const char *text, uint16_t protocol, uint16_t *port)
{
	int64_t number = parse_number(text, 0, UINT16_MAX);

	if (number < 0)
		return lookup_port(text, protocol, port, NULL) == 0;
	*port = (uint16_t)number;
	return true;
}

/* Splits "[HOST]:PORT", the only use of brackets; false without both. */
static bool split_brackets(char *text, char **ret_host, char **ret_port)
{
	char *end = strchr(text, ']');

	if (!end || end[1] != ':')
		return false;
	*end = '\0';
	*ret_host = text + 1;
	*ret_port = end + 2;
	return true;
}

static bool is_digits(const char *text)
{
	while (isdigit((unsigned char)*text))
		text++;
	return !*text;
}

int parse_endpoint(const char *text, uint16_t protocol,
		   struct ipvsctl_address *address, uint16_t *port,
		   bool *ret_has_port)
{
	char copy[HOST_MAX];
	struct in6_addr ipv6;
	char *host = copy, *port_text = NULL;

	if (is_digits(text) || strlen(text) >= sizeof(copy))
		return -EINVAL;
	(void)memcpy(copy, text, strlen(text) + 1);
	if (copy[0] == '[' && !split_brackets(copy, &host, &port_text))
		return -EINVAL;
	if (inet_pton(AF_INET6, host, &ipv6) > 0) {
		*address = (struct ipvsctl_address){ .family = AF_INET6 };
		(void)memcpy(address->bytes, &ipv6, sizeof(ipv6));
	} else {
		/* A port after IPv4 in brackets is ignored. */
		port_text = strrchr(host, ':');
		if (port_text)
			*port_text++ = '\0';
		if (!parse_ipv4(host, address))
			return -EINVAL;
	}
	if (port_text && !parse_port(port_text, protocol, port))
		return -EINVAL;
	*ret_has_port = port_text;
	return 0;
}

int parse_netmask(const char *text, uint16_t family, uint32_t *ret_netmask)
{
	struct ipvsctl_address mask;
	uint32_t bits;
	long prefix;

	if (family == AF_INET6) {
		prefix = strtol(text, NULL, 10);
		if (prefix < 1 || prefix > 128)
			return complain(EXIT_WRONG,
					"illegal ipv6 netmask specified");
		*ret_netmask = (uint32_t)prefix;
		return 0;
	}
	if (!parse_ipv4(text, &mask))
		return complain(EXIT_WRONG,
				"illegal virtual server persistent mask "
				"specified");
	(void)memcpy(&bits, mask.bytes, sizeof(bits));
	*ret_netmask = ntohl(bits);
	return 0;
}

/* ---- Scheduler flags --------------------------------------------------- */

/* Uses the library's names; like ipvsadm, refuses those of another
   scheduler. */
static int add_flag(const char *name, struct ipvsctl_service *service)
{
	struct ipvsctl_service named = { 0 };
	const size_t length = strcspn(name, "-");

	if (strcmp(name, "none") == 0 ||
	    ipvsctl_service_set(&named, "sched-flags", name, NULL) < 0)
		return complain(EXIT_WRONG, "invalid scheduler flag `%s'", name);
	if (strncmp(name, "flag-", 5) != 0 &&
	    (strncmp(name, service->scheduler, length) != 0 ||
	     service->scheduler[length]))
		return complain(EXIT_WRONG, "incompatible scheduler flag `%s'",
				name);
	service->flags |= named.flags;
	return 0;
}

/* Skips empty flags between commas. */
int parse_scheduler_flags(char *text, struct ipvsctl_service *service)
{
	char *rest = NULL;
	int status = 0;

	if (!text[strspn(text, ",")])
		return complain(EXIT_WRONG, "invalid scheduler flag `%s'", text);
	for (const char *name = strtok_r(text, ",", &rest); status == 0 && name;
	     name = strtok_r(NULL, ",", &rest))
		status = add_flag(name, service);
	return status;
}
