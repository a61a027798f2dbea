/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes the matches of the kernel's rules. */
#include <sys/socket.h>

#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_dscp.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mac.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

#include "matches.h"
#include "model/address.h"
#include "parts.h"

void *part_add(struct bytes *out, const char *name, uint8_t revision,
	       size_t size)
{
	size_t whole = sizeof(struct xt_entry_match) + XT_ALIGN(size);
	struct xt_entry_match *part = bytes_extend(out, whole);

	if (!part)
		return NULL;
	part->u.match_size = (uint16_t)whole;
	(void)strncpy(part->u.user.name, name, sizeof(part->u.user.name) - 1);
	part->u.user.revision = revision;
	return part->data;
}

/* ---- Addresses ---------------------------------------------------------- */

/* A list that is negated, or of one item, needs one rule. */
static size_t item_count(const struct ipvsctl_addresses *addresses)
{
	return addresses->count && !addresses->negated ? addresses->count : 1;
}

size_t mark_entry_count(const struct ipvsctl_mark *rule)
{
	return item_count(&rule->source) * item_count(&rule->destination);
}

size_t entry_source(const struct ipvsctl_mark *rule, size_t number)
{
	return number / item_count(&rule->destination);
}

size_t entry_destination(const struct ipvsctl_mark *rule, size_t number)
{
	return number % item_count(&rule->destination);
}

const struct ipvsctl_address_range *
header_range(const struct ipvsctl_addresses *addresses, size_t position)
{
	struct network network;

	if (position >= addresses->count ||
	    (addresses->negated && addresses->count > 1) ||
	    !address_range_network(&addresses->ranges[position], &network))
		return NULL;
	return &addresses->ranges[position];
}

/* Writes the two ends of a range. */
static void put_ends(const struct ipvsctl_address_range *range,
		     union nf_inet_addr *first, union nf_inet_addr *last)
{
	size_t length = address_length(&range->first);

	memcpy(first, range->first.bytes, length);
	memcpy(last, range->last.bytes, length);
}

static void add_range(const struct ipvsctl_address_range *range, uint8_t flags,
		      struct bytes *out)
{
	struct xt_iprange_mtinfo *info =
		part_add(out, "iprange", 1, sizeof(*info));

	if (!info)
		return;
	info->flags = flags;
	if (flags & IPRANGE_SRC)
		put_ends(range, &info->src_min, &info->src_max);
	else
		put_ends(range, &info->dst_min, &info->dst_max);
}

/* Adds what the header does not say: one range, or each that is negated. */
static void add_ranges(const struct ipvsctl_addresses *addresses,
		       size_t position, uint8_t flag, struct bytes *out)
{
	uint8_t inverted =
		flag == IPRANGE_SRC ? IPRANGE_SRC_INV : IPRANGE_DST_INV;

	if (addresses->negated)
		flag |= inverted;
	if (!addresses->ranges || header_range(addresses, position))
		return;
	for (size_t i = 0; i < addresses->count; i++)
		if (addresses->negated || i == position)
			add_range(&addresses->ranges[i], flag, out);
}

/* ---- Ports -------------------------------------------------------------- */

/* Returns the range of ports if there is just one, or else any port. */
static struct ipvsctl_port_range single(const struct ipvsctl_ports *ports)
{
	if (ports->count == 1)
		return ports->ranges[0];
	return (struct ipvsctl_port_range){ 0, UINT16_MAX };
}

static bool single_negated(const struct ipvsctl_ports *ports)
{
	return ports->count == 1 && ports->negated;
}

static void add_tcp(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_tcp *info = part_add(out, "tcp", 0, sizeof(*info));

	if (!info)
		return;
	struct ipvsctl_port_range source = single(&rule->source_ports);
	struct ipvsctl_port_range to = single(&rule->destination_ports);
	*info = (struct xt_tcp){ .spts = { source.first, source.last },
				 .dpts = { to.first, to.last } };
	if (single_negated(&rule->source_ports))
		info->invflags |= XT_TCP_INV_SRCPT;
	if (single_negated(&rule->destination_ports))
		info->invflags |= XT_TCP_INV_DSTPT;
}

static void add_udp(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_udp *info = part_add(out, "udp", 0, sizeof(*info));

	if (!info)
		return;
	struct ipvsctl_port_range source = single(&rule->source_ports);
	struct ipvsctl_port_range to = single(&rule->destination_ports);
	*info = (struct xt_udp){ .spts = { source.first, source.last },
				 .dpts = { to.first, to.last } };
	if (single_negated(&rule->source_ports))
		info->invflags |= XT_UDP_INV_SRCPT;
	if (single_negated(&rule->destination_ports))
		info->invflags |= XT_UDP_INV_DSTPT;
}

static void add_sctp(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_sctp_info *info = part_add(out, "sctp", 0, sizeof(*info));

	if (!info)
		return;
	sctp_blank(info);
	if (rule->source_ports.count == 1) {
		info->flags |= XT_SCTP_SRC_PORTS;
		info->spts[0] = rule->source_ports.ranges[0].first;
		info->spts[1] = rule->source_ports.ranges[0].last;
	}
	if (rule->destination_ports.count == 1) {
		info->flags |= XT_SCTP_DEST_PORTS;
		info->dpts[0] = rule->destination_ports.ranges[0].first;
		info->dpts[1] = rule->destination_ports.ranges[0].last;
	}
	if (single_negated(&rule->source_ports))
		info->invflags |= XT_SCTP_SRC_PORTS;
	if (single_negated(&rule->destination_ports))
		info->invflags |= XT_SCTP_DEST_PORTS;
}

