/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Names of hosts and ports, which ipvsadm-save without -n has written. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/lookup.h"

/* What DNS has said. */
struct lookup_answer {
	struct lookup_answer *next;
	struct ipvsctl_address address;
	int code;
	uint16_t family; /* that was asked for */
	char name[];
};

static void copy_address(const struct addrinfo *info,
			 struct ipvsctl_address *ret_address)
{
	const struct sockaddr_in *ipv4 = (const void *)info->ai_addr;
	const struct sockaddr_in6 *ipv6 = (const void *)info->ai_addr;

	*ret_address =
		(struct ipvsctl_address){ .family = (uint16_t)info->ai_family };
	if (info->ai_family == AF_INET)
		(void)memcpy(ret_address->bytes, &ipv4->sin_addr, 4);
	else
		(void)memcpy(ret_address->bytes, &ipv6->sin6_addr, 16);
}

static int ask(const struct lookup *lookup, const char *name, uint16_t family,
	       struct ipvsctl_address *ret_address)
{
	const struct addrinfo wanted = { .ai_family = family,
					 .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int r = -ENOENT;

	if (getaddrinfo(name, NULL, &wanted, &found) != 0)
		return -ENOENT;
	if ((lookup->first || !found->ai_next) && found->ai_family == family) {
		copy_address(found, ret_address);
		r = 0;
	}
	freeaddrinfo(found);
	return r;
}

/* Without memory it is asked again. */
static void remember(struct lookup *lookup, const char *name,
		     const struct lookup_answer *answer)
{
	size_t size = strlen(name) + 1;
	struct lookup_answer *copy = malloc(sizeof(*copy) + size);

	if (!copy)
		return;
	*copy = *answer;
	copy->next = lookup->answers;
	(void)memcpy(copy->name, name, size);
	lookup->answers = copy;
}

static int find_address(const char *name, uint16_t family,
			struct ipvsctl_address *ret_address, void *data)
{
	struct lookup *lookup = data;
	const struct lookup_answer *known = lookup->answers;
	struct lookup_answer answer = { .family = family };

	while (known &&
	       (known->family != family || strcmp(known->name, name) != 0))
		known = known->next;
	if (!known) {
		answer.code = ask(lookup, name, family, &answer.address);
		remember(lookup, name, &answer);
		known = &answer;
	}
	*ret_address = known->address;
	return known->code;
}

static int find_port(const char *name, uint16_t protocol, uint16_t *ret_port,
		     void *data)
{
	char buffer[4096];
	struct servent entry;
	struct servent *found = NULL;

	(void)data;
	if (getservbyname_r(name, ipvsctl_protocol_name(protocol), &entry,
			    buffer, sizeof(buffer), &found) != 0 ||
	    !found)
		return -ENOENT;
	*ret_port = ntohs((uint16_t)found->s_port);
	return 0;
}

void lookup_begin(struct lookup *lookup, bool first)
{
	*lookup = (struct lookup){
		.first = first,
		.names = { .address = find_address,
			   .port = find_port,
			   .data = lookup },
	};
}

void lookup_end(struct lookup *lookup)
{
	while (lookup->answers) {
		struct lookup_answer *next = lookup->answers->next;

		free(lookup->answers);
		lookup->answers = next;
	}
}
