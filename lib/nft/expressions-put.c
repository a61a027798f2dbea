/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes lines as expressions of the kernel. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "nft/expressions.h"

/* ---- One expression ----------------------------------------------------- */

struct nests {
	size_t item;
	size_t data;
};

static struct nests open_expression(struct batch *batch, const char *name)
{
	struct nests nests = { .item = batch_open(batch, NFTA_LIST_ELEM) };

	batch_put_text(batch, NFTA_EXPR_NAME, name);
	nests.data = batch_open(batch, NFTA_EXPR_DATA);
	return nests;
}

static void close_expression(struct batch *batch, struct nests nests)
{
	batch_close(batch, nests.data);
	batch_close(batch, nests.item);
}

static void put_value(struct batch *batch, uint16_t type, const void *value,
		      size_t size)
{
	size_t nest = batch_open(batch, type);

	batch_put(batch, NFTA_DATA_VALUE, value, size);
	batch_close(batch, nest);
}

static void put_meta(struct batch *batch, uint32_t key, uint32_t reg)
{
	struct nests nests = open_expression(batch, "meta");

	batch_put_be32(batch, NFTA_META_DREG, reg);
	batch_put_be32(batch, NFTA_META_KEY, key);
	close_expression(batch, nests);
}

static void compare(struct batch *batch, bool negated, const void *value,
		    size_t size)
{
	struct nests nests = open_expression(batch, "cmp");

	batch_put_be32(batch, NFTA_CMP_SREG, NFT_REG_1);
	batch_put_be32(batch, NFTA_CMP_OP, negated ? NFT_CMP_NEQ : NFT_CMP_EQ);
	put_value(batch, NFTA_CMP_DATA, value, size);
	close_expression(batch, nests);
}

static void put_cmp(struct batch *batch, const void *value, size_t size)
{
	compare(batch, false, value, size);
}

static void put_cmp8(struct batch *batch, uint8_t value)
{
	put_cmp(batch, &value, sizeof(value));
}

static void put_range(struct batch *batch, const struct span *span, size_t size)
{
	struct nests nests = open_expression(batch, "range");

	batch_put_be32(batch, NFTA_RANGE_SREG, NFT_REG_1);
	batch_put_be32(batch, NFTA_RANGE_OP, NFT_RANGE_EQ);
	put_value(batch, NFTA_RANGE_FROM_DATA, span->first, size);
	put_value(batch, NFTA_RANGE_TO_DATA, span->last, size);
	close_expression(batch, nests);
}

static void put_bitwise(struct batch *batch, const void *mask, const void * xor,
			size_t size)
{
	struct nests nests = open_expression(batch, "bitwise");

	batch_put_be32(batch, NFTA_BITWISE_SREG, NFT_REG_1);
	batch_put_be32(batch, NFTA_BITWISE_DREG, NFT_REG_1);
	batch_put_be32(batch, NFTA_BITWISE_LEN, (uint32_t)size);
	put_value(batch, NFTA_BITWISE_MASK, mask, size);
	put_value(batch, NFTA_BITWISE_XOR, xor, size);
	close_expression(batch, nests);
}

