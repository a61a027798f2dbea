/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The socket to nf_tables: dumps come in, transactions go out. */
#include "nft/channel.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/message.h"

/* The kernel never fills more of a dump's buffer (5.10 to 6.18). */
#define BUFFER ((size_t)32 * 1024)

int channel_open(struct channel *channel)
{
	const int on = 1;

	*channel = (struct channel){ .fd = -1 };
	channel->buffer = malloc(BUFFER);
	if (!channel->buffer)
		return -ENOMEM;
	channel->fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (channel->fd < 0)
		return nerrno();
	/* Without it each error quotes its message: a thousand overflow. */
	(void)setsockopt(channel->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on,
			 sizeof(on));
	return 0;
}

void channel_close(struct channel *channel)
{
	closep(&channel->fd);
	free(channel->buffer);
	*channel = (struct channel){ .fd = -1 };
}

int channel_netns(const struct channel *channel, uint64_t *ret_netns)
{
	socklen_t size = sizeof(*ret_netns);

	return getsockopt(channel->fd, SOL_SOCKET, SO_NETNS_COOKIE, ret_netns,
			  &size) < 0 ?
		       nerrno() :
		       0;
}

/* ---- Sending ------------------------------------------------------------ */

static size_t get_room(int fd)
{
	socklen_t size = sizeof(int);
	int room = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &size) < 0 || room < 0)
		return 0;
	return (size_t)room;
}

/* The messages around a transaction, and the kernel's own use of the buffer. */
#define MARGIN 4096

/*
 * A transaction is one send(2), and the socket's buffer must hold it. Root of a
 * user namespace cannot go beyond net.core.wmem_max.
 */
size_t channel_room(struct channel *channel, size_t wanted)
{
	int room = wanted > INT32_MAX / 4 ? INT32_MAX / 2 :
					    (int)wanted + 2 * MARGIN;

	if (!channel->room)
		channel->room = get_room(channel->fd);
	if (wanted + MARGIN > channel->room) {
		if (setsockopt(channel->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room,
			       sizeof(room)) < 0)
			(void)setsockopt(channel->fd, SOL_SOCKET, SO_SNDBUF,
					 &room, sizeof(room));
		channel->room = get_room(channel->fd);
	}
	return channel->room > MARGIN ? channel->room - MARGIN : 0;
}

/* ---- Receiving ---------------------------------------------------------- */

struct answer {
	uint16_t type; /* of messages that fn gets */
	channel_fn fn;
	void *data;
	bool finished;
};

static int take_message(const struct nlmsghdr *header, struct answer *answer)
{
	const size_t prefix =
		NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));

	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EINTR;
	if (message_is_verdict(header)) {
		answer->finished = true;
		return message_verdict(header);
	}
	if (!answer->fn || header->nlmsg_type != answer->type ||
	    header->nlmsg_len < prefix)
		return 0;
	if (!(header->nlmsg_flags & NLM_F_MULTI))
		answer->finished = true;
	return answer->fn((struct walk){ (const char *)header + prefix,
					 header->nlmsg_len - prefix },
			  answer->data);
}

static int take_datagram(const char *at, size_t left, struct answer *answer)
{
	const struct nlmsghdr *header;
	int r = 0;

	while (r == 0 && !answer->finished) {
		int found = message_next(&at, &left, &header);

		if (found <= 0)
			return found;
		r = take_message(header, answer);
	}
	return r;
}

/* Returns the length of the next datagram, 0 if there is none. */
static ssize_t receive(struct channel *channel)
{
	return message_receive(channel->fd, channel->buffer, BUFFER,
			       MSG_DONTWAIT);
}

