/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Messages for nf_tables, written one after the other. */
#include "nft/batch.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>

#include "netlink/message.h"

static void start(struct batch *batch, uint16_t type, uint16_t flags,
		  struct nfgenmsg generic)
{
	struct nlmsghdr header = {
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST),
		.nlmsg_seq = (uint32_t)batch->count + 1,
	};

	batch->message = batch->bytes.size;
	batch->count++;
	bytes_add(&batch->bytes, &header, sizeof(header));
	bytes_add(&batch->bytes, &generic, sizeof(generic));
}

void batch_start(struct batch *batch, uint16_t type, uint16_t flags)
{
	start(batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags,
	      (struct nfgenmsg){ .nfgen_family = NFPROTO_INET,
				 .version = NFNETLINK_V0 });
}

void batch_set_family(struct batch *batch, uint8_t family)
{
	size_t place = batch->message + NLMSG_HDRLEN +
		       offsetof(struct nfgenmsg, nfgen_family);

	if (!batch->bytes.failed)
		batch->bytes.data[place] = family;
}

size_t batch_message_size(const struct batch *batch)
{
	return batch->bytes.size - batch->message;
}

void batch_end(struct batch *batch)
{
	uint32_t length = (uint32_t)batch_message_size(batch);

	if (!batch->bytes.failed)
		memcpy(batch->bytes.data + batch->message, &length,
		       sizeof(length));
}

void batch_frame(struct batch *batch, uint16_t type, const uint32_t *generation)
{
	start(batch, type, 0,
	      (struct nfgenmsg){ .version = NFNETLINK_V0,
				 .res_id = htons(NFNL_SUBSYS_NFTABLES) });
	if (generation)
		batch_put_be32(batch, NFNL_BATCH_GENID, *generation);
	batch_end(batch);
}

void batch_put(struct batch *batch, uint16_t type, const void *data, size_t size)
{
	message_put(&batch->bytes, type, data, size);
}

void batch_put_text(struct batch *batch, uint16_t type, const char *text)
{
	batch_put(batch, type, text, strlen(text) + 1);
}

void batch_put_be32(struct batch *batch, uint16_t type, uint32_t number)
{
	number = htonl(number);
	batch_put(batch, type, &number, sizeof(number));
}

void batch_put_be64(struct batch *batch, uint16_t type, uint64_t number)
{
	number = htobe64(number);
	batch_put(batch, type, &number, sizeof(number));
}

size_t batch_open(struct batch *batch, uint16_t type)
{
	size_t nest = batch->bytes.size;

	batch_put(batch, (uint16_t)(type | NLA_F_NESTED), NULL, 0);
	return nest;
}

void batch_close(struct batch *batch, size_t nest)
{
	uint16_t length = (uint16_t)(batch->bytes.size - nest);

	if (!batch->bytes.failed)
		memcpy(batch->bytes.data + nest, &length, sizeof(length));
}

void batch_free(struct batch *batch)
{
	bytes_free(&batch->bytes);
	*batch = (struct batch){ .count = 0 };
}
