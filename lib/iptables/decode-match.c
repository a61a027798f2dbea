/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads attributes of mark rules from the kernel's matches. */
#include <netinet/in.h>
#include <sys/socket.h>

#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_dscp.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mac.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <stddef.h>
#include <string.h>

#include "matches.h"
#include "model/address.h"
#include "model/object.h"
#include "parts.h"

/* ---- Ports -------------------------------------------------------------- */

/* Stores one range. Returns false if there are ports already. */
static bool put_ports(struct ipvsctl_ports *ports, const uint16_t range[2],
		      bool negated)
{
	if (range[0] == 0 && range[1] == UINT16_MAX)
		return !negated;
	if (ports->count || range[0] > range[1])
		return false;
	ports->count = 1;
	ports->negated = negated;
	ports->ranges[0] = (struct ipvsctl_port_range){ range[0], range[1] };
	return true;
}

static bool get_tcp(const struct layout *layout, const struct part *match,
		    struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	struct xt_tcp info;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	return !info.option && !info.flg_mask && !info.flg_cmp &&
	       !(info.invflags &
		 (uint8_t) ~(XT_TCP_INV_SRCPT | XT_TCP_INV_DSTPT)) &&
	       put_ports(&rule->source_ports, info.spts,
			 info.invflags & XT_TCP_INV_SRCPT) &&
	       put_ports(&rule->destination_ports, info.dpts,
			 info.invflags & XT_TCP_INV_DSTPT);
}

static bool get_udp(const struct layout *layout, const struct part *match,
		    struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	struct xt_udp info;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	return !(info.invflags &
		 (uint8_t) ~(XT_UDP_INV_SRCPT | XT_UDP_INV_DSTPT)) &&
	       put_ports(&rule->source_ports, info.spts,
			 info.invflags & XT_UDP_INV_SRCPT) &&
	       put_ports(&rule->destination_ports, info.dpts,
			 info.invflags & XT_UDP_INV_DSTPT);
}

static bool get_sctp(const struct layout *layout, const struct part *match,
		     struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	struct xt_sctp_info info;
	struct xt_sctp_info plain;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	sctp_blank(&plain);
	memcpy(plain.spts, info.spts, sizeof(plain.spts));
	memcpy(plain.dpts, info.dpts, sizeof(plain.dpts));
	plain.flags = info.flags & (XT_SCTP_SRC_PORTS | XT_SCTP_DEST_PORTS);
	plain.invflags = info.invflags & plain.flags;
	if (memcmp(&info, &plain, sizeof(info)) != 0)
		return false;
	bool fits = true;
	if (info.flags & XT_SCTP_SRC_PORTS)
		fits = put_ports(&rule->source_ports, info.spts,
				 info.invflags & XT_SCTP_SRC_PORTS);
	if (info.flags & XT_SCTP_DEST_PORTS)
		fits = fits && put_ports(&rule->destination_ports, info.dpts,
					 info.invflags & XT_SCTP_DEST_PORTS);
	return fits;
}

static bool get_list(const struct xt_multiport_v1 *info,
		     struct ipvsctl_ports *ret_ports)
{
	struct ipvsctl_ports ports = { .negated = info->invert };

	for (uint8_t slot = 0; slot < info->count; slot++) {
		struct ipvsctl_port_range *range = &ports.ranges[ports.count++];
		range->first = range->last = info->ports[slot];
		if (!info->pflags[slot])
			continue;
		if (++slot == info->count)
			return false;
		range->last = info->ports[slot];
		if (range->first > range->last)
			return false;
	}
	ports_settle(&ports);
	if (ports_are_whole(&ports))
		return !ports.negated;
	*ret_ports = ports;
	return ports.count > 0;
}

static bool get_multiport(const struct layout *layout, const struct part *match,
			  struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	struct xt_multiport_v1 info;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	if (info.invert > 1 || info.count > XT_MULTI_PORTS ||
	    (info.flags != XT_MULTIPORT_SOURCE &&
	     info.flags != XT_MULTIPORT_DESTINATION))
		return false;
	struct ipvsctl_ports *ports = info.flags == XT_MULTIPORT_SOURCE ?
					      &rule->source_ports :
					      &rule->destination_ports;
	return !ports->count && get_list(&info, ports);
}

