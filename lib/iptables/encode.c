/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes the kernel's rules from mark rules. */
#include <sys/socket.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_sctp.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <stddef.h>
#include <string.h>

#include "entry.h"
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

/* Appends a match or target with zero data; returns the data or NULL. */
static void *add_part(struct bytes *out, const char *name, uint8_t revision,
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
	(void)add_part(writer->out, label, 0,
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
		add_part(out, "MARK", 2, sizeof(struct xt_mark_tginfo2));
	if (info)
		*info = (struct xt_mark_tginfo2){ .mark = mark, .mask = mask };
	end_entry(&writer);
}

static void prefix_mask(uint8_t *mask, unsigned int length)
{
	for (; length >= 8; length -= 8)
		*mask++ = 0xff;
	if (length)
		*mask = (uint8_t)(0xff << (8 - length));
}

static void put_network(const struct ipvsctl_network *network, size_t width,
			void *address, void *mask)
{
	if (network->address.family == AF_UNSPEC)
		return;
	uint8_t *to = address;
	uint8_t *bits = mask;
	prefix_mask(bits, network->prefix_length);
	for (size_t i = 0; i < width; i++)
		to[i] = network->address.bytes[i] & bits[i];
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

static void put_header(const struct layout *layout,
		       const struct ipvsctl_mark *rule, void *entry)
{
	if (layout->family == AF_INET) {
		struct ipt_ip *ip = &((struct ipt_entry *)entry)->ip;
		put_network(&rule->source, 4, &ip->src, &ip->smsk);
		put_network(&rule->destination, 4, &ip->dst, &ip->dmsk);
		put_interface(rule->in_interface, ip->iniface, ip->iniface_mask);
		ip->proto = rule->protocol;
		return;
	}
	struct ip6t_ip6 *ip = &((struct ip6t_entry *)entry)->ipv6;
	put_network(&rule->source, 16, &ip->src, &ip->smsk);
	put_network(&rule->destination, 16, &ip->dst, &ip->dmsk);
	put_interface(rule->in_interface, ip->iniface, ip->iniface_mask);
	ip->proto = rule->protocol;
	/* Without this flag the kernel ignores the protocol. */
	if (rule->protocol)
		ip->flags |= IP6T_F_PROTO;
}

/* Returns the range of ports if there is just one, or else any port. */
static struct ipvsctl_port_range single(const struct ipvsctl_ports *ports)
{
	if (ports->count == 1)
		return ports->ranges[0];
	return (struct ipvsctl_port_range){ 0, UINT16_MAX };
}

static void add_tcp(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_tcp *info = add_part(out, "tcp", 0, sizeof(*info));

	if (!info)
		return;
	struct ipvsctl_port_range source = single(&rule->source_ports);
	struct ipvsctl_port_range to = single(&rule->destination_ports);
	*info = (struct xt_tcp){ .spts = { source.first, source.last },
				 .dpts = { to.first, to.last } };
}

static void add_udp(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_udp *info = add_part(out, "udp", 0, sizeof(*info));

	if (!info)
		return;
	struct ipvsctl_port_range source = single(&rule->source_ports);
	struct ipvsctl_port_range to = single(&rule->destination_ports);
	*info = (struct xt_udp){ .spts = { source.first, source.last },
				 .dpts = { to.first, to.last } };
}

static void add_sctp(struct bytes *out, const struct ipvsctl_mark *rule)
{
	struct xt_sctp_info *info = add_part(out, "sctp", 0, sizeof(*info));

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
}

static void add_multiport(struct bytes *out, const struct ipvsctl_ports *ports,
			  uint8_t direction)
{
	struct xt_multiport_v1 *info =
		add_part(out, "multiport", 1, sizeof(*info));

	if (!info)
		return;
	info->flags = direction;
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

static void add_exempt(struct bytes *out)
{
	struct xt_conntrack_mtinfo3 *info =
		add_part(out, "conntrack", 3, sizeof(*info));

	if (info)
		*info = exempt_match();
}

static void add_comment(struct bytes *out, const char *comment)
{
	char *text = add_part(out, "comment", 0, IPVSCTL_COMMENT_MAX + 1);

	if (text)
		memcpy(text, comment, strnlen(comment, IPVSCTL_COMMENT_MAX));
}

void encode_mark(const struct layout *layout, const struct ipvsctl_mark *rule,
		 bool tracked, const struct bytes *extra, struct bytes *out)
{
	struct writer writer = begin(layout, out);

	if (out->failed)
		return;
	put_header(layout, rule, out->data + writer.start);
	add_ports(out, rule);
	if (tracked)
		add_exempt(out);
	if (extra && extra->size)
		bytes_add(out, extra->data, extra->size);
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
		 const char *chain, struct bytes *out)
{
	struct writer writer = begin(layout, out);

	if (out->failed)
		return;
	if (rule) {
		put_header(layout, rule, out->data + writer.start);
		add_ports(out, rule);
	}
	(void)add_part(out, SOCKET_MATCH, SOCKET_REVISION,
		       sizeof(struct xt_socket_mtinfo3));
	set_goto(&writer);
	add_standard(&writer, chain);
}
