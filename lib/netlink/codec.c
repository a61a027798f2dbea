/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The objects of the IPVS family: structs that mirror the kernel's, tables of
 * their attributes, and functions that convert them to the library's objects
 * and back.
 */
#include "netlink/codec.h"

#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/codec-fields.h"

struct wire_service {
	uint16_t family;
	uint16_t protocol;
	uint8_t address[16];
	uint16_t port; /* network order */
	uint32_t fwmark;
	char scheduler[IPVSCTL_SCHEDULER_MAX + 1];
	char engine[IPVSCTL_PE_MAX + 1];
	struct ip_vs_flags flags;
	uint32_t timeout;
	uint32_t netmask; /* IPv4: a mask in network order; IPv6: prefix */
	struct ipvsctl_counters counters;
};

#define SERVICE(form, member) FIELD(form, struct wire_service, member)
static const struct field service_fields[] = {
	[IPVS_SVC_ATTR_AF] = SERVICE(FORM_NUMBER, family),
	[IPVS_SVC_ATTR_PROTOCOL] = SERVICE(FORM_NUMBER, protocol),
	[IPVS_SVC_ATTR_ADDR] = SERVICE(FORM_ADDRESS, address),
	[IPVS_SVC_ATTR_PORT] = SERVICE(FORM_NUMBER, port),
	[IPVS_SVC_ATTR_FWMARK] = SERVICE(FORM_NUMBER, fwmark),
	[IPVS_SVC_ATTR_SCHED_NAME] = SERVICE(FORM_TEXT, scheduler),
	[IPVS_SVC_ATTR_FLAGS] = SERVICE(FORM_NUMBER, flags),
	[IPVS_SVC_ATTR_TIMEOUT] = SERVICE(FORM_NUMBER, timeout),
	[IPVS_SVC_ATTR_NETMASK] = SERVICE(FORM_NUMBER, netmask),
	[IPVS_SVC_ATTR_STATS] = SERVICE(FORM_COUNTERS, counters),
	[IPVS_SVC_ATTR_PE_NAME] = SERVICE(FORM_TEXT, engine),
	[IPVS_SVC_ATTR_STATS64] = SERVICE(FORM_COUNTERS, counters),
};

#define BY_ADDRESS                                               \
	(BIT(IPVS_SVC_ATTR_PROTOCOL) | BIT(IPVS_SVC_ATTR_ADDR) | \
	 BIT(IPVS_SVC_ATTR_PORT))
static const struct layout service_layout =
	LAYOUT(service_fields,
	       BIT(IPVS_SVC_ATTR_AF) | BIT(IPVS_SVC_ATTR_SCHED_NAME) |
		       BIT(IPVS_SVC_ATTR_FLAGS) | BIT(IPVS_SVC_ATTR_TIMEOUT) |
		       BIT(IPVS_SVC_ATTR_NETMASK));

struct wire_server {
	uint8_t address[16];
	uint16_t family;
	uint16_t port; /* network order */
	uint32_t forward;
	uint32_t weight;
	uint32_t upper_threshold;
	uint32_t lower_threshold;
	uint32_t active;
	uint32_t inactive;
	uint32_t persistent;
	uint16_t tunnel_port; /* network order */
	uint16_t tunnel_flags;
	uint8_t tunnel;
	struct ipvsctl_counters counters;
};

