/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which options go with which command, and with each other, as tables. */
#include <netinet/in.h>

#include "ipvsadm/ipvsadm.h"

static const char *const option_names[OPTION_COUNT] = {
	[NUMERIC] = "numeric",
	[CONNECTION] = "connection",
	[SERVICE] = "service-address",
	[SCHEDULER] = "scheduler",
	[PERSISTENT] = "persistent",
	[NETMASK] = "netmask",
	[SERVER] = "real-server",
	[FORWARD] = "forwarding-method",
	[WEIGHT] = "weight",
	[U_THRESHOLD] = "u-threshold",
	[L_THRESHOLD] = "l-threshold",
	[MCAST_INTERFACE] = "mcast-interface",
	[TIMEOUT] = "timeout",
	[DAEMON] = "daemon",
	[STATS] = "stats",
	[RATE] = "rate",
	[THRESHOLDS] = "thresholds",
	[PERSISTENT_CONN] = "persistent-conn",
	[NOSORT] = "nosort",
	[SYNCID] = "syncid",
	[EXACT] = "exact",
	[OPS] = "ops",
	[PE] = "pe",
	[SCHED_FLAGS] = "sched-flags",
	[MCAST_GROUP] = "mcast-group",
	[MCAST_PORT] = "mcast-port",
	[MCAST_TTL] = "mcast-ttl",
	[SYNC_MAXLEN] = "sync-maxlen",
	[TUN_INFO] = "tun-info",
	[TUN_TYPE] = "tun-type",
	[TUN_PORT] = "tun-port",
	[TUN_NOCSUM] = "tun-nocsum",
	[TUN_CSUM] = "tun-csum",
	[TUN_REMCSUM] = "tun-remcsum",
	[FULL] = "full",
};

/* Whose name can be given: a command's or a tunnel type's. */
struct rule {
	const char *name;
	uint64_t needs;
	uint64_t may;
	uint64_t one_of; /* at most one of these */
};

#define OF_SERVICE                                                    \
	(BIT(SCHEDULER) | BIT(PERSISTENT) | BIT(NETMASK) | BIT(OPS) | \
	 BIT(PE) | BIT(SCHED_FLAGS))
#define OF_TUNNEL                                                          \
	(BIT(TUN_TYPE) | BIT(TUN_PORT) | BIT(TUN_NOCSUM) | BIT(TUN_CSUM) | \
	 BIT(TUN_REMCSUM))
#define OF_SERVER                                                           \
	(BIT(FORWARD) | BIT(WEIGHT) | BIT(U_THRESHOLD) | BIT(L_THRESHOLD) | \
	 OF_TUNNEL)
#define OF_LIST                                                          \
	(BIT(NUMERIC) | BIT(STATS) | BIT(RATE) | BIT(THRESHOLDS) |       \
	 BIT(PERSISTENT_CONN) | BIT(NOSORT) | BIT(SYNCID) | BIT(EXACT) | \
	 BIT(TUN_INFO))
#define OF_SYNC                                                  \
	(BIT(MCAST_INTERFACE) | BIT(SYNCID) | BIT(MCAST_GROUP) | \
	 BIT(MCAST_PORT) | BIT(MCAST_TTL) | BIT(SYNC_MAXLEN))

static const struct rule commands[COMMAND_COUNT] = {
	[ADD_SERVICE] = { "add-service", BIT(SERVICE), OF_SERVICE, 0 },
	[EDIT_SERVICE] = { "edit-service", BIT(SERVICE), OF_SERVICE, 0 },
	[DELETE_SERVICE] = { "delete-service", BIT(SERVICE), 0, 0 },
	[FLUSH] = { "flush", 0, 0, 0 },
	[LIST] = { "list", 0, OF_LIST,
		   BIT(CONNECTION) | BIT(SERVICE) | BIT(TIMEOUT) | BIT(DAEMON) },
	[ADD_SERVER] = { "add-server", BIT(SERVICE) | BIT(SERVER), OF_SERVER,
			 0 },
	[DELETE_SERVER] = { "delete-server", BIT(SERVICE) | BIT(SERVER), 0, 0 },
	[EDIT_SERVER] = { "edit-server", BIT(SERVICE) | BIT(SERVER), OF_SERVER,
			  0 },
	[SET_TIMEOUTS] = { "set", 0, 0, 0 },
	[START_SYNC] = { "start-daemon", 0, OF_SYNC, 0 },
	[STOP_SYNC] = { "stop-daemon", 0, BIT(SYNCID), 0 },
	[RESTORE] = { "restore", 0, 0, 0 },
	[SAVE] = { "save", 0, BIT(NUMERIC) | BIT(FULL), 0 },
	[ZERO] = { "zero", 0, BIT(SERVICE), 0 },
};

