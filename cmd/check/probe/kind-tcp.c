/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* tcp: the server is up if it accepts a connection. */
#include <sys/epoll.h>

#include <errno.h>
#include <netinet/in.h>

#include "check/probe/probe.h"

static int tcp_start(struct probe *probe)
{
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(probe, &address);
	AUTO_CLOSE int fd = probe_socket(probe, SOCK_STREAM, IPPROTO_TCP);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, length) == 0) {
		probe_end(probe, PROBE_UP, "connected");
		return 0;
	}
	if (errno != EINPROGRESS)
		return -errno;
	return probe_watch(probe, TAKE_FD(fd), EPOLLOUT);
}

static void tcp_ready(struct probe *probe, uint32_t events)
{
	int error = probe_socket_error(probe);

	(void)events;
	/* ICMPv6 reports EACCES; a filter of this host reports EPERM. */
	if (error == EACCES)
		probe_end(probe, PROBE_DOWN, "prohibited by the network");
	else if (error)
		probe_end_errno(probe, error);
	else
		probe_end(probe, PROBE_UP, "connected");
}

const struct probe_kind probe_tcp = {
	.start = tcp_start,
	.ready = tcp_ready,
	.descriptors = 1,
};
