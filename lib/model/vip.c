/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs: identity, attributes, and checks. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"
#include "model/address.h"
#include "model/object.h"
#include "model/tunnel.h"

#define HELD_OTHERWISE (IPVSCTL_VIP_REAL_SERVER | IPVSCTL_VIP_LOCAL_ROUTE)

/* The prefix length of one address. */
static uint8_t whole_prefix(const struct ipvsctl_vip *vip)
{
	return (uint8_t)(address_length(&vip->address) * 8);
}

API int ipvsctl_vip_parse(const char *text, struct ipvsctl_vip *ret_vip,
			  struct ipvsctl_error *err)
{
	struct network network;
	bool has_prefix;
	int r = prefixed_parse(text, &network, &has_prefix, err);

	if (r == 0 && !network.prefix_length)
		r = fail(err, -EINVAL, "the prefix length 0 is every address");
	if (r < 0)
		return r;
	*ret_vip = (struct ipvsctl_vip){
		.address = network.address,
		.prefix_length = has_prefix ? network.prefix_length : 0,
		.announcements = IPVSCTL_VIP_ANNOUNCEMENTS,
	};
	return 0;
}

API const char *ipvsctl_vip_format(const struct ipvsctl_vip *vip,
				   char text[IPVSCTL_IDENTITY_TEXT])
{
	const struct network network = {
		vip->address,
		vip->prefix_length ? vip->prefix_length : whole_prefix(vip),
	};

	network_format(&network, text);
	return text;
}

int vip_about(const struct ipvsctl_vip *vip, int code, struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	return fail_about(err, code, "%s", ipvsctl_vip_format(vip, text));
}

static int order(unsigned int a, unsigned int b)
{
	return a < b ? -1 : a > b;
}

static bool is_route(const struct ipvsctl_vip *vip)
{
	return vip->flags & IPVSCTL_VIP_LOCAL_ROUTE;
}

API int ipvsctl_vip_compare(const struct ipvsctl_vip *a,
			    const struct ipvsctl_vip *b)
{
	int r = ipvsctl_address_compare(&a->address, &b->address);

	if (!r)
		r = order(a->mark, b->mark);
	if (!r)
		r = order(is_route(a), is_route(b));
	return r || !is_route(a) ? r :
				   order(a->prefix_length, b->prefix_length);
}

/* ---- Attributes -------------------------------------------------------- */

static const struct name tunnels[] = {
	{ IPVSCTL_VIP_IPIP, "ipip" },
	{ IPVSCTL_VIP_GUE, "gue" },
	{ IPVSCTL_VIP_GRE, "gre" },
	{ 0, NULL },
};

static const struct name checksums[] = {
	{ IPVSCTL_TUNNEL_CHECKSUM_NONE, "none" },
	{ IPVSCTL_TUNNEL_CHECKSUM_FULL, "full" },
	{ 0, NULL },
};

static const struct name families[] = {
	{ AF_INET, "inet" },
	{ AF_INET6, "inet6" },
	{ 0, NULL },
};

#define ATTRIBUTES(X)                                                         \
	X("dev", "DEV", "the interface (real server, route: lo)",             \
	  WORD_FIELD(struct ipvsctl_vip, interface, "interface name",         \
		     WORD_INTERFACE))                                         \
	X("real-server", NULL,                                                \
	  "on a real server: never announced, never answered for",            \
	  FLAG_FIELD(struct ipvsctl_vip, flags, IPVSCTL_VIP_REAL_SERVER))     \
	X("tunnel", "ipip|gue|gre",                                           \
	  "with --real-server: packets come by this tunnel",                  \
	  NAME_FIELD(struct ipvsctl_vip, tunnel, "tunnel type", tunnels))     \
	X("tunnel-port", "PORT", "the UDP port of gue",                       \
	  NUMBER_FIELD(struct ipvsctl_vip, tunnel_port, "tunnel port", 1,     \
		       UINT16_MAX))                                           \
	X("tunnel-checksum", "none|full",                                     \
	  "the director's gre: none (default) or full",                       \
	  NAME_FIELD(struct ipvsctl_vip, tunnel_checksum, "tunnel checksum",  \
		     checksums))                                              \
	X("tunnel-family", "inet|inet6",                                      \
	  "the packets around those to the VIP (the VIP's own)",              \
	  NAME_FIELD(struct ipvsctl_vip, tunnel_family, "tunnel family",      \
		     families))                                               \
	X("local-route", NULL, "by a route: no address, also whole networks", \
	  FLAG_FIELD(struct ipvsctl_vip, flags, IPVSCTL_VIP_LOCAL_ROUTE))     \
	X("mark", "MARK", "with --local-route: only packets with this mark",  \
	  NUMBER_FIELD(struct ipvsctl_vip, mark, "mark", 1, UINT32_MAX))      \
	X("label", "LABEL", "the address's label: DEV, or DEV:TEXT",          \
	  WORD_FIELD(struct ipvsctl_vip, label, "label", WORD_LABEL))         \
	X("announce", "NUMBER", "how often to announce it, 0 to 60 (3)",      \
	  NUMBER_FIELD(struct ipvsctl_vip, announcements, "announcements", 0, \
		       IPVSCTL_VIP_ANNOUNCEMENTS_MAX))                        \
	X("no-probe", NULL, "do not ask first whether another host has it",   \
	  FLAG_FIELD(struct ipvsctl_vip, flags, IPVSCTL_VIP_NO_PROBE))

