/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Steps about services and servers of IPv4, each by one setsockopt(). */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/sockopt.h"
#include "netlink/codec.h"

/* The kernel's argument; a step on a service passes only the first part. */
struct argument {
	struct ip_vs_service_user service;
	struct ip_vs_dest_user server;
};

static const struct {
	int option;
	socklen_t size;
} calls[][3] = {
	[IPVSCTL_OBJECT_SERVICE] = {
		[IPVSCTL_ADD] = { IP_VS_SO_SET_ADD,
				  sizeof(struct ip_vs_service_user) },
		[IPVSCTL_CHANGE] = { IP_VS_SO_SET_EDIT,
				     sizeof(struct ip_vs_service_user) },
		[IPVSCTL_DELETE] = { IP_VS_SO_SET_DEL,
				     sizeof(struct ip_vs_service_user) },
	},
	[IPVSCTL_OBJECT_SERVER] = {
		[IPVSCTL_ADD] = { IP_VS_SO_SET_ADDDEST,
				  sizeof(struct argument) },
		[IPVSCTL_CHANGE] = { IP_VS_SO_SET_EDITDEST,
				     sizeof(struct argument) },
		[IPVSCTL_DELETE] = { IP_VS_SO_SET_DELDEST,
				     sizeof(struct argument) },
	},
};

static bool is_plain_server(const struct ipvsctl_server *server)
{
	return server->address.family == AF_INET &&
	       server->tunnel == IPVSCTL_TUNNEL_IPIP && !server->tunnel_port &&
	       server->tunnel_checksum == IPVSCTL_TUNNEL_CHECKSUM_NONE;
}

/*
 * This interface does not know other protocols, which other programs can use.
 * It finds a mark's service only by the protocol it was added with, which the
 * kernel does not tell (6.1), so it can only add one.
 */
static bool is_plain_service(const struct ipvsctl_step *step)
{
	const struct ipvsctl_service *service = step->service;

	if (service->address.family != AF_INET)
		return false;
	if (service->fwmark)
		return step->object == IPVSCTL_OBJECT_SERVICE &&
		       step->action == IPVSCTL_ADD;
	return service->protocol == IPPROTO_TCP ||
	       service->protocol == IPPROTO_UDP ||
	       service->protocol == IPPROTO_SCTP;
}

bool sockopt_can(const struct ipvsctl_step *step)
{
	const struct ipvsctl_service *service = step->after;

	if (step->object > IPVSCTL_OBJECT_SERVER ||
	    step->action > IPVSCTL_DELETE || !step->service ||
	    !is_plain_service(step))
		return false;
	if (step->object == IPVSCTL_OBJECT_SERVER)
		return is_plain_server(step->after ? step->after : step->before);
	return !service || !service->persistence_engine[0];
}

static void fill_service(struct ip_vs_service_user *argument,
			 const struct ipvsctl_service *service)
{
	/* Netlink gives this protocol to the service of a mark, too. */
	argument->protocol = service->fwmark ? IPPROTO_TCP : service->protocol;
	(void)memcpy(&argument->addr, service->address.bytes,
		     sizeof(argument->addr));
	argument->port = htons(service->port);
	argument->fwmark = service->fwmark;
}

static void fill_attributes(struct ip_vs_service_user *argument,
			    const struct ipvsctl_service *service)
{
	(void)memcpy(argument->sched_name, service->scheduler,
		     sizeof(argument->sched_name));
	argument->flags = codec_service_flags(service);
	argument->timeout = service->persistence_seconds;
	argument->netmask = htonl(service->netmask);
}

static void fill_server(struct ip_vs_dest_user *argument,
			const struct ipvsctl_server *server)
{
	(void)memcpy(&argument->addr, server->address.bytes,
		     sizeof(argument->addr));
	argument->port = htons(server->port);
	argument->conn_flags = server->forward;
	argument->weight = (int)ipvsctl_server_effective_weight(server);
	argument->u_threshold = server->upper_threshold;
	argument->l_threshold = server->lower_threshold;
}

int sockopt_do(const struct sockopt *sockopt, const struct ipvsctl_step *step)
{
	struct argument argument = { .service.protocol = 0 };
	bool server = step->object == IPVSCTL_OBJECT_SERVER;

	fill_service(&argument.service, step->service);
	if (server)
		fill_server(&argument.server,
			    step->after ? step->after : step->before);
	else if (step->after)
		fill_attributes(&argument.service, step->after);
	if (setsockopt(sockopt->fd, IPPROTO_IP,
		       calls[step->object][step->action].option, &argument,
		       calls[step->object][step->action].size) < 0)
		return errno;
	return 0;
}
