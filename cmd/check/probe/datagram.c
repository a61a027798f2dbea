/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Connected datagram sockets. */
#include "check/probe/datagram.h"

#include <sys/epoll.h>

#include <errno.h>
#include <netinet/in.h>

void datagram_want_errors(const struct probe *probe, int fd)
{
	const int yes = 1;

	/* Without these errors the probe only takes longer. */
	if (probe->address.family == AF_INET6)
		(void)setsockopt(fd, SOL_IPV6, IPV6_RECVERR, &yes, sizeof(yes));
	else
		(void)setsockopt(fd, SOL_IP, IP_RECVERR, &yes, sizeof(yes));
}

int datagram_start(struct probe *probe, const void *bytes, size_t length)
{
	struct sockaddr_storage address;
	socklen_t address_length = probe_sockaddr(probe, &address);
	AUTO_CLOSE int fd = probe_socket(probe, SOCK_DGRAM, IPPROTO_UDP);

	if (fd < 0)
		return fd;
	datagram_want_errors(probe, fd);
	if (connect(fd, (struct sockaddr *)&address, address_length) < 0 ||
	    send(fd, bytes, length, MSG_NOSIGNAL) < 0)
		return -errno;
	return probe_watch(probe, TAKE_FD(fd), EPOLLIN);
}

void datagram_end(struct probe *probe, int error)
{
	/* ICMPv6 reports a refusal as EACCES; this is not about our rights. */
	if (error == EACCES)
		probe_end(probe, PROBE_DOWN, "prohibited by the network");
	else
		probe_end_errno(probe, error);
}

bool datagram_receive(struct probe *probe, uint8_t answer[DATAGRAM_MAX],
		      size_t *ret_length)
{
	ssize_t got = recv(probe->watch.fd, answer, DATAGRAM_MAX, 0);

	if (got >= 0) {
		*ret_length = (size_t)got;
		return true;
	}
	/* EAGAIN also means a damaged datagram: ignore it. */
	if (errno != EAGAIN && errno != EINTR)
		datagram_end(probe, errno);
	return false;
}
