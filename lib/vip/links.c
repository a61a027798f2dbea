/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Interfaces that take packets out of tunnels: looks, makes, sets up and down. */
#include "vip/links.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* <net/if.h> lacks it, and does not go with <linux/if.h>. */
#define FLAG_LOWER_UP (1U << 16)

/* ---- Reading ------------------------------------------------------------- */

static void get_kind(struct walk attributes, struct link *link)
{
	struct netlink_attribute attribute;

	while (attribute_next(&attributes, &attribute))
		if (attribute.type == IFLA_INFO_KIND)
			(void)attribute_get_text(&attribute, link->kind,
						 sizeof(link->kind));
}

void link_decode(const void *header, struct walk attributes,
		 struct link *ret_link)
{
	struct ifinfomsg message;
	struct netlink_attribute attribute;

	memcpy(&message, header, sizeof(message));
	*ret_link =
		(struct link){ .index = message.ifi_index,
			       .up = message.ifi_flags & IFF_UP,
			       .carrier = message.ifi_flags & FLAG_LOWER_UP };
	while (attribute_next(&attributes, &attribute))
		if (attribute.type == IFLA_IFNAME)
			(void)attribute_get_text(&attribute, ret_link->name,
						 sizeof(ret_link->name));
		else if (attribute.type == IFLA_LINKINFO)
			get_kind((struct walk){ attribute.value,
						attribute.length },
				 ret_link);
}

static int take_link(const void *header, struct walk attributes, void *data)
{
	link_decode(header, attributes, data);
	return 0;
}

int link_find(struct rtnetlink *rtnetlink, const char *name,
	      struct link *ret_link)
{
	const struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	struct link link = { .index = 0 };
	int r;

	request_start(&request, RTM_GETLINK, 0, &header, sizeof(header));
	request_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	r = rtnetlink_get(rtnetlink, &request, sizeof(header), take_link, &link);
	if (r < 0)
		return r;
	*ret_link = link;
	return 0;
}

/* ---- Writing ------------------------------------------------------------- */

/*
 * A device of our own takes what no other one does: it is one that gets its
 * routes with each packet ("external"), of which a namespace has one of a kind.
 * The kernel asks it after devices with addresses, and after gre0 if that is up,
 * but before tunl0 and ip6tnl0 (6.1).
 */
static void add_own(struct request *request, const struct tunnel_device *device)
{
	const uint16_t flags = GRE_CSUM; /* in network order already */

	if (device->tunnel != IPVSCTL_VIP_GRE) {
		request_add(request, IFLA_IPTUN_COLLECT_METADATA, NULL, 0);
		return;
	}
	request_add(request, IFLA_GRE_COLLECT_METADATA, NULL, 0);
	request_add(request, IFLA_GRE_IFLAGS, &flags, sizeof(flags));
}

/* The kernel loads the module of a kind that it does not know. If the module has
   brought along a device of this name, this one cannot be added any more. */
int link_make(struct rtnetlink *rtnetlink, const struct tunnel_device *device)
{
	const struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	size_t info, data;
	int r;

	request_start(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header,
		      sizeof(header));
	request_add(&request, IFLA_IFNAME, device->name,
		    strlen(device->name) + 1);
	info = request_begin(&request, IFLA_LINKINFO);
	request_add(&request, IFLA_INFO_KIND, device->kind,
		    strlen(device->kind));
	if (!device->fallback) {
		data = request_begin(&request, IFLA_INFO_DATA);
		add_own(&request, device);
		request_end(&request, data);
	}
	request_end(&request, info);
	r = rtnetlink_change(rtnetlink, &request);
	return r == -EEXIST && device->fallback ? 0 : r;
}

int link_set(struct rtnetlink *rtnetlink, const struct link *link, bool up)
{
	const struct ifinfomsg header = { .ifi_family = AF_UNSPEC,
					  .ifi_index = link->index,
					  .ifi_flags = up ? IFF_UP : 0,
					  .ifi_change = IFF_UP };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };

	request_start(&request, RTM_NEWLINK, 0, &header, sizeof(header));
	return rtnetlink_change(rtnetlink, &request);
}

int link_delete(struct rtnetlink *rtnetlink, const struct link *link)
{
	const struct ifinfomsg header = { .ifi_family = AF_UNSPEC,
					  .ifi_index = link->index };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };

	request_start(&request, RTM_DELLINK, 0, &header, sizeof(header));
	return rtnetlink_change(rtnetlink, &request);
}
