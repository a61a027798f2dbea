/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules about the ports that mark rules match. */
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "doctor/rules/judge.h"

static bool has_port(const struct ipvsctl_ports *ports, uint32_t port)
{
	bool found = ports->count == 0;

	for (size_t i = 0; i < ports->count; i++)
		found = found || (port >= ports->ranges[i].first &&
				  port <= ports->ranges[i].last);
	return ports->count ? found != ports->negated : found;
}

/* ---- M5 ------------------------------------------------------------------ */

/* Returns the port, or the first after it that a list of the kernel's,
   "50000-60000,8080", does not have. The list is in order. */
static uint32_t skip_reserved(const char *list, uint32_t port)
{
	while (list && *list) {
		char *end;
		const unsigned long first = strtoul(list, &end, 10);
		unsigned long last = first;

		if (end == list)
			return port;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (port >= first && port <= last)
			port = (uint32_t)last + 1;
		list = *end == ',' ? end + 1 : end + strlen(end);
	}
	return port;
}

/* Returns a port of the rule that the kernel gives to sockets, or 0. */
static uint32_t find_overlap(const struct facts *facts,
			     const struct ipvsctl_mark *rule)
{
	const char *range = facts_sysctl(facts, "net/ipv4/ip_local_port_range");
	const char *reserved =
		facts_sysctl(facts, "net/ipv4/ip_local_reserved_ports");
	unsigned long first, last;
	char *end;

	if (!range)
		return 0;
	first = strtoul(range, &end, 10);
	last = strtoul(end, NULL, 10);
	for (size_t i = 0; i < rule->destination_ports.count; i++) {
		const struct ipvsctl_port_range *ports =
			&rule->destination_ports.ranges[i];
		const uint32_t port =
			skip_reserved(reserved, ports->first > first ?
							ports->first :
							(uint32_t)first);

		if (port <= ports->last && port <= last)
			return port;
	}
	return 0;
}

static bool is_exempt(const struct ipvsctl_mark *rule)
{
	return rule->exempt_own == IPVSCTL_EXEMPT_CONNTRACK ||
	       (rule->exempt_own == IPVSCTL_EXEMPT_SOCKET &&
		rule->protocol == IPPROTO_TCP);
}

void judge_local_ports(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;
	const char *reserved =
		facts_sysctl(facts, "net/ipv4/ip_local_reserved_ports");

	reserved = reserved ? reserved : "";
	if (!facts->config)
		return;
	ipvsctl_for_each_mark(facts->config, rule) {
		AUTO_FREE char *setting = NULL;
		char ports[128];
		uint32_t port;

		if (rule->exclude || !rule->destination_ports.count ||
		    rule->destination_ports.negated || is_exempt(rule))
			continue;
		port = find_overlap(facts, rule);
		if (!port)
			continue;
		(void)ipvsctl_ports_format(&rule->destination_ports, ports);
		for (char *at = ports; *at; at++)
			if (*at == ':')
				*at = '-';
		if (asprintf(&setting, "net/ipv4/ip_local_reserved_ports=%s%s%s",
			     reserved, *reserved ? "," : "", ports) < 0) {
			setting = NULL;
			diagnosis->failed = true;
			return;
		}
		MEND(found(diagnosis, NULL,
			   "mark %u is for ports %s, but the kernel gives port "
			   "%u to sockets of this host",
			   rule->mark, ports, port),
		     "sysctl", "-w", setting);
		/* One setting mends all: the next run shows what is left. */
		return;
	}
}

/* ---- M7 ------------------------------------------------------------------ */

static bool has_address(const struct ipvsctl_addresses *addresses,
			const struct ipvsctl_address *address)
{
	bool found = addresses->count == 0;

	for (size_t i = 0; i < addresses->count; i++)
		found = found ||
			(ipvsctl_address_compare(&addresses->ranges[i].first,
						 address) <= 0 &&
			 ipvsctl_address_compare(&addresses->ranges[i].last,
						 address) >= 0);
	return addresses->count ? found != addresses->negated : found;
}

