/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the comparisons of a rule demand of packets. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>

#include "nft/reader.h"

/* ---- Comparisons --------------------------------------------------------- */

static void negate(struct reader *reader, const struct comparison *comparison,
		   enum ipvsctl_negated what)
{
	if (comparison->negated)
		reader->line->match.conditions.negated |= (uint16_t)what;
}

/* Without NUL it is a prefix. A name can end in '+', too, which ours cannot. */
static void compare_interface(struct reader *reader,
			      const struct comparison *comparison)
{
	const char *name = (const char *)comparison->value;
	size_t size = comparison->size, length = strnlen(name, size);
	struct match *match = &reader->line->match;

	if (match->in_interface[0] || !length ||
	    (length == size ? size >= IFNAMSIZ - 1 : name[length - 1] == '+')) {
		reader->alien = true;
		return;
	}
	memcpy(match->in_interface, name, length);
	if (length == size)
		match->in_interface[length] = '+';
	negate(reader, comparison, IPVSCTL_NOT_IN_INTERFACE);
}

static void compare_meta(struct reader *reader, const struct source *source,
			 const struct comparison *comparison)
{
	const uint16_t ethernet = ARPHRD_ETHER;
	struct match *match = &reader->line->match;
	uint8_t first = comparison->value[0];

	if (source->key == NFT_META_IIFNAME && !source->masked) {
		compare_interface(reader, comparison);
	} else if (source->key == NFT_META_L4PROTO && !source->masked &&
		   comparison->size == 1 && !match->protocol && first) {
		match->protocol = first;
		negate(reader, comparison, IPVSCTL_NOT_PROTOCOL);
	} else if (source->key == NFT_META_NFPROTO && !source->masked &&
		   comparison->size == 1 && !match->family &&
		   !comparison->negated) {
		match->family = first == NFPROTO_IPV4 ? AF_INET :
				first == NFPROTO_IPV6 ? AF_INET6 :
							AF_UNSPEC;
		reader->alien = reader->alien || !match->family;
	} else if (source->key == NFT_META_IIFTYPE && !source->masked &&
		   !comparison->negated &&
		   comparison->size == sizeof(ethernet) &&
		   !memcmp(comparison->value, &ethernet, sizeof(ethernet))) {
		reader->ethernet = true;
	} else {
		reader->alien = true;
	}
}

/* Of Ethernet's header: nft(8) compares the sender and the type as one where the
   family is told by the type. */
static void compare_ethernet(struct reader *reader, const struct source *source,
			     const struct comparison *comparison)
{
	struct conditions *conditions = &reader->line->match.conditions;
	struct match *match = &reader->line->match;
	const size_t sender = ETH_ALEN, sender_end = sender + ETH_ALEN;
	size_t end = source->offset + source->length;
	bool has_mac = source->offset == sender &&
		       (end == sender_end || end == ETH_HLEN);
	bool has_type =
		end == ETH_HLEN && (has_mac || source->offset == sender_end);
	uint16_t type;

	if ((!has_mac && !has_type) || source->masked ||
	    comparison->size != source->length ||
	    (has_mac && conditions->has_mac) ||
	    (has_type && (match->family || comparison->negated))) {
		reader->alien = true;
		return;
	}
	if (has_mac) {
		conditions->has_mac = true;
		memcpy(conditions->mac, comparison->value, ETH_ALEN);
		negate(reader, comparison, IPVSCTL_NOT_MAC);
	}
	if (!has_type)
		return;
	memcpy(&type, comparison->value + source->length - sizeof(type),
	       sizeof(type));
	match->family = type == htons(ETH_P_IP)	  ? AF_INET :
			type == htons(ETH_P_IPV6) ? AF_INET6 :
						    AF_UNSPEC;
	reader->alien = reader->alien || !match->family;
}