#define SERVER(form, member) FIELD(form, struct wire_server, member)
static const struct field server_fields[] = {
	[IPVS_DEST_ATTR_ADDR] = SERVER(FORM_ADDRESS, address),
	[IPVS_DEST_ATTR_PORT] = SERVER(FORM_NUMBER, port),
	[IPVS_DEST_ATTR_FWD_METHOD] = SERVER(FORM_NUMBER, forward),
	[IPVS_DEST_ATTR_WEIGHT] = SERVER(FORM_NUMBER, weight),
	[IPVS_DEST_ATTR_U_THRESH] = SERVER(FORM_NUMBER, upper_threshold),
	[IPVS_DEST_ATTR_L_THRESH] = SERVER(FORM_NUMBER, lower_threshold),
	[IPVS_DEST_ATTR_ACTIVE_CONNS] = SERVER(FORM_NUMBER, active),
	[IPVS_DEST_ATTR_INACT_CONNS] = SERVER(FORM_NUMBER, inactive),
	[IPVS_DEST_ATTR_PERSIST_CONNS] = SERVER(FORM_NUMBER, persistent),
	[IPVS_DEST_ATTR_STATS] = SERVER(FORM_COUNTERS, counters),
	[IPVS_DEST_ATTR_ADDR_FAMILY] = SERVER(FORM_NUMBER, family),
	[IPVS_DEST_ATTR_STATS64] = SERVER(FORM_COUNTERS, counters),
	[IPVS_DEST_ATTR_TUN_TYPE] = SERVER(FORM_NUMBER, tunnel),
	[IPVS_DEST_ATTR_TUN_PORT] = SERVER(FORM_NUMBER, tunnel_port),
	[IPVS_DEST_ATTR_TUN_FLAGS] = SERVER(FORM_NUMBER, tunnel_flags),
};

#define SERVER_ATTRIBUTES                                              \
	(BIT(IPVS_DEST_ATTR_ADDR) | BIT(IPVS_DEST_ATTR_PORT) |         \
	 BIT(IPVS_DEST_ATTR_FWD_METHOD) | BIT(IPVS_DEST_ATTR_WEIGHT) | \
	 BIT(IPVS_DEST_ATTR_U_THRESH) | BIT(IPVS_DEST_ATTR_L_THRESH))
static const struct layout server_layout =
	LAYOUT(server_fields, SERVER_ATTRIBUTES);

struct wire_sync {
	uint32_t state;
	uint32_t id;
	char interface[IPVSCTL_INTERFACE_MAX + 1];
	uint8_t group[4];
	uint8_t group6[16];
	uint16_t max_length;
	uint16_t port; /* host order, unlike every other port */
	uint8_t ttl;
};

#define SYNC(form, member) FIELD(form, struct wire_sync, member)
static const struct field sync_fields[] = {
	[IPVS_DAEMON_ATTR_STATE] = SYNC(FORM_NUMBER, state),
	[IPVS_DAEMON_ATTR_MCAST_IFN] = SYNC(FORM_TEXT, interface),
	[IPVS_DAEMON_ATTR_SYNC_ID] = SYNC(FORM_NUMBER, id),
	[IPVS_DAEMON_ATTR_SYNC_MAXLEN] = SYNC(FORM_NUMBER, max_length),
	[IPVS_DAEMON_ATTR_MCAST_GROUP] = SYNC(FORM_NUMBER, group),
	[IPVS_DAEMON_ATTR_MCAST_GROUP6] = SYNC(FORM_NUMBER, group6),
	[IPVS_DAEMON_ATTR_MCAST_PORT] = SYNC(FORM_NUMBER, port),
	[IPVS_DAEMON_ATTR_MCAST_TTL] = SYNC(FORM_NUMBER, ttl),
};
#define SYNC_ATTRIBUTES                                                  \
	(BIT(IPVS_DAEMON_ATTR_STATE) | BIT(IPVS_DAEMON_ATTR_MCAST_IFN) | \
	 BIT(IPVS_DAEMON_ATTR_SYNC_ID))
static const struct layout sync_layout = LAYOUT(sync_fields, SYNC_ATTRIBUTES);

#define TIMEOUT(member) FIELD(FORM_NUMBER, struct ipvsctl_timeouts, member)
static const struct field timeout_fields[] = {
	[IPVS_CMD_ATTR_TIMEOUT_TCP] = TIMEOUT(tcp),
	[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN] = TIMEOUT(tcp_fin),
	[IPVS_CMD_ATTR_TIMEOUT_UDP] = TIMEOUT(udp),
};
#define TIMEOUTS                                                               \
	(BIT(IPVS_CMD_ATTR_TIMEOUT_TCP) | BIT(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN) | \
	 BIT(IPVS_CMD_ATTR_TIMEOUT_UDP))
/* A kernel without TCP or UDP balancing leaves its timeouts out. */
static const struct layout timeout_layout = LAYOUT(timeout_fields, 0);