#define CHECKSUMS (BIT(TUN_NOCSUM) | BIT(TUN_CSUM) | BIT(TUN_REMCSUM))

static const struct rule tunnels[] = {
	[IPVSCTL_TUNNEL_IPIP] = { "ipip", 0, 0, 0 },
	[IPVSCTL_TUNNEL_GUE] = { "gue", BIT(TUN_PORT), 0, CHECKSUMS },
	[IPVSCTL_TUNNEL_GRE] = { "gre", 0, 0, BIT(TUN_NOCSUM) | BIT(TUN_CSUM) },
};

/*
 * Holds what was given, of the options looked at, against a rule; the first
 * option that is wrong is told.
 */
static int check_rule(const struct rule *rule, const char *kind, uint64_t given,
		      uint64_t looked_at)
{
	const uint64_t legal = rule->needs | rule->may | rule->one_of;
	int chosen = -1;

	for (int i = 0; i < OPTION_COUNT; i++) {
		uint64_t bit = BIT(i) & looked_at;

		if ((rule->needs & bit) && !(given & bit))
			return complain(EXIT_WRONG,
					"You need to supply the '%s' option for "
					"the '%s' %s",
					option_names[i], rule->name, kind);
		if (!(given & bit))
			continue;
		if (!(legal & bit))
			return complain(EXIT_WRONG,
					"Illegal '%s' option with the '%s' %s",
					option_names[i], rule->name, kind);
		if ((rule->one_of & bit) && chosen >= 0)
			return complain(EXIT_WRONG,
					"The option '%s' conflicts with the "
					"'%s' option in the '%s' %s",
					option_names[i], option_names[chosen],
					rule->name, kind);
		if (rule->one_of & bit)
			chosen = i;
	}
	return 0;
}

static int check_service(struct request *request)
{
	struct ipvsctl_service *service = &request->service;

	if (!service->fwmark && !service->port && !service->persistence_seconds)
		return complain(EXIT_WRONG, "Zero port specified for "
					    "non-persistent service");
	if ((service->flags & IPVSCTL_ONE_PACKET) && !service->fwmark &&
	    service->protocol != IPPROTO_UDP)
		return complain(EXIT_WRONG,
				"One-Packet Scheduling is only for UDP virtual "
				"services");
	return 0;
}

static int check_server(struct request *request)
{
	const struct ipvsctl_service *service = &request->service;
	struct ipvsctl_server *server = &request->server;

	/* Neither rewrites ports: what was given is not looked at. */
	if (!service->fwmark && server->forward != IPVSCTL_FORWARD_NAT)
		server->port = service->port;
	if (server->address.family != service->address.family &&
	    server->forward != IPVSCTL_FORWARD_TUN)
		return complain(EXIT_WRONG,
				"Different address family is allowed only for "
				"tunneling servers");
	if ((request->given & OF_TUNNEL) &&
	    server->forward != IPVSCTL_FORWARD_TUN)
		return complain(EXIT_WRONG,
				"Tunnel options conflict with forward method");
	return check_rule(&tunnels[server->tunnel], "tunnel type",
			  request->given, BIT(TUN_PORT) | CHECKSUMS);
}

static int check_list(struct request *request)
{
	const uint64_t given = request->given;
	const uint64_t other = BIT(TIMEOUT) | BIT(DAEMON);
	const uint64_t columns = BIT(STATS) | BIT(RATE) | BIT(THRESHOLDS);

	if (((given & (BIT(CONNECTION) | other)) && (given & columns)) ||
	    ((given & other) && (given & BIT(PERSISTENT_CONN))))
		return complain(EXIT_WRONG,
				"options conflicts in the list command");
	return 0;
}

int rules_check(struct request *request)
{
	static int (*const checks[COMMAND_COUNT])(struct request *) = {
		[ADD_SERVICE] = check_service, [EDIT_SERVICE] = check_service,
		[ADD_SERVER] = check_server,   [EDIT_SERVER] = check_server,
		[LIST] = check_list,
	};
	int status = check_rule(&commands[request->command], "command",
				request->given, UINT64_MAX);

	if (status != 0)
		return status;
	return checks[request->command] ? checks[request->command](request) : 0;
}

int rules_repeated(enum ipvsadm_option option)
{
	return complain(EXIT_WRONG, "multiple '%s' options specified",
			option_names[option]);
}
