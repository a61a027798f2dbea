/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * ICMP echo. Raw sockets also receive packets of other processes, so answers
 * and errors are compared with the request.
 */
#include <time.h> /* linux/errqueue.h lacks it */

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include <errno.h>
#include <string.h>

#include "check/probe/datagram.h"
#include "check/probe/probe.h"

#define IP_HEADER_MAX 60

/* The same for both families, except for the types. */
struct echo {
	uint8_t type, code;
	uint16_t checksum;
	uint16_t id, sequence;
	uint8_t payload[16];
};
/* Errors quote at least this much. */
#define ECHO_QUOTED offsetof(struct echo, payload)

struct ping {
	bool raw; /* else the kernel chooses the id */
	struct echo request;
};

static bool is_six(const struct probe *probe)
{
	return probe->address.family == AF_INET6;
}

/* ---- Sockets ------------------------------------------------------------- */

static int filter(const struct probe *probe, int fd)
{
	struct icmp_filter four = { .data = ~(1U << ICMP_ECHOREPLY) };
	struct icmp6_filter six;
	int r;

	ICMP6_FILTER_SETBLOCKALL(&six);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &six);
	if (is_six(probe))
		r = setsockopt(fd, SOL_ICMPV6, ICMP6_FILTER, &six, sizeof(six));
	else
		r = setsockopt(fd, SOL_RAW, ICMP_FILTER, &four, sizeof(four));
	return r < 0 ? -errno : 0;
}

/* Prefers a ping socket, which needs no privilege if net.ipv4.ping_group_range
   allows it. */
static int open_socket(const struct probe *probe, bool *ret_raw)
{
	int protocol = is_six(probe) ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP;
	int fd = probe_socket(probe, SOCK_DGRAM, protocol);

	*ret_raw = fd == -EACCES || fd == -EPERM || fd == -EPROTONOSUPPORT;
	return *ret_raw ? probe_socket(probe, SOCK_RAW, protocol) : fd;
}

static int connect_socket(const struct probe *probe, int fd, bool raw)
{
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(probe, &address);
	int r = raw ? filter(probe, fd) : 0;

	if (r < 0)
		return r;
	datagram_want_errors(probe, fd);
	return connect(fd, (struct sockaddr *)&address, length) < 0 ? -errno :
								      0;
}

/* ---- Requests ------------------------------------------------------------ */

/* For IPv4; the kernel does it for IPv6. */
static uint16_t checksum(const struct echo *echo)
{
	uint16_t words[sizeof(*echo) / 2];
	uint32_t sum = 0;

	memcpy(words, echo, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Makes a request of random bytes, so that only its receiver can answer. */
static int make_request(const struct probe *probe, struct echo *ret_request)
{
	struct echo request;

	if (getrandom(&request, sizeof(request), 0) < 0)
		return -errno;
	request.type = is_six(probe) ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	request.code = 0;
	request.checksum = 0;
	request.checksum = checksum(&request);
	*ret_request = request;
	return 0;
}

static int ping_start(struct probe *probe)
{
	struct ping *ping = calloc(1, sizeof(*ping));
	AUTO_CLOSE int fd = -1;
	int r;

	probe->state = ping;
	if (!ping)
		return -ENOMEM;
	fd = open_socket(probe, &ping->raw);
	if (fd < 0)
		return fd;
	r = connect_socket(probe, fd, ping->raw);
	if (r == 0)
		r = make_request(probe, &ping->request);
	if (r < 0)
		return r;
	if (send(fd, &ping->request, sizeof(ping->request), MSG_NOSIGNAL) < 0)
		return -errno;
	return probe_watch(probe, TAKE_FD(fd), EPOLLIN);
}

/* ---- Errors -------------------------------------------------------------- */

static bool same_echo(const struct ping *ping, const struct echo *echo)
{
	return echo->sequence == ping->request.sequence &&
	       (!ping->raw || echo->id == ping->request.id);
}

/* Returns the errno of an error that the network reported; 0: none. */
static int network_error(struct msghdr *message)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct sock_extended_err error;

	for (; control; control = CMSG_NXTHDR(message, control)) {
		if (!(control->cmsg_level == SOL_IP &&
		      control->cmsg_type == IP_RECVERR) &&
		    !(control->cmsg_level == SOL_IPV6 &&
		      control->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&error, CMSG_DATA(control), sizeof(error));
		/* Ignore EMSGSIZE: the next packet will be small enough. */
		if ((error.ee_origin == SO_EE_ORIGIN_ICMP ||
		     error.ee_origin == SO_EE_ORIGIN_ICMP6) &&
		    error.ee_errno != EMSGSIZE)
			return (int)error.ee_errno;
	}
	return 0;
}

/*
 * Takes an error out of the queue. Returns 1 and the errno if it is about the
 * request, 0 if it is about another packet (of a traceroute, say), and -ENOENT
 * if there is none.
 */
static int take_error(const struct probe *probe, int *ret_error)
{
	_Alignas(struct cmsghdr) char control[256];
	const struct ping *ping = probe->state;
	struct echo quoted = { 0 };
	struct iovec part = { .iov_base = &quoted, .iov_len = sizeof(quoted) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(probe->watch.fd, &message, MSG_ERRQUEUE);

	if (got < 0)
		return -ENOENT;
	if ((size_t)got < ECHO_QUOTED || quoted.type != ping->request.type ||
	    !same_echo(ping, &quoted))
		return 0;
	*ret_error = network_error(&message);
	return *ret_error ? 1 : 0;
}

/* Returns true if the probe has ended. */
static bool judge_errors(struct probe *probe)
{
	int error;
	int r;

	while ((r = take_error(probe, &error)) == 0)
		;
	if (r < 0) {
		/* Clear an error that found no room in the queue. */
		(void)probe_socket_error(probe);
		return false;
	}
	datagram_end(probe, error);
	return true;
}

/* ---- Answers ------------------------------------------------------------- */

/* Raw sockets of IPv4 deliver the IP header, too. */
static size_t header_length(const struct probe *probe, uint8_t first)
{
	const struct ping *ping = probe->state;

	return ping->raw && !is_six(probe) ? (first & 0xfU) * 4 : 0;
}

static bool is_answer(const struct probe *probe, const uint8_t *packet,
		      size_t length)
{
	const struct ping *ping = probe->state;
	size_t skip = header_length(probe, packet[0]);
	struct echo echo;

	if (length < skip + sizeof(echo))
		return false;
	memcpy(&echo, packet + skip, sizeof(echo));
	return echo.type ==
		       (is_six(probe) ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
	       same_echo(ping, &echo) &&
	       memcmp(echo.payload, ping->request.payload,
		      sizeof(echo.payload)) == 0;
}

static void ping_ready(struct probe *probe, uint32_t events)
{
	uint8_t packet[IP_HEADER_MAX + sizeof(struct echo)] = { 0 };
	ssize_t got;

	if ((events & EPOLLERR) && judge_errors(probe))
		return;
	got = recv(probe->watch.fd, packet, sizeof(packet), 0);
	if (got > 0 && is_answer(probe, packet, (size_t)got))
		probe_end(probe, PROBE_UP, "answered");
}

/* Limited because every raw socket receives every answer. */
#define PING_WINDOW 1024

const struct probe_kind probe_ping = {
	.start = ping_start,
	.ready = ping_ready,
	.stop = probe_free_state,
	.descriptors = 1,
	.window = PING_WINDOW,
};
