/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* ipvsadm's options and their defaults as tables. */
#include "ipvsadm-words.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define DEFAULT_SCHEDULER   "wlc"
#define DEFAULT_INTERFACE   "eth0"
#define DEFAULT_PERSISTENCE "360"

/* ---- Options ----------------------------------------------------------- */

#define COMMAND(name, letter, takes, of, command)                          \
	{                                                                  \
		name, letter, 0, takes, command, NO_OPTION, of, NULL, NULL \
	}
#define SHOW(name, letter, option)                                            \
	{                                                                     \
		name, letter, 0, SCAN_NOTHING, NO_COMMAND, option, OF_OUTPUT, \
			NULL, NULL                                            \
	}
#define NAMED(name, letter, takes, option, protocol)                           \
	{                                                                      \
		name, letter, protocol, takes, NO_COMMAND, option, OF_REQUEST, \
			NULL, NULL                                             \
	}
#define VALUE(name, letter, option, of, attribute)                   \
	{                                                            \
		name, letter, 0, SCAN_VALUE, NO_COMMAND, option, of, \
			attribute, NULL                              \
	}
#define FIXED(name, letter, option, of, attribute, value)              \
	{                                                              \
		name, letter, 0, SCAN_NOTHING, NO_COMMAND, option, of, \
			attribute, value                               \
	}

