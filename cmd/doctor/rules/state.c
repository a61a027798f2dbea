/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules about connections and the settings of IPVS. */
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "doctor/rules/judge.h"

typedef bool (*server_fn)(const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server);

/* Returns the first server that fn accepts, and its service, or NULL. */
static const struct ipvsctl_server *
find_server(const struct ipvsctl_config *config, server_fn fn,
	    const struct ipvsctl_service **ret_service)
{
	if (!config)
		return NULL;
	ipvsctl_for_each_service(config, service) {
		ipvsctl_for_each_server(config, service, server) {
			if (!fn(service, server))
				continue;
			*ret_service = service;
			return server;
		}
	}
	return NULL;
}

/* Finds that a sysctl of IPVS is 0 though a server needs 1. */
static void judge_expiry(struct diagnosis *diagnosis, const char *name,
			 server_fn fn, const char *effect)
{
	const struct ipvsctl_service *service;
	const struct ipvsctl_server *server =
		find_server(diagnosis->facts->config, fn, &service);
	char path[64], identity[IPVSCTL_IDENTITY_TEXT];
	uint32_t value = 1;

	(void)snprintf(path, sizeof(path), "net/ipv4/vs/%s", name);
	(void)facts_number(diagnosis->facts, path, &value);
	if (!server || value)
		return;
	found_mend_sysctl(found(diagnosis, service, "server %s %s, and %s is 0",
				ipvsctl_server_format(server, identity), effect,
				name),
			  path, 1);
}

static bool is_removed(const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	(void)service;
	return server->removed;
}

void judge_expire_nodest(struct diagnosis *diagnosis)
{
	judge_expiry(diagnosis, "expire_nodest_conn", is_removed,
		     "is taken out");
}

static bool is_quiescent(const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server)
{
	return service->persistence_seconds && !server->removed &&
	       !ipvsctl_server_effective_weight(server);
}

void judge_expire_quiescent(struct diagnosis *diagnosis)
{
	judge_expiry(diagnosis, "expire_quiescent_template", is_quiescent,
		     "has weight 0 in a persistent service");
}

void judge_udp_drain(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;
	char identity[IPVSCTL_IDENTITY_TEXT], name[IPVSCTL_IDENTITY_TEXT];

	if (!config)
		return;
	ipvsctl_for_each_service(config, service) {
		ipvsctl_for_each_server(config, service, server) {
			if (service->protocol != IPPROTO_UDP ||
			    server->removed || !server->inactive_connections ||
			    ipvsctl_server_effective_weight(server))
				continue;
			(void)ipvsctl_server_format(server, name);
			MEND(found(diagnosis, service,
				   "server %s has weight 0, but %u flows stay "
				   "with it",
				   name, server->inactive_connections),
			     "lbctl-svc", "delete-server",
			     ipvsctl_service_format(service, identity), name,
			     "--drain");
		}
	}
}

void judge_threshold(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;
	char identity[IPVSCTL_IDENTITY_TEXT], name[IPVSCTL_IDENTITY_TEXT],
		more[16];

	if (!config)
		return;
	ipvsctl_for_each_service(config, service) {
		ipvsctl_for_each_server(config, service, server) {
			const uint64_t now =
				(uint64_t)server->active_connections +
				server->inactive_connections;

			if (!server->upper_threshold ||
			    now < server->upper_threshold)
				continue;
			(void)ipvsctl_server_format(server, name);
			(void)snprintf(more, sizeof(more), "%llu",
				       (unsigned long long)now * 2);
			MEND(found(diagnosis, service,
				   "server %s has %llu connections and takes "
				   "no more than %u",
				   name, (unsigned long long)now,
				   server->upper_threshold),
			     "lbctl-svc", "change-server",
			     ipvsctl_service_format(service, identity), name,
			     "--upper-threshold", more);
		}
	}
}

/* The port of a server that a persistent service by mark does not rewrite. */
void judge_persistent_port(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;

	if (!config)
		return;
	ipvsctl_for_each_service(config, service) {
		if (!service->fwmark || !service->persistence_seconds)
			continue;
		ipvsctl_for_each_server(config, service, server) {
			char name[IPVSCTL_IDENTITY_TEXT];

			if (server->forward != IPVSCTL_FORWARD_NAT ||
			    !server->port)
				continue;
			(void)found(diagnosis, service,
				    "server %s gets packets to the port that "
				    "the client has chosen, not to port %u",
				    ipvsctl_server_format(server, name),
				    server->port);
		}
	}
}

/* ---- Settings ------------------------------------------------------------ */

