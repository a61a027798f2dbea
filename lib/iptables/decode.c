/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads mark rules from the kernel's rules. */
#include <sys/socket.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_mark.h>
#include <stddef.h>
#include <string.h>

#include "entry.h"
#include "matches.h"
#include "model/address.h"
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

/* An address in a header, and where it goes. */
struct header_address {
	const void *address;
	const void *mask;
	bool inverted;
	struct ipvsctl_addresses *addresses;
	struct ipvsctl_address_range *ranges;
};

static bool get_address(uint16_t family, const struct header_address *from)
{
	size_t width = family == AF_INET ? 4 : 16;
	struct network network = { .address.family = family };
	const uint8_t *bytes = from->address;
	const uint8_t *mask = from->mask;

	if (!get_prefix(mask, width, &network.prefix_length))
		return false;
	if (!network.prefix_length)
		return !from->inverted;
	for (size_t i = 0; i < width; i++) {
		if (bytes[i] & ~mask[i])
			return false;
		network.address.bytes[i] = bytes[i];
	}
	const struct ipvsctl_address_range range = address_range_of(&network);
	return match_put_range(from->addresses, from->ranges, &range,
			       from->inverted);
}

/* Reads an interface. Returns false if iptables would make another mask. */
static bool get_interface(const char *name, const unsigned char *mask,
			  bool inverted, char *ret_name)
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
	if ((ones || inverted) && (!length || (!whole && !prefix)))
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

#define INVERTED (IPT_INV_SRCIP | IPT_INV_DSTIP | IPT_INV_VIA_IN | XT_INV_PROTO)

/* Reads what both families have. */
static bool get_scalars(uint16_t protocol, uint8_t inverted,
			struct ipvsctl_mark *rule)
{
	if ((inverted & (uint8_t)~INVERTED) ||
	    ((inverted & XT_INV_PROTO) && !protocol))
		return false;
	rule->protocol = protocol;
	if (inverted & XT_INV_PROTO)
		rule->negated |= IPVSCTL_NOT_PROTOCOL;
	if (inverted & IPT_INV_VIA_IN)
		rule->negated |= IPVSCTL_NOT_IN_INTERFACE;
	return true;
}

static bool get_header4(const struct ipt_ip *ip, struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	const struct header_address source = { &ip->src, &ip->smsk,
					       ip->invflags & IPT_INV_SRCIP,
					       &rule->source,
					       decoded->sources };
	const struct header_address to = { &ip->dst, &ip->dmsk,
					   ip->invflags & IPT_INV_DSTIP,
					   &rule->destination,
					   decoded->destinations };

	return !(ip->flags & (uint8_t)~IPT_F_GOTO) &&
	       no_interface(ip->outiface_mask) &&
	       get_scalars(ip->proto, ip->invflags, rule) &&
	       get_address(AF_INET, &source) && get_address(AF_INET, &to) &&
	       get_interface(ip->iniface, ip->iniface_mask,
			     ip->invflags & IPT_INV_VIA_IN, rule->in_interface);
}

static bool get_header6(const struct ip6t_ip6 *ip, struct decoded *decoded)
{
	struct ipvsctl_mark *rule = &decoded->rule;
	const struct header_address source = { &ip->src, &ip->smsk,
					       ip->invflags & IP6T_INV_SRCIP,
					       &rule->source,
					       decoded->sources };
	const struct header_address to = { &ip->dst, &ip->dmsk,
					   ip->invflags & IP6T_INV_DSTIP,
					   &rule->destination,
					   decoded->destinations };
	uint8_t wanted = ip->proto ? IP6T_F_PROTO : 0;

	return (ip->flags & (uint8_t)~IP6T_F_GOTO) == wanted &&
	       no_interface(ip->outiface_mask) &&
	       get_scalars(ip->proto, ip->invflags, rule) &&
	       get_address(AF_INET6, &source) && get_address(AF_INET6, &to) &&
	       get_interface(ip->iniface, ip->iniface_mask,
			     ip->invflags & IP6T_INV_VIA_IN,
			     rule->in_interface);
}