static void put_verdict(struct batch *batch, int32_t code, const char *chain)
{
	struct nests nests = open_expression(batch, "immediate");
	size_t data, verdict;

	batch_put_be32(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = batch_open(batch, NFTA_IMMEDIATE_DATA);
	verdict = batch_open(batch, NFTA_DATA_VERDICT);
	batch_put_be32(batch, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		batch_put_text(batch, NFTA_VERDICT_CHAIN, chain);
	batch_close(batch, verdict);
	batch_close(batch, data);
	close_expression(batch, nests);
}

void counter_put(struct batch *batch, uint16_t type, const struct bearer *bearer)
{
	size_t item = batch_open(batch, type), data;

	batch_put_text(batch, NFTA_EXPR_NAME, "counter");
	data = batch_open(batch, NFTA_EXPR_DATA);
	batch_put_be64(batch, NFTA_COUNTER_BYTES, bearer->bytes);
	batch_put_be64(batch, NFTA_COUNTER_PACKETS, bearer->packets);
	batch_close(batch, data);
	batch_close(batch, item);
}

/* ---- Matches ------------------------------------------------------------ */

/* Loads bytes of a header. */
static void put_bytes(struct batch *batch, uint32_t base, uint32_t offset,
		      size_t size, uint32_t reg)
{
	struct nests nests = open_expression(batch, "payload");

	batch_put_be32(batch, NFTA_PAYLOAD_DREG, reg);
	batch_put_be32(batch, NFTA_PAYLOAD_BASE, base);
	batch_put_be32(batch, NFTA_PAYLOAD_OFFSET, offset);
	batch_put_be32(batch, NFTA_PAYLOAD_LEN, (uint32_t)size);
	close_expression(batch, nests);
}

static void put_payload(struct batch *batch, enum match_field field,
			uint16_t family, size_t size, uint32_t reg)
{
	static const struct {
		uint8_t ipv4, ipv6;
	} offsets[] = {
		[FIELD_SOURCE] = { 12, 8 },
		[FIELD_DESTINATION] = { 16, 24 },
		[FIELD_SOURCE_PORT] = { 0, 0 },
		[FIELD_DESTINATION_PORT] = { 2, 2 },
	};
	bool address = FIELD_BIT(field) & FIELDS_OF_ADDRESSES;

	put_bytes(batch,
		  address ? NFT_PAYLOAD_NETWORK_HEADER :
			    NFT_PAYLOAD_TRANSPORT_HEADER,
		  family == AF_INET ? offsets[field].ipv4 : offsets[field].ipv6,
		  size, reg);
}

/* Returns the leading bits of a span that is a prefix, else SIZE_MAX. */
static size_t prefix_length(const struct span *span, size_t width)
{
	size_t length = 0;

	while (length < width * 8 &&
	       !((span->first[length / 8] ^ span->last[length / 8]) &
		 (0x80 >> length % 8)))
		length++;
	for (size_t i = length; i < width * 8; i++)
		if (span->first[i / 8] & (0x80 >> i % 8) ||
		    !(span->last[i / 8] & (0x80 >> i % 8)))
			return SIZE_MAX;
	return length;
}

/* A prefix of whole bytes loads just these, as nft(8) does. */
static void put_span(struct batch *batch, const struct match *match,
		     enum match_field field)
{
	const struct span *span = &match->spans[field];
	size_t width = field_width(field, match->family);
	size_t prefix = prefix_length(span, width);
	bool address = FIELD_BIT(field) & FIELDS_OF_ADDRESSES;
	bool range = prefix == SIZE_MAX || (!address && prefix != width * 8);
	bool whole = !range && prefix && prefix % 8 == 0;
	uint8_t mask[16], zero[16] = { 0 };

	if (whole)
		width = prefix / 8;
	put_payload(batch, field, match->family, width, NFT_REG_1);
	if (range) {
		put_range(batch, span, width);
		return;
	}
	if (!whole) {
		for (size_t i = 0; i < width; i++)
			mask[i] = (uint8_t) ~(span->first[i] ^ span->last[i]);
		put_bitwise(batch, mask, zero, width);
	}
	put_cmp(batch, span->first, width);
}

static void put_interface(struct batch *batch, const char *name, bool negated)
{
	char whole[IFNAMSIZ] = "";
	size_t length = strlen(name);

	if (!length)
		return;
	put_meta(batch, NFT_META_IIFNAME, NFT_REG_1);
	(void)snprintf(whole, sizeof(whole), "%s", name);
	compare(batch, negated, whole,
		name[length - 1] == '+' ? length - 1 : sizeof(whole));
}

/* ---- Conditions ---------------------------------------------------------- */

static void put_local(struct batch *batch, uint32_t which, bool negated)
{
	const uint32_t local = RTN_LOCAL;
	struct nests nests = open_expression(batch, "fib");

	batch_put_be32(batch, NFTA_FIB_DREG, NFT_REG_1);
	batch_put_be32(batch, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	batch_put_be32(batch, NFTA_FIB_FLAGS, which);
	close_expression(batch, nests);
	compare(batch, negated, &local, sizeof(local));
}

/* What is no Ethernet has no such bytes. */
static void put_mac(struct batch *batch, const uint8_t mac[6], bool negated)
{
	const uint16_t ethernet = ARPHRD_ETHER;

	put_meta(batch, NFT_META_IIFTYPE, NFT_REG_1);
	put_cmp(batch, &ethernet, sizeof(ethernet));
	put_bytes(batch, NFT_PAYLOAD_LL_HEADER, 6, 6, NFT_REG_1);
	compare(batch, negated, mac, 6);
}

/* The upper six bits of a byte that in IPv6 begins in the middle of one. */
static void put_dscp(struct batch *batch, const struct match *match)
{
	bool ipv4 = match->family == AF_INET;
	uint8_t dscp = match->conditions.dscp, zero[2] = { 0 };
	const uint8_t masks[] = { 0x0f, 0xc0 }, mask = 0xfc;
	const uint8_t in_ipv6[] = { dscp >> 2, (uint8_t)(dscp << 6) };
	const uint8_t in_ipv4 = (uint8_t)(dscp << 2);

	put_bytes(batch, NFT_PAYLOAD_NETWORK_HEADER, ipv4 ? 1 : 0, ipv4 ? 1 : 2,
		  NFT_REG_1);
	put_bitwise(batch, ipv4 ? &mask : masks, zero, ipv4 ? 1 : 2);
	compare(batch, match->conditions.negated & IPVSCTL_NOT_DSCP,
		ipv4 ? &in_ipv4 : in_ipv6, ipv4 ? 1 : 2);
}

/* A packet has one state; one without connection tracking has one, too. */
static void put_new(struct batch *batch, bool negated)
{
	const uint32_t new_state = NF_CT_STATE_BIT(IP_CT_NEW), zero = 0;
	struct nests nests = open_expression(batch, "ct");

	batch_put_be32(batch, NFTA_CT_KEY, NFT_CT_STATE);
	batch_put_be32(batch, NFTA_CT_DREG, NFT_REG_1);
	close_expression(batch, nests);
	if (!negated)
		put_bitwise(batch, &new_state, &zero, sizeof(zero));
	compare(batch, true, negated ? &new_state : &zero, sizeof(zero));
}

static void put_conditions(struct batch *batch, const struct match *match)
{
	const struct conditions *conditions = &match->conditions;
	uint16_t negated = conditions->negated;

	if (conditions->has_mac)
		put_mac(batch, conditions->mac, negated & IPVSCTL_NOT_MAC);
	if (conditions->source_type)
		put_local(batch, NFTA_FIB_F_SADDR,
			  negated & IPVSCTL_NOT_SOURCE_TYPE);
	if (conditions->destination_type)
		put_local(batch, NFTA_FIB_F_DADDR,
			  negated & IPVSCTL_NOT_DESTINATION_TYPE);
	if (conditions->has_dscp)
		put_dscp(batch, match);
	if (conditions->state)
		put_new(batch, negated & IPVSCTL_NOT_STATE);
}

/* ---- The whole match ----------------------------------------------------- */

static void put_match(struct batch *batch, const struct match *match)
{
	put_interface(batch, match->in_interface,
		      match->conditions.negated & IPVSCTL_NOT_IN_INTERFACE);
	if (match->family != AF_UNSPEC) {
		put_meta(batch, NFT_META_NFPROTO, NFT_REG_1);
		put_cmp8(batch, match->family == AF_INET ? NFPROTO_IPV4 :
							   NFPROTO_IPV6);
	}
	for (size_t i = FIELD_SOURCE; i <= FIELD_DESTINATION; i++)
		if (match_has(match, (enum match_field)i))
			put_span(batch, match, (enum match_field)i);
	if (match->protocol) {
		put_meta(batch, NFT_META_L4PROTO, NFT_REG_1);
		compare(batch, match->conditions.negated & IPVSCTL_NOT_PROTOCOL,
			&match->protocol, sizeof(match->protocol));
	}
	for (size_t i = FIELD_SOURCE_PORT; i < FIELD_COUNT; i++)
		if (match_has(match, (enum match_field)i))
			put_span(batch, match, (enum match_field)i);
	put_conditions(batch, match);
}

/* ---- Lines -------------------------------------------------------------- */

static void put_set_mark(struct batch *batch)
{
	struct nests nests = open_expression(batch, "meta");

	batch_put_be32(batch, NFTA_META_KEY, NFT_META_MARK);
	batch_put_be32(batch, NFTA_META_SREG, NFT_REG_1);
	close_expression(batch, nests);
	put_verdict(batch, NF_ACCEPT, NULL);
}

/* Registers hold marks in host order. */
static void put_action(struct batch *batch, const struct line *line)
{
	uint32_t keep = ~line->mask;
	struct nests nests;

	if (line->exclude) {
		put_verdict(batch, NF_ACCEPT, NULL);
		return;
	}
	if (keep) {
		put_meta(batch, NFT_META_MARK, NFT_REG_1);
		put_bitwise(batch, &keep, &line->mark, sizeof(keep));
	} else {
		nests = open_expression(batch, "immediate");
		batch_put_be32(batch, NFTA_IMMEDIATE_DREG, NFT_REG_1);
		put_value(batch, NFTA_IMMEDIATE_DATA, &line->mark,
			  sizeof(line->mark));
		close_expression(batch, nests);
	}
	put_set_mark(batch);
}

static void put_direction(struct batch *batch, uint8_t direction)
{
	struct nests nests = open_expression(batch, "ct");

	batch_put_be32(batch, NFTA_CT_KEY, NFT_CT_DIRECTION);
	batch_put_be32(batch, NFTA_CT_DREG, NFT_REG_1);
	close_expression(batch, nests);
	put_cmp8(batch, direction);
}

static void put_exemption(struct batch *batch, uint16_t exempt)
{
	if (exempt == IPVSCTL_EXEMPT_SOCKET) {
		struct nests nests = open_expression(batch, "socket");

		batch_put_be32(batch, NFTA_SOCKET_KEY, NFT_SOCKET_WILDCARD);
		batch_put_be32(batch, NFTA_SOCKET_DREG, NFT_REG_1);
		close_expression(batch, nests);
		/* Bound to an address, so not a wildcard. */
		put_cmp8(batch, 0);
	} else {
		put_direction(batch, IP_CT_DIR_REPLY);
	}
	put_verdict(batch, NFT_RETURN, NULL);
}

/* Looks up the first register; value: what is found goes to that register, or
   is a verdict. */
static void put_set(struct batch *batch, const struct line *line, bool value)
{
	struct nests nests = open_expression(batch, "lookup");

	batch_put_text(batch, NFTA_LOOKUP_SET, line->target);
	batch_put_be32(batch, NFTA_LOOKUP_SREG, NFT_REG_1);
	if (value)
		batch_put_be32(batch, NFTA_LOOKUP_DREG,
			       line->verdict ? NFT_REG_VERDICT : NFT_REG_1);
	close_expression(batch, nests);
}

/* The fields of a key lie one after the other, each from a register on. */
static void put_lookup(struct batch *batch, const struct line *line)
{
	uint32_t word = 0;

	for (size_t i = 0; i < line->key_count; i++) {
		size_t width = field_width((enum match_field)line->keys[i],
					   line->match.family);

		put_payload(batch, (enum match_field)line->keys[i],
			    line->match.family, width,
			    word % 4 ? NFT_REG32_00 + word :
				       NFT_REG_1 + word / 4);
		word += (uint32_t)(width + 3) / 4;
	}
	put_set(batch, line, true);
	if (!line->verdict)
		put_set_mark(batch);
}

static void put_snat(struct batch *batch, const struct line *line)
{
	bool ipv4 = line->match.family == AF_INET;
	struct nests nests;

	put_direction(batch, IP_CT_DIR_ORIGINAL);
	put_meta(batch, NFT_META_MARK, NFT_REG_1);
	put_set(batch, line, line->address);
	nests = open_expression(batch, line->address ? "nat" : "masq");
	if (line->address) {
		batch_put_be32(batch, NFTA_NAT_TYPE, NFT_NAT_SNAT);
		batch_put_be32(batch, NFTA_NAT_FAMILY,
			       ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
		batch_put_be32(batch, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	}
	close_expression(batch, nests);
}

void line_put(struct batch *batch, const struct view *view,
	      const struct line *line)
{
	size_t list = batch_open(batch, NFTA_RULE_EXPRESSIONS);

	if (line->kind != LINE_JUMP)
		put_match(batch, &line->match);
	switch (line->kind) {
	case LINE_JUMP:
		put_verdict(batch, NFT_JUMP, line->target);
		break;
	case LINE_EXEMPT:
		put_exemption(batch, line->exempt);
		break;
	case LINE_RULE:
		counter_put(batch, NFTA_LIST_ELEM, &line->bearer);
		put_action(batch, line);
		break;
	case LINE_MAP:
		put_lookup(batch, line);
		break;
	case LINE_SNAT:
		put_snat(batch, line);
		break;
	case LINE_ALIEN:
		break;
	}
	batch_close(batch, list);
	if (line->kind == LINE_RULE)
		comment_put(batch, NFTA_RULE_USERDATA, view, &line->bearer);
}
