/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tables of the options that go with a command, and with each other. */
#include <netinet/in.h>

#include "ipvsadm/ipvsadm.h"

/* Returns ipvsadm's name of an option, or of several that do the same. */
static const char *option_name(int option)
{
	const struct ipvsadm_word *word = ipvsadm_words;

	if (option == SERVICE)
		return "service-address";
	if (option == FORWARD)
		return "forwarding-method";
	while ((int)word->option != option)
		word++;
	return word->name;
}

#define CHECKSUMS (BIT(TUN_NOCSUM) | BIT(TUN_CSUM) | BIT(TUN_REMCSUM))

static const struct ipvsadm_rule tunnels[] = {
	[IPVSCTL_TUNNEL_IPIP] = { "ipip", 0, 0, 0 },
	[IPVSCTL_TUNNEL_GUE] = { "gue", BIT(TUN_PORT), 0, CHECKSUMS },
	[IPVSCTL_TUNNEL_GRE] = { "gre", 0, 0, BIT(TUN_NOCSUM) | BIT(TUN_CSUM) },
};

/*
 * Checks the given options among looked_at against a rule; reports the first
 * that is wrong.
 */
static int check_rule(const struct ipvsadm_rule *rule, const char *kind,
		      uint64_t given, uint64_t looked_at)
{
	const uint64_t legal = rule->needs | rule->may | rule->one_of;
	int chosen = -1;

	for (int i = 0; i < OPTION_COUNT; i++) {
		uint64_t bit = BIT(i) & looked_at;

		if ((rule->needs & bit) && !(given & bit))
			return complain(EXIT_WRONG,
					"You need to supply the '%s' option for "
					"the '%s' %s",
					option_name(i), rule->name, kind);
		if (!(given & bit))
			continue;
		if (!(legal & bit))
			return complain(EXIT_WRONG,
					"Illegal '%s' option with the '%s' %s",
					option_name(i), rule->name, kind);
		if ((rule->one_of & bit) && chosen >= 0)
			return complain(EXIT_WRONG,
					"The option '%s' conflicts with the "
					"'%s' option in the '%s' %s",
					option_name(i), option_name(chosen),
					rule->name, kind);
		if (rule->one_of & bit)
			chosen = i;
	}
	return 0;
}

static int check_service(const struct request *request)
{
	const struct ipvsctl_service *service = &request->service;

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

static int check_server(const struct request *request)
{
	const struct ipvsctl_service *service = &request->service;
	const struct ipvsctl_server *server = &request->server;

	if (server->address.family != service->address.family &&
	    server->forward != IPVSCTL_FORWARD_TUN)
		return complain(EXIT_WRONG,
				"Different address family is allowed only for "
				"tunneling servers");
	if ((request->given & TUNNEL_OPTIONS) &&
	    server->forward != IPVSCTL_FORWARD_TUN)
		return complain(EXIT_WRONG,
				"Tunnel options conflict with forward method");
	return check_rule(&tunnels[server->tunnel], "tunnel type",
			  request->given, BIT(TUN_PORT) | CHECKSUMS);
}

static int check_list(const struct request *request)
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

int rules_check(const struct request *request)
{
	static int (*const checks[COMMAND_COUNT])(const struct request *) = {
		[ADD_SERVICE] = check_service, [EDIT_SERVICE] = check_service,
		[ADD_SERVER] = check_server,   [EDIT_SERVER] = check_server,
		[LIST] = check_list,
	};
	int status = check_rule(&ipvsadm_rules[request->command], "command",
				request->given, UINT64_MAX);

	if (status != 0)
		return status;
	return checks[request->command] ? checks[request->command](request) : 0;
}

int rules_repeated(enum ipvsadm_option option)
{
	return complain(EXIT_WRONG, "multiple '%s' options specified",
			option_name(option));
}