/* ---- Addresses ---------------------------------------------------------- */

bool match_put_range(struct ipvsctl_addresses *addresses,
		     struct ipvsctl_address_range *ranges,
		     const struct ipvsctl_address_range *range, bool negated)
{
	const struct ipvsctl_addresses one = { .ranges = range, .count = 1 };

	if (ipvsctl_address_compare(&range->first, &range->last) > 0)
		return false;
	if (addresses_whole(&one))
		return !negated;
	/* All of several positive ranges at once is no list. */
	if (addresses->count && (!negated || !addresses->negated ||
				 addresses->count == IPVSCTL_ADDRESSES_MAX))
		return false;
	ranges[addresses->count++] = *range;
	addresses->ranges = ranges;
	addresses->negated = negated;
	return true;
}

static struct ipvsctl_address_range get_ends(const struct layout *layout,
					     const union nf_inet_addr *first,
					     const union nf_inet_addr *last)
{
	struct ipvsctl_address_range range = { .first.family = layout->family,
					       .last.family = layout->family };
	size_t length = address_length(&range.first);

	memcpy(range.first.bytes, first, length);
	memcpy(range.last.bytes, last, length);
	return range;
}

static bool get_iprange(const struct layout *layout, const struct part *match,
			struct decoded *decoded)
{
	struct xt_iprange_mtinfo info;

	memcpy(&info, match->data, sizeof(info));
	const struct ipvsctl_address_range source =
		get_ends(layout, &info.src_min, &info.src_max);
	const struct ipvsctl_address_range to =
		get_ends(layout, &info.dst_min, &info.dst_max);
	if (!(info.flags & (IPRANGE_SRC | IPRANGE_DST)))
		return false;
	if ((info.flags & IPRANGE_SRC) &&
	    !match_put_range(&decoded->rule.source, decoded->sources, &source,
			     info.flags & IPRANGE_SRC_INV))
		return false;
	return !(info.flags & IPRANGE_DST) ||
	       match_put_range(&decoded->rule.destination,
			       decoded->destinations, &to,
			       info.flags & IPRANGE_DST_INV);
}

/* ---- Others ------------------------------------------------------------- */

/* Reads a type. Returns false if it is another than local. */
static bool get_type(uint16_t mask, bool inverted, uint8_t *type)
{
	if (!mask)
		return !inverted;
	if (mask != XT_ADDRTYPE_LOCAL || *type)
		return false;
	*type = IPVSCTL_ADDRESS_LOCAL;
	return true;
}

static bool get_types(const struct layout *layout, const struct part *match,
		      struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	struct xt_addrtype_info_v1 info;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	bool no_source = info.flags & XT_ADDRTYPE_INVERT_SOURCE;
	bool no_destination = info.flags & XT_ADDRTYPE_INVERT_DEST;
	if ((info.flags & ~(uint32_t)(XT_ADDRTYPE_INVERT_SOURCE |
				      XT_ADDRTYPE_INVERT_DEST)) ||
	    !get_type(info.source, no_source, &rule->source_type) ||
	    !get_type(info.dest, no_destination, &rule->destination_type))
		return false;
	if (no_source)
		rule->negated |= IPVSCTL_NOT_SOURCE_TYPE;
	if (no_destination)
		rule->negated |= IPVSCTL_NOT_DESTINATION_TYPE;
	return true;
}

static bool get_mac(const struct layout *layout, const struct part *match,
		    struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	struct xt_mac_info info;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	if (rule->has_mac)
		return false;
	rule->has_mac = true;
	memcpy(rule->mac, info.srcaddr, sizeof(rule->mac));
	if (info.invert)
		rule->negated |= IPVSCTL_NOT_MAC;
	return true;
}

