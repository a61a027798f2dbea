/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The order that a listing has to have, and where ipvsadm 1.31 loses it. */
#include "compat.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define FAR (1u << 31) /* and so beyond what an int can say */

/* ---- The right order ------------------------------------------------------------ */

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_services(const void *left, const void *right)
{
	const struct ipvsctl_service *a =
		*(const struct ipvsctl_service *const *)left;
	const struct ipvsctl_service *b =
		*(const struct ipvsctl_service *const *)right;
	int order = compare_numbers(a->fwmark, b->fwmark);

	if (!order)
		order = compare_numbers(a->address.family, b->address.family);
	if (!order)
		order = compare_numbers(a->protocol, b->protocol);
	if (!order)
		order = ipvsctl_address_compare(&a->address, &b->address);
	return order ? order : compare_numbers(a->port, b->port);
}

static void print_service(FILE *stream, const struct ipvsctl_service *service,
			  bool save)
{
	static const struct {
		uint16_t protocol;
		const char *listed, *saved;
	} names[] = { { IPPROTO_TCP, "TCP", "-t" },
		      { IPPROTO_UDP, "UDP", "-u" },
		      { IPPROTO_SCTP, "SCTP", "--sctp-service" } };
	char address[IPVSCTL_ADDRESS_TEXT];
	bool ipv6 = service->address.family == AF_INET6;

	if (service->fwmark) {
		(void)fprintf(stream, "%s %u%s\n", save ? "-f" : "FWM",
			      service->fwmark,
			      !ipv6 ? "" :
			      save  ? " -6" :
				      " IPv6");
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].protocol == service->protocol)
			(void)fprintf(stream, "%s ",
				      save ? names[i].saved : names[i].listed);
	(void)ipvsctl_address_format(&service->address, address);
	(void)fprintf(stream, ipv6 ? "[%s]:%u\n" : "%s:%u\n", address,
		      service->port);
}

static void print_server(FILE *stream, const struct ipvsctl_server *server,
			 bool save)
{
	char address[IPVSCTL_ADDRESS_TEXT];

	(void)ipvsctl_address_format(&server->address, address);
	(void)fputs(save ? "-r " : "-> ", stream);
	(void)fprintf(stream,
		      server->address.family == AF_INET6 ? "[%s]:%u\n" :
							   "%s:%u\n",
		      address, server->port);
}

static size_t count_services(const struct ipvsctl_config *config)
{
	size_t count = 0;

	ipvsctl_for_each_service(config, service)
		count++;
	return count;
}

char *listing_expected(const struct state *state, bool save)
{
	size_t count = count_services(state->config), length;
	const struct ipvsctl_service **services =
		allocate((count + 1) * sizeof(services[0]));
	const struct ipvsctl_service *service = NULL;
	char *text = NULL;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		bail_out("open_memstream", "out of memory");
	for (size_t i = 0; i < count; i++)
		services[i] = service =
			ipvsctl_config_next_service(state->config, service);
	qsort(services, count, sizeof(services[0]), compare_services);
	for (size_t i = 0; i < count; i++) {
		/* A configuration that is loaded has its servers in order. */

		print_service(stream, services[i], save);
		ipvsctl_for_each_server(state->config, services[i], server)
			print_server(stream, server, save);
	}
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	free(services);
	return text;
}

/* ---- The wrong one ----------------------------------------------------------------- */

static bool are_far(uint32_t a, uint32_t b)
{
	return (a > b ? a - b : b - a) >= FAR;
}

static bool addresses_are_far(const struct ipvsctl_address *a,
			      const struct ipvsctl_address *b)
{
	size_t words = a->family == AF_INET6 ? 4 : 1;

	/* The order of servers takes no account of what family they are of. */
	if (a->family != b->family)
		return true;
	for (size_t i = 0; i < words; i++) {
		uint32_t left, right;

		(void)memcpy(&left, a->bytes + 4 * i, sizeof(left));
		(void)memcpy(&right, b->bytes + 4 * i, sizeof(right));
		if (are_far(ntohl(left), ntohl(right)))
			return true;
	}
	return false;
}

static bool services_are_far(const struct ipvsctl_service *a,
			     const struct ipvsctl_service *b)
{
	return are_far(a->fwmark, b->fwmark) ||
	       (a->address.family == b->address.family &&
		addresses_are_far(&a->address, &b->address));
}

static bool misorders_servers(const struct ipvsctl_config *config,
			      const struct ipvsctl_service *service)
{
	const struct ipvsctl_server *a = NULL, *b;

	while ((a = b = ipvsctl_config_next_server(config, service, a)))
		while ((b = ipvsctl_config_next_server(config, service, b)))
			if (addresses_are_far(&a->address, &b->address))
				return true;
	return false;
}

bool state_misorders(const struct state *state)
{
	const struct ipvsctl_service *a = NULL, *b;

	while ((a = b = ipvsctl_config_next_service(state->config, a))) {
		if (misorders_servers(state->config, a))
			return true;
		while ((b = ipvsctl_config_next_service(state->config, b)))
			if (services_are_far(a, b))
				return true;
	}
	return false;
}