/* Tells whether the bytes that are loaded are those of a DSCP. */
static bool is_dscp(const struct source *source, uint16_t family)
{
	static const uint8_t masks[] = { 0x0f, 0xc0 };

	if (source->key != NFT_PAYLOAD_NETWORK_HEADER || !source->masked)
		return false;
	return family == AF_INET ?
		       source->offset == 1 && source->length == 1 &&
			       source->mask[0] == 0xfc :
		       family == AF_INET6 && source->offset == 0 &&
			       source->length == 2 &&
			       !memcmp(source->mask, masks, sizeof(masks));
}

static void compare_dscp(struct reader *reader, const struct source *source,
			 const struct comparison *comparison)
{
	struct conditions *conditions = &reader->line->match.conditions;
	const uint8_t *value = comparison->value;
	bool ipv4 = reader->line->match.family == AF_INET;

	for (size_t i = 0; i < source->length; i++)
		if (value[i] & (uint8_t)~source->mask[i] || source->flips[i])
			reader->alien = true;
	if (conditions->has_dscp || comparison->size != source->length)
		reader->alien = true;
	conditions->has_dscp = true;
	conditions->dscp =
		ipv4 ? value[0] >> 2 :
		       (uint8_t)((value[0] & 0x0f) << 2 | value[1] >> 6);
	negate(reader, comparison, IPVSCTL_NOT_DSCP);
}

/* Notes bytes of a header; each byte can be compared once. */
static void compare_payload(struct reader *reader, const struct source *source,
			    const struct comparison *comparison)
{
	const uint8_t *value = comparison->value;
	size_t size = comparison->size;
	struct header *header =
		&reader->headers[source->key == NFT_PAYLOAD_TRANSPORT_HEADER];

	if ((source->key != NFT_PAYLOAD_NETWORK_HEADER &&
	     source->key != NFT_PAYLOAD_TRANSPORT_HEADER) ||
	    size != source->length || source->offset > sizeof(header->values) ||
	    size > sizeof(header->values) - source->offset) {
		reader->alien = true;
		return;
	}
	for (size_t i = 0; i < size; i++) {
		size_t at = source->offset + i;

		if (header->masks[at] || (source->masked && source->flips[i]))
			reader->alien = true;
		header->masks[at] = source->masked ? source->mask[i] : 0xff;
		header->values[at] = value[i];
		if (value[i] & (uint8_t)~header->masks[at])
			reader->alien = true;
	}
}

/* A state is compared by its bit, which must not be 0, or as a whole. */
static void compare_state(struct reader *reader, const struct source *source,
			  const struct comparison *comparison)
{
	struct conditions *conditions = &reader->line->match.conditions;
	const uint32_t new_state = NF_CT_STATE_BIT(IP_CT_NEW);
	uint32_t value = 0, mask = 0;

	memcpy(&value, comparison->value, sizeof(value));
	memcpy(&mask, source->mask, sizeof(mask));
	if (comparison->size != sizeof(value) || conditions->state ||
	    (source->masked ? value || mask != new_state : value != new_state))
		reader->alien = true;
	conditions->state = IPVSCTL_STATE_NEW;
	/* That a bit is not 0 is what a rule without negation says. */
	if (source->masked != comparison->negated)
		conditions->negated |= IPVSCTL_NOT_STATE;
}

static void compare_type(struct reader *reader, const struct source *source,
			 const struct comparison *comparison)
{
	struct conditions *conditions = &reader->line->match.conditions;
	const uint32_t local = RTN_LOCAL;
	bool from = source->key == NFTA_FIB_F_SADDR;
	uint8_t *type =
		from ? &conditions->source_type : &conditions->destination_type;

	if ((!from && source->key != NFTA_FIB_F_DADDR) || *type ||
	    source->masked || comparison->size != sizeof(local) ||
	    memcmp(comparison->value, &local, sizeof(local)) != 0)
		reader->alien = true;
	*type = IPVSCTL_ADDRESS_LOCAL;
	negate(reader, comparison,
	       from ? IPVSCTL_NOT_SOURCE_TYPE : IPVSCTL_NOT_DESTINATION_TYPE);
}

static void compare_exemption(struct reader *reader, uint16_t exempt,
			      bool expected)
{
	if (!expected || reader->exempts)
		reader->alien = true;
	reader->exempts = true;
	reader->line->exempt = exempt;
}

