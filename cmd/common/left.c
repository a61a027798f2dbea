/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warns of connections that an edit cuts or refuses. */
#include "common/command.h"

#define SYSCTL "expire_nodest_conn"

struct left {
	const struct ipvsctl_service *service; /* of the first such server */
	const struct ipvsctl_server *server;
	unsigned int servers;
	unsigned long long connections;
};

static void add_left(struct left *left, const struct ipvsctl_service *service,
		     const struct ipvsctl_server *server)
{
	if (left->servers++ == 0) {
		left->service = service;
		left->server = server;
	}
	left->connections += server->active_connections;
	left->connections += server->inactive_connections;
}

/* Only for a service that stays: its other servers could take them. */
static void find_left(const struct ipvsctl_edit *edit,
		      const struct ipvsctl_service *service, struct left *left)
{
	const struct ipvsctl_config *to = ipvsctl_edit_to(edit);

	if (!ipvsctl_config_find_service(to, service))
		return;
	ipvsctl_for_each_server(ipvsctl_edit_from(edit), service, server)
		if (server->active_connections + server->inactive_connections >
			    0 &&
		    !ipvsctl_config_find_server(to, service, server))
			add_left(left, service, server);
}

void command_warn_left(const struct command *command)
{
	const struct ipvsctl_config *from = ipvsctl_edit_from(command->edit);
	const struct report report = command_report(command);
	char service[IPVSCTL_IDENTITY_TEXT], server[IPVSCTL_IDENTITY_TEXT];
	char more[48] = "";
	struct left left = { 0 };
	uint32_t value = 0;

	ipvsctl_for_each_service(from, of)
		find_left(command->edit, of, &left);
	if (left.servers == 0 || command->quiet ||
	    ipvsctl_sysctl_read(command->ctx, SYSCTL, &value, NULL) < 0 ||
	    value != 0)
		return;
	if (left.servers > 1)
		(void)snprintf(more, sizeof(more), " and %u other servers",
			       left.servers - 1);
	report_warning(&report,
		       "%s: server %s%s: %llu remaining connections and flows "
		       "get no answer until they time out: sysctl -w "
		       "net.ipv4.vs." SYSCTL "=1",
		       ipvsctl_service_format(left.service, service),
		       ipvsctl_server_format(left.server, server), more,
		       left.connections);
}

void command_warn_scheduler(const struct command *command)
{
	const struct report report = command_report(command);
	AUTO_FREE char *line = NULL;
	char more[48] = "";
	unsigned int count = 0;

	ipvsctl_for_each_step(ipvsctl_edit_plan(command->edit), step)
		if (ipvsctl_step_interrupts(step) && count++ == 0 &&
		    ipvsctl_step_format(step, &line, NULL) < 0)
			return;
	if (count == 0 || command->quiet)
		return;
	if (count > 1)
		(void)snprintf(more, sizeof(more), ", and %u other services",
			       count - 1);
	report_warning(&report,
		       "%s%s: the kernel refuses new connections for a moment "
		       "while it changes the scheduler",
		       line, more);
}
