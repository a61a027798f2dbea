/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A packet goes out by one end of a veth pair and comes in by the other, as
 * from the net. Every address is one of this host, so that it reaches a raw
 * socket, which tells the mark that it has behind mangle's PREROUTING and
 * INPUT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "packets.h"
#include "tables.h"

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif

#define HEADER_MAX 60
#define FRAME_MAX  2048

struct listener {
	uint8_t family;
	uint8_t protocol;
	int fd;
};

static struct listener listeners[] = {
	{ AF_INET, IPPROTO_UDP, -1 },  { AF_INET, IPPROTO_TCP, -1 },
	{ AF_INET, IPPROTO_ICMP, -1 }, { AF_INET6, IPPROTO_UDP, -1 },
	{ AF_INET6, IPPROTO_TCP, -1 }, { AF_INET6, IPPROTO_ICMPV6, -1 },
};
static int sender = -1;
static int devices[2];
static uint32_t serial;

void give_up(const char *what)
{
	perror(what);
	exit(1);
}

int run_with(const char *const *argv, const char *input, const char *errors)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	posix_spawn_file_actions_t files;
	int status = 0;
	pid_t pid;

	if (fd < 0 || (input && write(fd, input, strlen(input)) < 0))
		give_up("memfd");
	(void)lseek(fd, 0, SEEK_SET);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, fd, 0);
	if (errors) {
		(void)posix_spawn_file_actions_addopen(&files, 1, "/dev/null",
						       O_WRONLY, 0);
		(void)posix_spawn_file_actions_addopen(
			&files, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	}
	errno = posix_spawnp(&pid, argv[0], &files, NULL,
			     (char *const *)(uintptr_t)argv, environ);
	if (errno || waitpid(pid, &status, 0) < 0)
		give_up(argv[0]);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void fresh(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("run", "/run", "tmpfs", 0, NULL) < 0)
		give_up("namespaces");
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file) < 0)
		give_up(path);
}

static void open_listeners(void)
{
	const int on = 1;

	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
		struct listener *one = &listeners[i];

		one->fd = socket(one->family,
				 SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
				 one->protocol);
		if (one->fd < 0 || setsockopt(one->fd, SOL_SOCKET, SO_RCVMARK,
					      &on, sizeof(on)) < 0)
			give_up("raw socket that tells marks");
	}
}

