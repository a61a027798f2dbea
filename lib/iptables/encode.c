/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes the kernel's rules from mark rules. */
#include <sys/socket.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_mark.h>
#include <string.h>

#include "entry.h"
#include "matches.h"
#include "model/address.h"
#include "parts.h"

/* An entry being appended: it grows, so its start is an offset. */
struct writer {
	const struct layout *layout;
	struct bytes *out;
	size_t start;
};

static struct writer begin(const struct layout *layout, struct bytes *out)
{
	struct writer writer = { layout, out, out->size };

	(void)bytes_extend(out, layout->size);
	return writer;
}

static void set16(struct writer *writer, size_t offset, size_t value)
{
	uint16_t narrow = (uint16_t)value;

	if (!writer->out->failed)
		memcpy(writer->out->data + writer->start + offset, &narrow,
		       sizeof(narrow));
}

static void end_matches(struct writer *writer)
{
	set16(writer, writer->layout->target_offset,
	      writer->out->size - writer->start);
}

static void end_entry(struct writer *writer)
{
	set16(writer, writer->layout->next_offset,
	      writer->out->size - writer->start);
}

static void add_standard(struct writer *writer, const char *label)
{
	end_matches(writer);
	(void)part_add(writer->out, label, 0,
		       sizeof(struct xt_standard_target) -
			       sizeof(struct xt_entry_target));
	end_entry(writer);
}

static void set_goto(struct writer *writer)
{
	if (!writer->out->failed)
		writer->out->data[writer->start + writer->layout->flags] |=
			writer->layout->goto_flag;
}

void encode_link(const struct layout *layout, const char *chain, bool jump,
		 struct bytes *out)
{
	struct writer writer = begin(layout, out);

	if (!jump)
		set_goto(&writer);
	add_standard(&writer, chain);
}

void encode_set_mark(const struct layout *layout, uint32_t mark, uint32_t mask,
		     struct bytes *out)
{
	struct writer writer = begin(layout, out);

	end_matches(&writer);
	struct xt_mark_tginfo2 *info =
		part_add(out, "MARK", 2, sizeof(struct xt_mark_tginfo2));
	if (info)
		*info = (struct xt_mark_tginfo2){ .mark = mark, .mask = mask };
	end_entry(&writer);
}

static void add_mark(uint32_t mark, struct bytes *out)
{
	struct xt_mark_mtinfo1 *info = part_add(out, "mark", 1, sizeof(*info));

	if (info)
		*info = (struct xt_mark_mtinfo1){ .mark = mark,
						  .mask = UINT32_MAX };
}

static void add_original(struct bytes *out)
{
	struct xt_conntrack_mtinfo3 *info =
		part_add(out, "conntrack", 3, sizeof(*info));

	if (info)
		info->match_flags = XT_CONNTRACK_DIRECTION;
}

/* The first revision of IPv4's targets has a form of its own. */
static void add_snat4(const struct ipvsctl_address *address, struct bytes *out)
{
	struct nf_nat_ipv4_multi_range_compat *info =
		part_add(out, address->family ? "SNAT" : "MASQUERADE", 0,
			 sizeof(*info));

	if (!info)
		return;
	info->rangesize = 1;
	if (!address->family)
		return;
	info->range[0].flags = NF_NAT_RANGE_MAP_IPS;
	memcpy(&info->range[0].min_ip, address->bytes, 4);
	memcpy(&info->range[0].max_ip, address->bytes, 4);
}

static void add_snat6(const struct ipvsctl_address *address, struct bytes *out)
{
	const bool has = address->family != AF_UNSPEC;
	struct nf_nat_range *info =
		part_add(out, has ? "SNAT" : "MASQUERADE", has, sizeof(*info));

	if (!info || !has)
		return;
	info->flags = NF_NAT_RANGE_MAP_IPS;
	memcpy(&info->min_addr, address->bytes, 16);
	memcpy(&info->max_addr, address->bytes, 16);
}

void encode_snat(const struct layout *layout, const struct snat *snat,
		 struct bytes *out)
{
	struct writer writer = begin(layout, out);

	add_mark(snat->mark, out);
	add_original(out);
	end_matches(&writer);
	if (layout->family == AF_INET)
		add_snat4(&snat->address, out);
	else
		add_snat6(&snat->address, out);
	end_entry(&writer);
}

static void prefix_mask(uint8_t *mask, unsigned int length)
{
	for (; length >= 8; length -= 8)
		*mask++ = 0xff;
	if (length)
		*mask = (uint8_t)(0xff << (8 - length));
}

/* The fields of an address in a header. */
struct place_of_address {
	void *address;
	void *mask;
	size_t width;
	uint8_t inverted; /* the bit that inverts it */
};