static bool get_header(const struct layout *layout, const void *entry,
		       struct decoded *decoded)
{
	const struct ipt_entry *ipv4 = entry;
	const struct ip6t_entry *ipv6 = entry;

	return layout->family == AF_INET ? get_header4(&ipv4->ip, decoded) :
					   get_header6(&ipv6->ipv6, decoded);
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

/* Leaves the addresses alone, which would take long to clear. */
static void begin_decoding(const struct layout *layout, struct decoded *decoded)
{
	memset(decoded, 0, offsetof(struct decoded, sources));
	decoded->rule.mask = UINT32_MAX;
	decoded->rule.family = layout->family;
}

/* Sorts a list. Returns false if it is one that no packet can match. */
static bool end_addresses(struct ipvsctl_addresses *addresses,
			  struct ipvsctl_address_range *ranges)
{
	if (addresses->count > 1)
		addresses->count = addresses_sort(ranges, addresses->count);
	return !addresses->negated || !addresses_whole(addresses);
}

bool decode_mark(const struct layout *layout, const void *entry,
		 struct decoded *ret_decoded)
{
	struct decoded *decoded = ret_decoded;

	begin_decoding(layout, decoded);
	if (!get_header(layout, entry, decoded) ||
	    !get_verdict(layout, entry, decoded))
		return false;
	size_t comment = get_comment(layout, entry, &decoded->rule);
	struct part match;
	for (size_t at = layout->size;
	     entry_next_match(layout, entry, &at, &match);)
		if (at != comment && !match_get(layout, &match, decoded))
			keep_match(layout, entry, &match, &decoded->extra);
	if (decoded->extra.size)
		end_extra(layout, entry, &decoded->extra);
	return end_addresses(&decoded->rule.source, decoded->sources) &&
	       end_addresses(&decoded->rule.destination, decoded->destinations);
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

/* Reads where in a target the address is, if it has one. */
static void get_snat_address(const struct part *target, uint16_t family,
			     struct ipvsctl_address *address)
{
	const size_t ipv4 =
		offsetof(struct nf_nat_ipv4_multi_range_compat, range) +
		offsetof(struct nf_nat_ipv4_range, min_ip);
	const size_t ipv6 = offsetof(struct nf_nat_range, min_addr);
	size_t from = family == AF_INET ? ipv4 : ipv6;
	size_t length = family == AF_INET ? 4 : 16;

	if (strcmp(target->name, "SNAT") != 0 || target->size < from + length)
		return;
	address->family = family;
	memcpy(address->bytes, target->data + from, length);
}

/* What was read is right if it makes the same rule. */
bool decode_snat(const struct layout *layout, const void *entry,
		 struct snat *ret_snat)
{
	struct snat snat = { .family = layout->family };
	AUTO_BYTES struct bytes again = { 0 };
	size_t at = layout->size;
	struct xt_mark_mtinfo1 info;
	struct part part;

	if (!entry_next_match(layout, entry, &at, &part) ||
	    part.size < sizeof(info))
		return false;
	memcpy(&info, part.data, sizeof(info));
	snat.mark = info.mark;
	entry_get_target(layout, entry, &part);
	get_snat_address(&part, layout->family, &snat.address);
	encode_snat(layout, &snat, &again);
	if (again.failed || entry_length(layout, entry) != again.size ||
	    memcmp(entry, again.data, again.size) != 0)
		return false;
	*ret_snat = snat;
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
	struct decoded decoded;
	struct part match;
	struct part target;
	bool last = false;

	if (!(((const uint8_t *)entry)[layout->flags] & layout->goto_flag))
		return NULL;
	begin_decoding(layout, &decoded);
	if (!get_header(layout, entry, &decoded))
		return NULL;
	for (size_t at = layout->size;
	     entry_next_match(layout, entry, &at, &match);) {
		last = is_socket(&match);
		if (last != (at >= entry_target(layout, entry)) ||
		    (!last && (!match_get(layout, &match, &decoded) ||
			       decoded.exemption)))
			return NULL;
	}
	entry_get_target(layout, entry, &target);
	return last ? target.name : NULL;
}