#define INFO(member) FIELD(FORM_NUMBER, struct ipvsctl_info, member)
static const struct field info_fields[] = {
	[IPVS_INFO_ATTR_VERSION] = INFO(version),
	[IPVS_INFO_ATTR_CONN_TAB_SIZE] = INFO(connection_table_size),
};
static const struct layout info_layout =
	LAYOUT(info_fields,
	       BIT(IPVS_INFO_ATTR_VERSION) | BIT(IPVS_INFO_ATTR_CONN_TAB_SIZE));

/* ---- Services ------------------------------------------------------------------ */

/* The kernel's name of each flag that a service can be given. */
static const struct {
	uint32_t ours;
	uint32_t kernel;
} flags[] = {
	{ IPVSCTL_ONE_PACKET, IP_VS_SVC_F_ONEPACKET },
	{ IPVSCTL_SCHED_FLAG_1, IP_VS_SVC_F_SCHED1 },
	{ IPVSCTL_SCHED_FLAG_2, IP_VS_SVC_F_SCHED2 },
	{ IPVSCTL_SCHED_FLAG_3, IP_VS_SVC_F_SCHED3 },
};

uint32_t codec_service_flags(const struct ipvsctl_service *service)
{
	uint32_t set =
		service->persistence_seconds ? IP_VS_SVC_F_PERSISTENT : 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (service->flags & flags[i].ours)
			set |= flags[i].kernel;
	return set;
}

static uint32_t put_identity(const struct ipvsctl_service *service,
			     struct wire_service *wire)
{
	wire->family = service->address.family;
	if (service->fwmark) {
		wire->fwmark = service->fwmark;
		return BIT(IPVS_SVC_ATTR_AF) | BIT(IPVS_SVC_ATTR_FWMARK);
	}
	memcpy(wire->address, service->address.bytes, sizeof(wire->address));
	wire->protocol = service->protocol;
	wire->port = htons(service->port);
	return BIT(IPVS_SVC_ATTR_AF) | BY_ADDRESS;
}

int codec_put_service_identity(struct nl_msg *msg,
			       const struct ipvsctl_service *service)
{
	struct wire_service wire = { .family = 0 };
	uint32_t which = put_identity(service, &wire);

	return fields_put_nested(msg, IPVS_CMD_ATTR_SERVICE, &service_layout,
				 which, &wire);
}

/*
 * The kernel changes only the flags in the mask, so a full mask clears the
 * others. It removes a persistence engine that is left out (seen on 6.1, 7.2).
 */
int codec_put_service(struct nl_msg *msg, const struct ipvsctl_service *service)
{
	struct wire_service wire = {
		.flags = { codec_service_flags(service), UINT32_MAX },
		.timeout = service->persistence_seconds,
		.netmask = service->address.family == AF_INET6 ?
				   service->netmask :
				   htonl(service->netmask),
	};
	uint32_t which = put_identity(service, &wire) | service_layout.required;

	memcpy(wire.scheduler, service->scheduler, sizeof(wire.scheduler));
	memcpy(wire.engine, service->persistence_engine, sizeof(wire.engine));
	if (wire.engine[0])
		which |= BIT(IPVS_SVC_ATTR_PE_NAME);
	return fields_put_nested(msg, IPVS_CMD_ATTR_SERVICE, &service_layout,
				 which, &wire);
}

static void fill_service(const struct wire_service *wire,
			 struct ipvsctl_service *service)
{
	bool persistent = wire->flags.flags & IP_VS_SVC_F_PERSISTENT;

	*service = (struct ipvsctl_service){
		.address.family = wire->family,
		.protocol = wire->protocol,
		.port = ntohs(wire->port),
		.fwmark = wire->fwmark,
		.persistence_seconds = persistent ? wire->timeout : 0,
		.netmask = wire->family == AF_INET6 ? wire->netmask :
						      ntohl(wire->netmask),
		.counters = wire->counters,
	};
	memcpy(service->address.bytes, wire->address,
	       wire->family == AF_INET6 ? 16 : 4);
	memcpy(service->scheduler, wire->scheduler, sizeof(wire->scheduler));
	memcpy(service->persistence_engine, wire->engine, sizeof(wire->engine));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (wire->flags.flags & flags[i].kernel)
			service->flags |= flags[i].ours;
}

