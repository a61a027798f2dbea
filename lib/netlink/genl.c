/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * One generic netlink socket. The messages are libnl's; the socket is our own,
 * because libnl folds the kernel's ESRCH and ENOENT into one code and needs
 * five system calls to connect where the kernel needs one.
 */
#include "netlink/genl.h"

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "array.h"
#include "clock.h"
#include "model/error.h"
#include "netlink/codec.h"

#define TIMEOUT_MS 10000
/* A queue of this size is sent; the kernel takes up to 208 KiB. */
#define QUEUE_FULL ((size_t)64 * 1024)
/* The kernel never fills more than 32 KiB of a dump's buffer (6.1, 7.2). */
#define CHUNK_SIZE ((size_t)32 * 1024)
/* Room for one service, its servers and the end of that dump, in one call. */
#define CHUNKS 3
/* Above so many requests, replies may need more than the default buffer. */
#define FEW_REQUESTS 32
#define ROOM	     (1024 * 1024)

struct genl_buffers {
	char chunks[CHUNKS][CHUNK_SIZE];
};

/* The state of one exchange. */
struct exchange {
	uint32_t first; /* sequence number of the first request */
	size_t count;
	genl_reply_fn fn;
	void *data;
	unsigned int datagrams;
	bool finished;
};

void genl_init(struct genl *genl)
{
	*genl = (struct genl){ .fd = -1 };
}

static void disconnect(struct genl *genl)
{
	closep(&genl->fd);
	genl->fd = -1;
	genl->roomy = false;
	genl_drop(genl);
}

void genl_free(struct genl *genl)
{
	disconnect(genl);
	if (genl->request)
		nlmsg_free(genl->request);
	free(genl->queue);
	free(genl->buffers);
	genl_init(genl);
}

bool genl_is_open(const struct genl *genl)
{
	return genl->fd >= 0;
}

/* ---- Requests ------------------------------------------------------------ */

int genl_start(struct genl *genl, uint8_t command, uint16_t flags)
{
	return codec_start(genl->request, genl->family, command, flags);
}

int genl_queue(struct genl *genl)
{
	struct nlmsghdr *header = nlmsg_hdr(genl->request);
	size_t size = NLMSG_ALIGN(header->nlmsg_len);
	char *queue = array_grow(genl->queue, &genl->capacity,
				 genl->length + size, 1);

	if (!queue)
		return -ENOMEM;
	genl->queue = queue;
	header->nlmsg_seq = ++genl->sequence;
	memcpy(queue + genl->length, header, size);
	genl->last = genl->length;
	genl->length += size;
	genl->count++;
	return 0;
}

bool genl_is_full(const struct genl *genl)
{
	return genl->length >= QUEUE_FULL;
}

void genl_drop(struct genl *genl)
{
	genl->length = 0;
	genl->count = 0;
}

void genl_ack_last(struct genl *genl)
{
	struct nlmsghdr header;

	memcpy(&header, genl->queue + genl->last, sizeof(header));
	header.nlmsg_flags |= NLM_F_ACK;
	memcpy(genl->queue + genl->last, &header, sizeof(header));
}

/*
 * The kernel may refuse every request of a long send, so there must be room for
 * all answers: it drops the last ones if they do not fit. With CAP_ACK it does
 * not quote whole requests. A failure to enlarge shows later.
 */
static void make_room(struct genl *genl)
{
	const int room = ROOM, on = 1;

	if (genl->roomy || genl->count <= FEW_REQUESTS)
		return;
	genl->roomy = true;
	(void)setsockopt(genl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on,
			 sizeof(on));
	if (setsockopt(genl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)) < 0)
		(void)setsockopt(genl->fd, SOL_SOCKET, SO_RCVBUF, &room,
				 sizeof(room));
	if (setsockopt(genl->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room,
		       sizeof(room)) < 0)
		(void)setsockopt(genl->fd, SOL_SOCKET, SO_SNDBUF, &room,
				 sizeof(room));
}