const struct ipvsadm_word ipvsadm_words[] = {
	COMMAND("add-service", 'A', SCAN_NOTHING, OF_REQUEST, ADD_SERVICE),
	COMMAND("edit-service", 'E', SCAN_NOTHING, OF_REQUEST, EDIT_SERVICE),
	COMMAND("delete-service", 'D', SCAN_NOTHING, OF_REQUEST, DELETE_SERVICE),
	COMMAND("add-server", 'a', SCAN_NOTHING, OF_REQUEST, ADD_SERVER),
	COMMAND("edit-server", 'e', SCAN_NOTHING, OF_REQUEST, EDIT_SERVER),
	COMMAND("delete-server", 'd', SCAN_NOTHING, OF_REQUEST, DELETE_SERVER),
	COMMAND("clear", 'C', SCAN_NOTHING, OF_REQUEST, FLUSH),
	COMMAND("set", 0, SCAN_NOTHING, OF_REQUEST, SET_TIMEOUTS),
	COMMAND("start-daemon", 0, SCAN_VALUE, OF_REQUEST, START_SYNC),
	COMMAND("stop-daemon", 0, SCAN_VALUE, OF_REQUEST, STOP_SYNC),
	COMMAND("list", 'L', SCAN_NOTHING, OF_OUTPUT, LIST),
	COMMAND("list", 'l', SCAN_NOTHING, OF_OUTPUT, LIST),
	COMMAND("zero", 'Z', SCAN_NOTHING, OF_OUTPUT, ZERO),
	COMMAND("help", 'h', SCAN_NOTHING, OF_OUTPUT, HELP),
	COMMAND("version", 'v', SCAN_NOTHING, OF_OUTPUT, VERSION),
	COMMAND("restore", 'R', SCAN_NOTHING, OF_OUTPUT, RESTORE),
	COMMAND("save", 'S', SCAN_NOTHING, OF_OUTPUT, SAVE),
	NAMED("tcp-service", 't', SCAN_VALUE, SERVICE, IPPROTO_TCP),
	NAMED("udp-service", 'u', SCAN_VALUE, SERVICE, IPPROTO_UDP),
	NAMED("sctp-service", 0, SCAN_VALUE, SERVICE, IPPROTO_SCTP),
	NAMED("fwmark-service", 'f', SCAN_VALUE, SERVICE, 0),
	NAMED("ipv6", '6', SCAN_NOTHING, IPV6, 0),
	NAMED("real-server", 'r', SCAN_VALUE, SERVER, 0),
	VALUE("scheduler", 's', SCHEDULER, OF_SERVICE, "scheduler"),
	{ "persistent", 'p', 0, SCAN_VALUE_PERHAPS, NO_COMMAND, PERSISTENT,
	  OF_SERVICE, "persistent", DEFAULT_PERSISTENCE },
	VALUE("netmask", 'M', NETMASK, OF_SERVICE, "netmask"),
	VALUE("pe", 0, PE, OF_SERVICE, "pe"),
	VALUE("sched-flags", 'b', SCHED_FLAGS, OF_SERVICE, "sched-flags"),
	FIXED("ops", 'o', OPS, OF_SERVICE, "one-packet", NULL),
	FIXED("ops", 'O', OPS, OF_SERVICE, "one-packet", NULL),
	FIXED("masquerading", 'm', FORWARD, OF_SERVER, "forward", "nat"),
	FIXED("ipip", 'i', FORWARD, OF_SERVER, "forward", "tun"),
	FIXED("gatewaying", 'g', FORWARD, OF_SERVER, "forward", "dr"),
	VALUE("weight", 'w', WEIGHT, OF_SERVER, "weight"),
	VALUE("u-threshold", 'x', U_THRESHOLD, OF_SERVER, "upper-threshold"),
	VALUE("l-threshold", 'y', L_THRESHOLD, OF_SERVER, "lower-threshold"),
	VALUE("tun-type", 0, TUN_TYPE, OF_SERVER, "tunnel"),
	VALUE("tun-port", 0, TUN_PORT, OF_SERVER, "tunnel-port"),
	FIXED("tun-nocsum", 0, TUN_NOCSUM, OF_SERVER, "tunnel-checksum", "none"),
	FIXED("tun-csum", 0, TUN_CSUM, OF_SERVER, "tunnel-checksum", "full"),
	FIXED("tun-remcsum", 0, TUN_REMCSUM, OF_SERVER, "tunnel-checksum",
	      "remote"),
	VALUE("mcast-interface", 0, MCAST_INTERFACE, OF_SYNC, "dev"),
	VALUE("syncid", 0, SYNCID, OF_SYNC, "id"),
	VALUE("mcast-group", 0, MCAST_GROUP, OF_SYNC, "group"),
	VALUE("mcast-port", 0, MCAST_PORT, OF_SYNC, "port"),
	VALUE("mcast-ttl", 0, MCAST_TTL, OF_SYNC, "ttl"),
	VALUE("sync-maxlen", 0, SYNC_MAXLEN, OF_SYNC, "max-length"),
	SHOW("numeric", 'n', NUMERIC),
	SHOW("connection", 'c', CONNECTION),
	SHOW("timeout", 0, TIMEOUT),
	SHOW("daemon", 0, DAEMON),
	SHOW("stats", 0, STATS),
	SHOW("rate", 0, RATE),
	SHOW("thresholds", 0, THRESHOLDS),
	SHOW("persistent-conn", 0, PERSISTENT_CONN),
	SHOW("tun-info", 0, TUN_INFO),
	SHOW("nosort", 0, NOSORT),
	SHOW("sort", 0, NO_OPTION),
	SHOW("exact", 'X', EXACT),
	SHOW("full", 0, FULL),
};

bool ipvsadm_find(const void *unused, const char *name, size_t length,
		  struct scan_option *ret_option)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(ipvsadm_words); i++) {
		const struct ipvsadm_word *word = &ipvsadm_words[i];

		if (length ? strncmp(word->name, name, length) != 0 ||
				     word->name[length] :
			     word->letter != *name)
			continue;
		*ret_option = (struct scan_option){ (int)i + 1, word->takes };
		return true;
	}
	return false;
}

int ipvsadm_set(struct request *request, const struct ipvsadm_word *word,
		const char *value, struct ipvsctl_error *err)
{
	const char *text = value ? value : word->value;

	switch (word->of) {
	case OF_SERVICE:
		return ipvsctl_service_set(&request->service, word->attribute,
					   text, err);
	case OF_SERVER:
		return ipvsctl_server_set(&request->server, word->attribute,
					  text, err);
	case OF_SYNC:
		return ipvsctl_sync_set(&request->sync, word->attribute, text,
					err);
	case OF_REQUEST:
	case OF_OUTPUT:
		break;
	}
	return 0;
}

/* ---- Commands ---------------------------------------------------------- */

