/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads mark rules from the kernel's rules. */
#include <sys/socket.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <stddef.h>
#include <string.h>

#include "entry.h"
#include "parts.h"

/* Reads a mask of leading ones. Returns false if it is not one. */
static bool get_prefix(const uint8_t *mask, size_t width, uint8_t *ret_length)
{
	unsigned int length = 0;

	while (length < width * 8 && mask[length / 8] & (0x80 >> length % 8))
		length++;
	for (unsigned int i = length; i < width * 8; i++)
		if (mask[i / 8] & (0x80 >> i % 8))
			return false;
	*ret_length = (uint8_t)length;
	return true;
}

static bool get_network(const void *address, const void *mask, uint16_t family,
			struct ipvsctl_network *network)
{
	size_t width = family == AF_INET ? 4 : 16;
	uint8_t length = 0;

	if (!get_prefix(mask, width, &length))
		return false;
	if (!length)
		return true;
	network->prefix_length = length;
	network->address.family = family;
	memcpy(network->address.bytes, address, width);
	return true;
}

/* Reads an interface. Returns false if iptables would make another mask. */
static bool get_interface(const char *name, const unsigned char *mask,
			  char *ret_name)
{
	size_t ones = 0;

	while (ones < IFNAMSIZ && mask[ones] == 0xff)
		ones++;
	for (size_t i = ones; i < IFNAMSIZ; i++)
		if (mask[i])
			return false;
	size_t length = strnlen(name, IFNAMSIZ);
	if (length == IFNAMSIZ)
		return false;
	bool whole = ones == length + 1;
	bool prefix = ones + 1 == length && name[length - 1] == '+';
	if (ones && (!length || (!whole && !prefix)))
		return false;
	if (ones)
		memcpy(ret_name, name, length + 1);
	return true;
}

/* Tells whether there is no condition on the outgoing interface. */
static bool no_interface(const unsigned char *mask)
{
	for (size_t i = 0; i < IFNAMSIZ; i++)
		if (mask[i])
			return false;
	return true;
}

static bool get_header4(const struct ipt_ip *ip, struct ipvsctl_mark *rule)
{
	if (ip->invflags || ip->flags & (uint8_t)~IPT_F_GOTO ||
	    !no_interface(ip->outiface_mask))
		return false;
	rule->protocol = ip->proto;
	return get_network(&ip->src, &ip->smsk, AF_INET, &rule->source) &&
	       get_network(&ip->dst, &ip->dmsk, AF_INET, &rule->destination) &&
	       get_interface(ip->iniface, ip->iniface_mask, rule->in_interface);
}

static bool get_header6(const struct ip6t_ip6 *ip, struct ipvsctl_mark *rule)
{
	uint8_t wanted = ip->proto ? IP6T_F_PROTO : 0;

	if (ip->invflags || (ip->flags & (uint8_t)~IP6T_F_GOTO) != wanted ||
	    !no_interface(ip->outiface_mask))
		return false;
	rule->protocol = ip->proto;
	return get_network(&ip->src, &ip->smsk, AF_INET6, &rule->source) &&
	       get_network(&ip->dst, &ip->dmsk, AF_INET6, &rule->destination) &&
	       get_interface(ip->iniface, ip->iniface_mask, rule->in_interface);
}

static bool get_header(const struct layout *layout, const void *entry,
		       struct ipvsctl_mark *rule)
{
	const struct ipt_entry *ipv4 = entry;
	const struct ip6t_entry *ipv6 = entry;

	return layout->family == AF_INET ? get_header4(&ipv4->ip, rule) :
					   get_header6(&ipv6->ipv6, rule);
}

/* Stores one range. Returns false if there are ports already. */
static bool put_range(struct ipvsctl_ports *ports, uint16_t first, uint16_t last)
{
	if (first == 0 && last == UINT16_MAX)
		return true;
	if (ports->count || first > last)
		return false;
	ports->count = 1;
	ports->ranges[0] = (struct ipvsctl_port_range){ first, last };
	return true;
}

static bool get_tcp(const struct part *match, struct ipvsctl_mark *rule)
{
	struct xt_tcp info;

	memcpy(&info, match->data, sizeof(info));
	return !info.option && !info.flg_mask && !info.flg_cmp &&
	       !info.invflags &&
	       put_range(&rule->source_ports, info.spts[0], info.spts[1]) &&
	       put_range(&rule->destination_ports, info.dpts[0], info.dpts[1]);
}

static bool get_udp(const struct part *match, struct ipvsctl_mark *rule)
{
	struct xt_udp info;

	memcpy(&info, match->data, sizeof(info));
	return !info.invflags &&
	       put_range(&rule->source_ports, info.spts[0], info.spts[1]) &&
	       put_range(&rule->destination_ports, info.dpts[0], info.dpts[1]);
}