void reader_bound(struct reader *reader, const struct source *source,
		  size_t size, const uint8_t *first, const uint8_t *last)
{
	struct bounds *bounds = NULL;

	for (size_t i = 0; i < reader->bound_count; i++)
		if (reader->bounds[i].source.key == source->key &&
		    reader->bounds[i].source.offset == source->offset)
			bounds = &reader->bounds[i];
	if (!bounds && reader->bound_count < BOUNDS_MAX) {
		bounds = &reader->bounds[reader->bound_count++];
		bounds->source = *source;
	}
	if (!bounds || source->kind != SOURCE_PAYLOAD || source->masked ||
	    source->length != size || bounds->source.length != source->length ||
	    (first && bounds->has_first) || (last && bounds->has_last)) {
		reader->alien = true;
		return;
	}
	if (first)
		memcpy(bounds->span.first, first, sizeof(bounds->span.first));
	if (last)
		memcpy(bounds->span.last, last, sizeof(bounds->span.last));
	bounds->has_first = bounds->has_first || first;
	bounds->has_last = bounds->has_last || last;
}

void reader_compare(struct reader *reader, const struct source *source,
		    const struct comparison *comparison)
{
	uint8_t first = comparison->value[0];
	bool is_byte = comparison->size == 1 && !source->masked &&
		       !comparison->negated;

	switch (source->kind) {
	case SOURCE_META:
		compare_meta(reader, source, comparison);
		break;
	case SOURCE_PAYLOAD:
		if (source->key == NFT_PAYLOAD_LL_HEADER)
			compare_ethernet(reader, source, comparison);
		else if (is_dscp(source, reader->line->match.family))
			compare_dscp(reader, source, comparison);
		else if (!comparison->negated)
			compare_payload(reader, source, comparison);
		else
			reader->alien = true;
		break;
	case SOURCE_SOCKET:
		compare_exemption(reader, IPVSCTL_EXEMPT_SOCKET,
				  is_byte && !first);
		break;
	case SOURCE_DIRECTION:
		if (is_byte && first == IP_CT_DIR_ORIGINAL) {
			reader->original = true;
			break;
		}
		compare_exemption(reader, IPVSCTL_EXEMPT_CONNTRACK,
				  is_byte && first == IP_CT_DIR_REPLY);
		break;
	case SOURCE_STATE:
		compare_state(reader, source, comparison);
		break;
	case SOURCE_TYPE_OF:
		compare_type(reader, source, comparison);
		break;
	case SOURCE_NONE:
	case SOURCE_CONSTANT:
	case SOURCE_FOUND:
		reader->alien = true;
		break;
	}
}

/* ---- The match ----------------------------------------------------------- */