#define SERVICE_OPTIONS                                               \
	(BIT(SCHEDULER) | BIT(PERSISTENT) | BIT(NETMASK) | BIT(OPS) | \
	 BIT(PE) | BIT(SCHED_FLAGS))
#define SERVER_OPTIONS                                                      \
	(BIT(FORWARD) | BIT(WEIGHT) | BIT(U_THRESHOLD) | BIT(L_THRESHOLD) | \
	 TUNNEL_OPTIONS)
#define LIST_OPTIONS                                                     \
	(BIT(NUMERIC) | BIT(STATS) | BIT(RATE) | BIT(THRESHOLDS) |       \
	 BIT(PERSISTENT_CONN) | BIT(NOSORT) | BIT(SYNCID) | BIT(EXACT) | \
	 BIT(TUN_INFO))
#define SYNC_OPTIONS                                             \
	(BIT(MCAST_INTERFACE) | BIT(SYNCID) | BIT(MCAST_GROUP) | \
	 BIT(MCAST_PORT) | BIT(MCAST_TTL) | BIT(SYNC_MAXLEN))

const struct ipvsadm_rule ipvsadm_rules[COMMAND_COUNT] = {
	[ADD_SERVICE] = { "add-service", BIT(SERVICE), SERVICE_OPTIONS, 0 },
	[EDIT_SERVICE] = { "edit-service", BIT(SERVICE), SERVICE_OPTIONS, 0 },
	[DELETE_SERVICE] = { "delete-service", BIT(SERVICE), 0, 0 },
	[FLUSH] = { "flush", 0, 0, 0 },
	[LIST] = { "list", 0, LIST_OPTIONS,
		   BIT(CONNECTION) | BIT(SERVICE) | BIT(TIMEOUT) | BIT(DAEMON) },
	[ADD_SERVER] = { "add-server", BIT(SERVICE) | BIT(SERVER),
			 SERVER_OPTIONS, 0 },
	[DELETE_SERVER] = { "delete-server", BIT(SERVICE) | BIT(SERVER), 0, 0 },
	[EDIT_SERVER] = { "edit-server", BIT(SERVICE) | BIT(SERVER),
			  SERVER_OPTIONS, 0 },
	[SET_TIMEOUTS] = { "set", 0, 0, 0 },
	[START_SYNC] = { "start-daemon", 0, SYNC_OPTIONS, 0 },
	[STOP_SYNC] = { "stop-daemon", 0, BIT(SYNCID), 0 },
	[RESTORE] = { "restore", 0, 0, 0 },
	[SAVE] = { "save", 0, BIT(NUMERIC) | BIT(FULL), 0 },
	[ZERO] = { "zero", 0, BIT(SERVICE), 0 },
};

/* ---- Defaults ---------------------------------------------------------- */

void ipvsadm_begin(struct request *request)
{
	*request = (struct request){
		.command = NO_COMMAND,
		/* The kernel checks which values go together. */
		.service = { .unchecked = true },
		.server = { .forward = IPVSCTL_FORWARD_DR,
			    .weight = 1,
			    .unchecked = true },
	};
}

/* Tells whether ipvsadm ignores the given port: direct routing and tunnels. */
static bool keeps_port(const struct request *request)
{
	return (request->command == ADD_SERVER ||
		request->command == EDIT_SERVER) &&
	       !request->service.fwmark &&
	       (request->server.forward == IPVSCTL_FORWARD_DR ||
		request->server.forward == IPVSCTL_FORWARD_TUN);
}

void ipvsadm_settle(struct request *request, bool server_has_port)
{
	struct ipvsctl_service *service = &request->service;

	if (!has(request, NETMASK))
		service->netmask =
			service->address.family == AF_INET6 ? 128 : UINT32_MAX;
	if (has(request, SERVER) && (!server_has_port || keeps_port(request)))
		request->server.port = service->port;
	if (!service->scheduler[0])
		(void)strcpy(service->scheduler, DEFAULT_SCHEDULER);
	if (!request->sync.interface[0])
		(void)strcpy(request->sync.interface, DEFAULT_INTERFACE);
}