/* Writes an address of the header. Returns its bit if it is inverted. */
static uint8_t put_address(const struct ipvsctl_addresses *addresses,
			   size_t position, struct place_of_address place)
{
	const struct ipvsctl_address_range *range =
		header_range(addresses, position);
	struct network network;

	if (!range || !address_range_network(range, &network))
		return 0;
	prefix_mask(place.mask, network.prefix_length);
	memcpy(place.address, network.address.bytes, place.width);
	return addresses->negated ? place.inverted : 0;
}

/* The mask covers the terminating NUL, unless the name ends in "+". */
static void put_interface(const char *interface, char *name, unsigned char *mask)
{
	size_t length = strlen(interface);

	if (!length)
		return;
	bool prefix = interface[length - 1] == '+';
	memcpy(name, interface, length + 1);
	memset(mask, 0xff, prefix ? length - 1 : length + 1);
}

/* The bits are the same in both families. */
_Static_assert(IPT_INV_SRCIP == IP6T_INV_SRCIP &&
		       IPT_INV_DSTIP == IP6T_INV_DSTIP &&
		       IPT_INV_VIA_IN == IP6T_INV_VIA_IN &&
		       XT_INV_PROTO == IP6T_INV_PROTO,
	       "the families invert conditions by the same bits");

static uint8_t inverted_scalars(const struct ipvsctl_mark *rule)
{
	uint8_t bits = 0;

	if (rule->negated & IPVSCTL_NOT_IN_INTERFACE)
		bits |= IPT_INV_VIA_IN;
	if (rule->negated & IPVSCTL_NOT_PROTOCOL)
		bits |= XT_INV_PROTO;
	return bits;
}

static void put_header4(const struct ipvsctl_mark *rule, size_t number,
			struct ipt_ip *ip)
{
	const struct place_of_address source = { &ip->src, &ip->smsk, 4,
						 IPT_INV_SRCIP };
	const struct place_of_address to = { &ip->dst, &ip->dmsk, 4,
					     IPT_INV_DSTIP };

	ip->invflags = inverted_scalars(rule);
	ip->invflags |=
		put_address(&rule->source, entry_source(rule, number), source);
	ip->invflags |= put_address(&rule->destination,
				    entry_destination(rule, number), to);
	put_interface(rule->in_interface, ip->iniface, ip->iniface_mask);
	ip->proto = rule->protocol;
}

static void put_header6(const struct ipvsctl_mark *rule, size_t number,
			struct ip6t_ip6 *ip)
{
	const struct place_of_address source = { &ip->src, &ip->smsk, 16,
						 IPT_INV_SRCIP };
	const struct place_of_address to = { &ip->dst, &ip->dmsk, 16,
					     IPT_INV_DSTIP };

	ip->invflags = inverted_scalars(rule);
	ip->invflags |=
		put_address(&rule->source, entry_source(rule, number), source);
	ip->invflags |= put_address(&rule->destination,
				    entry_destination(rule, number), to);
	put_interface(rule->in_interface, ip->iniface, ip->iniface_mask);
	ip->proto = rule->protocol;
	/* Without this flag the kernel ignores the protocol. */
	if (rule->protocol)
		ip->flags |= IP6T_F_PROTO;
}

/* Begins an entry with the conditions of its header. */
static struct writer begin_rule(const struct layout *layout,
				const struct ipvsctl_mark *rule, size_t number,
				struct bytes *out)
{
	struct writer writer = begin(layout, out);
	void *entry;

	if (out->failed)
		return writer;
	entry = out->data + writer.start;
	if (layout->family == AF_INET)
		put_header4(rule, number, &((struct ipt_entry *)entry)->ip);
	else
		put_header6(rule, number, &((struct ip6t_entry *)entry)->ipv6);
	return writer;
}

void encode_mark(const struct layout *layout, const struct ipvsctl_mark *rule,
		 const struct mark_parts *parts, struct bytes *out)
{
	struct writer writer = begin_rule(layout, rule, parts->number, out);

	add_addressing(rule, parts->number, out);
	add_others(rule, out);
	if (parts->tracked)
		add_exempt(out);
	if (parts->extra)
		bytes_add(out, parts->extra->data, parts->extra->size);
	if (parts->number)
		add_further(out);
	if (rule->comment)
		add_comment(out, rule->comment);
	if (rule->exclude) {
		add_standard(&writer, "RETURN");
		return;
	}
	char chain[CHAIN_NAME_SIZE];
	struct chain_id id = { .kind = CHAIN_MARK,
			       .mark = rule->mark,
			       .mask = rule->mask };
	set_goto(&writer);
	add_standard(&writer, chain_format(&id, chain));
}

void encode_head(const struct layout *layout, const struct ipvsctl_mark *rule,
		 size_t number, const char *chain, struct bytes *out)
{
	struct writer writer = rule ? begin_rule(layout, rule, number, out) :
				      begin(layout, out);

	if (rule)
		add_addressing(rule, number, out);
	(void)part_add(out, SOCKET_MATCH, SOCKET_REVISION,
		       sizeof(struct xt_socket_mtinfo3));
	set_goto(&writer);
	add_standard(&writer, chain);
}
