/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The devices by which a real server takes packets out of tunnels. */
#ifndef LBCTL_TUNNEL_H
#define LBCTL_TUNNEL_H

#include "ipvsctl.h"

/*
 * A device that takes what directors send, whatever their addresses are. Where
 * the kernel's module brings such a device along, it is that one, under the
 * module's own name; others are made by lbctl.
 */
struct tunnel_device {
	const char *name;
	const char *kind;   /* as "ip link add type KIND" takes it */
	const char *module; /* of the kernel, which has this kind */
	/* The device, or NULL, that while it is up takes the packets that this
	   one is for, and drops them: they differ in their checksums. */
	const char *rival;
	uint16_t outer;	  /* the family of the packets around */
	uint16_t inner;	  /* that of those inside; AF_UNSPEC: both */
	uint8_t tunnel;	  /* enum ipvsctl_vip_tunnel; gue uses those of ipip */
	uint8_t checksum; /* enum ipvsctl_tunnel_checksum */
	bool fallback;	  /* the module brings it along */
};

#define TUNNEL_DEVICES 8
extern const struct tunnel_device tunnel_devices[TUNNEL_DEVICES];

/* Returns the family of the packets around those to a VIP. */
uint16_t tunnel_outer_family(const struct ipvsctl_vip *vip);
/* Returns the device that a VIP's tunnel needs, or NULL if it has no tunnel. */
const struct tunnel_device *tunnel_device_of(const struct ipvsctl_vip *vip);
/* Returns the device of that name, or NULL. */
const struct tunnel_device *tunnel_device_named(const char *name);

#endif