static bool get_sctp(const struct part *match, struct ipvsctl_mark *rule)
{
	struct xt_sctp_info info;
	struct xt_sctp_info plain;

	memcpy(&info, match->data, sizeof(info));
	sctp_blank(&plain);
	memcpy(plain.spts, info.spts, sizeof(plain.spts));
	memcpy(plain.dpts, info.dpts, sizeof(plain.dpts));
	plain.flags = info.flags & (XT_SCTP_SRC_PORTS | XT_SCTP_DEST_PORTS);
	if (memcmp(&info, &plain, sizeof(info)) != 0)
		return false;
	bool fits = true;
	if (info.flags & XT_SCTP_SRC_PORTS)
		fits = put_range(&rule->source_ports, info.spts[0],
				 info.spts[1]);
	if (info.flags & XT_SCTP_DEST_PORTS)
		fits = fits && put_range(&rule->destination_ports, info.dpts[0],
					 info.dpts[1]);
	return fits;
}

static bool get_list(const struct xt_multiport_v1 *info,
		     struct ipvsctl_ports *ret_ports)
{
	struct ipvsctl_ports ports = { 0 };

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
	if (ports.count == 1)
		return put_range(ret_ports, ports.ranges[0].first,
				 ports.ranges[0].last);
	*ret_ports = ports;
	return ports.count > 0;
}

static bool get_multiport(const struct part *match, struct ipvsctl_mark *rule)
{
	struct xt_multiport_v1 info;

	memcpy(&info, match->data, sizeof(info));
	if (info.invert || info.count > XT_MULTI_PORTS ||
	    (info.flags != XT_MULTIPORT_SOURCE &&
	     info.flags != XT_MULTIPORT_DESTINATION))
		return false;
	struct ipvsctl_ports *ports = info.flags == XT_MULTIPORT_SOURCE ?
					      &rule->source_ports :
					      &rule->destination_ports;
	return !ports->count && get_list(&info, ports);
}

/*
 * Reads the last comment, which is ours: an earlier one belongs to the other
 * words, and stays with them. Returns where that match ends, or 0.
 */
static size_t get_comment(const struct layout *layout, const void *entry,
			  struct ipvsctl_mark *rule)
{
	size_t end = 0;
	struct part match;

	for (size_t at = layout->size;
	     entry_next_match(layout, entry, &at, &match);) {
		if (strcmp(match.name, "comment") != 0 || match.revision != 0 ||
		    match.size != IPVSCTL_COMMENT_MAX + 1 ||
		    !memchr(match.data, 0, match.size))
			continue;
		rule->comment = (const char *)match.data;
		end = at;
	}
	return end;
}

/* The matches that we make ourselves; the helper prints others. */
static const struct {
	const char *name;
	uint16_t protocol; /* the rule must have it; 0: any */
	uint8_t revision;
	size_t size;
	bool (*get)(const struct part *match, struct ipvsctl_mark *rule);
} known[] = {
	{ "tcp", IPPROTO_TCP, 0, XT_ALIGN(sizeof(struct xt_tcp)), get_tcp },
	{ "udp", IPPROTO_UDP, 0, XT_ALIGN(sizeof(struct xt_udp)), get_udp },
	{ "sctp", IPPROTO_SCTP, 0, XT_ALIGN(sizeof(struct xt_sctp_info)),
	  get_sctp },
	{ "multiport", 0, 1, XT_ALIGN(sizeof(struct xt_multiport_v1)),
	  get_multiport },
};

static bool is_exempt(const struct part *match)
{
	struct xt_conntrack_mtinfo3 plain = exempt_match();

	/* The structure has padding after its last member. */
	const size_t used =
		offsetof(struct xt_conntrack_mtinfo3, repldst_port_high) +
		sizeof(plain.repldst_port_high);
	const void *bytes = &plain;
	return strcmp(match->name, "conntrack") == 0 && match->revision == 3 &&
	       match->size >= sizeof(plain) &&
	       memcmp(match->data, bytes, used) == 0;
}

/* Reads a match into the rule. Returns false if the rule cannot express it. */
static bool get_match(const struct part *match, struct decoded *decoded)
{
	if (is_exempt(match)) {
		decoded->exemption = IPVSCTL_EXEMPT_CONNTRACK;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(match->name, known[i].name) != 0 ||
		    match->revision != known[i].revision ||
		    match->size != known[i].size)
			continue;
		if (known[i].protocol &&
		    known[i].protocol != decoded->rule.protocol)
			continue;
		/* A half-read match must leave no trace. */
		struct ipvsctl_mark before = decoded->rule;
		if (known[i].get(match, &decoded->rule))
			return true;
		decoded->rule = before;
	}
	return false;
}

