/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Rules of other programs that set marks. Those of a form that ours have are
 * written whole; of others only their place, by which nft(8) shows them.
 */
#include "nft/others.h"

#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>
#include <sys/socket.h>

#include "nft/expressions.h"
#include "text.h"

struct others {
	uint16_t family; /* AF_UNSPEC: the table is for both */
	const char *family_name;
	struct bytes found; /* of each rule its family and a text with NUL */
};

struct rule {
	char table[256];
	char chain[256];
	uint64_t handle;
	struct walk expressions;
};

static bool is_number(const struct netlink_attribute *attribute, uint32_t number)
{
	uint32_t value = htonl(number);

	return attribute->length == sizeof(value) &&
	       !memcmp(attribute->value, &value, sizeof(value));
}

/* Tells whether an expression is "meta mark set ...". */
static bool sets_mark(struct walk expression)
{
	bool meta = false, mark = false, set = false;
	struct netlink_attribute attribute, value;

	while (attribute_next(&expression, &attribute)) {
		struct walk data = { attribute.value, attribute.length };

		if (attribute.type == NFTA_EXPR_NAME)
			meta = attribute.length == sizeof("meta") &&
			       !memcmp(attribute.value, "meta", sizeof("meta"));
		while (attribute.type == NFTA_EXPR_DATA &&
		       attribute_next(&data, &value)) {
			mark = mark || (value.type == NFTA_META_KEY &&
					is_number(&value, NFT_META_MARK));
			set = set || value.type == NFTA_META_SREG;
		}
	}
	return meta && mark && set;
}

static bool marks(struct walk expressions)
{
	struct netlink_attribute attribute;

	while (attribute_next(&expressions, &attribute))
		if (sets_mark(
			    (struct walk){ attribute.value, attribute.length }))
			return true;
	return false;
}

/* ---- Words --------------------------------------------------------------- */

static void add_address(struct text *text, const uint8_t *bytes, uint16_t family)
{
	char address[INET6_ADDRSTRLEN];

	text_add_text(text, inet_ntop(family, bytes, address, sizeof(address)) ?
				    address :
				    "?");
}

static void add_span(struct text *text, const struct match *match,
		     enum match_field field)
{
	static const char *const names[] = {
		[FIELD_SOURCE] = "saddr",
		[FIELD_DESTINATION] = "daddr",
		[FIELD_SOURCE_PORT] = "th sport",
		[FIELD_DESTINATION_PORT] = "th dport",
	};
	const struct span *span = &match->spans[field];
	bool address = FIELD_BIT(field) & FIELDS_OF_ADDRESSES;

	if (!match_has(match, field))
		return;
	if (address)
		text_add_text(text, match->family == AF_INET ? "ip " : "ip6 ");
	text_add(text, "%s ", names[field]);
	for (int end = 0; end < 1 + !match_is_exact(match, field); end++) {
		const uint8_t *bytes = end ? span->last : span->first;

		text_add_text(text, end ? "-" : "");
		if (address)
			add_address(text, bytes, match->family);
		else
			text_add(text, "%u", bytes[0] << 8 | bytes[1]);
	}
	text_add_text(text, " ");
}

static void add_line(struct text *text, const struct line *line)
{
	const struct match *match = &line->match;

	if (match->in_interface[0])
		text_add(text, "iifname \"%s\" ", match->in_interface);
	if (match->protocol)
		text_add(text, "meta l4proto %u ", match->protocol);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		add_span(text, match, (enum match_field)i);
	if (line->mask == UINT32_MAX)
		text_add(text, "meta mark set 0x%x accept", line->mark);
	else
		text_add(text, "meta mark set meta mark & 0x%x | 0x%x accept",
			 ~line->mask & ~line->mark, line->mark);
}

static int note(struct others *others, const struct rule *rule)
{
	AUTO_TEXT struct text text = { .length = 0 };
	AUTO_FREE char *words = NULL;
	struct line line = { .match.family = others->family };
	int r = line_get(rule->expressions, &line);

	if (r < 0)
		return r;
	text_add(&text, "%s %s %s handle %" PRIu64 ": ", others->family_name,
		 rule->table, rule->chain, rule->handle);
	if (line.kind == LINE_RULE && !line.exclude)
		add_line(&text, &line);
	else
		text_add(&text, "%snft -a list chain %s %s %s",
			 marks(rule->expressions) ? "sets a mark: " : "",
			 others->family_name, rule->table, rule->chain);
	if (text_take(&text, &words) < 0)
		return -ENOMEM;
	bytes_add(&others->found, &others->family, sizeof(others->family));
	bytes_add(&others->found, words, strlen(words) + 1);
	return others->found.failed ? -ENOMEM : 0;
}

/* ---- Dumps --------------------------------------------------------------- */

static int take_rule(struct walk attributes, void *data)
{
	struct rule rule = { .handle = 0 };
	struct netlink_attribute attribute;
	struct line line = { .kind = LINE_ALIEN };
	bool ours;

	while (attribute_next(&attributes, &attribute)) {
		if (attribute.type == NFTA_RULE_TABLE)
			(void)attribute_get_text(&attribute, rule.table,
						 sizeof(rule.table));
		else if (attribute.type == NFTA_RULE_CHAIN)
			(void)attribute_get_text(&attribute, rule.chain,
						 sizeof(rule.chain));
		else if (attribute.type == NFTA_RULE_HANDLE &&
			 attribute.length == sizeof(rule.handle))
			memcpy(&rule.handle, attribute.value,
			       sizeof(rule.handle));
		else if (attribute.type == NFTA_RULE_EXPRESSIONS)
			rule.expressions = (struct walk){ attribute.value,
							  attribute.length };
	}
	rule.handle = be64toh(rule.handle);
	ours = ((struct others *)data)->family == AF_UNSPEC &&
	       !strcmp(rule.table, NFT_TABLE);
	if (ours && line_get(rule.expressions, &line) < 0)
		return -EBADMSG;
	if (ours ? line.kind != LINE_ALIEN : !marks(rule.expressions))
		return 0;
	return note(data, &rule);
}

static int find_all(struct channel *channel, struct others *others)
{
	static const struct {
		uint8_t number;
		uint16_t family;
		const char *name;
	} families[] = {
		{ NFPROTO_IPV4, AF_INET, "ip" },
		{ NFPROTO_IPV6, AF_INET6, "ip6" },
		{ NFPROTO_INET, AF_UNSPEC, "inet" },
	};
	int r = 0;

	others->found.size = 0;
	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++) {
		others->family = families[i].family;
		others->family_name = families[i].name;
		r = channel_dump(channel, NFT_MSG_GETRULE, families[i].number,
				 take_rule, others);
	}
	return r;
}

/* A dump that a change interrupts begins anew, so nothing is told before. */
int others_find(struct channel *channel, struct bytes *ret_found)
{
	struct others others = { .family = AF_UNSPEC };
	int r = -EINTR;

	for (int tries = 0; r == -EINTR && tries < CHANNEL_TRIES; tries++)
		r = find_all(channel, &others);
	*ret_found = others.found;
	return r;
}

int others_tell(const struct bytes *found, ipvsctl_foreign_rule_fn fn,
		void *data)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < found->size) {
		const char *text =
			(const char *)found->data + at + sizeof(uint16_t);
		uint16_t family;

		memcpy(&family, found->data + at, sizeof(family));
		r = fn(family, text, data);
		at += sizeof(family) + strlen(text) + 1;
	}
	return r;
}
