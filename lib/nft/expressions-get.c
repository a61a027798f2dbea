/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads lines from expressions of the kernel, by running them on registers that
 * hold names of values in place of values: other programs order, split and join
 * expressions otherwise than we do.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "nft/expressions.h"

#define WORDS 16 /* registers of four bytes */

enum source_kind {
	SOURCE_NONE,
	SOURCE_META,
	SOURCE_PAYLOAD,
	SOURCE_CONSTANT, /* number */
	SOURCE_FOUND,	 /* the value that a map had */
	SOURCE_SOCKET,
	SOURCE_DIRECTION,
};

/* What a register holds. */
struct source {
	enum source_kind kind;
	uint32_t key;	 /* of meta; of payload the base */
	uint32_t offset; /* of payload */
	uint32_t length; /* of payload */
	uint32_t number; /* of a constant */
	bool masked;	 /* mask and flips were applied */
	uint8_t mask[16];
	uint8_t flips[16];
};

/* Bytes of a header that are known; a header has no more of our fields. */
struct header {
	uint8_t values[40];
	uint8_t masks[40];
};

/* Bounds of one field; which one shows when the family is known. */
struct bounds {
	struct source source;
	bool has_first, has_last;
	struct span span;
};
#define BOUNDS_MAX 8

struct reader {
	struct line *line;
	struct source registers[WORDS];
	struct source nowhere;	  /* of a register that does not exist */
	struct header headers[2]; /* network, transport */
	struct bounds bounds[BOUNDS_MAX];
	size_t bound_count;
	struct source keys[FIELD_COUNT];
	bool looked_up;
	bool marks;
	bool exempts; /* the value of a socket or of conntrack was compared */
	bool ended;
	int32_t verdict;
	bool alien;
};

/* The attributes of one expression, by number. */
#define ATTRIBUTES_MAX 16
struct attributes {
	struct netlink_attribute at[ATTRIBUTES_MAX];
};

static void index_attributes(struct walk walk, struct attributes *ret)
{
	struct netlink_attribute attribute;

	*ret = (struct attributes){ 0 };
	while (attribute_next(&walk, &attribute))
		if (attribute.type < ATTRIBUTES_MAX)
			ret->at[attribute.type] = attribute;
}

/* Returns a number, or fallback if the attribute is not there. */
static uint32_t get_number(const struct attributes *attributes,
			   unsigned int type, uint32_t fallback)
{
	const struct netlink_attribute *attribute = &attributes->at[type];
	uint32_t number;

	if (attribute->length != sizeof(number))
		return fallback;
	memcpy(&number, attribute->value, sizeof(number));
	return ntohl(number);
}

/* Gets a value of at most 16 bytes; returns its length, or 0. */
static size_t get_value(const struct attributes *attributes, unsigned int type,
			uint8_t value[16])
{
	const struct netlink_attribute *nest = &attributes->at[type];
	struct walk walk = { nest->value, nest->length };
	struct netlink_attribute attribute;

	memset(value, 0, 16);
	if (!attribute_next(&walk, &attribute) ||
	    attribute.type != NFTA_DATA_VALUE || attribute.length > 16)
		return 0;
	memcpy(value, attribute.value, attribute.length);
	return attribute.length;
}

/* The two ways of naming registers: by 16 bytes, and by 4. */
static struct source *get_register(struct reader *reader,
				   const struct attributes *attributes,
				   unsigned int type)
{
	uint32_t number = get_number(attributes, type, NFT_REG_VERDICT);
	uint32_t word = WORDS;

	if (number >= NFT_REG_1 && number <= NFT_REG_4)
		word = (number - NFT_REG_1) * 4;
	else if (number >= NFT_REG32_00)
		word = number - NFT_REG32_00;
	if (word < WORDS)
		return &reader->registers[word];
	reader->alien = true;
	return &reader->nowhere;
}

/* ---- Expressions that load ---------------------------------------------- */

static void run_meta(struct reader *reader, const struct attributes *attributes)
{
	uint32_t key = get_number(attributes, NFTA_META_KEY, UINT32_MAX);
	struct line *line = reader->line;
	const struct source *from;
	uint32_t mask, mark;

	if (attributes->at[NFTA_META_DREG].value) {
		*get_register(reader, attributes, NFTA_META_DREG) =
			(struct source){ .kind = SOURCE_META, .key = key };
		return;
	}
	from = get_register(reader, attributes, NFTA_META_SREG);
	if (key != NFT_META_MARK || reader->marks) {
		reader->alien = true;
		return;
	}
	reader->marks = true;
	line->mask = UINT32_MAX;
	if (from->kind == SOURCE_CONSTANT) {
		line->mark = from->number;
	} else if (from->kind == SOURCE_META && from->key == NFT_META_MARK &&
		   from->masked) {
		memcpy(&mask, from->mask, sizeof(mask));
		memcpy(&mark, from->flips, sizeof(mark));
		line->mark = mark;
		line->mask = ~mask;
	} else if (from->kind != SOURCE_FOUND) {
		reader->alien = true;
	}
}

