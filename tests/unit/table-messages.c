/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Messages to nf_tables for tests: what a change sends, and what it makes. */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "alloc.h"
#include "nft/change.h"
#include "nft/view-read.h"
#include "tables.h"

#define PREFIX (NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg)))

/* ---- Capturing ----------------------------------------------------------- */

static void receive_all(int fd, struct transactions *to)
{
	static char buffer[1024 * 1024];
	ssize_t got;

	while ((got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		assert_true(to->count < ARRAY_SIZE(to->ends));
		assert_true((size_t)got < sizeof(buffer));
		bytes_add(&to->bytes, buffer, (size_t)got);
		to->ends[to->count++] = to->bytes.size;
	}
	assert_false(to->bytes.failed);
}

int capture_change(const struct view *now, struct view *wanted, bool zero,
		   struct transactions *ret_transactions)
{
	struct channel channel = { .fd = -1 };
	int ends[2], r;

	*ret_transactions = (struct transactions){ .count = 0 };
	alloc_pause();
	/* A socket that keeps datagrams, and never answers. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	channel.fd = ends[0];
	channel.buffer = malloc((size_t)32 * 1024);
	assert_non_null(channel.buffer);
	alloc_resume();
	r = change_commit(&channel, now, wanted, zero);
	alloc_pause();
	receive_all(ends[1], ret_transactions);
	channel_close(&channel);
	(void)close(ends[1]);
	alloc_resume();
	return r;
}

void transactions_free(struct transactions *transactions)
{
	bytes_free(&transactions->bytes);
}

/* ---- Walking ------------------------------------------------------------- */

struct walk attributes_of(const struct bytes *message)
{
	assert_false(message->failed);
	assert_true(message->size >= PREFIX);
	return (struct walk){ (const char *)message->data + PREFIX,
			      message->size - PREFIX };
}

void each_message(const struct bytes *bytes, message_fn fn, void *data)
{
	struct nlmsghdr header;

	for (size_t at = 0; at < bytes->size;
	     at += NLMSG_ALIGN((size_t)header.nlmsg_len)) {
		memcpy(&header, bytes->data + at, sizeof(header));
		assert_true(header.nlmsg_len >= PREFIX);
		assert_true(header.nlmsg_len <= bytes->size - at);
		if (header.nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
			continue;
		fn(header.nlmsg_type & 0xff, header.nlmsg_flags,
		   (struct walk){ (const char *)bytes->data + at + PREFIX,
				  header.nlmsg_len - PREFIX },
		   data);
	}
}

struct tally {
	unsigned int type;
	size_t count;
};

static void count_one(unsigned int type, uint16_t flags, struct walk attributes,
		      void *data)
{
	struct tally *tally = data;

	(void)flags;
	(void)attributes;
	tally->count += type == tally->type;
}

size_t transactions_count(const struct transactions *transactions,
			  unsigned int type)
{
	struct tally tally = { .type = type };

	each_message(&transactions->bytes, count_one, &tally);
	return tally.count;
}

/* ---- Taking -------------------------------------------------------------- */

struct taking {
	struct view *view;
	unsigned int type;
	const char *set; /* of elements */
};

static bool is_about(struct walk attributes, unsigned int type, const char *name)
{
	struct netlink_attribute attribute;

	while (attribute_next(&attributes, &attribute))
		if (attribute.type == type)
			return !strcmp(attribute.value, name);
	return false;
}

static void take_one(unsigned int type, uint16_t flags, struct walk attributes,
		     void *data)
{
	const struct taking *taking = data;
	int r = 0;

	(void)flags;
	if (type != taking->type)
		return;
	if (type == NFT_MSG_NEWCHAIN)
		r = view_take_chain(attributes, taking->view);
	else if (type == NFT_MSG_NEWSET)
		r = view_take_set(attributes, taking->view);
	else if (type == NFT_MSG_NEWRULE)
		r = view_take_rule(attributes, taking->view);
	else if (is_about(attributes, NFTA_SET_ELEM_LIST_SET, taking->set))
		r = view_take_elements(attributes, taking->view);
	assert_int_equal(r, 0);
}

void take_transactions(const struct transactions *transactions,
		       struct view *view)
{
	const struct bytes *bytes = &transactions->bytes;
	struct taking taking = { .view = view, .type = NFT_MSG_NEWCHAIN };

	view->exists = true;
	each_message(bytes, take_one, &taking);
	taking.type = NFT_MSG_NEWSET;
	each_message(bytes, take_one, &taking);
	assert_int_equal(view_index(view), 0);
	taking.type = NFT_MSG_NEWRULE;
	each_message(bytes, take_one, &taking);
	taking.type = NFT_MSG_NEWSETELEM;
	for (size_t i = 0; i < view->set_count; i++) {
		struct set *set = &view->sets[i];

		taking.set = set->name;
		set->first = (uint32_t)view->element_count;
		each_message(bytes, take_one, &taking);
		set->count = (uint32_t)view->element_count - set->first;
		if (set->interval)
			view_join_intervals(view, set);
	}
	/* The kernel numbers its rules. */
	for (size_t i = 0; i < view->line_count; i++)
		view->lines[i].handle = i + 1;
	assert_false(view->failed);
}
