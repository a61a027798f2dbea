/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The socket to the kernel's addresses, routes and rules. */
#include "vip/rtnetlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* The kernel never fills more of a dump's buffer (5.10 to 6.18). */
#define BUFFER ((size_t)32 * 1024)

int rtnetlink_open(struct rtnetlink *rtnetlink)
{
	const int on = 1;

	*rtnetlink = (struct rtnetlink){ .fd = -1 };
	rtnetlink->buffer = malloc(BUFFER);
	if (!rtnetlink->buffer)
		return -ENOMEM;
	rtnetlink->fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (rtnetlink->fd < 0)
		return nerrno();
	/* A dump of routes then obeys what the request asks for (since 4.20). */
	(void)setsockopt(rtnetlink->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK,
			 &on, sizeof(on));
	(void)setsockopt(rtnetlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on,
			 sizeof(on));
	return 0;
}

void rtnetlink_close(struct rtnetlink *rtnetlink)
{
	closep(&rtnetlink->fd);
	free(rtnetlink->buffer);
	*rtnetlink = (struct rtnetlink){ .fd = -1 };
}

/* ---- Requests ------------------------------------------------------------ */

void request_start(struct request *request, uint16_t type, uint16_t flags,
		   const void *header, size_t size)
{
	const struct nlmsghdr message = {
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST),
	};

	bytes_add(&request->bytes, &message, sizeof(message));
	bytes_add(&request->bytes, header, size);
	(void)bytes_extend(&request->bytes, NLMSG_ALIGN(size) - size);
}

void request_add(struct request *request, uint16_t type, const void *data,
		 size_t size)
{
	const struct nlattr attribute = {
		.nla_len = (uint16_t)(sizeof(attribute) + size),
		.nla_type = type,
	};

	bytes_add(&request->bytes, &attribute, sizeof(attribute));
	bytes_add(&request->bytes, data, size);
	(void)bytes_extend(&request->bytes, (4 - size % 4) % 4);
}

void request_add_number(struct request *request, uint16_t type, uint32_t number)
{
	request_add(request, type, &number, sizeof(number));
}

void request_free(struct request *request)
{
	bytes_free(&request->bytes);
}

static int send_request(struct rtnetlink *rtnetlink, struct request *request)
{
	struct nlmsghdr header;
	ssize_t sent;

	if (request->bytes.failed)
		return -ENOMEM;
	memcpy(&header, request->bytes.data, sizeof(header));
	header.nlmsg_len = (uint32_t)request->bytes.size;
	header.nlmsg_seq = ++rtnetlink->sequence;
	memcpy(request->bytes.data, &header, sizeof(header));
	do
		sent = send(rtnetlink->fd, request->bytes.data,
			    request->bytes.size, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? nerrno() : 0;
}

/* ---- Answers ------------------------------------------------------------- */

struct answer {
	uint32_t sequence;
	size_t header_size;
	object_fn fn; /* NULL: only the kernel's verdict counts */
	void *data;
	bool finished;
	int code; /* of fn, or that of a change during the dump */
};

/* Returns the errno that a verdict carries, or -EBADMSG. */
static int verdict_of(const struct nlmsghdr *header)
{
	int code = 0;

	if (header->nlmsg_len < NLMSG_HDRLEN + sizeof(code))
		return -EBADMSG;
	memcpy(&code, (const char *)header + NLMSG_HDRLEN, sizeof(code));
	return code > 0 ? -EBADMSG : code;
}

static void take_message(const struct nlmsghdr *header, struct answer *answer)
{
	const char *body = (const char *)header + NLMSG_HDRLEN;
	size_t size = NLMSG_ALIGN(answer->header_size);
	int r = 0;

	if (header->nlmsg_seq != answer->sequence)
		return;
	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		r = -EINTR;
	if (header->nlmsg_type == NLMSG_ERROR ||
	    header->nlmsg_type == NLMSG_DONE) {
		answer->finished = true;
		r = r ? r : verdict_of(header);
	} else if (r == 0 && answer->fn && !answer->code) {
		r = header->nlmsg_len < NLMSG_HDRLEN + size ?
			    -EBADMSG :
			    answer->fn(body,
				       (struct walk){ body + size,
						      header->nlmsg_len -
							      NLMSG_HDRLEN -
							      size },
				       answer->data);
	}
	answer->code = answer->code ? answer->code : r;
}

static void take_datagram(const char *at, size_t left, struct answer *answer)
{
	while (left >= NLMSG_HDRLEN && !answer->finished) {
		const struct nlmsghdr *header = (const void *)at;
		size_t size;

		if (header->nlmsg_len < NLMSG_HDRLEN ||
		    header->nlmsg_len > left) {
			answer->code = -EBADMSG;
			answer->finished = true;
			return;
		}
		take_message(header, answer);
		size = NLMSG_ALIGN((size_t)header->nlmsg_len);
		size = size > left ? left : size;
		at += size;
		left -= size;
	}
}

/* Receives the whole answer. Only the kernel's datagrams count. */
static int receive(struct rtnetlink *rtnetlink, struct answer *answer)
{
	answer->sequence = rtnetlink->sequence;
	while (!answer->finished) {
		struct sockaddr_nl sender = { .nl_pid = 0 };
		socklen_t size = sizeof(sender);
		ssize_t got = recvfrom(rtnetlink->fd, rtnetlink->buffer, BUFFER,
				       MSG_TRUNC, (void *)&sender, &size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return nerrno();
		if ((size_t)got > BUFFER)
			return -EMSGSIZE;
		if (!sender.nl_pid)
			take_datagram(rtnetlink->buffer, (size_t)got, answer);
	}
	return answer->code;
}

static void set_flags(struct request *request, uint16_t flags)
{
	struct nlmsghdr header;

	if (request->bytes.failed)
		return;
	memcpy(&header, request->bytes.data, sizeof(header));
	header.nlmsg_flags |= flags;
	memcpy(request->bytes.data, &header, sizeof(header));
}

int rtnetlink_change(struct rtnetlink *rtnetlink, struct request *request)
{
	struct answer answer = { .fn = NULL };
	int r;

	set_flags(request, NLM_F_ACK);
	r = send_request(rtnetlink, request);
	return r < 0 ? r : receive(rtnetlink, &answer);
}

int rtnetlink_dump(struct rtnetlink *rtnetlink, struct request *request,
		   size_t header_size, object_fn fn, void *data)
{
	struct answer answer = { .header_size = header_size,
				 .fn = fn,
				 .data = data };
	int r;

	set_flags(request, NLM_F_DUMP);
	r = send_request(rtnetlink, request);
	return r < 0 ? r : receive(rtnetlink, &answer);
}