static bool known_family(uint16_t family)
{
	return family == AF_INET || family == AF_INET6;
}

int codec_get_service(const void *data, size_t length,
		      struct ipvsctl_service *ret_service)
{
	struct wire_service wire = { .family = 0 };
	uint32_t seen;
	int r = fields_get_nested((struct walk){ data, length },
				  IPVS_CMD_ATTR_SERVICE, &service_layout, &wire,
				  &seen);

	if (r < 0)
		return r;
	if (!known_family(wire.family))
		return -EBADMSG;
	if (!wire.fwmark && (seen & BY_ADDRESS) != BY_ADDRESS)
		return -EBADMSG;
	if (wire.fwmark) {
		memset(wire.address, 0, sizeof(wire.address));
		wire.protocol = 0;
		wire.port = 0;
	}
	fill_service(&wire, ret_service);
	return 0;
}

/* ---- Servers --------------------------------------------------------------------- */

int codec_put_server_identity(struct nl_msg *msg,
			      const struct ipvsctl_server *server)
{
	struct wire_server wire = {
		.family = server->address.family,
		.port = htons(server->port),
	};

	memcpy(wire.address, server->address.bytes, sizeof(wire.address));
	return fields_put_nested(msg, IPVS_CMD_ATTR_DEST, &server_layout,
				 BIT(IPVS_DEST_ATTR_ADDR) |
					 BIT(IPVS_DEST_ATTR_PORT) |
					 BIT(IPVS_DEST_ATTR_ADDR_FAMILY),
				 &wire);
}

/* The kernel resets tunnel attributes that are left out. */
int codec_put_server(struct nl_msg *msg, const struct ipvsctl_server *server)
{
	struct wire_server wire = {
		.family = server->address.family,
		.port = htons(server->port),
		.forward = server->forward,
		.weight = ipvsctl_server_effective_weight(server),
		.upper_threshold = server->upper_threshold,
		.lower_threshold = server->lower_threshold,
		.tunnel = server->tunnel,
		.tunnel_port = htons(server->tunnel_port),
		.tunnel_flags = server->tunnel_checksum,
	};
	uint32_t which = SERVER_ATTRIBUTES | BIT(IPVS_DEST_ATTR_ADDR_FAMILY);

	memcpy(wire.address, server->address.bytes, sizeof(wire.address));
	if (server->tunnel)
		which |= BIT(IPVS_DEST_ATTR_TUN_TYPE);
	if (server->tunnel_port)
		which |= BIT(IPVS_DEST_ATTR_TUN_PORT);
	if (server->tunnel_checksum)
		which |= BIT(IPVS_DEST_ATTR_TUN_FLAGS);
	return fields_put_nested(msg, IPVS_CMD_ATTR_DEST, &server_layout, which,
				 &wire);
}

int codec_get_server(const void *data, size_t length, uint16_t family,
		     struct ipvsctl_server *ret_server)
{
	struct wire_server wire = { .family = family };
	uint32_t seen;
	int r = fields_get_nested((struct walk){ data, length },
				  IPVS_CMD_ATTR_DEST, &server_layout, &wire,
				  &seen);

	if (r < 0)
		return r;
	if (!known_family(wire.family))
		return -EBADMSG;
	*ret_server = (struct ipvsctl_server){
		.address.family = wire.family,
		.port = ntohs(wire.port),
		.forward = wire.forward & IP_VS_CONN_F_FWD_MASK,
		.weight = wire.weight,
		.tunnel = wire.tunnel,
		.tunnel_port = ntohs(wire.tunnel_port),
		.tunnel_checksum = wire.tunnel_flags,
		.upper_threshold = wire.upper_threshold,
		.lower_threshold = wire.lower_threshold,
		.active_connections = wire.active,
		.inactive_connections = wire.inactive,
		.persistent_connections = wire.persistent,
		.counters = wire.counters,
	};
	memcpy(ret_server->address.bytes, wire.address,
	       wire.family == AF_INET6 ? 16 : 4);
	return 0;
}

