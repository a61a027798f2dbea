/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Messages that make and delete tables, chains and sets. */
#include "nft/objects.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "nft/expressions.h"

void object_put_table(struct batch *batch)
{
	batch_start(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	batch_put_text(batch, NFTA_TABLE_NAME, NFT_TABLE);
	batch_end(batch);
}

/* After mangle, so that ours is the last word; before NAT changes addresses. */
#define MARKS (-149)
/* Before srcnat, 100: the first rule that changes the source decides. */
#define SNAT 99

/* Packets of the output hook are routed again when their mark changes. */
const struct base_hook base_hooks[NFT_HOOKS] = {
	[IPVSCTL_HOOK_PREROUTING] = { NF_INET_PRE_ROUTING, MARKS, "filter" },
	[IPVSCTL_HOOK_INPUT] = { NF_INET_LOCAL_IN, MARKS, "filter" },
	[IPVSCTL_HOOK_OUTPUT] = { NF_INET_LOCAL_OUT, MARKS, "route" },
	[NFT_HOOK_POSTROUTING] = { NF_INET_POST_ROUTING, SNAT, "nat" },
};

static void put_hook(struct batch *batch, const struct base_hook *hook)
{
	size_t nest = batch_open(batch, NFTA_CHAIN_HOOK);

	batch_put_be32(batch, NFTA_HOOK_HOOKNUM, hook->number);
	batch_put_be32(batch, NFTA_HOOK_PRIORITY, (uint32_t)hook->priority);
	batch_close(batch, nest);
	batch_put_be32(batch, NFTA_CHAIN_POLICY, NF_ACCEPT);
	batch_put_text(batch, NFTA_CHAIN_TYPE, hook->type);
}

void object_put_chain(struct batch *batch, const struct chain *chain)
{
	batch_start(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
	batch_put_text(batch, NFTA_CHAIN_TABLE, NFT_TABLE);
	batch_put_text(batch, NFTA_CHAIN_NAME, chain->name);
	if (chain->role == ROLE_BASE)
		put_hook(batch, &base_hooks[chain->hook]);
	batch_end(batch);
}

void object_delete_chain(struct batch *batch, const struct chain *chain)
{
	batch_start(batch, NFT_MSG_DELCHAIN, 0);
	batch_put_text(batch, NFTA_CHAIN_TABLE, NFT_TABLE);
	batch_put_text(batch, NFTA_CHAIN_NAME, chain->name);
	batch_end(batch);
}

/* nft(8)'s numbers of types; those of a concatenation are joined by shifts. */
#define TYPE_IPV4     7
#define TYPE_IPV6     8
#define TYPE_PORT     13
#define TYPE_BITS     6
#define TYPE_VERDICTS 0xffffff00

static uint32_t address_type(const struct line *line)
{
	return line->match.family == AF_INET ? TYPE_IPV4 : TYPE_IPV6;
}

static uint32_t key_type(const struct line *line)
{
	uint32_t type = line->kind == LINE_SNAT ? NFT_TYPE_OF_MARKS : 0;

	for (size_t i = 0; i < line->key_count; i++)
		type = type << TYPE_BITS |
		       (FIELD_BIT(line->keys[i]) & FIELDS_OF_ADDRESSES ?
				address_type(line) :
				TYPE_PORT);
	return type;
}

/*
 * nft(8) reads byte orders from userdata: without them it shows marks reversed,
 * and sets them so when it loads what it saved. Each number is behind its type
 * and length, in host order.
 */
static void put_byte_orders(struct batch *batch, const struct set *set)
{
	enum { KEY_ORDER, DATA_ORDER, HOST_ENDIAN = 1, BIG_ENDIAN_ORDER = 2 };
	const uint32_t key = set->snat ? HOST_ENDIAN : BIG_ENDIAN_ORDER;
	const uint32_t data = set->verdict ? 0 :
			      set->snat	   ? BIG_ENDIAN_ORDER :
					     HOST_ENDIAN;
	uint8_t userdata[12] = { KEY_ORDER, 4, [6] = DATA_ORDER, 4 };

	memcpy(userdata + 2, &key, sizeof(key));
	memcpy(userdata + 8, &data, sizeof(data));
	batch_put(batch, NFTA_SET_USERDATA, userdata, sizeof(userdata));
}

static void put_data(struct batch *batch, const struct set *set,
		     const struct line *line)
{
	uint32_t type = set->verdict ? TYPE_VERDICTS :
			set->snat    ? address_type(line) :
				       NFT_TYPE_OF_MARKS;
	uint32_t length = set->verdict ? 0 :
			  set->snat    ? set->address_length :
					 (uint32_t)sizeof(uint32_t);

	batch_put_be32(batch, NFTA_SET_DATA_TYPE, type);
	batch_put_be32(batch, NFTA_SET_DATA_LEN, length);
}

void object_put_set(struct batch *batch, const struct set *set,
		    const struct line *line, uint32_t id)
{
	const struct bearer counter = { .number = NO_NUMBER };
	const bool map = !set->snat || set->address_length;

	batch_start(batch, NFT_MSG_NEWSET, NLM_F_CREATE | NLM_F_EXCL);
	batch_put_text(batch, NFTA_SET_TABLE, NFT_TABLE);
	batch_put_text(batch, NFTA_SET_NAME, set->name);
	batch_put_be32(batch, NFTA_SET_FLAGS,
		       (map ? NFT_SET_MAP : 0) |
			       (set->interval ? NFT_SET_INTERVAL : 0));
	batch_put_be32(batch, NFTA_SET_KEY_TYPE, key_type(line));
	batch_put_be32(batch, NFTA_SET_KEY_LEN, set->key_length);
	if (map)
		put_data(batch, set, line);
	batch_put_be32(batch, NFTA_SET_ID, id);
	put_byte_orders(batch, set);
	/* With it every element has a counter, and nft(8) can load them. */
	if (!set->snat)
		counter_put(batch, NFTA_SET_EXPR, &counter);
	batch_end(batch);
}

void object_delete_set(struct batch *batch, const struct set *set)
{
	/* Elements hold the chains that they lead to. */
	batch_start(batch, NFT_MSG_DELSETELEM, 0);
	batch_put_text(batch, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	batch_put_text(batch, NFTA_SET_ELEM_LIST_SET, set->name);
	batch_end(batch);
	batch_start(batch, NFT_MSG_DELSET, 0);
	batch_put_text(batch, NFTA_SET_TABLE, NFT_TABLE);
	batch_put_text(batch, NFTA_SET_NAME, set->name);
	batch_end(batch);
}
