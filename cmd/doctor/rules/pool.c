/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules about VIPs and the servers behind services. */
#include <sys/socket.h>

#include <string.h>

#include "doctor/rules/judge.h"

/* ---- VIPs ---------------------------------------------------------------- */

bool is_held(const struct facts *facts, const struct ipvsctl_address *vip,
	     uint32_t mark)
{
	const struct fact_route *route = facts_route(facts, vip, mark);

	if ((route && route->local) || facts_address(facts, vip))
		return true;
	/* Checks have withdrawn it, and say so themselves. */
	ipvsctl_for_each_vip(facts->config, row)
		if (ipvsctl_vip_is_withdrawn(row, NULL) &&
		    ipvsctl_address_compare(&row->address, vip) == 0)
			return true;
	return false;
}

/* Finds the interface in whose network an address is, or the first one that is
   up and has ARP. Returns NULL if there is none. */
static const char *interface_for(const struct facts *facts,
				 const struct ipvsctl_address *vip)
{
	const struct fact_route *route = facts_route(facts, vip, 0);

	if (route && route->interface[0])
		return route->interface;
	facts_for_each(facts, FACT_LINKS, fact_link,
		       link) if (link->up && !link->noarp &&
				 !link->loopback) return link->name;
	return NULL;
}

void judge_vip_missing(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;
	const struct ipvsctl_service *last = NULL;

	/* A director that another one stands for does not hold its VIPs. */
	if (!facts->config || diagnosis->roles & ROLE_BACKUP)
		return;
	ipvsctl_for_each_service(facts->config, service) {
		const bool ipv6 = service->address.family == AF_INET6;
		char address[IPVSCTL_ADDRESS_TEXT], vip[64];
		const char *interface;
		struct finding *finding;

		if (service->fwmark ||
		    (last && !ipvsctl_address_compare(&last->address,
						      &service->address)) ||
		    is_held(facts, &service->address, 0))
			continue;
		last = service;
		(void)ipvsctl_address_format(&service->address, address);
		(void)snprintf(vip, sizeof(vip), "%s/%d", address,
			       ipv6 ? 128 : 32);
		finding = found(diagnosis, service,
				"this host does not hold the VIP %s", address);
		interface = interface_for(facts, &service->address);
		if (interface)
			MEND(finding, "lbctl-vip", "add", vip, "--dev",
			     interface);
		else
			MEND(finding, "lbctl-vip", "add", vip, "--local-route");
	}
}

/* ---- Servers ------------------------------------------------------------- */

/* Returns the number of servers that the kernel can choose, and the total. */
static size_t count_ready(const struct ipvsctl_config *config,
			  const struct ipvsctl_service *service,
			  size_t *ret_total,
			  const struct ipvsctl_server **ret_held)
{
	size_t ready = 0, total = 0;

	ipvsctl_for_each_server(config, service, server) {
		total++;
		if (!server->removed && ipvsctl_server_effective_weight(server))
			ready++;
		else if (!*ret_held && server->held)
			*ret_held = server;
	}
	*ret_total = total;
	return ready;
}

/* Says by whom the servers of a service are held. */
static void mend_held(struct diagnosis *diagnosis, struct finding *finding,
		      const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server)
{
	const char *reason =
		ipvsctl_config_next_reason(diagnosis->facts->config, service,
					   server, NULL);
	char identity[IPVSCTL_IDENTITY_TEXT], name[IPVSCTL_IDENTITY_TEXT];

	(void)ipvsctl_service_format(service, identity);
	(void)ipvsctl_server_format(server, name);
	if (reason && strncmp(reason, "check:", 6) == 0)
		MEND(finding, "lbctl-check", "show");
	else
		MEND(finding, "lbctl-svc", "undrain", identity, name);
}

void judge_no_server(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;

	if (!config)
		return;
	ipvsctl_for_each_service(config, service) {
		const struct ipvsctl_server *held = NULL, *first;
		char identity[IPVSCTL_IDENTITY_TEXT],
			name[IPVSCTL_IDENTITY_TEXT];
		struct finding *finding;
		size_t total;

		if (count_ready(config, service, &total, &held))
			continue;
		(void)ipvsctl_service_format(service, identity);
		if (total == 0) {
			finding = found(diagnosis, service, "it has no server");
			MEND(finding, "lbctl-svc", "delete", identity);
			continue;
		}
		finding = found(diagnosis, service,
				"all %zu servers have weight 0%s", total,
				held ? ": they are held" : "");
		if (held) {
			mend_held(diagnosis, finding, service, held);
			continue;
		}
		first = ipvsctl_config_next_server(config, service, NULL);
		(void)ipvsctl_server_format(first, name);
		MEND(finding, "lbctl-svc", "change-server", identity, name,
		     "--weight", "1");
	}
}

void judge_no_route(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;

	if (!facts->config)
		return;
	ipvsctl_for_each_service(facts->config, service) {
		ipvsctl_for_each_server(facts->config, service, server) {
			const struct fact_route *route =
				facts_route(facts, &server->address, 0);
			char name[IPVSCTL_IDENTITY_TEXT];

			if (server->removed || !route || !route->missing)
				continue;
			(void)ipvsctl_server_format(server, name);
			(void)found(diagnosis, service,
				    "no route leads to server %s", name);
		}
	}
}

/* ---- Interfaces ---------------------------------------------------------- */

/* Tells whether a server that the kernel can choose is behind the interface. */
static const struct ipvsctl_service *service_behind(const struct facts *facts,
						    const char *interface)
{
	ipvsctl_for_each_service(facts->config, service) {
		ipvsctl_for_each_server(facts->config, service, server) {
			const struct fact_route *route =
				facts_route(facts, &server->address, 0);

			if (!server->removed && route &&
			    strcmp(route->interface, interface) == 0)
				return service;
		}
	}
	return NULL;
}

void judge_link_down(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;

	if (!facts->config)
		return;
	facts_for_each(facts, FACT_LINKS, fact_link, link)
	{
		struct finding *finding;

		if ((link->up && link->carrier) ||
		    !service_behind(facts, link->name))
			continue;
		finding = found(diagnosis, NULL,
				"interface %s, which leads to servers, %s",
				link->name,
				link->up ? "has no carrier" : "is down");
		if (!link->up)
			MEND(finding, "ip", "link", "set", link->name, "up");
	}
}

void judge_withdrawn(struct diagnosis *diagnosis)
{
	if (!diagnosis->facts->config)
		return;
	ipvsctl_for_each_vip(diagnosis->facts->config, vip) {
		char name[IPVSCTL_IDENTITY_TEXT];

		if (ipvsctl_vip_is_withdrawn(vip, NULL))
			MEND(found(diagnosis, NULL, "VIP %s is withdrawn: %s",
				   ipvsctl_vip_format(vip, name),
				   vip->withdrawn),
			     "lbctl-check", "show");
	}
}
