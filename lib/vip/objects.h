/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Addresses, routes and rules by which the kernel holds VIPs. */
#ifndef LBCTL_VIP_OBJECTS_H
#define LBCTL_VIP_OBJECTS_H

#include "ipvsctl.h"
#include "vip/rtnetlink.h"

/* An interface. */
struct interface {
	int index;
	unsigned int flags; /* IFF_... */
};

/* Opens a socket that answers questions about interfaces. Returns 0 or a negative
   errno. */
int interface_socket(int *ret_fd) MUST_CHECK;
/* Finds the interface of that name. Returns 0, -ENODEV or another errno. */
int interface_find(const char *name, struct interface *ret_interface) MUST_CHECK;

/* Gets an address. Returns false if it has not the length of its family's. */
bool attribute_get_address(const struct netlink_attribute *attribute,
			   uint16_t family,
			   struct ipvsctl_address *ret_address);

/* Receives a VIP as it stands; ours: it bears the sign that lbctl added it,
   which addresses have since Linux 5.18. Returns 0 or a negative code. */
typedef int (*standing_fn)(const struct ipvsctl_vip *vip, bool ours, void *data);

/* Each calls fn for what stands. Returns as rtnetlink_dump(). */
int addresses_each(struct rtnetlink *rtnetlink, standing_fn fn,
		   void *data) MUST_CHECK;
/* Of routes, and of rules for packets with a mark, only those of lbctl. */
int local_routes_each(struct rtnetlink *rtnetlink, standing_fn fn,
		      void *data) MUST_CHECK;
int local_rules_each(struct rtnetlink *rtnetlink, standing_fn fn,
		     void *data) MUST_CHECK;

/* Tells whether the host takes packets with that destination and that mark (0:
   none) as its own. Returns 1, 0 or a negative errno. */
int address_is_local(struct rtnetlink *rtnetlink,
		     const struct ipvsctl_address *address,
		     uint32_t mark) MUST_CHECK;

/* Each gets a VIP from a message of the kernel: its header and its attributes; of
   an address without the interface's name, and with the label as it is. Returns
   1, 0 if it is none of a VIP, or -EBADMSG. */
int address_decode(const void *header, struct walk attributes,
		   struct ipvsctl_vip *ret_vip, bool *ret_ours) MUST_CHECK;
int route_decode(const void *header, struct walk attributes,
		 struct ipvsctl_vip *ret_vip) MUST_CHECK;
int rule_decode(const void *header, struct walk attributes,
		struct ipvsctl_vip *ret_vip) MUST_CHECK;

/* Each adds or deletes what holds a VIP. Returns 0 or the kernel's errno,
   negative: -EEXIST, -EADDRNOTAVAIL, -ESRCH, -ENODEV, ... */
int object_add(struct rtnetlink *rtnetlink,
	       const struct ipvsctl_vip *vip) MUST_CHECK;
int object_delete(struct rtnetlink *rtnetlink,
		  const struct ipvsctl_vip *vip) MUST_CHECK;
/* Deletes the route that rules of a family lead to. */
int marked_route_delete(struct rtnetlink *rtnetlink, uint16_t family) MUST_CHECK;

#endif
