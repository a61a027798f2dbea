/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Drains servers: holds them at weight 0, or at the weight of the reason, and
   waits until they are idle. */
#include <netinet/in.h>

#include <errno.h>
#include <time.h>

#include "clock.h"
#include "common/options.h"
#include "svc/filter.h"
#include "svc/svc.h"

#define POLL_MILLISECONDS 500
#define TIMEOUT_MAX	  (7 * 24 * 3600)

static void pause_milliseconds(int64_t milliseconds)
{
	struct timespec pause = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000,
	};

	(void)nanosleep(&pause, NULL);
}

/* ---- Flows ----------------------------------------------------------------- */

/* A flow whose last packet is longer ago counts as ended. */
#define QUIET_SECONDS 10

struct watched {
	const struct svc_servers *servers;
	struct filter filter;
	uint32_t udp_timeout;
	uint64_t flows;
};

/* Each packet of a flow restarts the timeout of its entry. Persistence entries
   have no client port. */
static int count_flow(const struct ipvsctl_connection *connection, void *data)
{
	struct watched *watched = data;

	if (connection->protocol != IPPROTO_UDP || !connection->client_port ||
	    connection->expires_seconds + QUIET_SECONDS <= watched->udp_timeout)
		return 0;
	for (size_t i = 0; i < watched->servers->count; i++) {
		watched->filter.server = watched->servers->servers[i];
		watched->flows += filter_match(&watched->filter, connection);
	}
	return 0;
}

static int count_flows(struct command *command,
		       const struct svc_servers *servers, uint64_t *ret_flows)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(command->from);
	const struct ipvsctl_service *service =
		ipvsctl_config_find_service(command->from, &servers->service);
	struct watched watched = {
		.servers = servers,
		.filter = { .has_service = true,
			    .has_server = true,
			    .service = servers->service,
			    .config = command->from },
		.udp_timeout = timeouts ? timeouts->udp : 0,
	};
	int r;

	*ret_flows = 0;
	if (!service || service->flags & IPVSCTL_ONE_PACKET ||
	    (!service->fwmark && service->protocol != IPPROTO_UDP))
		return 0;
	r = ipvsctl_each_connection(command->ctx, count_flow, &watched,
				    &command->err);
	*ret_flows = watched.flows;
	return r;
}

/* ---- Waiting --------------------------------------------------------------- */

/* Counts the servers' connections and flows; deleted servers have none. */
static int count_left(struct command *command,
		      const struct svc_servers *servers, uint64_t *ret_active,
		      uint64_t *ret_flows)
{
	/* A mark needs all services, to tell their flows from its own. */
	int r = command_load(command, IPVSCTL_SERVICES | IPVSCTL_TIMEOUTS,
			     servers->service.fwmark ? NULL : &servers->service);
	uint64_t count = 0;

	for (size_t i = 0; r == 0 && i < servers->count; i++) {
		const struct ipvsctl_server *server =
			ipvsctl_config_find_server(command->from,
						   &servers->service,
						   &servers->servers[i]);

		count += server ? server->active_connections : 0;
	}
	*ret_active = count;
	return r < 0 ? r : count_flows(command, servers, ret_flows);
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
		pause_milliseconds(timeout > 0 && left < POLL_MILLISECONDS ?
					   left :
					   POLL_MILLISECONDS);
	}
	return r;
}

static const char *reason_of(const struct command *command)
{
	return command_value(command, "reason", "admin");
}

/* Checks the reason on a scratch configuration, before reading the kernel. */
static int check_reason(struct command *command,
			const struct svc_servers *servers)
{
	AUTO_CONFIG struct ipvsctl_config *scratch = NULL;
	const struct ipvsctl_service *service = &servers->service;
	int r = ipvsctl_config_new(&scratch, &command->err);

	if (r < 0)
		return command_no_memory(command);
	r = ipvsctl_config_add_service(scratch, service, &command->err);
	if (r == 0)
		r = ipvsctl_config_add_server(scratch, service,
					      &servers->servers[0],
					      &command->err);
	if (r == 0)
		r = ipvsctl_config_hold(scratch, service, &servers->servers[0],
					reason_of(command), &command->err);
	return r;
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
		r = check_reason(command, &servers);
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
		r = check_reason(command, &servers);
	if (r == 0)
		r = svc_servers_begin(command, &servers);
	if (r == 0)
		r = release_all(command, &servers);
	return r < 0 ? r : command_commit(command);
}
