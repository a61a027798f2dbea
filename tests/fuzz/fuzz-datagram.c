/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as what comes back to probes by ping and udp: answers, and the
 * errors that routers report. Up is only who has answered what was asked.
 *
 * The first byte says what is probed. Behind it, each packet is a byte that
 * says what it is, its length and its bytes. Those of a ping are what differs
 * from the right answer, which they would hardly ever come to by themselves.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errqueue.h>

#include "check/probe/probe.h"
#include "check/probe/prober.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

/* ---- The network -------------------------------------------------------- */

static struct {
	const uint8_t *data; /* of packets that have not arrived yet */
	size_t size;
	uint8_t sent[64];
	size_t sent_size;
	bool ping, six, raw;
	bool answered; /* something right has arrived */
} network;

#define ECHO_SIZE 24
#define EXPECTED  "ok"

/* What is right, for the bytes of a packet to differ from; its length. */
static size_t right_answer(uint8_t packet[256], bool error)
{
	size_t skip = network.raw && !network.six && !error ? 20 : 0;

	memset(packet, 0, 256);
	if (!network.ping)
		return 0;
	packet[0] = 0x45;
	memcpy(packet + skip, network.sent, network.sent_size);
	if (!error)
		packet[skip] = network.six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
	return skip + network.sent_size;
}

/* The next packet, or 0: none. */
static size_t next_packet(uint8_t packet[256], bool error)
{
	size_t right = right_answer(packet, error);
	size_t length = network.size ? network.data[0] : 0;

	if (!network.size)
		return 0;
	network.data++;
	network.size--;
	if (length > network.size)
		length = network.size;
	for (size_t i = 0; i < length; i++)
		packet[i] ^= network.data[i];
	network.data += length;
	network.size -= length;
	return length > right || !network.ping ? length : right;
}

static void judge(const uint8_t *packet, size_t length)
{
	size_t skip = network.raw && !network.six ? (packet[0] & 15u) * 4u : 0;
	const uint8_t *echo = packet + skip;

	if (!network.ping) {
		network.answered |= memmem(packet, length, EXPECTED,
					   strlen(EXPECTED)) != NULL;
		return;
	}
	network.answered |=
		length >= skip + ECHO_SIZE &&
		echo[0] == (network.six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
		memcmp(echo + 6, network.sent + 6, ECHO_SIZE - 6) == 0;
}

int socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)protocol;
	if (network.raw && (type & 15) != SOCK_RAW) {
		errno = EACCES;
		return -1;
	}
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)size;
	return 0;
}

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
	(void)fd;
	(void)address;
	(void)size;
	return 0;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	(void)fd;
	(void)flags;
	must(size <= sizeof(network.sent));
	memcpy(network.sent, bytes, size);
	network.sent_size = size;
	return (ssize_t)size;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	uint8_t packet[256];
	size_t length = next_packet(packet, false);

	(void)fd;
	(void)flags;
	if (!length) {
		errno = EAGAIN;
		return -1;
	}
	if (length > size)
		length = size;
	memcpy(buffer, packet, length);
	judge(packet, length);
	return (ssize_t)length;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct sock_extended_err error = { .ee_errno = ECONNREFUSED,
					   .ee_origin = SO_EE_ORIGIN_ICMP };
	struct cmsghdr *control = message->msg_control;
	uint8_t packet[256];
	size_t length = next_packet(packet, true);

	(void)fd;
	must(flags == MSG_ERRQUEUE);
	if (!length) {
		errno = EAGAIN;
		return -1;
	}
	/* Where a packet's end goes, the error is made of it. */
	error.ee_errno = packet[length - 1] % 134u;
	error.ee_origin = packet[length - 1] % 5u;
	must(message->msg_controllen >= CMSG_SPACE(sizeof(error)));
	*control =
		(struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(error)),
				  .cmsg_level = network.six ? SOL_IPV6 : SOL_IP,
				  .cmsg_type = network.six ? IPV6_RECVERR :
							     IP_RECVERR };
	memcpy(CMSG_DATA(control), &error, sizeof(error));
	message->msg_controllen = CMSG_SPACE(sizeof(error));
	if (length > message->msg_iov[0].iov_len)
		length = message->msg_iov[0].iov_len;
	memcpy(message->msg_iov[0].iov_base, packet, length);
	return (ssize_t)length;
}

ssize_t getrandom(void *buffer, size_t size, unsigned int flags)
{
	(void)flags;
	memset(buffer, 0x5a, size);
	return (ssize_t)size;
}

/* ---- Probes ------------------------------------------------------------- */

static void run(struct probe *probe, const struct probe_kind *kind)
{
	while (probe->prober->under_way && network.size) {
		uint32_t events = EPOLLIN;

		if (network.ping && network.data[0] & 1)
			events |= EPOLLERR;
		network.data++;
		network.size--;
		kind->ready(probe, events);
	}
	if (probe->prober->under_way && kind->expire)
		kind->expire(probe);
	if (probe->prober->under_way)
		probe_end(probe, PROBE_DOWN, "late");
	must(probe->verdict != PROBE_UP || network.answered);
	must(memchr(probe->message, '\0', sizeof(probe->message)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t request[] = "hello", expected[] = EXPECTED;
	struct check_step steps[] = {
		{ false, { request, sizeof(request) - 1 } },
		{ true, { expected, sizeof(expected) - 1 } },
	};
	struct check check = { .way = { .timeout_us = 1000 } };
	const struct probe_limits limits = { .window = 0 };
	struct prober prober = { .under_way = 1, .limits = &limits };
	struct probe probe = { .check = &check,
			       .prober = &prober,
			       .watch.fd = -1 };
	const struct probe_kind *kind;

	if (!size)
		return 0;
	network.ping = data[0] & 1;
	network.six = data[0] & 2;
	network.raw = network.ping && data[0] & 4;
	network.answered = false;
	network.data = data + 1;
	network.size = size - 1;
	check.way.kind = network.ping ? CHECK_PING : CHECK_UDP;
	check.way.steps = steps;
	check.way.step_count = 2;
	probe.address.family = network.six ? AF_INET6 : AF_INET;
	probe.server = probe.address;
	kind = network.ping ? &probe_ping : &probe_udp;
	prober.kinds[check.way.kind] = kind;
	prober.running[check.way.kind] = 1;
	prober.used = kind->descriptors;
	must(loop_new(&prober.loop) == 0);
	must(kind->start(&probe) == 0);
	run(&probe, kind);
	loop_free(prober.loop);
	return 0;
}
