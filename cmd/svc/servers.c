/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Verbs that write servers; several servers make one plan. */
#include <errno.h>
#include <string.h>

#include "common/options.h"
#include "svc/svc.h"

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
	return command_hint(command, -ENOENT, "lbctl-svc show %s", service_text);
}

/* The check that has removed the server, or NULL. */
static const char *removed_by(const struct command *command,
			      const struct ipvsctl_service *service,
			      const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	while ((reason = ipvsctl_config_next_reason(command->to, service,
						    server, reason)))
		if (strncmp(reason, "check:", 6) == 0)
			return reason + 6;
	return NULL;
}

static int server_exists(struct command *command,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server)
{
	char service_text[IPVSCTL_IDENTITY_TEXT];
	char server_text[IPVSCTL_IDENTITY_TEXT];

	const char *check = removed_by(command, service, server);

	(void)ipvsctl_service_format(service, service_text);
	(void)ipvsctl_server_format(server, server_text);
	if (check &&
	    ipvsctl_config_find_server(command->to, service, server)->removed) {
		(void)command_fail(command, -EEXIST, server_text,
				   "check %s has removed it from %s", check,
				   service_text);
		return command_hint(command, -EEXIST, "lbctl-check show %s",
				    check);
	}
	(void)command_fail(command, -EEXIST, server_text,
			   "%s has this server already", service_text);
	return command_hint(command, -EEXIST, "lbctl-svc show %s", service_text);
}

int svc_servers_parse(struct command *command, struct svc_servers *ret_servers)
{
	struct svc_servers parsed = { .count = command->argument_count - 1 };
	int r = options_service(command, command->arguments[0], &parsed.service);

	if (r < 0)
		return r;
	parsed.servers = calloc(parsed.count, sizeof(*parsed.servers));
	if (!parsed.servers)
		return command_no_memory(command);
	for (size_t i = 0; r == 0 && i < parsed.count; i++) {
		const char *text = command->arguments[i + 1];

		r = ipvsctl_server_parse(text, &parsed.service,
					 &parsed.servers[i], &command->err);
		if (r < 0)
			(void)command_about(command, r, text);
		else
			r = options_set_server(command, &parsed.servers[i]);
	}
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
	int r = command_begin(command, IPVSCTL_SERVICES, &servers->service);

	if (r < 0)
		return r;
	if (!ipvsctl_config_find_service(command->from, &servers->service))
		return svc_no_service(command, &servers->service);
	return 0;
}

static int check(struct command *command, const struct ipvsctl_service *service,
		 const struct ipvsctl_server *server)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = ipvsctl_server_check(service, server, &command->err);

	if (r < 0)
		return command_about(command, r,
				     ipvsctl_server_format(server, text));
	return 0;
}

static int add_one(struct command *command,
		   const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server)
{
	if (ipvsctl_config_find_server(command->to, service, server))
		return server_exists(command, service, server);
	return ipvsctl_config_add_server(command->to, service, server,
					 &command->err);
}

/* Edits one server in command->to. */
typedef int (*edit_fn)(struct command *command,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server);

struct edit {
	struct svc_servers servers;
	edit_fn fn;
};

static int edit_each(struct command *command, void *data)
{
	const struct edit *edit = data;
	const struct svc_servers *servers = &edit->servers;
	int r = 0;

	if (!ipvsctl_config_find_service(command->from, &servers->service))
		return svc_no_service(command, &servers->service);
	for (size_t i = 0; r == 0 && i < servers->count; i++)
		r = edit->fn(command, &servers->service, &servers->servers[i]);
	return r;
}

/* Parses, checks if the servers are given in full, edits each, commits. */
static int edit_servers(struct command *command, bool full, edit_fn fn)
{
	struct edit edit = { .fn = fn };
	struct svc_servers *servers = &edit.servers;
	int r = svc_servers_parse(command, servers);

	for (size_t i = 0; full && r == 0 && i < servers->count; i++)
		r = check(command, &servers->service, &servers->servers[i]);
	if (r == 0)
		r = command_edit(command, &servers->service,
				 fn == add_one && servers->count == 1 ?
					 COMMAND_ASSUMES_SERVICE :
					 COMMAND_READS,
				 edit_each, &edit);
	if (r >= 0)
		command_warn_left(command);
	svc_servers_free(servers);
	return r;
}

static int change_one(struct command *command,
		      const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server)
{
	const struct ipvsctl_server *current =
		ipvsctl_config_find_server(command->to, service, server);
	struct ipvsctl_server changed;
	int r;

	if (!current)
		return svc_no_server(command, service, server);
	changed = *current;
	r = options_set_server(command, &changed);
	if (r == 0)
		r = check(command, service, &changed);
	if (r < 0)
		return r;
	return ipvsctl_config_change_server(command->to, service, &changed,
					    &command->err);
}

static int replace_one(struct command *command,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	if (!ipvsctl_config_find_server(command->to, service, server))
		return add_one(command, service, server);
	return ipvsctl_config_change_server(command->to, service, server,
					    &command->err);
}

static int delete_one(struct command *command,
		      const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server)
{
	int r;

	if (!ipvsctl_config_find_server(command->from, service, server)) {
		r = svc_no_server(command, service, server);
		command->err.hint[0] = '\0';
		return r;
	}
	/* Named twice is deleted once. */
	if (!ipvsctl_config_find_server(command->to, service, server))
		return 0;
	return ipvsctl_config_delete_server(command->to, service, server,
					    &command->err);
}

int svc_add_server(struct command *command)
{
	return edit_servers(command, true, add_one);
}

int svc_change_server(struct command *command)
{
	return edit_servers(command, false, change_one);
}

int svc_replace_server(struct command *command)
{
	return edit_servers(command, true, replace_one);
}

int svc_delete_server(struct command *command)
{
	return edit_servers(command, false, delete_one);
}
