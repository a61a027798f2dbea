/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules about servers by NAT. */
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "doctor/rules/judge.h"

const struct ipvsctl_service *
service_by_forward(const struct ipvsctl_config *config,
		   enum ipvsctl_forward forward, uint16_t family)
{
	if (!config)
		return NULL;
	ipvsctl_for_each_service(config, service)
		ipvsctl_for_each_server(config, service, server)
			if (server->forward == forward &&
			    (!family || server->address.family == family))
				return service;
	return NULL;
}

void judge_forwarding(struct diagnosis *diagnosis)
{
	static const struct {
		uint16_t family;
		const char *name, *sysctl;
	} families[] = {
		{ AF_INET, "IPv4", "net/ipv4/ip_forward" },
		{ AF_INET6, "IPv6", "net/ipv6/conf/all/forwarding" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const struct ipvsctl_service *service =
			service_by_forward(diagnosis->facts->config,
					   IPVSCTL_FORWARD_NAT,
					   families[i].family);
		uint32_t forwards = 1;

		(void)facts_number(diagnosis->facts, families[i].sysctl,
				   &forwards);
		if (service && forwards == 0)
			found_mend_sysctl(
				found(diagnosis, NULL,
				      "this host does not forward %s, but has "
				      "servers by NAT",
				      families[i].name),
				families[i].sysctl, 1);
	}
}

void judge_snat_conntrack(struct diagnosis *diagnosis)
{
	uint32_t conntrack = 1;

	if (!diagnosis->facts->config)
		return;
	(void)facts_number(diagnosis->facts, "net/ipv4/vs/conntrack",
			   &conntrack);
	if (conntrack)
		return;
	ipvsctl_for_each_mark(diagnosis->facts->config, rule) {
		if (!rule->snat)
			continue;
		found_mend_sysctl(found(diagnosis, NULL,
					"mark %u gets another source (--snat), "
					"but net.ipv4.vs.conntrack is 0",
					rule->mark),
				  "net/ipv4/vs/conntrack", 1);
		return;
	}
}

/* Tells whether the interface sends ICMP redirects: it or "all" says so. */
static bool sends_redirects(const struct facts *facts, const char *interface)
{
	return facts_greater(facts, interface, "send_redirects") > 0;
}

/* Returns the interface on which both the VIP and the server are, or NULL. */
static const char *shared_interface(const struct facts *facts,
				    const struct ipvsctl_service *service,
				    const struct ipvsctl_server *server)
{
	const struct fact_address *vip =
		facts_address(facts, &service->address);
	const struct fact_route *route =
		facts_route(facts, &server->address, 0);

	return vip && route && server->forward == IPVSCTL_FORWARD_NAT &&
			       server->address.family == AF_INET &&
			       strcmp(vip->interface, route->interface) == 0 ?
		       vip->interface :
		       NULL;
}

void judge_redirects(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;

	if (!facts->config)
		return;
	ipvsctl_for_each_service(facts->config, service) {
		ipvsctl_for_each_server(facts->config, service, server) {
			const char *interface =
				shared_interface(facts, service, server);
			struct finding *finding;
			char path[96];

			if (!interface || !sends_redirects(facts, interface))
				continue;
			finding = found(diagnosis, NULL,
					"servers by NAT and a VIP are both on "
					"%s, which sends ICMP redirects",
					interface);
			(void)snprintf(path, sizeof(path),
				       "net/ipv4/conf/%s/send_redirects",
				       interface);
			found_mend_sysctl(finding,
					  "net/ipv4/conf/all/send_redirects",
					  0);
			found_mend_sysctl(finding, path, 0);
			return;
		}
	}
}
