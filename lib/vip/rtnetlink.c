/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The socket to the kernel's addresses, routes, rules and interfaces. */
#include "vip/rtnetlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/message.h"

/* The kernel never fills more of a dump's buffer (5.10 to 6.18). */
#define BUFFER ((size_t)32 * 1024)

static int open_socket(struct rtnetlink *rtnetlink, int protocol)
{
	const int on = 1;

	*rtnetlink = (struct rtnetlink){ .fd = -1 };
	rtnetlink->buffer = malloc(BUFFER);
	if (!rtnetlink->buffer)
		return -ENOMEM;
	rtnetlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (rtnetlink->fd < 0)
		return nerrno();
	(void)setsockopt(rtnetlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on,
			 sizeof(on));
	return 0;
}

int rtnetlink_open(struct rtnetlink *rtnetlink)
{
	const int on = 1;
	int r = open_socket(rtnetlink, NETLINK_ROUTE);

	/* A dump of routes then obeys what the request asks for (since 4.20). */
	if (r == 0)
		(void)setsockopt(rtnetlink->fd, SOL_NETLINK,
				 NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return r;
}

int rtnetlink_open_generic(struct rtnetlink *rtnetlink)
{
	return open_socket(rtnetlink, NETLINK_GENERIC);
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
	message_put(&request->bytes, type, data, size);
}

void request_add_number(struct request *request, uint16_t type, uint32_t number)
{
	request_add(request, type, &number, sizeof(number));
}

size_t request_begin(struct request *request, uint16_t type)
{
	size_t place = request->bytes.size;

	request_add(request, type | NLA_F_NESTED, NULL, 0);
	return place;
}

void request_end(struct request *request, size_t place)
{
	uint16_t length = (uint16_t)(request->bytes.size - place);

	/* The length is the first thing of an attribute. */
	if (!request->bytes.failed)
		memcpy(request->bytes.data + place, &length, sizeof(length));
}

void request_free(struct request *request)
{
	bytes_free(&request->bytes);
}

static int send_request(struct rtnetlink *rtnetlink, struct request *request)
{
	struct nlmsghdr header;

	if (request->bytes.failed)
		return -ENOMEM;
	memcpy(&header, request->bytes.data, sizeof(header));
	header.nlmsg_len = (uint32_t)request->bytes.size;
	header.nlmsg_seq = ++rtnetlink->sequence;
	memcpy(request->bytes.data, &header, sizeof(header));
	return message_send(rtnetlink->fd, &request->bytes);
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

static void take_message(const struct nlmsghdr *header, struct answer *answer)
{
	const char *body = (const char *)header + NLMSG_HDRLEN;
	size_t size = NLMSG_ALIGN(answer->header_size);
	int r = 0;

	if (header->nlmsg_seq != answer->sequence)
		return;
	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		r = -EINTR;
	if (message_is_verdict(header)) {
		answer->finished = true;
		r = r ? r : message_verdict(header);
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

static int take_datagram(const char *at, size_t left, struct answer *answer)
{
	const struct nlmsghdr *header;
	int found = 1;

	while (found > 0 && !answer->finished) {
		found = message_next(&at, &left, &header);
		if (found > 0)
			take_message(header, answer);
	}
	return found < 0 ? found : 0;
}

/* Receives the whole answer. */
static int receive(struct rtnetlink *rtnetlink, struct answer *answer)
{
	answer->sequence = rtnetlink->sequence;
	while (!answer->finished) {
		ssize_t got = message_receive(rtnetlink->fd, rtnetlink->buffer,
					      BUFFER, 0);
		int r = got < 0 ? (int)got :
				  take_datagram(rtnetlink->buffer, (size_t)got,
						answer);

		if (r < 0)
			return r;
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

static int ask(struct rtnetlink *rtnetlink, struct request *request,
	       uint16_t flags, struct answer *answer)
{
	int r;

	set_flags(request, flags);
	r = send_request(rtnetlink, request);
	return r < 0 ? r : receive(rtnetlink, answer);
}

int rtnetlink_change(struct rtnetlink *rtnetlink, struct request *request)
{
	struct answer answer = { .fn = NULL };

	return ask(rtnetlink, request, NLM_F_ACK, &answer);
}

int rtnetlink_get(struct rtnetlink *rtnetlink, struct request *request,
		  size_t header_size, object_fn fn, void *data)
{
	struct answer answer = { .header_size = header_size,
				 .fn = fn,
				 .data = data };

	/* The verdict ends the answer, as it ends a dump. */
	return ask(rtnetlink, request, NLM_F_ACK, &answer);
}

int rtnetlink_dump(struct rtnetlink *rtnetlink, struct request *request,
		   size_t header_size, object_fn fn, void *data)
{
	struct answer answer = { .header_size = header_size,
				 .fn = fn,
				 .data = data };

	return ask(rtnetlink, request, NLM_F_DUMP, &answer);
}