void packets_open(void)
{
	static const char lines[] =
		"link set lo up\n"
		"link add eth0 address 02:00:00:00:01:00 type veth peer name far0\n"
		"link add eth1 address 02:00:00:00:01:01 type veth peer name far1\n"
		"link set eth0 up\nlink set far0 up\n"
		"link set eth1 up\nlink set far1 up\n"
		"route add local default dev lo\n"
		"route add local ::/0 dev lo\n";
	static const char *const ip[] = { "ip", "-batch", "-", NULL };
	cpu_set_t first;

	/* A match can ask for the processor. */
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	(void)sched_setaffinity(0, sizeof(first), &first);
	fresh();
	write_file("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	write_file("/proc/sys/net/ipv4/conf/default/rp_filter", "0");
	write_file("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
	write_file("/proc/sys/net/ipv4/conf/default/accept_local", "1");
	if (run_with(ip, lines, NULL) != 0)
		give_up("network");
	/* Nobody answers: what this host sends is dropped. */
	tables_drop_output(AF_INET);
	tables_drop_output(AF_INET6);
	open_listeners();
	sender = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sender < 0)
		give_up("packet socket");
	(void)close(sender);
	sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	devices[0] = (int)if_nametoindex("far0");
	devices[1] = (int)if_nametoindex("far1");
	if (sender < 0 || !devices[0] || !devices[1])
		give_up("packet socket");
}

/* ---- Making -------------------------------------------------------------- */

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static uint32_t add_up(uint32_t sum, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Where the serial number is in what follows the IP header. */
static size_t serial_offset(uint8_t protocol)
{
	return protocol == IPPROTO_UDP ? 8 : 4;
}

/* Writes what follows the IP header; returns its size. */
static size_t put_transport(const struct packet *packet, uint8_t *out)
{
	const size_t width = packet->family == AF_INET ? 4 : 16;
	bool icmp = packet->protocol == IPPROTO_ICMP ||
		    packet->protocol == IPPROTO_ICMPV6;
	size_t header = packet->protocol == IPPROTO_TCP ? 20 : 8;
	size_t size = header + 4 + packet->length;
	size_t at = 2;
	uint32_t sum = 0;

	(void)memset(out, 0, size);
	if (icmp) {
		out[0] = packet->family == AF_INET ? 8 : 128;
	} else {
		put16(out, packet->source_port);
		put16(out + 2, packet->destination_port);
		at = packet->protocol == IPPROTO_TCP ? 16 : 6;
	}
	if (packet->protocol == IPPROTO_TCP) {
		out[12] = 5 << 4;
		out[13] = 2; /* SYN */
		put16(out + 14, 1000);
	} else if (!icmp) {
		put16(out + 4, (unsigned int)size);
	}
	put32(out + serial_offset(packet->protocol), serial);
	if (packet->protocol != IPPROTO_ICMP) {
		sum = add_up(sum, packet->source, width);
		sum = add_up(sum, packet->destination, width);
		sum += packet->protocol + (uint32_t)size;
	}
	put16(out + at, ~add_up(sum, out, size) & 0xffff);
	return size;
}

static size_t put_packet(const struct packet *packet, uint8_t *out)
{
	const size_t header = packet->family == AF_INET ? 20 : 40;
	size_t size = put_transport(packet, out + header);

	(void)memset(out, 0, header);
	if (packet->family == AF_INET6) {
		out[0] = (uint8_t)(0x60 | packet->tos >> 4);
		out[1] = (uint8_t)(packet->tos << 4);
		put16(out + 4, (unsigned int)size);
		out[6] = packet->protocol;
		out[7] = packet->ttl;
		(void)memcpy(out + 8, packet->source, 16);
		(void)memcpy(out + 24, packet->destination, 16);
		return header + size;
	}
	out[0] = 0x45;
	out[1] = packet->tos;
	put16(out + 2, (unsigned int)(header + size));
	put16(out + 4, serial & 0xffff);
	out[8] = packet->ttl;
	out[9] = packet->protocol;
	(void)memcpy(out + 12, packet->source, 4);
	(void)memcpy(out + 16, packet->destination, 4);
	put16(out + 10, ~add_up(0, out, header) & 0xffff);
	return header + size;
}

/* ---- Receiving ------------------------------------------------------------ */

/* Reads one packet: 0 nothing, 1 another one, 2 the one that was sent. */
static int receive(const struct listener *listener, uint64_t *ret_mark)
{
	uint8_t data[FRAME_MAX];
	union {
		struct cmsghdr header;
		char room[256];
	} control;
	struct iovec part = { data, sizeof(data) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(listener->fd, &message, 0);
	size_t at = serial_offset(listener->protocol);
	uint32_t mark = 0;

	if (got <= 0)
		return 0;
	if (listener->family == AF_INET)
		at += (size_t)(data[0] & 0xf) * 4;
	if ((size_t)got < at + 4 || get32(data + at) != serial)
		return 1;
	for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one;
	     one = CMSG_NXTHDR(&message, one))
		if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SO_MARK)
			(void)memcpy(&mark, CMSG_DATA(one), sizeof(mark));
	*ret_mark = mark;
	return 2;
}

static uint64_t await(const struct listener *listener)
{
	struct pollfd ready = { .fd = listener->fd, .events = POLLIN };
	uint64_t mark = DROPPED;

	/* Mostly it is here already when sendto() returns. */
	for (int tries = 0; tries < 2; tries++) {
		int r;

		do
			r = receive(listener, &mark);
		while (r == 1);
		if (r == 2)
			return mark;
		if (tries == 0 && poll(&ready, 1, 20) <= 0)
			break;
	}
	return DROPPED;
}

uint64_t packets_send(const struct packet *packet)
{
	uint8_t frame[FRAME_MAX] = { 2, 0, 0, 0, 1, packet->device,
				     2, 0, 0, 0, 0, packet->mac };
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = devices[packet->device],
		.sll_halen = 6,
	};
	size_t size;

	serial++;
	put16(frame + 12, packet->family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
	size = 14 + put_packet(packet, frame + 14);
	if (sendto(sender, frame, size, 0, (struct sockaddr *)&to, sizeof(to)) <
	    0)
		give_up("sendto");
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++)
		if (listeners[i].family == packet->family &&
		    listeners[i].protocol == packet->protocol)
			return await(&listeners[i]);
	return DROPPED;
}
