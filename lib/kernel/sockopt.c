/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads services and servers with getsockopt(). The kernel reports neither how
 * many it wrote nor that it left out servers of another family. So this also
 * gets their number: before, to make room, and after, to check that all are
 * there.
 */
#include "kernel/sockopt.h"

#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* With these, the length of a buffer with spare room still fits an int. */
#define SERVERS_MAX  (INT32_MAX / sizeof(struct ip_vs_dest_entry) - 2)
#define SERVICES_MAX (INT32_MAX / sizeof(struct ip_vs_service_entry) / 2)

void sockopt_open(struct sockopt *sockopt)
{
	/* A raw socket would need CAP_NET_RAW. */
	*sockopt = (struct sockopt){
		.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	};
}

void sockopt_free(struct sockopt *sockopt)
{
	closep(&sockopt->fd);
	free(sockopt->servers);
	*sockopt = (struct sockopt){ .fd = -1 };
}

/* Gets the number of the service's servers, of both families. */
static int count_servers(const struct sockopt *sockopt,
			 const struct ipvsctl_service *service,
			 size_t *ret_count)
{
	struct ip_vs_service_entry entry = {
		.protocol = service->protocol,
		.port = htons(service->port),
		.fwmark = service->fwmark,
	};
	socklen_t size = sizeof(entry);

	memcpy(&entry.addr, service->address.bytes, sizeof(entry.addr));
	if (getsockopt(sockopt->fd, IPPROTO_IP, IP_VS_SO_GET_SERVICE, &entry,
		       &size) < 0)
		return nerrno();
	*ret_count = entry.num_dests;
	return 0;
}

/* ---- Servers -------------------------------------------------------------- */

static int make_room(struct sockopt *sockopt, size_t count)
{
	struct ip_vs_get_dests *grown;

	if (count <= sockopt->room)
		return 0;
	grown = realloc(sockopt->servers,
			sizeof(*grown) + count * sizeof(*grown->entrytable));
	if (!grown)
		return -ENOMEM;
	sockopt->servers = grown;
	sockopt->room = count;
	return 0;
}

/*
 * Gets at most count servers; there must be room for them. No server has the
 * address 0, so the first zero ends what the kernel wrote.
 */
static int get_servers(const struct sockopt *sockopt,
		       const struct ipvsctl_service *service, size_t count,
		       size_t *ret_count)
{
	struct ip_vs_get_dests *servers = sockopt->servers;
	const size_t size =
		sizeof(*servers) + count * sizeof(*servers->entrytable);
	socklen_t length = (socklen_t)size;
	size_t got = 0;

	memset(servers, 0, size);
	servers->protocol = service->protocol;
	servers->port = htons(service->port);
	servers->fwmark = service->fwmark;
	servers->num_dests = (unsigned int)count;
	memcpy(&servers->addr, service->address.bytes, sizeof(servers->addr));
	if (getsockopt(sockopt->fd, IPPROTO_IP, IP_VS_SO_GET_DESTS, servers,
		       &length) < 0)
		return nerrno();
	while (got < count && servers->entrytable[got].addr)
		got++;
	*ret_count = got;
	return 0;
}

/*
 * Gets all servers. Returns -EOPNOTSUPP if it got not as many as the kernel
 * counts before and after.
 */
static int get_all(struct sockopt *sockopt,
		   const struct ipvsctl_service *service, size_t *ret_count)
{
	size_t before = 0, count = 0, after = 0;
	int r = count_servers(sockopt, service, &before);

	if (r < 0)
		return r;
	if (before > SERVERS_MAX)
		return -EOPNOTSUPP;
	r = make_room(sockopt, before + 1);
	if (r == 0)
		r = get_servers(sockopt, service, before + 1, &count);
	if (r == 0)
		r = count_servers(sockopt, service, &after);
	if (r < 0)
		return r;
	if (count != before || count != after)
		return -EOPNOTSUPP;
	*ret_count = count;
	return 0;
}

static bool has_tunnel(const struct ip_vs_dest_entry *servers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((servers[i].conn_flags & IP_VS_CONN_F_FWD_MASK) ==
		    IP_VS_CONN_F_TUNNEL)
			return true;
	return false;
}

