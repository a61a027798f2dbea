/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as what the kernel tells of addresses, routes and rules, or as a
 * packet from the network: nothing is read that is not there, and a VIP that is
 * found has an address, and a line.
 */
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#include "again.h"

#include "vip/fou.h"
#include "vip/links.h"
#include "vip/neighbours.h"
#include "vip/objects.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A VIP of the kernel has what a line needs. */
static void look(int found, const struct ipvsctl_vip *vip)
{
	char *line = NULL;

	if (found <= 0)
		return;
	must(vip->address.family != 0);
	must(ipvsctl_vip_line(vip, &line, NULL) == 0);
	free(line);
}

static void take(uint8_t kind, const char *message, size_t size)
{
	struct ipvsctl_vip vip;
	bool ours;

	if (kind == 0 && size >= sizeof(struct ifaddrmsg))
		look(address_decode(message,
				    (struct walk){
					    message + sizeof(struct ifaddrmsg),
					    size - sizeof(struct ifaddrmsg) },
				    &vip, &ours),
		     &vip);
	if (kind == 1 && size >= sizeof(struct rtmsg))
		look(route_decode(message,
				  (struct walk){ message + sizeof(struct rtmsg),
						 size - sizeof(struct rtmsg) },
				  &vip),
		     &vip);
	if (kind == 2 && size >= sizeof(struct fib_rule_hdr))
		look(rule_decode(message,
				 (struct walk){
					 message + sizeof(struct fib_rule_hdr),
					 size - sizeof(struct fib_rule_hdr) },
				 &vip),
		     &vip);
}

/* Of tunnels. */
static void take_tunnel(uint8_t kind, const char *message, size_t size)
{
	struct link link;
	struct fou_port port;

	if (kind == 5 && size >= sizeof(struct ifinfomsg)) {
		link_decode(message,
			    (struct walk){ message + sizeof(struct ifinfomsg),
					   size - sizeof(struct ifinfomsg) },
			    &link);
		must(strlen(link.kind) < sizeof(link.kind));
	}
	if (kind == 6) {
		fou_decode((struct walk){ message, size }, &port);
		must(port.use != FOU_CLOSED);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvsctl_address address;
	uint8_t kind = size ? data[0] % 7 : 0;
	char *copy; /* aligned, and with nothing behind it */

	if (!size)
		return 0;
	copy = malloc(size);
	must(copy);
	memcpy(copy, data + 1, size - 1);
	if (kind < 3)
		take(kind, copy, size - 1);
	else if (kind > 4)
		take_tunnel(kind, copy, size - 1);
	else
		(void)neighbour_holder(kind == 3 ? ETH_P_ARP : ETH_P_IPV6, copy,
				       size - 1, &address);
	free(copy);
	return 0;
}
