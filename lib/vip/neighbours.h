/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the hosts of a network hear of VIPs: questions and announcements. */
#ifndef LBCTL_VIP_NEIGHBOURS_H
#define LBCTL_VIP_NEIGHBOURS_H

#include "ipvsctl.h"
#include "scope.h"

/* A VIP about which the network is asked, or told. */
struct neighbour {
	struct ipvsctl_vip vip;
	struct ipvsctl_address asker; /* IPv4; AF_UNSPEC: none, as of a host that
					 is about to take the address */
	int index;	/* of the interface; 0: its hosts cannot be asked */
	uint8_t mac[6]; /* the interface's */
	bool answered;	/* another host has the address */
	uint8_t other_mac[6]; /* which one */
};

/* Gets index and mac for the VIPs. Asks and tells nothing on an interface that is
   down or has no Ethernet. Returns 0 or a negative errno. */
int neighbours_find(struct neighbour *neighbours, size_t count) MUST_CHECK;

/* Gets the address that a packet of that protocol, ETH_P_ARP or ETH_P_IPV6, says
   that its sender has. Returns false if it says nothing like that. */
bool neighbour_holder(uint16_t protocol, const void *packet, size_t size,
		      struct ipvsctl_address *ret_address);

/*
 * Asks for the addresses, all at once, and waits 200 ms for answers, or until all
 * have answered. Returns 0 or a negative errno.
 */
int neighbours_ask(struct neighbour *neighbours, size_t count) MUST_CHECK;

/*
 * Tells all hosts that the addresses are here, as often as each VIP says, 100 ms
 * apart, all VIPs side by side. Returns 0 or a negative errno.
 */
int neighbours_tell(const struct neighbour *neighbours, size_t count) MUST_CHECK;

#endif
