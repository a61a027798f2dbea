/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Addresses, routes and rules by which the kernel holds VIPs. */
#include "vip/objects.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "model/address.h"

/* The sign on what lbctl adds. */
#define PROTOCOL 76
/* Since Linux 5.18; headers of Debian 11 do not know it. */
#define ATTRIBUTE_PROTOCOL 11
/* The table in which every address is this host's own. */
#define TABLE 7676
/* The place of its rules: without one the kernel puts each before those there
   are, and their order would tell of their past. */
#define PREFERENCE 7676

/* ---- Interfaces ---------------------------------------------------------- */

int interface_socket(int *ret_fd)
{
	*ret_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return *ret_fd < 0 ? nerrno() : 0;
}

int interface_find(const char *name, struct interface *ret_interface)
{
	struct ifreq request = { .ifr_ifindex = 0 };
	AUTO_CLOSE int fd = -1;
	int r = interface_socket(&fd);

	if (r < 0)
		return r;
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return nerrno();
	ret_interface->index = request.ifr_ifindex;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return nerrno();
	ret_interface->flags = (unsigned short)request.ifr_flags;
	return 0;
}

/* ---- Reading ------------------------------------------------------------- */

struct dump {
	standing_fn fn;
	void *data;
	int index; /* of the interface that is known */
	char name[IF_NAMESIZE];
	bool down;
};

bool attribute_get_address(const struct netlink_attribute *attribute,
			   uint16_t family, struct ipvsctl_address *ret_address)
{
	size_t length = family == AF_INET ? 4 : 16;

	if (attribute->length != length)
		return false;
	ret_address->family = family;
	memcpy(ret_address->bytes, attribute->value, length);
	return true;
}

static uint32_t get_number(const struct netlink_attribute *attribute)
{
	uint32_t number = 0;

	if (attribute->length == sizeof(number))
		memcpy(&number, attribute->value, sizeof(number));
	return number;
}

static bool get_byte(const struct netlink_attribute *attribute, uint8_t wanted)
{
	return attribute->length == 1 && (uint8_t)attribute->value[0] == wanted;
}

static void get_label(const struct netlink_attribute *attribute,
		      struct ipvsctl_vip *vip)
{
	size_t length = strnlen(attribute->value, attribute->length);

	if (length >= sizeof(vip->label))
		return;
	memcpy(vip->label, attribute->value, length);
	vip->label[length] = '\0';
}

/* An interface that is gone by now has no name, and no address either. */
static bool know_interface(struct dump *dump, int index)
{
	struct interface interface = { .index = 0 };

	if (dump->index == index)
		return true;
	dump->index = 0;
	if (!if_indextoname((unsigned int)index, dump->name) ||
	    interface_find(dump->name, &interface) < 0)
		return false;
	dump->index = index;
	dump->down = !(interface.flags & IFF_UP);
	return true;
}

int address_decode(const void *header, struct walk attributes,
		   struct ipvsctl_vip *ret_vip, bool *ret_ours)
{
	struct ifaddrmsg message;
	struct netlink_attribute attribute;
	struct ipvsctl_vip vip = { .mark = 0 };
	bool local = false;

	*ret_ours = false;
	memcpy(&message, header, sizeof(message));
	if (message.ifa_family != AF_INET && message.ifa_family != AF_INET6)
		return 0;
	while (attribute_next(&attributes, &attribute)) {
		if (attribute.type == IFA_LOCAL ||
		    (attribute.type == IFA_ADDRESS && !local)) {
			if (!attribute_get_address(&attribute,
						   message.ifa_family,
						   &vip.address))
				return -EBADMSG;
			local = local || attribute.type == IFA_LOCAL;
		} else if (attribute.type == IFA_LABEL) {
			get_label(&attribute, &vip);
		} else if (attribute.type == ATTRIBUTE_PROTOCOL) {
			*ret_ours = get_byte(&attribute, PROTOCOL);
		}
	}
	vip.prefix_length = message.ifa_prefixlen;
	*ret_vip = vip;
	return vip.address.family != AF_UNSPEC;
}