/* Tells whether a rule marks each packet to the service, as far as conditions go
   that do not depend on the client. */
static bool covers(const struct ipvsctl_mark *rule,
		   const struct ipvsctl_service *service)
{
	return !rule->exclude && !rule->source.count &&
	       !rule->source_ports.count && !rule->in_interface[0] &&
	       !rule->extra && !rule->state && !rule->has_dscp &&
	       !rule->has_mac && !rule->source_type && !rule->negated &&
	       (!rule->family || rule->family == service->address.family) &&
	       (!rule->protocol || rule->protocol == service->protocol) &&
	       has_address(&rule->destination, &service->address) &&
	       has_port(&rule->destination_ports, service->port);
}

/* Tells whether the mark that the rule sets has a service of that family. */
static bool is_marked_service(const struct ipvsctl_config *config,
			      const struct ipvsctl_mark *rule, uint16_t family)
{
	const struct ipvsctl_service marked = {
		.address.family = family,
		.fwmark = rule->mark,
	};

	return !rule->exclude && rule->mark &&
	       ipvsctl_config_find_service(config, &marked);
}

/* Returns the first rule about the service's packets. */
static const struct ipvsctl_mark *
find_cover(const struct ipvsctl_config *config,
	   const struct ipvsctl_service *service)
{
	ipvsctl_for_each_mark(config, rule)
		if (covers(rule, service) ||
		    (rule->exclude &&
		     has_address(&rule->destination, &service->address) &&
		     has_port(&rule->destination_ports, service->port)))
			return rule;
	return NULL;
}

void judge_shadowed(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;

	if (!config)
		return;
	ipvsctl_for_each_mark(config, rule) {
		char name[IPVSCTL_IDENTITY_TEXT];

		if (!is_marked_service(config, rule, AF_INET) &&
		    !is_marked_service(config, rule, AF_INET6))
			continue;
		ipvsctl_for_each_service(config, service) {
			if (service->fwmark || !covers(rule, service) ||
			    !is_marked_service(config, rule,
					       service->address.family) ||
			    find_cover(config, service) != rule)
				continue;
			MEND(found(diagnosis, service,
				   "its packets get mark %u, whose service "
				   "takes them",
				   rule->mark),
			     "lbctl-svc", "delete",
			     ipvsctl_service_format(service, name));
		}
	}
}

/* ---- M9 ------------------------------------------------------------------ */

static bool is_multiple(const struct ipvsctl_mark *rule)
{
	const struct ipvsctl_ports *ports = &rule->destination_ports;

	return ports->count != 1 || ports->negated ||
	       ports->ranges[0].first != ports->ranges[0].last ||
	       !rule->protocol;
}

static bool has_affinity(const struct ipvsctl_service *service)
{
	return service->persistence_seconds ||
	       strcmp(service->scheduler, "sh") == 0 ||
	       strcmp(service->scheduler, "mh") == 0;
}

void judge_affinity(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;
	const struct ipvsctl_service *last = NULL;

	if (!config)
		return;
	ipvsctl_for_each_mark(config, rule) {
		const struct ipvsctl_service marked = {
			.address.family =
				rule->family == AF_INET6 ? AF_INET6 : AF_INET,
			.fwmark = rule->mark,
		};
		const struct ipvsctl_service *service =
			rule->exclude || !rule->mark || !is_multiple(rule) ?
				NULL :
				ipvsctl_config_find_service(config, &marked);
		char name[IPVSCTL_IDENTITY_TEXT];

		if (!service || service == last || has_affinity(service) ||
		    ipvsctl_config_count_servers(config, service) < 2)
			continue;
		last = service;
		MEND(found(diagnosis, service,
			   "one client's connections to several ports can go "
			   "to different servers"),
		     "lbctl-svc", "change",
		     ipvsctl_service_format(service, name), "--persistent",
		     "300");
	}
}
