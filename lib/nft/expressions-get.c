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
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "nft/expressions.h"
#include "nft/reader.h"

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
	if (from->kind == SOURCE_CONSTANT && !from->masked) {
		line->mark = from->number;
	} else if (from->kind == SOURCE_META && from->key == NFT_META_MARK &&
		   from->masked) {
		memcpy(&mask, from->mask, sizeof(mask));
		memcpy(&mark, from->flips, sizeof(mark));
		line->mark = mark;
		line->mask = ~mask;
	}
	/* A map's mark is the one found, as it is; others fit their mask. */
	if (reader->looked_up ? from->kind != SOURCE_FOUND || from->masked :
				!line->mark || line->mark & ~line->mask)
		reader->alien = true;
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
	uint32_t key = get_number(attributes, NFTA_CT_KEY, UINT32_MAX);

	if (key != NFT_CT_DIRECTION && key != NFT_CT_STATE)
		reader->alien = true;
	*get_register(reader, attributes, NFTA_CT_DREG) = (struct source){
		.kind = key == NFT_CT_STATE ? SOURCE_STATE : SOURCE_DIRECTION
	};
}

static void run_fib(struct reader *reader, const struct attributes *attributes)
{
	if (get_number(attributes, NFTA_FIB_RESULT, UINT32_MAX) !=
	    NFT_FIB_RESULT_ADDRTYPE)
		reader->alien = true;
	*get_register(reader, attributes, NFTA_FIB_DREG) =
		(struct source){ .kind = SOURCE_TYPE_OF,
				 .key = get_number(attributes, NFTA_FIB_FLAGS,
						   UINT32_MAX) };
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

static void run_cmp(struct reader *reader, const struct attributes *attributes)
{
	const struct source *source =
		get_register(reader, attributes, NFTA_CMP_SREG);
	uint32_t operation = get_number(attributes, NFTA_CMP_OP, UINT32_MAX);
	struct comparison comparison = { .negated = operation == NFT_CMP_NEQ };

	/* What comes behind a mark does not keep it from being set. */
	reader->alien = reader->alien || reader->marks;
	comparison.size =
		get_value(attributes, NFTA_CMP_DATA, comparison.value);
	if (operation == NFT_CMP_GTE)
		reader_bound(reader, source, comparison.size, comparison.value,
			     NULL);
	else if (operation == NFT_CMP_LTE)
		reader_bound(reader, source, comparison.size, NULL,
			     comparison.value);
	else if (operation == NFT_CMP_EQ || operation == NFT_CMP_NEQ)
		reader_compare(reader, source, &comparison);
	else
		reader->alien = true;
}

static void run_range(struct reader *reader, const struct attributes *attributes)
{
	uint8_t first[16], last[16];
	size_t size = get_value(attributes, NFTA_RANGE_FROM_DATA, first);

	if (reader->marks ||
	    get_number(attributes, NFTA_RANGE_OP, UINT32_MAX) != NFT_RANGE_EQ ||
	    get_value(attributes, NFTA_RANGE_TO_DATA, last) != size)
		reader->alien = true;
	else
		reader_bound(reader,
			     get_register(reader, attributes, NFTA_RANGE_SREG),
			     size, first, last);
}

/* ---- Expressions that act ------------------------------------------------ */

/* Copies a name, which must be one that we could have given. */
static void get_name(struct reader *reader,
		     const struct netlink_attribute *attribute,
		     char name[NFT_NAME])
{
	if (!attribute->value || !attribute_get_text(attribute, name, NFT_NAME))
		reader->alien = true;
}

/* The key is the mark, or lies from one register on; each part begins a word. */
static void run_lookup(struct reader *reader,
		       const struct attributes *attributes)
{
	const struct source *source =
		get_register(reader, attributes, NFTA_LOOKUP_SREG);
	const struct source *end = reader->registers + WORDS;
	struct line *line = reader->line;
	uint32_t to = get_number(attributes, NFTA_LOOKUP_DREG, UINT32_MAX);

	reader->by_mark = source->kind == SOURCE_META &&
			  source->key == NFT_META_MARK && !source->masked;
	if ((to == UINT32_MAX && !reader->by_mark) || reader->looked_up ||
	    reader->marks || get_number(attributes, NFTA_LOOKUP_FLAGS, 0)) {
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
	if (!line->verdict && to != UINT32_MAX)
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

static void run_masq(struct reader *reader, const struct attributes *attributes)
{
	reader->snats = reader->ended = true;
	if (attributes->at[NFTA_MASQ_REG_PROTO_MIN].value ||
	    get_number(attributes, NFTA_MASQ_FLAGS, 0))
		reader->alien = true;
}

/* The kernel shows the one address as the last of a range, too. */
static void run_nat(struct reader *reader, const struct attributes *attributes)
{
	const struct source *from =
		get_register(reader, attributes, NFTA_NAT_REG_ADDR_MIN);
	uint32_t family = get_number(attributes, NFTA_NAT_FAMILY, UINT32_MAX);
	uint32_t flags = get_number(attributes, NFTA_NAT_FLAGS, 0);
	uint16_t *known = &reader->line->match.family;
	uint16_t shown = family == NFPROTO_IPV4 ? AF_INET : AF_INET6;

	reader->snats = reader->ended = reader->line->address = true;
	if (from->kind != SOURCE_FOUND || from->masked ||
	    (attributes->at[NFTA_NAT_REG_ADDR_MAX].value &&
	     get_register(reader, attributes, NFTA_NAT_REG_ADDR_MAX) != from) ||
	    attributes->at[NFTA_NAT_REG_PROTO_MIN].value ||
	    flags & ~(uint32_t)NF_NAT_RANGE_MAP_IPS ||
	    get_number(attributes, NFTA_NAT_TYPE, UINT32_MAX) != NFT_NAT_SNAT ||
	    (family != NFPROTO_IPV4 && family != NFPROTO_IPV6) ||
	    (*known && *known != shown))
		reader->alien = true;
	*known = shown;
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
	{ "fib", run_fib },	    { "masq", run_masq },
	{ "nat", run_nat },
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
			reader->alien =
				reader->alien || reader->ended ||
				(reader->looked_up && reader->line->verdict);
			expressions[i].run(reader, &attributes);
			return;
		}
	reader->alien = true;
}

/* ---- The whole line ------------------------------------------------------ */

static bool is_plain(const struct reader *reader)
{
	const struct match *match = &reader->line->match;

	return !match->family && !match->protocol && !match->fields &&
	       !match->in_interface[0];
}

/* Tells whether the family is all that a rule demands of packets. */
static bool is_of_family(const struct reader *reader)
{
	const struct match *match = &reader->line->match;

	return match->family && !match->protocol && !match->fields &&
	       !match->in_interface[0] && !match_has_conditions(match);
}

static enum line_kind kind_of(const struct reader *reader)
{
	const struct line *line = reader->line;
	bool accepts =
		reader->ended && !reader->snats && reader->verdict == NF_ACCEPT;

	if (reader->alien)
		return LINE_ALIEN;
	if (reader->snats || reader->by_mark || reader->original)
		return reader->snats && reader->by_mark && reader->original &&
				       !reader->exempts && !reader->marks &&
				       is_of_family(reader) ?
			       LINE_SNAT :
			       LINE_ALIEN;
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
	reader_take_match(&reader);
	line->kind = kind_of(&reader);
	line->exclude = line->kind == LINE_RULE && !reader.marks;
	return 0;
}

/* There is one for each element: this takes no steps but those that it needs. */
void counter_get(struct walk expression, struct bearer *bearer)
{
	static const char counter[] = "counter";
	struct netlink_attribute attribute, value;
	struct walk values = { NULL, 0 };
	uint64_t number;

	while (attribute_next(&expression, &attribute))
		if (attribute.type == NFTA_EXPR_DATA)
			values = (struct walk){ attribute.value,
						attribute.length };
		else if (attribute.type == NFTA_EXPR_NAME &&
			 (attribute.length != sizeof(counter) ||
			  memcmp(attribute.value, counter, sizeof(counter)) !=
				  0))
			return;
	while (attribute_next(&values, &value)) {
		if (value.length != sizeof(number))
			continue;
		memcpy(&number, value.value, sizeof(number));
		if (value.type == NFTA_COUNTER_BYTES)
			bearer->bytes = be64toh(number);
		else if (value.type == NFTA_COUNTER_PACKETS)
			bearer->packets = be64toh(number);
	}
}
