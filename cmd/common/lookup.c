/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Looks up names of hosts and ports, for ipvsadm's language. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/lookup.h"

/* Room for answers; more are not read. */
#define ANSWER_SIZE 8192

/* An answer of DNS. */
struct lookup_answer {
	struct lookup_answer *next;
	struct ipvsctl_address address;
	int code;
	uint16_t family; /* that was looked up */
	char name[];
};

int lookup_address(const char *name, uint16_t family, bool first,
		   struct ipvsctl_address *ret_address)
{
	const int length = family == AF_INET ? 4 : 16;
	char buffer[ANSWER_SIZE];
	struct hostent entry;
	struct hostent *found = NULL;
	int why;

	if (gethostbyname2_r(name, family, &entry, buffer, sizeof(buffer),
			     &found, &why) != 0 ||
	    !found || found->h_length != length || !found->h_addr_list[0] ||
	    (!first && found->h_addr_list[1]))
		return -ENOENT;
	*ret_address = (struct ipvsctl_address){ .family = family };
	(void)memcpy(ret_address->bytes, found->h_addr_list[0], (size_t)length);
	return 0;
}

/* Remembers an answer; without memory, DNS is asked again. */
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
		answer.code = lookup_address(name, family, lookup->first,
					     &answer.address);
		remember(lookup, name, &answer);
		known = &answer;
	}
	*ret_address = known->address;
	return known->code;
}

int lookup_port(const char *name, uint16_t protocol, uint16_t *ret_port,
		void *data)
{
	char buffer[ANSWER_SIZE];
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
			   .port = lookup_port,
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
