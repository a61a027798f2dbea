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

#include "restore/restore.h"

/* What DNS has said. */
struct restore_answer {
	struct restore_answer *next;
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

/* A name of several addresses says of none that it was meant. */
static int ask(const char *name, uint16_t family,
	       struct ipvsctl_address *ret_address)
{
	const struct addrinfo wanted = { .ai_family = family,
					 .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int r = -ENOENT;

	if (getaddrinfo(name, NULL, &wanted, &found) != 0)
		return -ENOENT;
	if (!found->ai_next && found->ai_family == family) {
		copy_address(found, ret_address);
		r = 0;
	}
	freeaddrinfo(found);
	return r;
}

/* Without memory it is asked again. */
static void remember(struct restore_texts *texts, const char *name,
		     const struct restore_answer *answer)
{
	size_t size = strlen(name) + 1;
	struct restore_answer *copy = malloc(sizeof(*copy) + size);

	if (!copy)
		return;
	*copy = *answer;
	copy->next = texts->answers;
	(void)memcpy(copy->name, name, size);
	texts->answers = copy;
}

static int find_address(const char *name, uint16_t family,
			struct ipvsctl_address *ret_address, void *data)
{
	struct restore_texts *texts = data;
	const struct restore_answer *known = texts->answers;
	struct restore_answer answer = { .family = family };

	while (known &&
	       (known->family != family || strcmp(known->name, name) != 0))
		known = known->next;
	if (!known) {
		answer.code = ask(name, family, &answer.address);
		remember(texts, name, &answer);
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

void restore_use_names(struct restore_texts *texts)
{
	texts->names = (struct ipvsctl_names){ .address = find_address,
					       .port = find_port,
					       .data = texts };
	ipvsctl_ruleset_use_names(texts->ruleset, &texts->names);
}

void restore_free_answers(struct restore_answer *first)
{
	while (first) {
		struct restore_answer *next = first->next;

		free(first);
		first = next;
	}
}
