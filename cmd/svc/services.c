/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verb zero, and helpers for the verbs outside the library's grammar. */
#include <errno.h>

#include "fail.h"
#include "svc/svc.h"

int svc_no_service(struct command *command,
		   const struct ipvsctl_service *service)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	(void)command_fail(command, -ENOENT,
			   ipvsctl_service_format(service, text),
			   "no such service");
	return fail_hint(&command->err, -ENOENT, "lbctl-svc show");
}

int svc_no_server(struct command *command,
		  const struct ipvsctl_service *service,
		  const struct ipvsctl_server *server)
{
	char service_text[IPVSCTL_IDENTITY_TEXT];
	char server_text[IPVSCTL_IDENTITY_TEXT];

	(void)ipvsctl_service_format(service, service_text);
	(void)command_fail(command, -ENOENT,
			   ipvsctl_server_format(server, server_text),
			   "%s has no such server", service_text);
	return fail_hint(&command->err, -ENOENT, "lbctl-svc show %s",
			 service_text);
}

int svc_servers_parse(struct command *command, struct svc_servers *ret_servers)
{
	struct svc_servers parsed = { .count = command->argument_count - 1 };
	int r = ipvsctl_service_parse(command->arguments[0], &parsed.service,
				      &command->err);

	if (r < 0)
		return r;
	parsed.servers = calloc(parsed.count, sizeof(*parsed.servers));
	if (!parsed.servers)
		return command_no_memory(command);
	for (size_t i = 0; r == 0 && i < parsed.count; i++)
		r = ipvsctl_server_parse(command->arguments[i + 1],
					 &parsed.service, &parsed.servers[i],
					 &command->err);
	if (r < 0)
		svc_servers_free(&parsed);
	else
		*ret_servers = parsed;
	return r;
}

void svc_servers_free(struct svc_servers *servers)
{
	free(servers->servers);
	servers->servers = NULL;
}

int svc_servers_begin(struct command *command, const struct svc_servers *servers)
{
	const struct ipvsctl_selection selection = {
		.service = &servers->service,
		.servers = servers->servers,
		.count = servers->count,
	};
	int r = command_begin_servers(command, &selection);

	if (r < 0)
		return r;
	if (!ipvsctl_config_find_service(command->from, &servers->service))
		return svc_no_service(command, &servers->service);
	return 0;
}

/* Reads all arguments as services; free *ret_services. */
static int parse_all(struct command *command,
		     struct ipvsctl_service **ret_services)
{
	AUTO_FREE struct ipvsctl_service *services =
		calloc(command->argument_count + 1, sizeof(*services));
	int r = 0;

	if (!services)
		return command_no_memory(command);
	for (size_t i = 0; r == 0 && i < command->argument_count; i++)
		r = ipvsctl_service_parse(command->arguments[i], &services[i],
					  &command->err);
	if (r == 0)
		*ret_services = TAKE_PTR(services);
	return r;
}

static int plan_zero(struct command *command, struct ipvsctl_plan *plan,
		     const struct ipvsctl_service *service)
{
	if (service && !ipvsctl_config_find_service(command->from, service))
		return svc_no_service(command, service);
	if (ipvsctl_plan_zero(plan, IPVSCTL_SERVICES, service, &command->err) <
	    0)
		return command_no_memory(command);
	return 0;
}

int svc_zero(struct command *command)
{
	struct ipvsctl_service *services = NULL;
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	size_t count = command->argument_count;
	int r = parse_all(command, &services);

	if (r == 0)
		r = command_begin(command, IPVSCTL_SERVICES,
				  count == 1 ? &services[0] : NULL);
	if (r == 0)
		r = ipvsctl_plan_compare(command->from, command->to, &plan,
					 &command->err);
	if (r == 0 && count == 0)
		r = plan_zero(command, plan, NULL);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = plan_zero(command, plan, &services[i]);
	if (r == 0)
		r = command_apply(command, plan);
	free(services);
	return r;
}