static void add_multiport(struct bytes *out, const struct ipvsctl_ports *ports,
			  uint8_t direction)
{
	struct xt_multiport_v1 *info =
		part_add(out, "multiport", 1, sizeof(*info));

	if (!info)
		return;
	info->flags = direction;
	info->invert = ports->negated;
	uint8_t slot = 0;
	for (size_t i = 0; i < ports->count; i++) {
		const struct ipvsctl_port_range *range = &ports->ranges[i];
		if (slot + (range->last != range->first) >= XT_MULTI_PORTS)
			break; /* ipvsctl_mark_check() prevents this */
		info->ports[slot] = range->first;
		if (range->last != range->first) {
			info->pflags[slot++] = 1;
			info->ports[slot] = range->last;
		}
		slot++;
	}
	info->count = slot;
}

/* Protocols with a match of their own that takes one range of ports. */
static const struct {
	uint16_t protocol;
	void (*add)(struct bytes *out, const struct ipvsctl_mark *rule);
} port_matches[] = {
	{ IPPROTO_TCP, add_tcp },
	{ IPPROTO_UDP, add_udp },
	{ IPPROTO_SCTP, add_sctp },
};

static void add_ports(struct bytes *out, const struct ipvsctl_mark *rule)
{
	const struct ipvsctl_ports *source = &rule->source_ports;
	const struct ipvsctl_ports *to = &rule->destination_ports;
	bool own = false;

	for (size_t i = 0; i < ARRAY_SIZE(port_matches); i++) {
		if (port_matches[i].protocol != rule->protocol)
			continue;
		own = true;
		if (source->count == 1 || to->count == 1)
			port_matches[i].add(out, rule);
	}
	if (source->count > 1 || (source->count && !own))
		add_multiport(out, source, XT_MULTIPORT_SOURCE);
	if (to->count > 1 || (to->count && !own))
		add_multiport(out, to, XT_MULTIPORT_DESTINATION);
}

/* ---- Others ------------------------------------------------------------- */

void add_addressing(const struct ipvsctl_mark *rule, size_t number,
		    struct bytes *out)
{
	add_ports(out, rule);
	add_ranges(&rule->source, entry_source(rule, number), IPRANGE_SRC, out);
	add_ranges(&rule->destination, entry_destination(rule, number),
		   IPRANGE_DST, out);
}

static bool negates(const struct ipvsctl_mark *rule, enum ipvsctl_negated bit)
{
	return rule->negated & bit;
}

static void add_types(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_addrtype_info_v1 *info =
		part_add(out, "addrtype", 1, sizeof(*info));

	if (!info)
		return;
	info->source = rule->source_type ? XT_ADDRTYPE_LOCAL : 0;
	info->dest = rule->destination_type ? XT_ADDRTYPE_LOCAL : 0;
	if (negates(rule, IPVSCTL_NOT_SOURCE_TYPE))
		info->flags |= XT_ADDRTYPE_INVERT_SOURCE;
	if (negates(rule, IPVSCTL_NOT_DESTINATION_TYPE))
		info->flags |= XT_ADDRTYPE_INVERT_DEST;
}

static void add_mac(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_mac_info *info = part_add(out, "mac", 0, sizeof(*info));

	if (!info)
		return;
	memcpy(info->srcaddr, rule->mac, sizeof(rule->mac));
	info->invert = negates(rule, IPVSCTL_NOT_MAC);
}

static void add_dscp(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_dscp_info *info = part_add(out, "dscp", 0, sizeof(*info));

	if (info)
		*info = (struct xt_dscp_info){
			.dscp = rule->dscp,
			.invert = negates(rule, IPVSCTL_NOT_DSCP),
		};
}

static void add_conntrack(struct bytes *out,
			  const struct xt_conntrack_mtinfo3 *wanted)
{
	struct xt_conntrack_mtinfo3 *info =
		part_add(out, "conntrack", 3, sizeof(*info));

	if (info)
		*info = *wanted;
}

void add_others(const struct ipvsctl_mark *rule, struct bytes *out)
{
	const struct xt_conntrack_mtinfo3 state =
		state_match(negates(rule, IPVSCTL_NOT_STATE));

	if (rule->source_type || rule->destination_type)
		add_types(out, rule);
	if (rule->has_mac)
		add_mac(out, rule);
	if (rule->has_dscp)
		add_dscp(out, rule);
	if (rule->state)
		add_conntrack(out, &state);
}

void add_exempt(struct bytes *out)
{
	const struct xt_conntrack_mtinfo3 exempt = exempt_match();

	add_conntrack(out, &exempt);
}

void add_further(struct bytes *out)
{
	(void)part_add(out, "mark", 1, sizeof(struct xt_mark_mtinfo1));
}

void add_comment(struct bytes *out, const char *comment)
{
	char *text = part_add(out, "comment", 0, IPVSCTL_COMMENT_MAX + 1);

	if (text)
		memcpy(text, comment, strnlen(comment, IPVSCTL_COMMENT_MAX));
}