static int take_address(const void *header, struct walk attributes, void *data)
{
	struct dump *dump = data;
	struct ifaddrmsg message;
	struct ipvsctl_vip vip;
	bool ours;
	int r = address_decode(header, attributes, &vip, &ours);

	memcpy(&message, header, sizeof(message));
	if (r <= 0 || !know_interface(dump, (int)message.ifa_index))
		return r < 0 ? r : 0;
	vip.down = dump->down;
	memcpy(vip.interface, dump->name, sizeof(vip.interface));
	if (strcmp(vip.label, vip.interface) == 0)
		vip.label[0] = '\0';
	return dump->fn(&vip, ours, dump->data);
}

int addresses_each(struct rtnetlink *rtnetlink, standing_fn fn, void *data)
{
	const struct ifaddrmsg header = { .ifa_family = AF_UNSPEC };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	struct dump dump = { .fn = fn, .data = data };

	request_start(&request, RTM_GETADDR, 0, &header, sizeof(header));
	return rtnetlink_dump(rtnetlink, &request, sizeof(header), take_address,
			      &dump);
}

static struct ipvsctl_vip route_vip(uint8_t prefix_length)
{
	return (struct ipvsctl_vip){ .flags = IPVSCTL_VIP_LOCAL_ROUTE,
				     .prefix_length = prefix_length,
				     .interface = "lo" };
}

int route_decode(const void *header, struct walk attributes,
		 struct ipvsctl_vip *ret_vip)
{
	struct rtmsg message;
	struct netlink_attribute attribute;
	struct ipvsctl_vip vip;

	memcpy(&message, header, sizeof(message));
	if (message.rtm_table != RT_TABLE_LOCAL ||
	    message.rtm_type != RTN_LOCAL || message.rtm_protocol != PROTOCOL ||
	    (message.rtm_family != AF_INET && message.rtm_family != AF_INET6))
		return 0;
	vip = route_vip(message.rtm_dst_len);
	while (attribute_next(&attributes, &attribute))
		if (attribute.type == RTA_DST &&
		    !attribute_get_address(&attribute, message.rtm_family,
					   &vip.address))
			return -EBADMSG;
	*ret_vip = vip;
	return vip.address.family != AF_UNSPEC;
}

static int take_route(const void *header, struct walk attributes, void *data)
{
	struct dump *dump = data;
	struct ipvsctl_vip vip;
	int r = route_decode(header, attributes, &vip);

	return r > 0 ? dump->fn(&vip, true, dump->data) : r;
}

int rule_decode(const void *header, struct walk attributes,
		struct ipvsctl_vip *ret_vip)
{
	struct fib_rule_hdr message;
	struct netlink_attribute attribute;
	struct ipvsctl_vip vip;
	bool ours = false;

	memcpy(&message, header, sizeof(message));
	if (message.family != AF_INET && message.family != AF_INET6)
		return 0;
	vip = route_vip(message.dst_len);
	while (attribute_next(&attributes, &attribute)) {
		if (attribute.type == FRA_DST &&
		    !attribute_get_address(&attribute, message.family,
					   &vip.address))
			return -EBADMSG;
		if (attribute.type == FRA_FWMARK)
			vip.mark = get_number(&attribute);
		if (attribute.type == FRA_PROTOCOL)
			ours = get_byte(&attribute, PROTOCOL);
	}
	*ret_vip = vip;
	return ours && vip.mark && vip.address.family;
}

static int take_rule(const void *header, struct walk attributes, void *data)
{
	struct dump *dump = data;
	struct ipvsctl_vip vip;
	int r = rule_decode(header, attributes, &vip);

	return r > 0 ? dump->fn(&vip, true, dump->data) : r;
}

