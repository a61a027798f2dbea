/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The devices by which a real server takes packets out of tunnels. */
#include "model/tunnel.h"

#include <string.h>
#include <sys/socket.h>

#include "scope.h"

/*
 * The kernel's ip6tnl0 takes only IPv6 out of IPv6, its gre0 and ip6gre0 only
 * packets without a checksum, and their kind cannot be changed (6.1): for the
 * rest there is a device of our own.
 */
const struct tunnel_device tunnel_devices[TUNNEL_DEVICES] = {
	{ "tunl0", "ipip", "ipip", NULL, AF_INET, AF_INET, IPVSCTL_VIP_IPIP,
	  IPVSCTL_TUNNEL_CHECKSUM_NONE, true },
	{ "sit0", "sit", "sit", NULL, AF_INET, AF_INET6, IPVSCTL_VIP_IPIP,
	  IPVSCTL_TUNNEL_CHECKSUM_NONE, true },
	{ "ip6tnl0", "ip6tnl", "ip6_tunnel", NULL, AF_INET6, AF_INET6,
	  IPVSCTL_VIP_IPIP, IPVSCTL_TUNNEL_CHECKSUM_NONE, true },
	{ "lbctl-ip6tnl", "ip6tnl", "ip6_tunnel", NULL, AF_INET6, AF_INET,
	  IPVSCTL_VIP_IPIP, IPVSCTL_TUNNEL_CHECKSUM_NONE, false },
	{ "gre0", "gre", "ip_gre", "lbctl-gre", AF_INET, AF_UNSPEC,
	  IPVSCTL_VIP_GRE, IPVSCTL_TUNNEL_CHECKSUM_NONE, true },
	{ "lbctl-gre", "gre", "ip_gre", "gre0", AF_INET, AF_UNSPEC,
	  IPVSCTL_VIP_GRE, IPVSCTL_TUNNEL_CHECKSUM_FULL, false },
	{ "ip6gre0", "ip6gre", "ip6_gre", "lbctl-ip6gre", AF_INET6, AF_UNSPEC,
	  IPVSCTL_VIP_GRE, IPVSCTL_TUNNEL_CHECKSUM_NONE, true },
	{ "lbctl-ip6gre", "ip6gre", "ip6_gre", "ip6gre0", AF_INET6, AF_UNSPEC,
	  IPVSCTL_VIP_GRE, IPVSCTL_TUNNEL_CHECKSUM_FULL, false },
};

uint16_t tunnel_outer_family(const struct ipvsctl_vip *vip)
{
	return vip->tunnel_family ? vip->tunnel_family : vip->address.family;
}

const struct tunnel_device *tunnel_device_of(const struct ipvsctl_vip *vip)
{
	/* The kernel takes gue off, and hands on what is then ipip. */
	uint8_t tunnel =
		vip->tunnel == IPVSCTL_VIP_GUE ? IPVSCTL_VIP_IPIP : vip->tunnel;

	for (size_t i = 0; i < ARRAY_SIZE(tunnel_devices); i++) {
		const struct tunnel_device *device = &tunnel_devices[i];

		if (device->tunnel == tunnel &&
		    device->checksum == vip->tunnel_checksum &&
		    device->outer == tunnel_outer_family(vip) &&
		    (!device->inner || device->inner == vip->address.family))
			return device;
	}
	return NULL;
}

const struct tunnel_device *tunnel_device_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tunnel_devices); i++)
		if (strcmp(tunnel_devices[i].name, name) == 0)
			return &tunnel_devices[i];
	return NULL;
}
