/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What becomes of those who are left at servers that are deleted. */
#include "common/command.h"

#define SYSCTL "expire_nodest_conn"

struct left {
	const struct ipvsctl_service *service; /* of the first such server */
	const struct ipvsctl_server *server;
	unsigned int servers;
	unsigned long long connections;
};

/* Of services that stay, since those would go to another server. */
static struct left find_left(const struct command *command)
{
	const struct ipvsctl_service *service = NULL;
	struct left left = { 0 };

	while ((service = ipvsctl_config_next_service(command->from, service))) {
		const struct ipvsctl_server *server = NULL;

		if (!ipvsctl_config_find_service(command->to, service))
			continue;
		while ((server = ipvsctl_config_next_server(command->from,
							    service, server))) {
			if (server->active_connections +
					    server->inactive_connections ==
				    0 ||
			    ipvsctl_config_find_server(command->to, service,
						       server))
				continue;
			if (left.servers++ == 0) {
				left.service = service;
				left.server = server;
			}
			left.connections += server->active_connections;
			left.connections += server->inactive_connections;
		}
	}
	return left;
}

void command_warn_left(const struct command *command)
{
	const struct left left = find_left(command);
	const struct report report = command_report(command);
	char service[IPVSCTL_IDENTITY_TEXT], server[IPVSCTL_IDENTITY_TEXT];
	char more[48] = "";
	uint32_t value = 0;

	if (left.servers == 0 || command->quiet ||
	    ipvsctl_sysctl_read(command->ctx, SYSCTL, &value, NULL) < 0 ||
	    value != 0)
		return;
	if (left.servers > 1)
		(void)snprintf(more, sizeof(more), " and %u other servers",
			       left.servers - 1);
	report_warning(&report,
		       "%s: server %s%s: %llu connections and flows that are "
		       "left meet silence until they time out: sysctl -w "
		       "net.ipv4.vs." SYSCTL "=1",
		       ipvsctl_service_format(left.service, service),
		       ipvsctl_server_format(left.server, server), more,
		       left.connections);
}
