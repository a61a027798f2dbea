/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules about direct routing and tunnels, on directors and on real servers. */
#include <sys/socket.h>

#include <string.h>

#include "doctor/rules/judge.h"

/* ---- Real servers -------------------------------------------------------- */

static bool is_tunnel(const char *interface)
{
	return strncmp(interface, "tunl", 4) == 0 ||
	       strncmp(interface, "gre", 3) == 0 ||
	       strncmp(interface, "ip6tnl", 6) == 0 ||
	       strncmp(interface, "lbctl-", 6) == 0;
}

bool is_silent_vip(const struct facts *facts, const struct fact_address *address)
{
	static const uint8_t own[16] = { [15] = 1 };
	const struct fact_link *link = facts_link(facts, address->interface);
	const uint8_t *bytes = address->address.bytes;

	if (!link || (!link->loopback && !is_tunnel(link->name)))
		return false;
	if (address->address.family == AF_INET)
		return bytes[0] != 127;
	/* Link-local addresses are the kernel's. */
	return memcmp(bytes, own, sizeof(own)) != 0 &&
	       !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

/* Returns the first silent VIP of IPv4, or NULL. */
static const struct fact_address *first_silent(const struct facts *facts)
{
	facts_for_each(facts, FACT_ADDRESSES, fact_address,
		       address) if (address->address.family == AF_INET &&
				    is_silent_vip(facts,
						  address)) return address;
	return NULL;
}

/* Finds interfaces that answer ARP with less than the least value. */
static void judge_arp(struct diagnosis *diagnosis, const char *name,
		      uint32_t least, const char *effect)
{
	const struct facts *facts = diagnosis->facts;
	const struct fact_address *vip = first_silent(facts);
	char address[IPVSCTL_ADDRESS_TEXT], path[96];

	if (!vip)
		return;
	(void)ipvsctl_address_format(&vip->address, address);
	facts_for_each(facts, FACT_LINKS, fact_link, link)
	{
		struct finding *finding;
		uint32_t value;

		if (!link->up || link->noarp || link->loopback)
			continue;
		value = facts_greater(facts, link->name, name);
		if (value >= least)
			continue;
		finding = found(diagnosis, NULL,
				"%s is %u on %s: this real server %s %s", name,
				value, link->name, effect, address);
		(void)snprintf(path, sizeof(path), "net/ipv4/conf/%s/%s",
			       link->name, name);
		found_mend_sysctl(finding, path, least);
	}
}

void judge_arp_ignore(struct diagnosis *diagnosis)
{
	judge_arp(diagnosis, "arp_ignore", 1, "answers ARP requests for");
}

void judge_arp_announce(struct diagnosis *diagnosis)
{
	judge_arp(diagnosis, "arp_announce", 2, "asks its neighbours as");
}

void judge_vip_prefix(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;

	facts_for_each(facts, FACT_ADDRESSES, fact_address, row)
	{
		const bool ipv6 = row->address.family == AF_INET6;
		const struct fact_link *link =
			facts_link(facts, row->interface);
		char address[IPVSCTL_ADDRESS_TEXT], from[64], to[64];
		struct finding *finding;

		if (!link || !link->loopback || !is_silent_vip(facts, row) ||
		    row->prefix_length >= (ipv6 ? 128 : 32))
			continue;
		(void)ipvsctl_address_format(&row->address, address);
		(void)snprintf(from, sizeof(from), "%s/%u", address,
			       row->prefix_length);
		(void)snprintf(to, sizeof(to), "%s/%d", address,
			       ipv6 ? 128 : 32);
		finding = found(diagnosis, NULL,
				"%s on %s makes all of its network addresses "
				"of this host",
				from, row->interface);
		MEND(finding, "ip", "address", "add", to, "dev", row->interface);
		MEND(finding, "ip", "address", "delete", from, "dev",
		     row->interface);
	}
}

/* The tunnel's packets come from clients, behind the director. */
void judge_rp_filter(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;

	facts_for_each(facts, FACT_LINKS, fact_link, link)
	{
		struct finding *finding;
		uint32_t value;
		char path[96];

		if (!link->up || !is_tunnel(link->name))
			continue;
		value = facts_greater(facts, link->name, "rp_filter");
		if (value != 1)
			continue;
		finding = found(diagnosis, NULL,
				"rp_filter is strict on %s: the packets of "
				"clients behind other interfaces are dropped",
				link->name);
		(void)snprintf(path, sizeof(path), "net/ipv4/conf/%s/rp_filter",
			       link->name);
		found_mend_sysctl(finding, path, 2);
	}
}

/* ---- Directors ----------------------------------------------------------- */

void judge_off_link(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;

	if (!facts->config)
		return;
	ipvsctl_for_each_service(facts->config, service) {
		ipvsctl_for_each_server(facts->config, service, server) {
			const struct fact_route *route =
				facts_route(facts, &server->address, 0);
			char name[IPVSCTL_IDENTITY_TEXT],
				gateway[IPVSCTL_ADDRESS_TEXT],
				identity[IPVSCTL_IDENTITY_TEXT];
			struct finding *finding;

			if (server->forward != IPVSCTL_FORWARD_DR || !route ||
			    route->local || !route->gateway.family)
				continue;
			(void)ipvsctl_address_format(&route->gateway, gateway);
			(void)ipvsctl_server_format(server, name);
			(void)ipvsctl_service_format(service, identity);
			finding = found(diagnosis, service,
					"server %s is behind the gateway %s, "
					"which direct routing cannot pass",
					name, gateway);
			MEND(finding, "lbctl-svc", "change-server", identity,
			     name, "--forward", "tun");
		}
	}
}

void judge_port(struct diagnosis *diagnosis)
{
	const struct ipvsctl_config *config = diagnosis->facts->config;

	if (!config)
		return;
	ipvsctl_for_each_service(config, service) {
		ipvsctl_for_each_server(config, service, server) {
			char name[IPVSCTL_IDENTITY_TEXT],
				identity[IPVSCTL_IDENTITY_TEXT];

			if (service->fwmark || server->port == service->port ||
			    (server->forward != IPVSCTL_FORWARD_DR &&
			     server->forward != IPVSCTL_FORWARD_TUN))
				continue;
			(void)ipvsctl_server_format(server, name);
			MEND(found(diagnosis, service,
				   "server %s gets packets to port %u, since "
				   "%s does not rewrite ports",
				   name, service->port,
				   ipvsctl_forward_name(
					   (enum ipvsctl_forward)
						   server->forward)),
			     "lbctl-svc", "change-server",
			     ipvsctl_service_format(service, identity), name,
			     "--forward", "nat");
		}
	}
}
