/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any lines as the words of an ipvsadm command. What is wrong ends with a known
 * status; what is taken is whole, and twice the same.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipvsadm/ipvsadm.h"
#include "ipvsadm/names.h"

#define WORDS_MAX 40

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

/* ---- Names, of which there are few ------------------------------------- */

int gethostbyname2_r(const char *name, int family, struct hostent *entry,
		     char *buffer, size_t size, struct hostent **ret_found,
		     int *ret_why)
{
	char **list = (char **)(void *)buffer;

	*ret_found = NULL;
	*ret_why = HOST_NOT_FOUND;
	must(family == AF_INET && size >= 64);
	if (name[0] != 'w')
		return 0;
	list[0] = buffer + 32;
	list[1] = NULL;
	(void)memcpy(list[0], "\xc0\x00\x02\x01", 4);
	*entry = (struct hostent){ .h_length = 4, .h_addr_list = list };
	*ret_found = entry;
	return 0;
}

int getservbyname_r(const char *name, const char *protocol,
		    struct servent *entry, char *buffer, size_t size,
		    struct servent **ret_found)
{
	(void)buffer;
	(void)size;
	*ret_found = NULL;
	if (strcmp(name, "http") != 0 || strcmp(protocol, "tcp") != 0)
		return 0;
	*entry = (struct servent){ .s_port = htons(80) };
	*ret_found = entry;
	return 0;
}

/* ---- What a request is to be ------------------------------------------- */

static void must_be_family(uint16_t family)
{
	must(family == AF_INET || family == AF_INET6);
}

/* In numbers an endpoint leads back to itself. */
static void must_lead_back(const struct ipvsctl_address *address, uint16_t port)
{
	const struct endpoint endpoint = { address, port, 0 };
	struct ipvsctl_address again = { 0 };
	char text[NAMES_TEXT];
	uint16_t port_again = 0;
	bool has_port = false;

	(void)names_format(text, &endpoint, true);
	must(parse_endpoint(text, 0, &again, &port_again, &has_port) == 0);
	must(ipvsctl_address_compare(&again, address) == 0);
	must(has_port && port_again == port);
}

static void must_be_service(const struct request *request)
{
	const struct ipvsctl_service *service = &request->service;
	const bool ipv6 = service->address.family == AF_INET6;
	const bool made = request->command == ADD_SERVICE ||
			  request->command == EDIT_SERVICE;

	must_be_family(service->address.family);
	must(!service->fwmark == !!service->protocol);
	must(!service->fwmark || !service->port);
	must(service->protocol == 0 || service->protocol == IPPROTO_TCP ||
	     service->protocol == IPPROTO_UDP ||
	     service->protocol == IPPROTO_SCTP);
	must(!ipv6 || (service->netmask >= 1 && service->netmask <= 128));
	must(!has(request, PERSISTENT) == !service->persistence_seconds);
	must(!has(request, OPS) == !(service->flags & IPVSCTL_ONE_PACKET));
	must(has(request, SCHED_FLAGS) ||
	     !(service->flags & ~(uint32_t)IPVSCTL_ONE_PACKET));
	must(!made || service->fwmark || service->port ||
	     service->persistence_seconds);
	must(!made || !has(request, OPS) || service->fwmark ||
	     service->protocol == IPPROTO_UDP);
	if (!service->fwmark)
		must_lead_back(&service->address, service->port);
}

static void must_be_tunnel(const struct request *request)
{
	const struct ipvsctl_server *server = &request->server;

	must(server->tunnel <= IPVSCTL_TUNNEL_GRE);
	must((server->tunnel == IPVSCTL_TUNNEL_GUE) == !!server->tunnel_port);
	must(server->tunnel != IPVSCTL_TUNNEL_IPIP || !server->tunnel_checksum);
	must(!server->tunnel || server->forward == IPVSCTL_FORWARD_TUN);
	must(server->tunnel_checksum <= IPVSCTL_TUNNEL_CHECKSUM_REMOTE);
}

static void must_be_server(const struct request *request)
{
	const struct ipvsctl_service *service = &request->service;
	const struct ipvsctl_server *server = &request->server;

	must(has(request, SERVICE));
	must_be_family(server->address.family);
	must_lead_back(&server->address, server->port);
	must(server->weight <= INT_MAX);
	must(server->upper_threshold <= INT_MAX);
	must(server->lower_threshold <= INT_MAX);
	must(server->forward == IPVSCTL_FORWARD_NAT ||
	     server->forward == IPVSCTL_FORWARD_TUN ||
	     server->forward == IPVSCTL_FORWARD_DR);
	if (request->command == DELETE_SERVER)
		return;
	must(service->fwmark || server->forward == IPVSCTL_FORWARD_NAT ||
	     server->port == service->port);
	must(server->address.family == service->address.family ||
	     server->forward == IPVSCTL_FORWARD_TUN);
	must_be_tunnel(request);
}

