/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* tcp: the server is up if it accepts a connection, and answers what the steps
   of the check expect. */
#include <sys/epoll.h>

#include <errno.h>
#include <netinet/in.h>

#include "check/probe/conversation.h"
#include "check/probe/probe.h"
#include "check/probe/proxy-header.h"

/* ---- The conversation ---------------------------------------------------- */

static ssize_t tcp_send(const struct probe *probe, const void *bytes,
			size_t length)
{
	const ssize_t sent = send(probe->watch.fd, bytes, length,
				  MSG_NOSIGNAL | MSG_DONTWAIT);

	return sent < 0 ? -errno : sent;
}

static ssize_t tcp_receive(const struct probe *probe, void *bytes, size_t size)
{
	const ssize_t got = recv(probe->watch.fd, bytes, size, MSG_DONTWAIT);

	return got < 0 ? -errno : got;
}

static void go_on(struct probe *probe)
{
	static const struct conversation_line line = {
		.send = tcp_send,
		.receive = tcp_receive,
		.fail = probe_end_errno,
	};
	const uint32_t events = conversation_go_on(probe->state, probe, &line);
	int r;

	if (!events)
		return;
	r = loop_modify(prober_loop(probe->prober), &probe->watch, events);
	if (r < 0)
		probe_end_errno(probe, -r);
}

/* ---- The connection ------------------------------------------------------ */

static bool says_anything(const struct check_way *way)
{
	return way->proxy_protocol != CHECK_PROXY_NONE || way->step_count > 0;
}

static void connected(struct probe *probe)
{
	const struct check_way *way = &probe->check->way;
	int error = proxy_header_send(probe, probe->watch.fd);

	if (!error && way->step_count == 0) {
		probe_end(probe, PROBE_UP, "connected");
		return;
	}
	if (!error) {
		probe->state = conversation_new(way);
		error = probe->state ? 0 : ENOMEM;
	}
	if (error)
		probe_end_errno(probe, error);
	else
		go_on(probe);
}

static int tcp_start(struct probe *probe)
{
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(probe, &address);
	AUTO_CLOSE int fd = probe_socket(probe, SOCK_STREAM, IPPROTO_TCP);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, length) == 0) {
		if (!says_anything(&probe->check->way)) {
			probe_end(probe, PROBE_UP, "connected");
			return 0;
		}
	} else if (errno != EINPROGRESS) {
		return -errno;
	}
	return probe_watch(probe, TAKE_FD(fd), EPOLLOUT);
}

static void tcp_ready(struct probe *probe, uint32_t events)
{
	int error;

	(void)events;
	if (probe->state) {
		go_on(probe);
		return;
	}
	error = probe_socket_error(probe);
	/* ICMPv6 reports EACCES; a filter of this host reports EPERM. */
	if (error == EACCES)
		probe_end(probe, PROBE_DOWN, "prohibited by the network");
	else if (error)
		probe_end_errno(probe, error);
	else
		connected(probe);
}

static void tcp_expire(struct probe *probe)
{
	if (probe->state)
		conversation_expire(probe->state, probe);
	else
		probe_end_late(probe);
}

const struct probe_kind probe_tcp = {
	.start = tcp_start,
	.ready = tcp_ready,
	.expire = tcp_expire,
	.stop = probe_free_state,
	.descriptors = 1,
};
