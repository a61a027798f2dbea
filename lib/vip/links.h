/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Interfaces that take packets out of tunnels: looks, makes, sets up and down. */
#ifndef LBCTL_VIP_LINKS_H
#define LBCTL_VIP_LINKS_H

#include "model/tunnel.h"
#include "vip/rtnetlink.h"

#define LINK_KIND 16

struct link {
	int index;
	char name[IPVSCTL_INTERFACE_MAX + 1];
	bool up;
	bool carrier;
	char kind[LINK_KIND]; /* "ipip"; "" for one that has none */
};

/* Finds the interface of that name. Returns 0, -ENODEV or another errno. */
int link_find(struct rtnetlink *rtnetlink, const char *name,
	      struct link *ret_link) MUST_CHECK;
/* Gets an interface from a message of the kernel: its header and attributes. */
void link_decode(const void *header, struct walk attributes,
		 struct link *ret_link);

/*
 * Makes the device, down, or has the kernel load the module that brings it along.
 * Returns 0; -EOPNOTSUPP if the kernel has no such kind; or another errno.
 */
int link_make(struct rtnetlink *rtnetlink,
	      const struct tunnel_device *device) MUST_CHECK;
int link_set(struct rtnetlink *rtnetlink, const struct link *link,
	     bool up) MUST_CHECK;
/* Deletes it; one that its module has brought along stays, without an error. */
int link_delete(struct rtnetlink *rtnetlink, const struct link *link) MUST_CHECK;

#endif