/* Returns the field at that place of a header, or FIELD_COUNT. */
static enum match_field field_at(const struct source *source, uint16_t family)
{
	static const struct {
		uint16_t family; /* AF_UNSPEC: either, ports */
		uint8_t base, offset, length;
		enum match_field field;
	} places[] = {
		{ AF_INET, NFT_PAYLOAD_NETWORK_HEADER, 12, 4, FIELD_SOURCE },
		{ AF_INET, NFT_PAYLOAD_NETWORK_HEADER, 16, 4,
		  FIELD_DESTINATION },
		{ AF_INET6, NFT_PAYLOAD_NETWORK_HEADER, 8, 16, FIELD_SOURCE },
		{ AF_INET6, NFT_PAYLOAD_NETWORK_HEADER, 24, 16,
		  FIELD_DESTINATION },
		{ AF_UNSPEC, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2,
		  FIELD_SOURCE_PORT },
		{ AF_UNSPEC, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2,
		  FIELD_DESTINATION_PORT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if ((!places[i].family || places[i].family == family) &&
		    places[i].base == source->key &&
		    places[i].offset == source->offset &&
		    places[i].length == source->length && !source->masked)
			return places[i].field;
	return FIELD_COUNT;
}

/* Tells whether a span has every address. */
static bool is_every(const struct span *span, enum match_field field,
		     uint16_t family)
{
	bool every = FIELD_BIT(field) & FIELDS_OF_ADDRESSES;

	for (size_t i = 0; i < field_width(field, family) && every; i++)
		every = !span->first[i] && span->last[i] == UINT8_MAX;
	return every;
}

static void set_span(struct reader *reader, enum match_field field,
		     const struct span *span)
{
	struct match *match = &reader->line->match;

	/* We write a prefix of no bits as nft(8) does, and that is no match. */
	if (field != FIELD_COUNT && is_every(span, field, match->family))
		return;
	if (field == FIELD_COUNT || match_has(match, field) ||
	    memcmp(span->first, span->last, sizeof(span->first)) > 0) {
		reader->alien = true;
		return;
	}
	match->fields |= (uint8_t)FIELD_BIT(field);
	match->spans[field] = *span;
}

static void take_bounds(struct reader *reader)
{
	for (size_t i = 0; i < reader->bound_count; i++) {
		struct bounds *bounds = &reader->bounds[i];

		if (!bounds->has_first || !bounds->has_last)
			reader->alien = true;
		set_span(reader,
			 field_at(&bounds->source, reader->line->match.family),
			 &bounds->span);
	}
}

/* Makes a span of the known bytes at a field, which then are unknown. */
static void take_bytes(struct reader *reader, enum match_field field)
{
	uint16_t family = reader->line->match.family;
	bool address = FIELD_BIT(field) & FIELDS_OF_ADDRESSES;
	struct header *header = &reader->headers[!address];
	size_t width = field_width(field, family), ones = 0;
	size_t at = field == FIELD_SOURCE      ? (family == AF_INET ? 12 : 8) :
		    field == FIELD_DESTINATION ? (family == AF_INET ? 16 : 24) :
		    field == FIELD_SOURCE_PORT ? 0 :
						 2;
	uint8_t *masks = header->masks + at;
	struct span span = { .first = { 0 } };

	while (ones < width * 8 && masks[ones / 8] & (0x80 >> ones % 8))
		ones++;
	for (size_t i = ones; i < width * 8; i++)
		if (masks[i / 8] & (0x80 >> i % 8))
			reader->alien = true;
	if (!ones)
		return;
	if (!address && ones != width * 8)
		reader->alien = true;
	for (size_t i = 0; i < width; i++) {
		span.first[i] = header->values[at + i];
		span.last[i] = span.first[i] | (uint8_t)~masks[i];
	}
	memset(masks, 0, width);
	set_span(reader, field, &span);
}

void reader_take_match(struct reader *reader)
{
	struct line *line = reader->line;

	/* nft(8) leaves out a family that the protocol implies (1.0.6). */
	if (!line->match.family && line->match.protocol == IPPROTO_ICMP)
		line->match.family = AF_INET;
	if (!line->match.family && line->match.protocol == IPPROTO_ICMPV6)
		line->match.family = AF_INET6;
	take_bounds(reader);
	if (line->match.family) {
		take_bytes(reader, FIELD_SOURCE);
		take_bytes(reader, FIELD_DESTINATION);
	}
	take_bytes(reader, FIELD_SOURCE_PORT);
	take_bytes(reader, FIELD_DESTINATION_PORT);
	for (size_t h = 0; h < ARRAY_SIZE(reader->headers); h++)
		for (size_t i = 0; i < sizeof(reader->headers[h].masks); i++)
			if (reader->headers[h].masks[i])
				reader->alien = true;
	for (size_t i = 0; i < line->key_count; i++) {
		line->keys[i] =
			(uint8_t)field_at(&reader->keys[i], line->match.family);
		if (line->keys[i] == FIELD_COUNT)
			reader->alien = true;
	}
	/* Ports are nothing without a protocol. */
	if (line->match.fields & ~FIELDS_OF_ADDRESSES &&
	    (!line->match.protocol ||
	     line->match.conditions.negated & IPVSCTL_NOT_PROTOCOL))
		reader->alien = true;
	if (reader->ethernet != line->match.conditions.has_mac)
		reader->alien = true;
}