/* Adds a match that was not read to an entry for the helper. */
static void keep_match(const struct layout *layout, const void *entry,
		       const struct part *match, struct bytes *extra)
{
	if (!extra->size)
		bytes_add(extra, entry, layout->size);
	bytes_add(extra, match->data - sizeof(struct xt_entry_match),
		  match->size + sizeof(struct xt_entry_match));
}

static void end_extra(const struct layout *layout, const void *entry,
		      struct bytes *extra)
{
	size_t target = entry_target(layout, entry);
	uint16_t offset = (uint16_t)extra->size;

	bytes_add(extra, (const uint8_t *)entry + target,
		  entry_length(layout, entry) - target);
	if (extra->failed)
		return;
	uint16_t length = (uint16_t)extra->size;
	memcpy(extra->data + layout->target_offset, &offset, sizeof(offset));
	memcpy(extra->data + layout->next_offset, &length, sizeof(length));
}

static bool get_verdict(const struct layout *layout, const void *entry,
			struct decoded *decoded)
{
	struct part target;

	entry_get_target(layout, entry, &target);
	bool goes = ((const uint8_t *)entry)[layout->flags] & layout->goto_flag;
	if (goes && strlen(target.name) < sizeof(decoded->label)) {
		memcpy(decoded->label, target.name, strlen(target.name) + 1);
		return true;
	}
	decoded->rule.exclude = true;
	return strcmp(target.name, "RETURN") == 0;
}

bool decode_mark(const struct layout *layout, const void *entry,
		 struct decoded *ret_decoded)
{
	*ret_decoded = (struct decoded){ .rule.mask = UINT32_MAX,
					 .rule.family = layout->family };
	struct decoded *decoded = ret_decoded;
	if (!get_header(layout, entry, &decoded->rule) ||
	    !get_verdict(layout, entry, decoded))
		return false;
	size_t comment = get_comment(layout, entry, &decoded->rule);
	struct part match;
	for (size_t at = layout->size;
	     entry_next_match(layout, entry, &at, &match);)
		if (at != comment && !get_match(&match, decoded))
			keep_match(layout, entry, &match, &decoded->extra);
	if (decoded->extra.size)
		end_extra(layout, entry, &decoded->extra);
	return true;
}

/* Tells whether the header is empty; the goto flag does not count. */
static bool unconditional(const struct layout *layout, const void *entry)
{
	uint8_t header[sizeof(struct ip6t_entry)];

	memcpy(header, entry, layout->match_size);
	header[layout->flags] &= (uint8_t)~layout->goto_flag;
	for (size_t i = 0; i < layout->match_size; i++)
		if (header[i])
			return false;
	return entry_target(layout, entry) == layout->size;
}

bool decode_set_mark(const struct layout *layout, const void *entry,
		     uint32_t *ret_mark, uint32_t *ret_mask)
{
	struct part target;

	entry_get_target(layout, entry, &target);
	struct xt_mark_tginfo2 info;
	if (!unconditional(layout, entry) || strcmp(target.name, "MARK") != 0 ||
	    target.revision != 2 || target.size < sizeof(info))
		return false;
	memcpy(&info, target.data, sizeof(info));
	*ret_mark = info.mark;
	*ret_mask = info.mask;
	return true;
}

const char *decode_link(const struct layout *layout, const void *entry,
			bool jump)
{
	bool goes = ((const uint8_t *)entry)[layout->flags] & layout->goto_flag;
	struct part target;

	if (goes == jump || !unconditional(layout, entry))
		return NULL;
	entry_get_target(layout, entry, &target);
	return target.name;
}

static bool is_socket(const struct part *match)
{
	if (strcmp(match->name, SOCKET_MATCH) != 0 ||
	    match->revision != SOCKET_REVISION ||
	    match->size != XT_ALIGN(sizeof(struct xt_socket_mtinfo3)))
		return false;
	return match->data[0] == 0;
}

const char *decode_head(const struct layout *layout, const void *entry)
{
	struct decoded decoded = { 0 };
	struct part match;
	struct part target;
	bool last = false;

	if (!(((const uint8_t *)entry)[layout->flags] & layout->goto_flag) ||
	    !get_header(layout, entry, &decoded.rule))
		return NULL;
	for (size_t at = layout->size;
	     entry_next_match(layout, entry, &at, &match);) {
		last = is_socket(&match);
		if (last != (at >= entry_target(layout, entry)) ||
		    (!last &&
		     (!get_match(&match, &decoded) || decoded.exemption)))
			return NULL;
	}
	entry_get_target(layout, entry, &target);
	return last ? target.name : NULL;
}