/* The kernel binds an unbound socket at its first send. */
static int send_queue(struct genl *genl)
{
	ssize_t sent;

	do
		sent = send(genl->fd, genl->queue, genl->length, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? nerrno() : 0;
}

/* ---- Replies ---------------------------------------------------------------- */

/*
 * The kernel handles a request in send() and a dump in recv(), so an answer is
 * nearly always there at once; a receive timeout would cost a system call in
 * every process.
 */
static int await(int fd)
{
	struct pollfd event = { .fd = fd, .events = POLLIN };
	int64_t end = clock_us(CLOCK_MONOTONIC) / 1000 + TIMEOUT_MS, left;
	int n;

	do {
		left = end - clock_us(CLOCK_MONOTONIC) / 1000;
		n = poll(&event, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return nerrno();
	return n == 0 ? -ETIMEDOUT : 0;
}

/* Waits if need be, receives up to CHUNKS datagrams, and returns how many. */
static int receive(struct genl *genl, struct mmsghdr headers[CHUNKS])
{
	int n, r;

	for (;;) {
		n = recvmmsg(genl->fd, headers, CHUNKS, MSG_DONTWAIT, NULL);
		if (n > 0)
			return n;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return nerrno();
		r = await(genl->fd);
		if (r < 0)
			return r;
	}
}

/*
 * Passes one message to fn; left bytes follow it. Skips messages of earlier
 * exchanges.
 */
static int take_message(const struct genl *genl, struct exchange *exchange,
			const struct nlmsghdr *header, size_t left)
{
	const size_t prefix = NLMSG_HDRLEN + GENL_HDRLEN;
	char text[CODEC_TEXT] = "";
	struct genl_reply reply = {
		.index = header->nlmsg_seq - exchange->first,
		.left = left,
		.text = text,
		.datagram = exchange->datagrams,
		.interrupted = header->nlmsg_flags & NLM_F_DUMP_INTR,
	};
	bool ends = true;
	int r;

	if (header->nlmsg_type == NLMSG_OVERRUN)
		return -ENOBUFS;
	if (reply.index >= exchange->count)
		return 0;
	if (header->nlmsg_type == NLMSG_ERROR ||
	    header->nlmsg_type == NLMSG_DONE) {
		r = codec_get_ack(header, &reply.raw, text);
		if (r < 0)
			return r;
	} else if (header->nlmsg_type == genl->family &&
		   header->nlmsg_len >= prefix) {
		reply.data = (const char *)header + prefix;
		reply.length = header->nlmsg_len - prefix;
		ends = !(header->nlmsg_flags & NLM_F_MULTI);
	} else {
		return header->nlmsg_type == NLMSG_NOOP ? 0 : -EBADMSG;
	}
	if (ends && reply.index == exchange->count - 1)
		exchange->finished = true;
	return exchange->fn(&reply, exchange->data);
}

static int take_datagram(const struct genl *genl, struct exchange *exchange,
			 const char *at, size_t left)
{
	exchange->datagrams++;
	while (left >= NLMSG_HDRLEN && !exchange->finished) {
		const struct nlmsghdr *header = (const void *)at;
		size_t size;
		int r;

		if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > left)
			return -EBADMSG;
		size = NLMSG_ALIGN((size_t)header->nlmsg_len);
		if (size > left)
			size = left;
		r = take_message(genl, exchange, header, left - size);
		if (r < 0)
			return r;
		at += size;
		left -= size;
	}
	return 0;
}

/* Ignores datagrams that are not from the kernel, port 0. */
static int take_some(struct genl *genl, struct exchange *exchange)
{
	struct sockaddr_nl senders[CHUNKS] = { { .nl_pid = 0 } };
	struct iovec vectors[CHUNKS];
	struct mmsghdr headers[CHUNKS];
	int n, r = 0;

	for (size_t i = 0; i < CHUNKS; i++) {
		vectors[i] =
			(struct iovec){ genl->buffers->chunks[i], CHUNK_SIZE };
		headers[i] = (struct mmsghdr){ .msg_hdr = {
						       .msg_name = &senders[i],
						       .msg_namelen = sizeof(
							       senders[i]),
						       .msg_iov = &vectors[i],
						       .msg_iovlen = 1,
					       } };
	}
	n = receive(genl, headers);
	for (int i = 0; i < n && r == 0; i++) {
		if (senders[i].nl_pid != 0)
			continue;
		if (headers[i].msg_hdr.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		r = take_datagram(genl, exchange, genl->buffers->chunks[i],
				  headers[i].msg_len);
	}
	return n < 0 ? n : r;
}

/* Keeps the code of fn, which has filled err, apart from our raw codes. */
struct guard {
	genl_reply_fn fn;
	void *data;
	int code;
};

static int guarded(const struct genl_reply *reply, void *data)
{
	struct guard *guard = data;

	guard->code = guard->fn(reply, guard->data);
	return guard->code;
}

static int fail_exchange(int code, struct ipvsctl_error *err)
{
	if (code == -EBADMSG)
		return fail(err, -EIO, "the kernel's answer is malformed");
	if (code == -EMSGSIZE)
		return fail(err, -EIO, "a message is longer than allowed");
	if (code == -ENOBUFS)
		return fail(err, -EAGAIN, "answers of the kernel were lost");
	return fail_kernel(err, OPERATION_READ, -code, NULL);
}

int genl_exchange(struct genl *genl, genl_reply_fn fn, void *data,
		  struct ipvsctl_error *err)
{
	struct guard guard = { .fn = fn, .data = data };
	struct exchange exchange = {
		.first = genl->sequence - (uint32_t)genl->count + 1,
		.count = genl->count,
		.fn = guarded,
		.data = &guard,
	};
	int r;

	make_room(genl);
	r = send_queue(genl);
	while (r == 0 && !exchange.finished)
		r = take_some(genl, &exchange);
	genl_drop(genl);
	if (r == 0)
		return 0;
	disconnect(genl);
	return guard.code < 0 ? guard.code : fail_exchange(r, err);
}

/* ---- Opening ------------------------------------------------------------------ */

struct lookup {
	uint16_t family;
	struct ipvsctl_error *err;
};

static int take_family(const struct genl_reply *reply, void *data)
{
	struct lookup *lookup = data;

	if (!reply->data)
		return fail_kernel(lookup->err, OPERATION_OPEN,
				   reply->raw ? reply->raw : EIO, reply->text);
	if (codec_get_family(reply->data, reply->length, &lookup->family) < 0)
		return fail(lookup->err, -EIO,
			    "the kernel's answer is malformed");
	return 0;
}

/* Asks for the family by name, which makes the kernel load ip_vs. */
static int look_up(struct genl *genl, struct ipvsctl_error *err)
{
	struct lookup lookup = { .err = err };
	int r;

	genl->family = GENL_ID_CTRL;
	if (genl_start(genl, CTRL_CMD_GETFAMILY, 0) < 0 ||
	    codec_put_family_name(genl->request, IPVS_GENL_NAME) < 0 ||
	    genl_queue(genl) < 0)
		return fail_memory(err);
	r = genl_exchange(genl, take_family, &lookup, err);
	if (r < 0)
		return r;
	genl->family = lookup.family;
	return 0;
}

static int allocate(struct genl *genl)
{
	if (!genl->request)
		genl->request = nlmsg_alloc();
	if (!genl->buffers)
		genl->buffers = malloc(sizeof(*genl->buffers));
	return genl->request && genl->buffers ? 0 : -ENOMEM;
}

int genl_open(struct genl *genl, struct ipvsctl_error *err)
{
	const int on = 1;
	int r;

	if (genl->fd >= 0)
		return 0;
	if (allocate(genl) < 0)
		return fail_memory(err);
	genl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (genl->fd < 0)
		return fail_kernel(err, OPERATION_OPEN, -nerrno(), NULL);
	/* Kernels before 4.12 send no texts of their own, and refuse this. */
	(void)setsockopt(genl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on,
			 sizeof(on));
	r = look_up(genl, err);
	if (r < 0)
		disconnect(genl);
	return r;
}
