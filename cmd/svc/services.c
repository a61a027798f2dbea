/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Verbs that write services. */
#include <errno.h>
#include <string.h>

#include "common/options.h"
#include "svc/svc.h"

int svc_no_service(struct command *command,
		   const struct ipvsctl_service *service)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	(void)command_fail(command, -ENOENT,
			   ipvsctl_service_format(service, text),
			   "no such service");
	/* Adding a server to it, the operator wants the service; otherwise the
	   name is mistyped. */
	if (strcmp(command->verb->name, "add-server") == 0 ||
	    strcmp(command->verb->name, "replace-server") == 0)
		return command_hint(command, -ENOENT, "lbctl-svc add %s", text);
	return command_hint(command, -ENOENT, "lbctl-svc show");
}

static int service_exists(struct command *command,
			  const struct ipvsctl_service *service)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	(void)command_fail(command, -EEXIST,
			   ipvsctl_service_format(service, text),
			   "the service exists already");
	return command_hint(command, -EEXIST, "lbctl-svc show %s", text);
}

/* The service of the first argument with the options given, unchecked. */
static int parse(struct command *command, struct ipvsctl_service *service)
{
	int r = options_service(command, command->arguments[0], service);

	return r < 0 ? r : options_set_service(command, service);
}

static int check(struct command *command, const struct ipvsctl_service *service)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = ipvsctl_service_check(service, &command->err);

	if (r < 0)
		return command_about(command, r,
				     ipvsctl_service_format(service, text));
	return 0;
}

static int parse_full(struct command *command, struct ipvsctl_service *service)
{
	int r = parse(command, service);

	return r < 0 ? r : check(command, service);
}

static int add(struct command *command, void *data)
{
	const struct ipvsctl_service *service = data;

	if (ipvsctl_config_find_service(command->from, service))
		return service_exists(command, service);
	return ipvsctl_config_add_service(command->to, service, &command->err);
}

int svc_add(struct command *command)
{
	struct ipvsctl_service service;
	int r = parse_full(command, &service);

	return r < 0 ? r :
		       command_edit(command, &service, COMMAND_ASSUMES_NONE,
				    add, &service);
}

static int replace(struct command *command, void *data)
{
	const struct ipvsctl_service *service = data;

	return ipvsctl_config_find_service(command->from, service) ?
		       ipvsctl_config_change_service(command->to, service,
						     &command->err) :
		       add(command, data);
}

int svc_replace(struct command *command)
{
	struct ipvsctl_service service;
	int r = parse_full(command, &service);

	return r < 0 ? r :
		       command_edit(command, &service, COMMAND_READS, replace,
				    &service);
}

int svc_change(struct command *command)
{
	struct ipvsctl_service service;
	const struct ipvsctl_service *current;
	int r = parse(command, &service);

	if (r == 0)
		r = command_begin(command, IPVSCTL_SERVICES, &service);
	if (r < 0)
		return r;
	current = ipvsctl_config_find_service(command->from, &service);
	if (!current)
		return svc_no_service(command, &service);
	service = *current;
	r = options_set_service(command, &service);
	if (r == 0)
		r = check(command, &service);
	if (r == 0)
		r = ipvsctl_config_change_service(command->to, &service,
						  &command->err);
	return r < 0 ? r : command_commit(command);
}

/* The services that all arguments name; free *ret_services. */
static int parse_all(struct command *command,
		     struct ipvsctl_service **ret_services)
{
	AUTO_FREE struct ipvsctl_service *services =
		calloc(command->argument_count + 1, sizeof(*services));
	int r = 0;

	if (!services)
		return command_no_memory(command);
	for (size_t i = 0; r == 0 && i < command->argument_count; i++)
		r = options_service(command, command->arguments[i],
				    &services[i]);
	if (r == 0)
		*ret_services = TAKE_PTR(services);
	return r;
}

/* The services that a command line names. */
struct named {
	struct ipvsctl_service *services;
	size_t count;
};

static int delete (struct command *command, void *data)
{
	const struct named *named = data;
	int r = 0;

	for (size_t i = 0; r == 0 && i < named->count; i++) {
		const struct ipvsctl_service *service = &named->services[i];

		if (!ipvsctl_config_find_service(command->from, service)) {
			r = svc_no_service(command, service);
			command->err.hint[0] = '\0';
		} else if (ipvsctl_config_find_service(command->to, service)) {
			/* Named twice is deleted once. */
			r = ipvsctl_config_delete_service(command->to, service,
							  &command->err);
		}
	}
	return r;
}

int svc_delete(struct command *command)
{
	struct named named = { .count = command->argument_count };
	int r = parse_all(command, &named.services);

	if (r == 0)
		r = named.count == 1 ?
			    command_edit(command, named.services,
					 COMMAND_ASSUMES_SERVICE, delete,
					 &named) :
			    command_edit(command, NULL, COMMAND_READS, delete,
					 &named);
	free(named.services);
	return r;
}

int svc_flush(struct command *command)
{
	int r = command_begin(command, IPVSCTL_SERVICES, NULL);

	if (r == 0 &&
	    ipvsctl_config_flush_services(command->to, &command->err) < 0)
		return command_no_memory(command);
	return r < 0 ? r : command_commit(command);
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