ATTRIBUTE_TABLE(vip_attribute_table, ATTRIBUTES);

/* What names a VIP, beside its address. */
static const struct ipvsctl_attribute shown_of_name[] = {
	{ "mark", "MARK", "of a local route: only packets with this mark",
	  NULL },
	{ 0 }
};
static const struct attribute rows_of_name[] = {
	{ NUMBER_FIELD(struct ipvsctl_vip, mark, "mark", 1, UINT32_MAX) }
};
const struct attribute_table vip_name_table = { shown_of_name, rows_of_name };

API const char *ipvsctl_vip_tunnel_name(enum ipvsctl_vip_tunnel tunnel)
{
	return name_of(tunnels, tunnel);
}

API const struct ipvsctl_attribute *ipvsctl_vip_attributes(void)
{
	return shown;
}

API const struct ipvsctl_attribute *ipvsctl_vip_name_attributes(void)
{
	return shown_of_name;
}

API int ipvsctl_vip_set(struct ipvsctl_vip *vip, const char *name,
			const char *value, struct ipvsctl_error *err)
{
	return attribute_set(&vip_attribute_table, vip, name, value, err);
}

/* ---- Whole VIPs -------------------------------------------------------- */

struct ipvsctl_vip vip_default(const struct ipvsctl_vip *identity)
{
	const struct tunnel_device *device = tunnel_device_of(identity);
	struct ipvsctl_vip vip = {
		.address = identity->address,
		.prefix_length = identity->prefix_length,
	};

	if (device)
		vip.tunnel_family = vip.address.family;
	if (identity->flags & HELD_OTHERWISE)
		(void)snprintf(vip.interface, sizeof(vip.interface), "%s",
			       device ? device->name : "lo");
	else
		vip.announcements = IPVSCTL_VIP_ANNOUNCEMENTS;
	return vip;
}

bool vip_equal(const struct ipvsctl_vip *a, const struct ipvsctl_vip *b)
{
	return a->prefix_length == b->prefix_length && a->flags == b->flags &&
	       a->announcements == b->announcements && a->tunnel == b->tunnel &&
	       a->tunnel_port == b->tunnel_port &&
	       a->tunnel_checksum == b->tunnel_checksum &&
	       a->tunnel_family == b->tunnel_family &&
	       a->leaving == b->leaving &&
	       !strcmp(a->interface, b->interface) &&
	       !strcmp(a->label, b->label) &&
	       !strcmp(a->withdrawn, b->withdrawn);
}

static int check_director(const struct ipvsctl_vip *vip,
			  struct ipvsctl_error *err)
{
	if (vip->interface[0])
		return 0;
	(void)fail(err, -EINVAL, "the interface is missing");
	return fail_hint(err, -EINVAL, "--dev eth0, or --real-server");
}

static int check_real_server(const struct ipvsctl_vip *vip,
			     struct ipvsctl_error *err)
{
	if (vip->prefix_length == whole_prefix(vip))
		return 0;
	(void)fail(err, -EINVAL,
		   "a real server's prefix is the whole address: a shorter one "
		   "makes all of the network its own");
	return fail_hint(err, -EINVAL, "leave out /%u", vip->prefix_length);
}

static int check_tunnel_interface(const struct ipvsctl_vip *vip,
				  struct ipvsctl_error *err)
{
	const struct tunnel_device *device = tunnel_device_of(vip);
	int r;

	if (!device)
		return fail(err, -EINVAL, "the tunnel type is unknown");
	if (strcmp(device->name, vip->interface) == 0)
		return 0;
	r = fail(err, -EINVAL, "the VIP of such a tunnel is always on %s",
		 device->name);
	return fail_hint(err, r, "leave out --dev %s", vip->interface);
}