static void run_payload(struct reader *reader,
			const struct attributes *attributes)
{
	*get_register(reader, attributes, NFTA_PAYLOAD_DREG) = (struct source){
		.kind = SOURCE_PAYLOAD,
		.key = get_number(attributes, NFTA_PAYLOAD_BASE, UINT32_MAX),
		.offset =
			get_number(attributes, NFTA_PAYLOAD_OFFSET, UINT32_MAX),
		.length = get_number(attributes, NFTA_PAYLOAD_LEN, UINT32_MAX),
	};
}

static void run_socket(struct reader *reader,
		       const struct attributes *attributes)
{
	if (get_number(attributes, NFTA_SOCKET_KEY, UINT32_MAX) !=
	    NFT_SOCKET_WILDCARD)
		reader->alien = true;
	*get_register(reader, attributes, NFTA_SOCKET_DREG) =
		(struct source){ .kind = SOURCE_SOCKET };
}

static void run_ct(struct reader *reader, const struct attributes *attributes)
{
	if (get_number(attributes, NFTA_CT_KEY, UINT32_MAX) != NFT_CT_DIRECTION)
		reader->alien = true;
	*get_register(reader, attributes, NFTA_CT_DREG) =
		(struct source){ .kind = SOURCE_DIRECTION };
}

static void run_bitwise(struct reader *reader,
			const struct attributes *attributes)
{
	struct source *from =
		get_register(reader, attributes, NFTA_BITWISE_SREG);
	struct source *to = get_register(reader, attributes, NFTA_BITWISE_DREG);

	if (from->masked || get_number(attributes, NFTA_BITWISE_OP, 0))
		reader->alien = true;
	*to = *from;
	to->masked = true;
	if (!get_value(attributes, NFTA_BITWISE_MASK, to->mask) ||
	    !get_value(attributes, NFTA_BITWISE_XOR, to->flips))
		reader->alien = true;
}

/* ---- Expressions that compare ------------------------------------------- */

static void compare_meta(struct reader *reader, const struct source *source,
			 const uint8_t value[16], size_t size)
{
	struct match *match = &reader->line->match;
	bool whole;

	if (source->key == NFT_META_NFPROTO && size == 1 && !match->family) {
		match->family = value[0] == NFPROTO_IPV4 ? AF_INET :
				value[0] == NFPROTO_IPV6 ? AF_INET6 :
							   AF_UNSPEC;
		reader->alien = reader->alien || !match->family;
	} else if (source->key == NFT_META_L4PROTO && size == 1 &&
		   !match->protocol && value[0]) {
		match->protocol = value[0];
	} else if (source->key == NFT_META_IIFNAME && size &&
		   !match->in_interface[0] && value[0]) {
		whole = memchr(value, 0, size);
		memcpy(match->in_interface, value, size);
		if (!whole && size < IFNAMSIZ - 1)
			match->in_interface[size] = '+';
		else if (!whole)
			reader->alien = true;
	} else {
		reader->alien = true;
	}
}