static int add_server(struct service_entry *entry,
		      const struct server_table *only,
		      const struct ip_vs_dest_entry *from)
{
	struct ipvsctl_server server = {
		.address.family = AF_INET,
		.port = ntohs(from->port),
		.forward = from->conn_flags & IP_VS_CONN_F_FWD_MASK,
		.weight = (uint32_t)from->weight,
		.upper_threshold = from->u_threshold,
		.lower_threshold = from->l_threshold,
		.active_connections = from->activeconns,
		.inactive_connections = from->inactconns,
		.persistent_connections = from->persistconns,
	};
	int r;

	memcpy(server.address.bytes, &from->addr, sizeof(from->addr));
	if (only && !table_server(only, &server))
		return 0;
	r = table_add_server(&entry->table, &server);
	return r == -EEXIST ? 0 : r;
}

int sockopt_read_servers(struct sockopt *sockopt,
			 const struct server_table *only, bool reverse,
			 struct service_entry *entry)
{
	size_t count;
	int r;

	if (sockopt->fd < 0 || entry->service.address.family != AF_INET)
		return -EOPNOTSUPP;
	r = get_all(sockopt, &entry->service, &count);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || has_tunnel(sockopt->servers->entrytable, count))
		return -EOPNOTSUPP;
	r = table_reserve(&entry->table, only ? only->count : count);
	/* The kernel lists new servers first; mostly, these sort last. */
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_server(
			entry, only,
			&sockopt->servers
				 ->entrytable[reverse ? count - 1 - i : i]);
	return r;
}

/* ---- Services ------------------------------------------------------------- */

/* Returns false if the kernel refuses, or fills all of the room. */
static bool fill_services(const struct sockopt *sockopt,
			  struct ip_vs_get_services *services, socklen_t size)
{
	const unsigned int room = services->num_services;

	return getsockopt(sockopt->fd, IPPROTO_IP, IP_VS_SO_GET_SERVICES,
			  services, &size) == 0 &&
	       !services->entrytable[room - 1].sched_name[0];
}

/*
 * Returns all services; an entry without a scheduler, which every service has,
 * ends them. Returns NULL if they cannot be read, or are suddenly many more.
 */
static struct ip_vs_get_services *get_services(const struct sockopt *sockopt)
{
	AUTO_FREE struct ip_vs_get_services *services = NULL;
	struct ip_vs_getinfo info;
	socklen_t size = sizeof(info);
	size_t room;

	if (getsockopt(sockopt->fd, IPPROTO_IP, IP_VS_SO_GET_INFO, &info,
		       &size) < 0 ||
	    info.num_services > SERVICES_MAX)
		return NULL;
	/* Other programs may add services before the next call. */
	room = (size_t)info.num_services + info.num_services / 2 + 64;
	size = (socklen_t)(sizeof(*services) +
			   room * sizeof(*services->entrytable));
	services = calloc(1, size);
	if (!services)
		return NULL;
	services->num_services = (unsigned int)room;
	if (!fill_services(sockopt, services, size))
		return NULL;
	return TAKE_PTR(services);
}

static struct ipvsctl_service identity_of(const struct ip_vs_service_entry *from)
{
	struct ipvsctl_service service = {
		.address.family = AF_INET,
		.fwmark = from->fwmark,
	};

	if (from->fwmark)
		return service;
	service.protocol = from->protocol;
	service.port = ntohs(from->port);
	memcpy(service.address.bytes, &from->addr, sizeof(from->addr));
	return service;
}

enum sockopt_opinion sockopt_compare_services(
	const struct sockopt *sockopt, const struct ipvsctl_config *config)
{
	AUTO_FREE struct ip_vs_get_services *services = NULL;
	const struct ip_vs_service_entry *at;
	size_t count = 0;

	if (sockopt->fd < 0)
		return SOCKOPT_UNSURE;
	services = get_services(sockopt);
	if (!services)
		return SOCKOPT_UNSURE;
	for (at = services->entrytable; at->sched_name[0]; at++, count++) {
		struct ipvsctl_service identity = identity_of(at);

		if (!config_entry(config, &identity))
			return SOCKOPT_MISSES;
	}
	return count == config->count ? SOCKOPT_AGREES : SOCKOPT_UNSURE;
}