/* ---- Sync daemons, timeouts, information ------------------------------------------ */

static uint32_t put_group(const struct ipvsctl_address *group,
			  struct wire_sync *wire)
{
	if (group->family == AF_INET) {
		memcpy(wire->group, group->bytes, sizeof(wire->group));
		return BIT(IPVS_DAEMON_ATTR_MCAST_GROUP);
	}
	if (group->family == AF_INET6) {
		memcpy(wire->group6, group->bytes, sizeof(wire->group6));
		return BIT(IPVS_DAEMON_ATTR_MCAST_GROUP6);
	}
	return 0;
}

int codec_put_sync(struct nl_msg *msg, const struct ipvsctl_sync *sync)
{
	struct wire_sync wire = {
		.state = sync->role,
		.id = sync->id,
		.max_length = sync->max_length,
		.port = sync->port,
		.ttl = sync->ttl,
	};
	uint32_t which = SYNC_ATTRIBUTES | put_group(&sync->group, &wire);

	memcpy(wire.interface, sync->interface, sizeof(wire.interface));
	if (sync->max_length)
		which |= BIT(IPVS_DAEMON_ATTR_SYNC_MAXLEN);
	if (sync->port)
		which |= BIT(IPVS_DAEMON_ATTR_MCAST_PORT);
	if (sync->ttl)
		which |= BIT(IPVS_DAEMON_ATTR_MCAST_TTL);
	return fields_put_nested(msg, IPVS_CMD_ATTR_DAEMON, &sync_layout, which,
				 &wire);
}

int codec_put_sync_role(struct nl_msg *msg, uint16_t role)
{
	struct wire_sync wire = { .state = role };

	return fields_put_nested(msg, IPVS_CMD_ATTR_DAEMON, &sync_layout,
				 BIT(IPVS_DAEMON_ATTR_STATE), &wire);
}

int codec_get_sync(const void *data, size_t length,
		   struct ipvsctl_sync *ret_sync)
{
	struct wire_sync wire = { .state = 0 };
	uint32_t seen;
	int r = fields_get_nested((struct walk){ data, length },
				  IPVS_CMD_ATTR_DAEMON, &sync_layout, &wire,
				  &seen);

	if (r < 0)
		return r;
	if (wire.state != IPVSCTL_SYNC_MASTER &&
	    wire.state != IPVSCTL_SYNC_BACKUP)
		return -EBADMSG;
	*ret_sync = (struct ipvsctl_sync){
		.role = (uint16_t)wire.state,
		.id = wire.id,
		.max_length = wire.max_length,
		.port = wire.port,
		.ttl = wire.ttl,
	};
	memcpy(ret_sync->interface, wire.interface, sizeof(wire.interface));
	if (seen & BIT(IPVS_DAEMON_ATTR_MCAST_GROUP6)) {
		ret_sync->group.family = AF_INET6;
		memcpy(ret_sync->group.bytes, wire.group6, 16);
	} else if (seen & BIT(IPVS_DAEMON_ATTR_MCAST_GROUP)) {
		ret_sync->group.family = AF_INET;
		memcpy(ret_sync->group.bytes, wire.group, 4);
	}
	return 0;
}

int codec_put_timeouts(struct nl_msg *msg,
		       const struct ipvsctl_timeouts *timeouts)
{
	return fields_put(msg, &timeout_layout, TIMEOUTS, timeouts);
}

int codec_get_timeouts(const void *data, size_t length,
		       struct ipvsctl_timeouts *ret_timeouts)
{
	struct ipvsctl_timeouts timeouts = { .tcp = 0 };
	uint32_t seen;
	int r = fields_get((struct walk){ data, length }, &timeout_layout,
			   &timeouts, &seen);

	if (r < 0)
		return r;
	*ret_timeouts = timeouts;
	return 0;
}

int codec_get_info(const void *data, size_t length,
		   struct ipvsctl_info *ret_info)
{
	struct ipvsctl_info info = { .version = 0 };
	uint32_t seen;
	int r = fields_get((struct walk){ data, length }, &info_layout, &info,
			   &seen);

	if (r < 0)
		return r;
	*ret_info = info;
	return 0;
}