int local_routes_each(struct rtnetlink *rtnetlink, standing_fn fn, void *data)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct dump dump = { .fn = fn, .data = data };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++) {
		const struct rtmsg header = { .rtm_family = families[i],
					      .rtm_table = RT_TABLE_LOCAL,
					      .rtm_protocol = PROTOCOL,
					      .rtm_type = RTN_LOCAL };
		AUTO_REQUEST struct request request = { .bytes.size = 0 };

		request_start(&request, RTM_GETROUTE, 0, &header,
			      sizeof(header));
		r = rtnetlink_dump(rtnetlink, &request, sizeof(header),
				   take_route, &dump);
	}
	return r;
}

int local_rules_each(struct rtnetlink *rtnetlink, standing_fn fn, void *data)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct dump dump = { .fn = fn, .data = data };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++) {
		const struct fib_rule_hdr header = { .family = families[i] };
		AUTO_REQUEST struct request request = { .bytes.size = 0 };

		request_start(&request, RTM_GETRULE, 0, &header, sizeof(header));
		r = rtnetlink_dump(rtnetlink, &request, sizeof(header),
				   take_rule, &dump);
	}
	return r;
}

static int take_type(const void *header, struct walk attributes, void *data)
{
	struct rtmsg message;

	(void)attributes;
	memcpy(&message, header, sizeof(message));
	*(bool *)data = message.rtm_type == RTN_LOCAL;
	return 0;
}

int address_is_local(struct rtnetlink *rtnetlink,
		     const struct ipvsctl_address *address, uint32_t mark)
{
	const size_t length = address_length(address);
	const struct rtmsg header = {
		.rtm_family = (uint8_t)address->family,
		.rtm_dst_len = (uint8_t)(length * 8),
	};
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	bool local = false;
	int r;

	request_start(&request, RTM_GETROUTE, 0, &header, sizeof(header));
	request_add(&request, RTA_DST, address->bytes, length);
	if (mark)
		request_add_number(&request, RTA_MARK, mark);
	r = rtnetlink_get(rtnetlink, &request, sizeof(header), take_type,
			  &local);
	/* There is no way to it. */
	if (r == -ENETUNREACH || r == -EHOSTUNREACH || r == -EACCES ||
	    r == -EINVAL)
		return 0;
	return r < 0 ? r : local;
}

/* ---- Writing ------------------------------------------------------------- */

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)

static void add_address_attribute(struct request *request, uint16_t type,
				  const struct ipvsctl_vip *vip)
{
	request_add(request, type, vip->address.bytes,
		    address_length(&vip->address));
}

static int change_address(struct rtnetlink *rtnetlink, bool add,
			  const struct ipvsctl_vip *vip)
{
	static const uint8_t protocol = PROTOCOL;
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	struct ifaddrmsg header = {
		.ifa_family = (uint8_t)vip->address.family,
		.ifa_prefixlen = vip->prefix_length,
	};
	struct interface interface = { .index = 0 };
	int r = interface_find(vip->interface, &interface);

	if (r < 0)
		return r;
	header.ifa_index = (uint32_t)interface.index;
	/* Nobody else shall take it as the source of what he sends. */
	if (vip->flags & IPVSCTL_VIP_REAL_SERVER)
		header.ifa_scope = RT_SCOPE_HOST;
	request_start(&request, add ? RTM_NEWADDR : RTM_DELADDR,
		      add ? CREATE : 0, &header, sizeof(header));
	add_address_attribute(&request, IFA_LOCAL, vip);
	add_address_attribute(&request, IFA_ADDRESS, vip);
	if (add) {
		request_add(&request, ATTRIBUTE_PROTOCOL, &protocol, 1);
		if (vip->label[0])
			request_add(&request, IFA_LABEL, vip->label,
				    strlen(vip->label) + 1);
		/* We have looked for another holder, or shall not. */
		if (vip->address.family == AF_INET6)
			request_add_number(&request, IFA_FLAGS, IFA_F_NODAD);
	}
	return rtnetlink_change(rtnetlink, &request);
}