static bool get_dscp(const struct layout *layout, const struct part *match,
		     struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	struct xt_dscp_info info;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	if (rule->has_dscp || info.dscp > DSCP_MAX)
		return false;
	rule->has_dscp = true;
	rule->dscp = info.dscp;
	if (info.invert)
		rule->negated |= IPVSCTL_NOT_DSCP;
	return true;
}

static bool is_conntrack(const struct part *match,
			 struct xt_conntrack_mtinfo3 plain)
{
	/* The structure has padding after its last member. */
	const size_t used =
		offsetof(struct xt_conntrack_mtinfo3, repldst_port_high) +
		sizeof(plain.repldst_port_high);
	const void *bytes = &plain;

	return memcmp(match->data, bytes, used) == 0;
}

static bool get_conntrack(const struct layout *layout, const struct part *match,
			  struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	bool negated = is_conntrack(match, state_match(true));

	(void)layout;
	if (is_conntrack(match, exempt_match())) {
		decoded->exemption = IPVSCTL_EXEMPT_CONNTRACK;
		return true;
	}
	if (rule->state ||
	    (!negated && !is_conntrack(match, state_match(false))))
		return false;
	rule->state = IPVSCTL_STATE_NEW;
	if (negated)
		rule->negated |= IPVSCTL_NOT_STATE;
	return true;
}

/* Reads "--mark 0x0/0x0", which every packet matches. */
static bool get_further(const struct layout *layout, const struct part *match,
			struct decoded *decoded)
{
	struct xt_mark_mtinfo1 info;

	(void)layout;
	memcpy(&info, match->data, sizeof(info));
	if (info.mark || info.mask || info.invert)
		return false;
	decoded->further = true;
	return true;
}

/* The matches that we make ourselves; the helper prints others. */
static const struct {
	const char *name;
	uint16_t protocol; /* the rule must have it; 0: any */
	uint8_t revision;
	size_t size;
	bool (*get)(const struct layout *layout, const struct part *match,
		    struct decoded *decoded);
} known[] = {
	{ "tcp", IPPROTO_TCP, 0, XT_ALIGN(sizeof(struct xt_tcp)), get_tcp },
	{ "udp", IPPROTO_UDP, 0, XT_ALIGN(sizeof(struct xt_udp)), get_udp },
	{ "sctp", IPPROTO_SCTP, 0, XT_ALIGN(sizeof(struct xt_sctp_info)),
	  get_sctp },
	{ "multiport", 0, 1, XT_ALIGN(sizeof(struct xt_multiport_v1)),
	  get_multiport },
	{ "iprange", 0, 1, XT_ALIGN(sizeof(struct xt_iprange_mtinfo)),
	  get_iprange },
	{ "addrtype", 0, 1, XT_ALIGN(sizeof(struct xt_addrtype_info_v1)),
	  get_types },
	{ "mac", 0, 0, XT_ALIGN(sizeof(struct xt_mac_info)), get_mac },
	{ "dscp", 0, 0, XT_ALIGN(sizeof(struct xt_dscp_info)), get_dscp },
	{ "conntrack", 0, 3, XT_ALIGN(sizeof(struct xt_conntrack_mtinfo3)),
	  get_conntrack },
	{ "mark", 0, 1, XT_ALIGN(sizeof(struct xt_mark_mtinfo1)), get_further },
};

/* The matches that ports need must have their protocol. */
static bool fits_protocol(const struct ipvsctl_mark *rule, uint16_t protocol)
{
	return !protocol || (protocol == rule->protocol &&
			     !(rule->negated & IPVSCTL_NOT_PROTOCOL));
}

bool match_get(const struct layout *layout, const struct part *match,
	       struct decoded *decoded)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(match->name, known[i].name) != 0 ||
		    match->revision != known[i].revision ||
		    match->size != known[i].size ||
		    !fits_protocol(&decoded->rule, known[i].protocol))
			continue;
		/* A half-read match must leave no trace. */
		struct ipvsctl_mark before = decoded->rule;
		if (known[i].get(layout, match, decoded))
			return true;
		decoded->rule = before;
	}
	return false;
}