/* The kernel has answered when send(2) returns, or answers in recv(2). */
int channel_ask(struct channel *channel, const struct batch *request,
		channel_fn fn, void *data)
{
	struct nlmsghdr header;
	struct answer answer = { .fn = fn, .data = data };
	int r = request->bytes.failed ? -ENOMEM : 0;
	ssize_t got;

	if (r == 0)
		r = message_send(channel->fd, &request->bytes);
	if (r < 0)
		return r;
	memcpy(&header, request->bytes.data, sizeof(header));
	/* nf_tables names requests GET and their answers NEW, one lower. */
	answer.type = (uint16_t)(header.nlmsg_type - 1);
	while (r == 0 && !answer.finished) {
		got = receive(channel);
		if (got <= 0)
			return got < 0 ? (int)got : -EBADMSG;
		r = take_datagram(channel->buffer, (size_t)got, &answer);
	}
	/* The rest of the answer must not be taken for that of the next. */
	while (r < 0 && !answer.finished && receive(channel) > 0)
		continue;
	return r;
}

int channel_dump(struct channel *channel, uint16_t type, uint8_t family,
		 channel_fn fn, void *data)
{
	AUTO_BATCH struct batch request = { .count = 0 };

	batch_start(&request, type, NLM_F_DUMP);
	batch_set_family(&request, family);
	batch_end(&request);
	return channel_ask(channel, &request, fn, data);
}

static int take_generation(struct walk attributes, void *data)
{
	struct netlink_attribute attribute;

	while (attribute_next(&attributes, &attribute))
		if (attribute.type == NFTA_GEN_ID &&
		    attribute.length == sizeof(uint32_t)) {
			uint32_t number;

			memcpy(&number, attribute.value, sizeof(number));
			*(uint32_t *)data = ntohl(number);
			return 0;
		}
	return -EBADMSG;
}

int channel_generation(struct channel *channel, uint32_t *ret_generation)
{
	AUTO_BATCH struct batch request = { .count = 0 };

	batch_start(&request, NFT_MSG_GETGEN, 0);
	batch_end(&request);
	return channel_ask(channel, &request, take_generation, ret_generation);
}

/* ---- Transactions ------------------------------------------------------- */

/*
 * Collects the errors of a transaction; the first one tells most. The kernel
 * has queued them when send(2) returns, and says nothing of success.
 */
static int take_errors(struct channel *channel)
{
	int first = 0;

	for (;;) {
		struct answer answer = { .fn = NULL };
		ssize_t got = receive(channel);
		int r = got < 0 ? (int)got : 0;

		if (got == 0)
			return first;
		if (got > 0)
			r = take_datagram(channel->buffer, (size_t)got, &answer);
		first = first ? first : r;
		if (got < 0 && got != -ENOBUFS)
			return first;
	}
}

int channel_commit(struct channel *channel, const struct bytes *messages,
		   uint32_t *generation)
{
	AUTO_BATCH struct batch begin = { .count = 0 };
	AUTO_BATCH struct batch end = { .count = 0 };
	int r;

	batch_frame(&begin, NFNL_MSG_BATCH_BEGIN, generation);
	batch_frame(&end, NFNL_MSG_BATCH_END, NULL);
	if (begin.bytes.failed || messages->failed || end.bytes.failed)
		return -ENOMEM;
	(void)channel_room(channel, messages->size);
	r = message_send_parts(channel->fd,
			       (const struct iovec[]){
				       { begin.bytes.data, begin.bytes.size },
				       { messages->data, messages->size },
				       { end.bytes.data, end.bytes.size } },
			       3);
	if (r == 0)
		r = take_errors(channel);
	if (r == 0)
		(*generation)++;
	return r;
}

int channel_commit_parts(struct channel *channel, const struct bytes *messages,
			 uint32_t *generation)
{
	uint8_t *at = messages->data;
	size_t left = messages->size;
	int r = 0;

	while (r == 0 && left) {
		size_t limit = channel_room(channel, left), size = 0;
		struct nlmsghdr header;

		do {
			memcpy(&header, at + size, sizeof(header));
			size += NLMSG_ALIGN((size_t)header.nlmsg_len);
			if (size >= left)
				break;
			memcpy(&header, at + size, sizeof(header));
		} while (size + header.nlmsg_len <= limit);
		r = channel_commit(channel,
				   &(struct bytes){ .data = at, .size = size },
				   generation);
		at += size;
		left -= size;
	}
	return r;
}