static int change_route(struct rtnetlink *rtnetlink, bool add,
			const struct ipvsctl_vip *vip)
{
	const struct rtmsg header = {
		.rtm_family = (uint8_t)vip->address.family,
		.rtm_dst_len = vip->prefix_length,
		.rtm_table = RT_TABLE_LOCAL,
		.rtm_protocol = PROTOCOL,
		.rtm_scope = RT_SCOPE_HOST,
		.rtm_type = RTN_LOCAL,
	};
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	struct interface lo = { .index = 0 };
	int r = interface_find("lo", &lo);

	if (r < 0)
		return r;
	request_start(&request, add ? RTM_NEWROUTE : RTM_DELROUTE,
		      add ? CREATE : 0, &header, sizeof(header));
	add_address_attribute(&request, RTA_DST, vip);
	request_add_number(&request, RTA_OIF, (uint32_t)lo.index);
	return rtnetlink_change(rtnetlink, &request);
}

/* The route that makes every address of the family local, in our table. */
static int change_marked_route(struct rtnetlink *rtnetlink, bool add,
			       uint16_t family)
{
	const struct rtmsg header = {
		.rtm_family = (uint8_t)family,
		.rtm_table = RT_TABLE_UNSPEC,
		.rtm_protocol = PROTOCOL,
		.rtm_scope = RT_SCOPE_HOST,
		.rtm_type = RTN_LOCAL,
	};
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	struct interface lo = { .index = 0 };
	int r = interface_find("lo", &lo);

	if (r < 0)
		return r;
	request_start(&request, add ? RTM_NEWROUTE : RTM_DELROUTE,
		      add ? CREATE : 0, &header, sizeof(header));
	request_add_number(&request, RTA_TABLE, TABLE);
	request_add_number(&request, RTA_OIF, (uint32_t)lo.index);
	r = rtnetlink_change(rtnetlink, &request);
	return r == -EEXIST || r == -ESRCH ? 0 : r;
}

int marked_route_delete(struct rtnetlink *rtnetlink, uint16_t family)
{
	return change_marked_route(rtnetlink, false, family);
}

static int change_rule(struct rtnetlink *rtnetlink, bool add,
		       const struct ipvsctl_vip *vip)
{
	static const uint8_t protocol = PROTOCOL;
	const struct fib_rule_hdr header = {
		.family = (uint8_t)vip->address.family,
		.dst_len = vip->prefix_length,
		.action = FR_ACT_TO_TBL,
	};
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	int r = add ? change_marked_route(rtnetlink, true, vip->address.family) :
		      0;

	if (r < 0)
		return r;
	request_start(&request, add ? RTM_NEWRULE : RTM_DELRULE,
		      add ? CREATE : 0, &header, sizeof(header));
	add_address_attribute(&request, FRA_DST, vip);
	request_add_number(&request, FRA_FWMARK, vip->mark);
	request_add_number(&request, FRA_FWMASK, UINT32_MAX);
	request_add_number(&request, FRA_TABLE, TABLE);
	request_add_number(&request, FRA_PRIORITY, PREFERENCE);
	request_add(&request, FRA_PROTOCOL, &protocol, 1);
	return rtnetlink_change(rtnetlink, &request);
}

static int change(struct rtnetlink *rtnetlink, bool add,
		  const struct ipvsctl_vip *vip)
{
	if (vip->mark)
		return change_rule(rtnetlink, add, vip);
	return vip->flags & IPVSCTL_VIP_LOCAL_ROUTE ?
		       change_route(rtnetlink, add, vip) :
		       change_address(rtnetlink, add, vip);
}

int object_add(struct rtnetlink *rtnetlink, const struct ipvsctl_vip *vip)
{
	return change(rtnetlink, true, vip);
}

int object_delete(struct rtnetlink *rtnetlink, const struct ipvsctl_vip *vip)
{
	return change(rtnetlink, false, vip);
}