void judge_defence(struct diagnosis *diagnosis)
{
	static const char *const names[] = { "drop_entry", "drop_packet",
					     "secure_tcp" };
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint32_t value = 0;

		(void)snprintf(path, sizeof(path), "net/ipv4/vs/%s", names[i]);
		(void)facts_number(diagnosis->facts, path, &value);
		if (value < 2)
			continue;
		found_mend_sysctl(found(diagnosis, NULL, "%s is %u: %s",
					names[i], value,
					value == 2 ? "memory is short now" :
						     "it is always on"),
				  path, value == 2 ? 1 : 0);
	}
}

void judge_conntrack_full(struct diagnosis *diagnosis)
{
	uint32_t count = 0, max = 0;

	(void)facts_number(diagnosis->facts, "net/netfilter/nf_conntrack_count",
			   &count);
	if (!facts_number(diagnosis->facts, "net/netfilter/nf_conntrack_max",
			  &max) ||
	    !max || count < (uint64_t)max * 8 / 10)
		return;
	found_mend_sysctl(found(diagnosis, NULL,
				"%u of at most %u connections are tracked",
				count, max),
			  "net/netfilter/nf_conntrack_max",
			  max > UINT32_MAX / 2 ? UINT32_MAX : max * 2);
}

void judge_sloppy(struct diagnosis *diagnosis)
{
	uint32_t mode = 0, sloppy = 1;

	(void)facts_number(diagnosis->facts, "net/ipv4/vs/sync_persist_mode",
			   &mode);
	(void)facts_number(diagnosis->facts, "net/ipv4/vs/sloppy_tcp", &sloppy);
	if (diagnosis->roles & ROLE_BACKUP && mode && !sloppy)
		found_mend_sysctl(
			found(diagnosis, NULL,
			      "sync_persist_mode is %u, but sloppy_tcp is 0",
			      mode),
			"net/ipv4/vs/sloppy_tcp", 1);
}

void judge_reuse(struct diagnosis *diagnosis)
{
	const struct fact_host *host = facts_one(diagnosis->facts, FACT_HOST);
	char *end;
	const unsigned long major = strtoul(host->kernel, &end, 10);
	const unsigned long minor =
		*end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	uint32_t reuse = 0, conntrack = 0;

	(void)facts_number(diagnosis->facts, "net/ipv4/vs/conn_reuse_mode",
			   &reuse);
	(void)facts_number(diagnosis->facts, "net/ipv4/vs/conntrack",
			   &conntrack);
	if (major == 0 || major > 5 || (major == 5 && minor >= 9) || !reuse ||
	    !conntrack)
		return;
	found_mend_sysctl(found(diagnosis, NULL,
				"Linux %lu.%lu delays a client that uses a port "
				"again by one second",
				major, minor),
			  "net/ipv4/vs/conn_reuse_mode", 0);
}

/* ---- Managers ------------------------------------------------------------ */

void judge_managers(struct diagnosis *diagnosis)
{
	static const char *const names[] = { "ldirectord", "kube-proxy",
					     "kube-router", "seesaw_engine" };
	const struct facts *facts = diagnosis->facts;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (facts_has(facts, FACT_PROCESSES, names[i]))
			MEND(found(diagnosis, NULL,
				   "%s runs, and changes services, too",
				   names[i]),
			     "systemctl", "stop", names[i]);
}

void judge_split(struct diagnosis *diagnosis)
{
	const struct fact_host *host = facts_one(diagnosis->facts, FACT_HOST);

	if (host->split)
		MEND(found(diagnosis, NULL,
			   "mark rules of lbctl are in iptables and in nft"),
		     "lbctl-mark", "convert", "nft");
}

void judge_flushed(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;
	const struct fact_saved *saved = facts_one(facts, FACT_SAVED);

	if (saved->path && !saved->fault && saved->marks && facts->config &&
	    !ipvsctl_config_next_mark(facts->config, NULL))
		MEND(found(diagnosis, NULL,
			   "%s has %u mark rules, and the kernel has none",
			   saved->path, saved->marks),
		     "lbctl-restore", saved->path);
}

void judge_drained(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;
	char identity[IPVSCTL_IDENTITY_TEXT], name[IPVSCTL_IDENTITY_TEXT];

	if (!config)
		return;
	ipvsctl_for_each_service(config, service) {
		ipvsctl_for_each_server(config, service, server) {
			const char *reason = NULL;

			while (server->held &&
			       (reason = ipvsctl_config_next_reason(
					config, service, server, reason)) &&
			       !ipvsctl_reason_is(reason, "admin"))
				;
			if (!reason)
				continue;
			(void)ipvsctl_server_format(server, name);
			MEND(found(diagnosis, service,
				   "server %s is drained by an operator", name),
			     "lbctl-svc", "undrain",
			     ipvsctl_service_format(service, identity), name);
		}
	}
}
