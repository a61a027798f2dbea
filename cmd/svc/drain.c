/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Drains servers: holds them at weight 0, or at the weight of the reason, and
   waits until they are idle. */
#include <errno.h>

#include "clock.h"
#include "common/busy.h"
#include "common/options.h"
#include "svc/svc.h"

#define TIMEOUT_MAX (7 * 24 * 3600)

/* ---- Waiting --------------------------------------------------------------- */

/* Counts the servers' connections and flows; deleted servers have none. */
static int count_left(struct command *command,
		      const struct svc_servers *servers, uint64_t *ret_active,
		      uint64_t *ret_flows)
{
	/* A mark needs all services, to tell their flows from its own. */
	int r = command_load(command, IPVSCTL_SERVICES,
			     servers->service.fwmark ? NULL : &servers->service);

	if (r < 0)
		return r;
	AUTO_FREE struct busy *list = calloc(servers->count, sizeof(*list));
	if (!list)
		return command_no_memory(command);
	for (size_t i = 0; i < servers->count; i++) {
		list[i].service = servers->service;
		list[i].server = servers->servers[i];
	}
	r = busy_count(command, list, servers->count);
	*ret_active = *ret_flows = 0;
	for (size_t i = 0; r == 0 && i < servers->count; i++) {
		*ret_active += list[i].connections;
		*ret_flows += list[i].flows;
	}
	return r;
}

/* Returns 0 once the servers are idle, 1 if the time is up before. */
static int wait_idle(struct command *command, const struct svc_servers *servers,
		     uint32_t timeout)
{
	int64_t end =
		clock_us(CLOCK_MONOTONIC) / 1000 + timeout * INT64_C(1000);
	uint64_t active = 0, flows = 0;
	int r;

	while ((r = count_left(command, servers, &active, &flows)) == 0 &&
	       active + flows > 0) {
		int64_t left = end - clock_us(CLOCK_MONOTONIC) / 1000;

		if (timeout > 0 && left <= 0)
			return command_fail(command, 1, command->arguments[0],
					    "after %u s there are still %llu "
					    "active connections and %llu flows "
					    "of UDP",
					    timeout, (unsigned long long)active,
					    (unsigned long long)flows);
		busy_pause(timeout > 0 && left < BUSY_POLL_MILLISECONDS ?
				   left :
				   BUSY_POLL_MILLISECONDS);
	}
	return r;
}

static const char *reason_of(const struct command *command)
{
	return command_value(command, "reason", "admin");
}

static int hold_all(struct command *command, const struct svc_servers *servers)
{
	const char *reason = reason_of(command);

	for (size_t i = 0; i < servers->count; i++) {
		const struct ipvsctl_server *server = &servers->servers[i];
		int r;

		if (!ipvsctl_config_find_server(command->from,
						&servers->service, server))
			return svc_no_server(command, &servers->service, server);
		r = ipvsctl_config_hold(command->to, &servers->service, server,
					reason, &command->err);
		if (r < 0)
			return r;
	}
	return 0;
}

int svc_drain(struct command *command)
{
	static const struct options_range range = { "timeout", 1, TIMEOUT_MAX,
						    0 };
	AUTO_SERVERS struct svc_servers servers = { 0 };
	bool wait = command_has(command, "wait");
	uint32_t timeout;
	int r = options_range(command, &range, &timeout);

	if (r < 0)
		return r;
	if (timeout > 0 && !wait)
		return command_fail(command, -EINVAL, NULL,
				    "--timeout is only for --wait");
	if (wait && ipvsctl_reason_weight(reason_of(command)) > 0)
		return command_fail(command, -EINVAL, NULL,
				    "--wait needs a reason with weight 0: "
				    "with another, new clients keep coming");
	r = svc_servers_parse(command, &servers);
	if (r == 0)
		r = ipvsctl_reason_check(reason_of(command), &command->err);
	if (r == 0)
		r = svc_servers_begin(command, &servers);
	if (r == 0)
		r = hold_all(command, &servers);
	if (r == 0)
		r = command_commit(command);
	if (r != 0 || !wait || command->dry_run)
		return r;
	ipvsctl_unlock(command->ctx);
	r = wait_idle(command, &servers, timeout);
	/* The servers stay drained, even if the waiting failed. */
	command->standing = r < 0 && command->changed;
	return r;
}

/* Does nothing to a server that is not held for the reason. */
static int release_all(struct command *command,
		       const struct svc_servers *servers)
{
	const char *reason =
		command_has(command, "all") ? NULL : reason_of(command);

	for (size_t i = 0; i < servers->count; i++) {
		const struct ipvsctl_server *server = &servers->servers[i];
		int r;

		if (!ipvsctl_config_find_server(command->from,
						&servers->service, server))
			return svc_no_server(command, &servers->service, server);
		r = ipvsctl_config_release(command->to, &servers->service,
					   server, reason, NULL);
		if (r < 0 && r != -ENOENT)
			return command_fail(command, r, reason,
					    "cannot drop the reason");
	}
	return 0;
}

int svc_undrain(struct command *command)
{
	AUTO_SERVERS struct svc_servers servers = { 0 };
	int r;

	if (command_has(command, "all") && command_has(command, "reason"))
		return command_fail(command, -EINVAL, NULL,
				    "--all and --reason exclude each other");
	r = svc_servers_parse(command, &servers);
	if (r == 0)
		r = ipvsctl_reason_check(reason_of(command), &command->err);
	if (r == 0)
		r = svc_servers_begin(command, &servers);
	if (r == 0)
		r = release_all(command, &servers);
	return r < 0 ? r : command_commit(command);
}