static void must_be_sync(const struct request *request)
{
	const struct ipvsctl_sync *sync = &request->sync;
	const unsigned char first = sync->group.bytes[0];

	must(request->command == START_SYNC || request->command == STOP_SYNC ?
		     sync->role == IPVSCTL_SYNC_MASTER ||
			     sync->role == IPVSCTL_SYNC_BACKUP :
		     !sync->role);
	must(sync->interface[0] &&
	     memchr(sync->interface, '\0', sizeof(sync->interface)));
	must(sync->id <= 255);
	must(sync->group.family == AF_INET  ? first >> 4 == 0xe :
	     sync->group.family == AF_INET6 ? first == 0xff :
					      !sync->group.family);
	must(!request->odd_interface || request->command == START_SYNC);
}

/* Options that only these commands have; the others follow from the fields. */
static void must_be_given(const struct request *request)
{
	const enum ipvsadm_command command = request->command;
	const bool of_service = has(request, SCHEDULER) ||
				has(request, NETMASK) || has(request, PE) ||
				has(request, SCHED_FLAGS);
	const bool of_list = has(request, CONNECTION) || has(request, STATS) ||
			     has(request, TIMEOUT) || has(request, DAEMON) ||
			     has(request, EXACT) || has(request, TUN_INFO);

	must(request->given < BIT(OPTION_COUNT));
	must(!has(request, FULL) || command == SAVE);
	must(!has(request, NUMERIC) || command == SAVE || command == LIST);
	must(!of_service || command == ADD_SERVICE || command == EDIT_SERVICE);
	must(!of_list || command == LIST);
	must((command != FLUSH && command != RESTORE &&
	      command != SET_TIMEOUTS) ||
	     !request->given);
}

static void must_be_whole(const struct request *request)
{
	const struct ipvsctl_service *service = &request->service;
	const struct ipvsctl_timeouts *timeouts = &request->timeouts;

	must(request->command < COMMAND_COUNT);
	must_be_given(request);
	must(service->scheduler[0] &&
	     memchr(service->scheduler, '\0', sizeof(service->scheduler)));
	must(memchr(service->persistence_engine, '\0',
		    sizeof(service->persistence_engine)));
	must(service->persistence_seconds <= IPVSCTL_TIMEOUT_MAX);
	must(timeouts->tcp <= IPVSCTL_TIMEOUT_MAX);
	must(timeouts->tcp_fin <= IPVSCTL_TIMEOUT_MAX);
	must(timeouts->udp <= IPVSCTL_TIMEOUT_MAX);
	if (has(request, SERVICE))
		must_be_service(request);
	if (has(request, SERVER))
		must_be_server(request);
	must_be_sync(request);
}

/* ---- Words ------------------------------------------------------------- */

/* The lines of text, which ends with NUL; returns how many words there are. */
static void split(char *text, const char *words[WORDS_MAX + 1])
{
	int count = 0;

	words[count++] = "ipvsadm";
	while (text && count < WORDS_MAX) {
		char *end = strchr(text, '\n');

		words[count++] = text;
		if (end)
			*end++ = '\0';
		text = end;
	}
	words[count] = NULL;
}

static int understand(const uint8_t *data, size_t size, struct request *request)
{
	const char *words[WORDS_MAX + 1];
	char *text = malloc(size + 1);
	int status;

	must(text);
	(void)memcpy(text, data, size);
	text[size] = '\0';
	split(text, words);
	(void)memset(request, 0xa5, sizeof(*request));
	status = options_parse(words, request);
	if (status == 0 && request->command < COMMAND_COUNT)
		status = rules_check(request);
	free(text);
	return status;
}

/* What mistakes say; the fuzzer's own words go on being heard. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	stderr = fopen("/dev/null", "w");
	must(stderr);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t skipped = offsetof(struct request, command);
	struct request once, twice;
	int status = understand(data, size, &once);

	must(status == 0 || status == EXIT_WRONG ||
	     status == EXIT_KERNEL_FAILED);
	must(understand(data, size, &twice) == status);
	must(memcmp((const char *)&once + skipped,
		    (const char *)&twice + skipped,
		    sizeof(once) - skipped) == 0);
	if (status == 0 && once.command < COMMAND_COUNT)
		must_be_whole(&once);
	return 0;
}