/* Notes bytes of a header; each byte can be compared once. */
static void compare_payload(struct reader *reader, const struct source *source,
			    const uint8_t value[16], size_t size)
{
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

static void compare_exemption(struct reader *reader, uint16_t exempt,
			      bool expected)
{
	if (!expected || reader->exempts)
		reader->alien = true;
	reader->exempts = true;
	reader->line->exempt = exempt;
}

/* Notes one bound or both of a field. */
static void bound(struct reader *reader, const struct source *source,
		  const uint8_t *first, const uint8_t *last)
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
	    bounds->source.length != source->length ||
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

static void run_cmp(struct reader *reader, const struct attributes *attributes)
{
	const struct source *source =
		get_register(reader, attributes, NFTA_CMP_SREG);
	uint32_t operation = get_number(attributes, NFTA_CMP_OP, UINT32_MAX);
	uint8_t value[16];
	size_t size = get_value(attributes, NFTA_CMP_DATA, value);

	if (operation == NFT_CMP_GTE || operation == NFT_CMP_LTE) {
		bound(reader, source, operation == NFT_CMP_GTE ? value : NULL,
		      operation == NFT_CMP_LTE ? value : NULL);
		return;
	}
	if (operation == NFT_CMP_EQ && source->kind == SOURCE_META &&
	    !source->masked)
		compare_meta(reader, source, value, size);
	else if (operation == NFT_CMP_EQ && source->kind == SOURCE_PAYLOAD)
		compare_payload(reader, source, value, size);
	else if (operation == NFT_CMP_EQ && source->kind == SOURCE_SOCKET)
		compare_exemption(reader, IPVSCTL_EXEMPT_SOCKET, value[0] == 0);
	else if (operation == NFT_CMP_EQ && source->kind == SOURCE_DIRECTION)
		compare_exemption(reader, IPVSCTL_EXEMPT_CONNTRACK,
				  value[0] == IP_CT_DIR_REPLY);
	else
		reader->alien = true;
}

static void run_range(struct reader *reader, const struct attributes *attributes)
{
	uint8_t first[16], last[16];

	if (get_number(attributes, NFTA_RANGE_OP, UINT32_MAX) != NFT_RANGE_EQ ||
	    !get_value(attributes, NFTA_RANGE_FROM_DATA, first) ||
	    !get_value(attributes, NFTA_RANGE_TO_DATA, last))
		reader->alien = true;
	else
		bound(reader, get_register(reader, attributes, NFTA_RANGE_SREG),
		      first, last);
}

/* ---- Expressions that act ------------------------------------------------ */

/* Copies a name, which must be one that we could have given. */
static void get_name(struct reader *reader,
		     const struct netlink_attribute *attribute,
		     char name[NFT_NAME])
{
	size_t length = attribute->value ?
				strnlen(attribute->value, attribute->length) :
				NFT_NAME;

	if (length >= NFT_NAME) {
		reader->alien = true;
		return;
	}
	memcpy(name, attribute->value, length);
	name[length] = '\0';
}

/* The key lies from one register on; each part begins a word. */
static void run_lookup(struct reader *reader,
		       const struct attributes *attributes)
{
	const struct source *source =
		get_register(reader, attributes, NFTA_LOOKUP_SREG);
	const struct source *end = reader->registers + WORDS;
	struct line *line = reader->line;
	uint32_t to = get_number(attributes, NFTA_LOOKUP_DREG, UINT32_MAX);

	if (to == UINT32_MAX || reader->looked_up ||
	    get_number(attributes, NFTA_LOOKUP_FLAGS, 0)) {
		reader->alien = true;
		return;
	}
	reader->looked_up = true;
	get_name(reader, &attributes->at[NFTA_LOOKUP_SET], line->target);
	while (!reader->alien && source < end &&
	       source->kind == SOURCE_PAYLOAD &&
	       line->key_count < FIELD_COUNT) {
		reader->keys[line->key_count++] = *source;
		source += (source->length + 3) / 4;
	}
	line->verdict = to == NFT_REG_VERDICT;
	if (!line->verdict)
		*get_register(reader, attributes, NFTA_LOOKUP_DREG) =
			(struct source){ .kind = SOURCE_FOUND };
}

static void run_immediate(struct reader *reader,
			  const struct attributes *attributes)
{
	const struct netlink_attribute *data =
		&attributes->at[NFTA_IMMEDIATE_DATA];
	struct attributes inner, verdict;
	uint8_t value[16];

	if (get_number(attributes, NFTA_IMMEDIATE_DREG, UINT32_MAX) !=
	    NFT_REG_VERDICT) {
		struct source *to =
			get_register(reader, attributes, NFTA_IMMEDIATE_DREG);
		*to = (struct source){ .kind = SOURCE_CONSTANT };
		if (get_value(attributes, NFTA_IMMEDIATE_DATA, value) !=
		    sizeof(to->number))
			reader->alien = true;
		memcpy(&to->number, value, sizeof(to->number));
		return;
	}
	index_attributes((struct walk){ data->value, data->length }, &inner);
	index_attributes((struct walk){ inner.at[NFTA_DATA_VERDICT].value,
					inner.at[NFTA_DATA_VERDICT].length },
			 &verdict);
	reader->ended = true;
	reader->verdict =
		(int32_t)get_number(&verdict, NFTA_VERDICT_CODE, UINT32_MAX);
	if (reader->verdict == NFT_JUMP)
		get_name(reader, &verdict.at[NFTA_VERDICT_CHAIN],
			 reader->line->target);
}

static void run_counter(struct reader *reader,
			const struct attributes *attributes)
{
	struct bearer *bearer = &reader->line->bearer;
	uint64_t number;

	if (attributes->at[NFTA_COUNTER_BYTES].length != sizeof(number) ||
	    attributes->at[NFTA_COUNTER_PACKETS].length != sizeof(number)) {
		reader->alien = true;
		return;
	}
	memcpy(&number, attributes->at[NFTA_COUNTER_BYTES].value,
	       sizeof(number));
	bearer->bytes = be64toh(number);
	memcpy(&number, attributes->at[NFTA_COUNTER_PACKETS].value,
	       sizeof(number));
	bearer->packets = be64toh(number);
}

static const struct {
	const char *name;
	void (*run)(struct reader *reader, const struct attributes *attributes);
} expressions[] = {
	{ "meta", run_meta },	    { "payload", run_payload },
	{ "cmp", run_cmp },	    { "range", run_range },
	{ "bitwise", run_bitwise }, { "lookup", run_lookup },
	{ "counter", run_counter }, { "immediate", run_immediate },
	{ "socket", run_socket },   { "ct", run_ct },
};

static void run(struct reader *reader, const struct attributes *expression)
{
	const struct netlink_attribute *name = &expression->at[NFTA_EXPR_NAME];
	const struct netlink_attribute *data = &expression->at[NFTA_EXPR_DATA];
	struct attributes attributes;

	index_attributes((struct walk){ data->value, data->length },
			 &attributes);
	for (size_t i = 0; i < ARRAY_SIZE(expressions); i++)
		if (name->value &&
		    name->length == strlen(expressions[i].name) + 1 &&
		    !memcmp(name->value, expressions[i].name, name->length)) {
			/* Behind its verdict a rule does nothing. */
			reader->alien = reader->alien || reader->ended;
			expressions[i].run(reader, &attributes);
			return;
		}
	reader->alien = true;
}

/* ---- The whole line ------------------------------------------------------ */

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

static void set_span(struct reader *reader, enum match_field field,
		     const struct span *span)
{
	struct match *match = &reader->line->match;

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

static void take_match(struct reader *reader)
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
	if (line->match.fields & ~FIELDS_OF_ADDRESSES && !line->match.protocol)
		reader->alien = true;
}

static bool is_plain(const struct reader *reader)
{
	const struct match *match = &reader->line->match;

	return !match->family && !match->protocol && !match->fields &&
	       !match->in_interface[0];
}

static enum line_kind kind_of(const struct reader *reader)
{
	const struct line *line = reader->line;
	bool accepts = reader->ended && reader->verdict == NF_ACCEPT;

	if (reader->alien)
		return LINE_ALIEN;
	if (reader->looked_up)
		return line->key_count && !reader->exempts &&
				       (line->verdict ?
						!reader->ended &&
							!reader->marks :
						accepts && reader->marks &&
							line->mask ==
								UINT32_MAX) ?
			       LINE_MAP :
			       LINE_ALIEN;
	if (reader->exempts)
		return reader->ended && reader->verdict == NFT_RETURN &&
				       !reader->marks ?
			       LINE_EXEMPT :
			       LINE_ALIEN;
	if (accepts)
		return LINE_RULE;
	return reader->ended && reader->verdict == NFT_JUMP && !reader->marks &&
			       is_plain(reader) ?
		       LINE_JUMP :
		       LINE_ALIEN;
}

int line_get(struct walk expressions_of, struct line *line)
{
	struct reader reader = { .line = line };
	struct attributes expression;
	struct netlink_attribute attribute;

	while (attribute_next(&expressions_of, &attribute)) {
		index_attributes((struct walk){ attribute.value,
						attribute.length },
				 &expression);
		run(&reader, &expression);
	}
	if (expressions_of.left)
		return -EBADMSG;
	take_match(&reader);
	line->kind = kind_of(&reader);
	line->exclude = line->kind == LINE_RULE && !reader.marks;
	return 0;
}

int counter_get(struct walk walk, struct bearer *bearer)
{
	struct line line = { .kind = LINE_ALIEN };
	struct reader reader = { .line = &line };
	struct attributes expression;

	index_attributes(walk, &expression);
	run(&reader, &expression);
	bearer->packets = line.bearer.packets;
	bearer->bytes = line.bearer.bytes;
	return 0;
}