static int check_tunnel(const struct ipvsctl_vip *vip, struct ipvsctl_error *err)
{
	const char *name = name_of(tunnels, vip->tunnel);
	int r;

	if (!vip->tunnel && !vip->tunnel_port && !vip->tunnel_checksum &&
	    !vip->tunnel_family)
		return 0;
	if (!vip->tunnel) {
		r = fail(err, -EINVAL, "tunnel options need --tunnel");
		return fail_hint(err, r, "--tunnel ipip");
	}
	if (!(vip->flags & IPVSCTL_VIP_REAL_SERVER)) {
		r = fail(err, -EINVAL, "only a real server takes tunnels");
		return fail_hint(err, r, "--real-server --tunnel %s", name);
	}
	if (vip->tunnel == IPVSCTL_VIP_GUE && !vip->tunnel_port) {
		r = fail(err, -EINVAL, "a gue tunnel needs a port");
		return fail_hint(err, r, "--tunnel-port 6080");
	}
	if (vip->tunnel != IPVSCTL_VIP_GUE && vip->tunnel_port) {
		r = fail(err, -EINVAL, "a tunnel of type %s has no port", name);
		return fail_hint(err, r, "--tunnel gue");
	}
	if (vip->tunnel != IPVSCTL_VIP_GRE && vip->tunnel_checksum) {
		r = fail(err, -EINVAL,
			 "a real server's %s takes packets whatever their "
			 "checksums",
			 name);
		return fail_hint(err, r, "leave out --tunnel-checksum");
	}
	return check_tunnel_interface(vip, err);
}

static int check_route(const struct ipvsctl_vip *vip, struct ipvsctl_error *err)
{
	const struct network network = { vip->address, vip->prefix_length };
	char text[IPVSCTL_IDENTITY_TEXT];

	if (strcmp(vip->interface, "lo") != 0)
		return fail(err, -EINVAL, "a local route is always by lo");
	return network_check(&network, ipvsctl_vip_format(vip, text), err);
}

/* A label is that of an address of IPv4; the kernel's tools demand the rest. */
static int check_label(const struct ipvsctl_vip *vip, struct ipvsctl_error *err)
{
	size_t length = strlen(vip->interface);

	if (!vip->label[0] ||
	    (vip->address.family == AF_INET &&
	     !(vip->flags & IPVSCTL_VIP_LOCAL_ROUTE) &&
	     !strncmp(vip->label, vip->interface, length) &&
	     (!vip->label[length] || vip->label[length] == ':')))
		return 0;
	if (vip->address.family != AF_INET)
		return fail(err, -EINVAL, "only IPv4 has labels");
	if (vip->flags & IPVSCTL_VIP_LOCAL_ROUTE)
		return fail(err, -EINVAL, "a route has no label");
	(void)fail(err, -EINVAL, "a label begins with the interface");
	return fail_hint(err, -EINVAL, "--label %s:vip", vip->interface);
}

/* Checks what belongs to only one way of holding a VIP. */
static int check_way(const struct ipvsctl_vip *vip, struct ipvsctl_error *err)
{
	bool route = vip->flags & IPVSCTL_VIP_LOCAL_ROUTE;
	bool silent = vip->flags & HELD_OTHERWISE;
	int r = 0;

	if ((vip->flags & HELD_OTHERWISE) == HELD_OTHERWISE)
		r = fail(err, -EINVAL, "either --real-server or --local-route");
	else if (vip->mark && !route)
		r = fail(err, -EINVAL, "--mark needs --local-route");
	else if (silent && vip->announcements)
		r = fail(err, -EINVAL, "only a director's VIP is announced");
	else if (silent && (vip->flags & IPVSCTL_VIP_NO_PROBE))
		r = fail(err, -EINVAL, "only a director's VIP is probed");
	if (r == 0)
		r = check_tunnel(vip, err);
	if (r < 0)
		return r;
	return route  ? check_route(vip, err) :
	       silent ? check_real_server(vip, err) :
			check_director(vip, err);
}

/* Fills in what was left out. */
static void settle(struct ipvsctl_vip *vip)
{
	const struct ipvsctl_vip usual = vip_default(vip);

	if (!vip->prefix_length)
		vip->prefix_length = whole_prefix(vip);
	if (!vip->interface[0])
		memcpy(vip->interface, usual.interface, sizeof(vip->interface));
	if (tunnel_device_of(vip))
		vip->tunnel_family = tunnel_outer_family(vip);
	/* Nobody asked for announcements that are only the default. */
	if ((vip->flags & HELD_OTHERWISE) &&
	    vip->announcements == IPVSCTL_VIP_ANNOUNCEMENTS)
		vip->announcements = 0;
}

API int ipvsctl_vip_check(struct ipvsctl_vip *vip, struct ipvsctl_error *err)
{
	struct ipvsctl_vip settled = *vip;
	int r = 0;

	settle(&settled);
	if (!address_is_unicast(&vip->address))
		r = fail(err, -EINVAL, "not an address of a host");
	else if (settled.prefix_length > whole_prefix(vip))
		r = fail(err, -EINVAL, "the prefix length is above %u",
			 whole_prefix(vip));
	if (r == 0)
		r = check_way(&settled, err);
	if (r == 0)
		r = check_label(&settled, err);
	if (r < 0)
		return vip_about(vip, r, err);
	*vip = settled;
	return 0;
}
