/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sends datagrams to the group of sync daemons. */
#include "push/sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"
#include "vip/objects.h"

/* What the kernel's daemons take for what is not given. */
#define GROUP 0xe0000051 /* 224.0.0.81 */
#define PORT  8848
#define TTL   1

/* As the kernel's master: not to sockets of this host. */
static int set_ipv4(int fd, int index, int ttl)
{
	const struct ip_mreqn interface = { .imr_ifindex = index };
	const int loop = 0;

	return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &interface,
			  sizeof(interface)) < 0 ||
			       setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP,
					  &loop, sizeof(loop)) < 0 ||
			       setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL,
					  &ttl, sizeof(ttl)) < 0 ?
		       nerrno() :
		       0;
}

static int set_ipv6(int fd, int index, int ttl)
{
	const int loop = 0;

	return setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
			  sizeof(index)) < 0 ||
			       setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP,
					  &loop, sizeof(loop)) < 0 ||
			       setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS,
					  &ttl, sizeof(ttl)) < 0 ?
		       nerrno() :
		       0;
}

static int connect_ipv4(int fd, const struct ipvsctl_sync *daemon)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(daemon->port ? daemon->port : PORT),
		.sin_addr.s_addr = htonl(GROUP),
	};

	if (daemon->group.family)
		memcpy(&to.sin_addr, daemon->group.bytes, sizeof(to.sin_addr));
	return connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ?
		       nerrno() :
		       0;
}

static int connect_ipv6(int fd, const struct ipvsctl_sync *daemon, int index)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(daemon->port ? daemon->port : PORT),
		.sin6_scope_id = (uint32_t)index,
	};

	memcpy(&to.sin6_addr, daemon->group.bytes, sizeof(to.sin6_addr));
	return connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ?
		       nerrno() :
		       0;
}

int sender_open(struct sender *sender, const struct ipvsctl_sync *daemon,
		uint32_t rate)
{
	const bool ipv6 = daemon->group.family == AF_INET6;
	const int ttl = daemon->ttl ? daemon->ttl : TTL;
	struct interface interface = { .index = 0 };
	int r = interface_find(daemon->interface, &interface);

	*sender = (struct sender){ .fd = -1, .rate = rate };
	if (r < 0)
		return r;
	sender->fd =
		socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sender->fd < 0)
		return nerrno();
	r = ipv6 ? set_ipv6(sender->fd, interface.index, ttl) :
		   set_ipv4(sender->fd, interface.index, ttl);
	if (r < 0)
		return r;
	return ipv6 ? connect_ipv6(sender->fd, daemon, interface.index) :
		      connect_ipv4(sender->fd, daemon);
}

void sender_close(struct sender *sender)
{
	closep(&sender->fd);
	sender->fd = -1;
}

static void wait_until(int64_t until)
{
	const struct timespec time = { .tv_sec = until / 1000000,
				       .tv_nsec = until % 1000000 * 1000 };

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &time, NULL) ==
	       EINTR)
		;
}

int sender_send(struct sender *sender, const void *data, size_t size,
		size_t connections)
{
	ssize_t n;

	if (sender->rate) {
		const int64_t now = clock_now();

		/* Time that was lost is not made up for: that would be a burst. */
		if (sender->next > now)
			wait_until(sender->next);
		else
			sender->next = now;
		sender->next += (int64_t)(connections * 1000000 / sender->rate);
	}
	do
		n = send(sender->fd, data, size, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? nerrno() : 0;
}
