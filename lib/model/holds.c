/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds of configurations. */
#include "model/holds.h"

#include <string.h>

#include "fail.h"
#include "model/leaving.h"

int holds_set_aside(const struct ipvsctl_config *from, struct hold_table *to)
{
	for (size_t i = 0; i < from->holds.count; i++) {
		struct hold hold = from->holds.holds[i];
		const struct ipvsctl_server *server =
			ipvsctl_config_find_server(from, &hold.service,
						   &hold.server);

		if (server) {
			hold.server = *server;
			hold.weight = server->weight;
		}
		hold.aside = true;
		if (hold_table_add_copy(to, &hold) < 0) {
			hold_table_free(to);
			return -ENOMEM;
		}
	}
	return 0;
}

API int ipvsctl_config_flush_services(struct ipvsctl_config *config,
				      struct ipvsctl_error *err)
{
	struct hold_table aside = { 0 };

	if (holds_set_aside(config, &aside) < 0)
		return fail_memory(err);
	config_clear_services(config);
	config->holds = aside;
	config->kinds |= IPVSCTL_SERVICES;
	return 0;
}

int holds_keep_aside(struct ipvsctl_config *config,
		     const struct ipvsctl_config *from)
{
	for (size_t i = 0; i < from->holds.count; i++) {
		const struct hold *hold = &from->holds.holds[i];

		if (hold->aside &&
		    !hold_table_find(&config->holds, &hold->service,
				     &hold->server) &&
		    hold_table_add_copy(&config->holds, hold) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* ---- Holding and releasing --------------------------------------------- */

static bool is_removed(const struct ipvsctl_config *config,
		       const struct hold *hold)
{
	const struct ipvsctl_server *server =
		ipvsctl_config_find_server(config, &hold->service,
					   &hold->server);

	return server ? server->removed : hold->server.removed;
}

/* Tells whether a reason is not adopted: a server that a ruleset contains is not
   leaving any more. */
static bool ends_here(const char *reason)
{
	struct ipvsctl_leaving leaving;

	return leaving_parse(reason, &leaving);
}

int holds_adopt(struct ipvsctl_config *config, const struct ipvsctl_config *from)
{
	for (size_t i = 0; i < from->holds.count; i++) {
		const struct hold *hold = &from->holds.holds[i];
		struct ipvsctl_server *server =
			config_server(config, &hold->service, &hold->server,
				      NULL);

		if (!server)
			continue;
		for (size_t j = 0; j < hold->reason_count; j++)
			if (!ends_here(hold->reasons[j]) &&
			    hold_table_add_reason(&config->holds, &hold->service,
						  server, hold->reasons[j]) < 0)
				return -ENOMEM;
		hold_table_mark(&config->holds, &hold->service, server);
		server->removed = is_removed(from, hold);
	}
	return 0;
}

API int ipvsctl_reason_check(const char *reason, struct ipvsctl_error *err)
{
	uint32_t weight;

	/* Only an edit that deletes a server gives its reason times. */
	if (strchr(reason, '@') || !hold_reason_parse(reason, &weight))
		return fail(err, -EINVAL,
			    "reason '%.64s' is not 1 to %d letters, digits and "
			    "'-_.:', and perhaps =WEIGHT",
			    reason, IPVSCTL_REASON_MAX);
	return 0;
}

API int ipvsctl_config_hold(struct ipvsctl_config *config,
			    const struct ipvsctl_service *service,
			    const struct ipvsctl_server *server,
			    const char *reason, struct ipvsctl_error *err)
{
	struct ipvsctl_server *found;
	int r = ipvsctl_reason_check(reason, err);

	if (r < 0)
		return r;
	if (strcmp(reason, LEAVING) == 0)
		return fail(err, -EINVAL,
			    "reason '%s' is of servers that are deleted when "
			    "they are idle",
			    reason);
	found = config_server(config, service, server, err);
	if (!found)
		return -ENOENT;
	if (hold_table_add_reason(&config->holds, service, found, reason) < 0)
		return fail_memory(err);
	hold_table_mark(&config->holds, service, found);
	return 0;
}

API int ipvsctl_config_remove_server(struct ipvsctl_config *config,
				     const struct ipvsctl_service *service,
				     const struct ipvsctl_server *server,
				     const char *reason,
				     struct ipvsctl_error *err)
{
	int r = ipvsctl_config_hold(config, service, server, reason, err);
	struct ipvsctl_server *found =
		r < 0 ? NULL : config_server(config, service, server, err);

	if (found)
		found->removed = true;
	return r;
}

API int ipvsctl_config_release(struct ipvsctl_config *config,
			       const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server,
			       const char *reason, struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_server *found =
		config_server(config, service, server, err);

	if (!found)
		return -ENOENT;
	struct hold *hold = hold_table_find(&config->holds, service, found);
	size_t position =
		reason && hold ? hold_reason_position(hold, reason) : 0;
	if (!hold || position == SIZE_MAX) {
		int r = reason ? fail(err, -ENOENT,
				      "the server is not held for '%.64s'",
				      reason) :
				 fail(err, -ENOENT, "the server is not held");

		return fail_about(err, r, "%s",
				  ipvsctl_server_format(found, text));
	}
	if (!reason || hold->reason_count == 1) {
		found->removed = false;
		hold_table_drop(&config->holds, service, found);
	} else {
		free(hold->reasons[position]);
		hold->reason_count--;
		(void)memmove(&hold->reasons[position],
			      &hold->reasons[position + 1],
			      (hold->reason_count - position) * sizeof(char *));
	}
	hold_table_mark(&config->holds, service, found);
	return 0;
}

API const char *ipvsctl_config_next_reason(const struct ipvsctl_config *config,
					   const struct ipvsctl_service *service,
					   const struct ipvsctl_server *server,
					   const char *prev)
{
	const struct hold *hold =
		hold_table_find(&config->holds, service, server);
	size_t next = 0;

	if (!hold)
		return NULL;
	if (prev)
		next = hold_reason_position(hold, prev) + 1;
	return next < hold->reason_count ? hold->reasons[next] : NULL;
}

API size_t ipvsctl_config_count_waiting(const struct ipvsctl_config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->holds.count; i++)
		count += config->holds.holds[i].aside;
	return count;
}
