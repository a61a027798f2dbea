/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Questions and announcements about VIPs, by ARP and by ICMPv6. */
#include "vip/neighbours.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "model/address.h"
#include "sysctl.h"
#include "vip/objects.h"

#define ASKING_MILLISECONDS 200
#define PAUSE_MILLISECONDS  100
/* Room for the answers about a thousand VIPs. */
#define ANSWERS (4 * 1024 * 1024)

/* ---- Packets ------------------------------------------------------------- */

/* ARP for IPv4 on Ethernet. */
struct arp {
	struct arphdr header;
	uint8_t sender_mac[6];
	uint8_t sender[4];
	uint8_t target_mac[6];
	uint8_t target[4];
} __attribute__((packed));

/* A question or an advertisement, with the option of a MAC. */
struct discovery {
	struct ip6_hdr ip;
	struct icmp6_hdr icmp;
	struct in6_addr target;
	uint8_t option_type;
	uint8_t option_length; /* in units of 8 bytes */
	uint8_t option_mac[6];
} __attribute__((packed));

struct packet {
	union {
		struct arp arp;
		struct discovery discovery;
	};
	size_t size;
	struct sockaddr_ll to;
};

static struct sockaddr_ll destination(const struct neighbour *neighbour,
				      uint16_t protocol, const uint8_t *mac)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = neighbour->index,
		.sll_halen = 6,
	};

	memcpy(to.sll_addr, mac, 6);
	return to;
}

/* An announcement is a question about the sender. */
static void make_arp(const struct neighbour *neighbour, bool ask,
		     struct packet *packet)
{
	static const uint8_t everybody[6] = { 255, 255, 255, 255, 255, 255 };
	struct arp *arp = &packet->arp;
	const uint8_t *address = neighbour->vip.address.bytes;

	*arp = (struct arp){ .header = { .ar_hrd = htons(ARPHRD_ETHER),
					 .ar_pro = htons(ETH_P_IP),
					 .ar_hln = 6,
					 .ar_pln = 4,
					 .ar_op = htons(ARPOP_REQUEST) } };
	memcpy(arp->sender_mac, neighbour->mac, 6);
	memcpy(arp->target, address, 4);
	if (!ask)
		memcpy(arp->sender, address, 4);
	else if (neighbour->asker.family == AF_INET)
		memcpy(arp->sender, neighbour->asker.bytes, 4);
	packet->size = sizeof(*arp);
	packet->to = destination(neighbour, ETH_P_ARP, everybody);
}

static uint32_t add_words(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	return sum;
}

/* The checksum of ICMPv6, whose length is even here (RFC 4443). */
static uint16_t checksum(const struct discovery *discovery, size_t size)
{
	uint32_t sum = IPPROTO_ICMPV6 + (uint32_t)size;

	sum = add_words(sum, &discovery->ip.ip6_src, 16);
	sum = add_words(sum, &discovery->ip.ip6_dst, 16);
	sum = add_words(sum, &discovery->icmp, size);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static bool forwards(const char *interface)
{
	char name[64];
	uint32_t value = 0;

	(void)snprintf(name, sizeof(name), "net/ipv6/conf/%s/forwarding",
		       interface);
	return sysctl_get(name, &value) == 0 && value;
}

/* The question goes to those whose address ends in the same three bytes. */
static void make_question(const struct neighbour *neighbour,
			  struct discovery *discovery, uint8_t mac[6])
{
	static const uint8_t solicited[13] = { 0xff, 2, [11] = 1, 0xff };
	const uint8_t *last = neighbour->vip.address.bytes + 13;

	discovery->icmp.icmp6_type = ND_NEIGHBOR_SOLICIT;
	memcpy(&discovery->ip.ip6_dst, solicited, sizeof(solicited));
	memcpy((uint8_t *)&discovery->ip.ip6_dst + 13, last, 3);
	memcpy(mac, (const uint8_t[]){ 0x33, 0x33, 0xff }, 3);
	memcpy(mac + 3, last, 3);
}

static void make_advertisement(const struct neighbour *neighbour,
			       struct discovery *discovery, uint8_t mac[6])
{
	static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
	uint32_t flags = ND_NA_FLAG_OVERRIDE;

	if (forwards(neighbour->vip.interface))
		flags |= ND_NA_FLAG_ROUTER;
	discovery->icmp.icmp6_type = ND_NEIGHBOR_ADVERT;
	discovery->icmp.icmp6_data32[0] = flags;
	memcpy(&discovery->ip.ip6_src, neighbour->vip.address.bytes, 16);
	memcpy(&discovery->ip.ip6_dst, all_nodes, 16);
	discovery->option_type = ND_OPT_TARGET_LINKADDR;
	discovery->option_length = 1;
	memcpy(discovery->option_mac, neighbour->mac, 6);
	memcpy(mac, (const uint8_t[]){ 0x33, 0x33, 0, 0, 0, 1 }, 6);
}

static void make_discovery(const struct neighbour *neighbour, bool ask,
			   struct packet *packet)
{
	struct discovery *discovery = &packet->discovery;
	/* Who has no address yet has no MAC to tell either (RFC 4862). */
	size_t size =
		sizeof(*discovery) - sizeof(discovery->ip) - (ask ? 8 : 0);
	uint8_t mac[6];

	*discovery = (struct discovery){ .ip.ip6_nxt = IPPROTO_ICMPV6 };
	discovery->ip.ip6_flow = htonl(6u << 28);
	discovery->ip.ip6_plen = htons((uint16_t)size);
	discovery->ip.ip6_hlim = 255;
	memcpy(&discovery->target, neighbour->vip.address.bytes, 16);
	if (ask)
		make_question(neighbour, discovery, mac);
	else
		make_advertisement(neighbour, discovery, mac);
	discovery->icmp.icmp6_cksum = checksum(discovery, size);
	packet->size = sizeof(discovery->ip) + size;
	packet->to = destination(neighbour, ETH_P_IPV6, mac);
}

static void make_packet(const struct neighbour *neighbour, bool ask,
			struct packet *packet)
{
	if (neighbour->vip.address.family == AF_INET)
		make_arp(neighbour, ask, packet);
	else
		make_discovery(neighbour, ask, packet);
}

/* ---- Sockets ------------------------------------------------------------- */

/* Of all IPv6 only advertisements: a director can see a lot of it. */
static int filter_advertisements(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 offsetof(struct discovery, ip.ip6_nxt)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 offsetof(struct discovery, icmp.icmp6_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT16_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { ARRAY_SIZE(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) < 0 ?
		       nerrno() :
		       0;
}

/* Protocol 0 receives nothing. */
static int open_socket(uint16_t protocol, int *ret_fd)
{
	const int room = ANSWERS;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			htons(protocol));

	if (fd < 0)
		return nerrno();
	if (protocol)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
				 sizeof(room));
	*ret_fd = fd;
	return 0;
}

/* An interface that goes down meanwhile hears nothing, and that is all. */
static void send_all(int fd, const struct neighbour *neighbours, size_t count,
		     bool ask, unsigned int round)
{
	for (size_t i = 0; i < count; i++) {
		struct packet packet;

		if (!neighbours[i].index ||
		    (!ask && round >= neighbours[i].vip.announcements))
			continue;
		make_packet(&neighbours[i], ask, &packet);
		(void)sendto(fd, &packet, packet.size, 0,
			     (const void *)&packet.to, sizeof(packet.to));
	}
}

int neighbours_find(struct neighbour *neighbours, size_t count)
{
	AUTO_CLOSE int fd = -1;
	int r = interface_socket(&fd);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		struct neighbour *neighbour = &neighbours[i];
		struct ifreq request = { .ifr_ifindex = 0 };

		neighbour->index = 0;
		memcpy(request.ifr_name, neighbour->vip.interface,
		       sizeof(request.ifr_name));
		if (i && !strcmp(neighbour->vip.interface,
				 neighbours[i - 1].vip.interface)) {
			neighbour->index = neighbours[i - 1].index;
			memcpy(neighbour->mac, neighbours[i - 1].mac, 6);
			continue;
		}
		if (ioctl(fd, SIOCGIFFLAGS, &request) < 0 ||
		    !(request.ifr_flags & IFF_UP) ||
		    request.ifr_flags & (IFF_NOARP | IFF_LOOPBACK) ||
		    ioctl(fd, SIOCGIFHWADDR, &request) < 0 ||
		    request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
			continue;
		memcpy(neighbour->mac, request.ifr_hwaddr.sa_data, 6);
		if (ioctl(fd, SIOCGIFINDEX, &request) == 0)
			neighbour->index = request.ifr_ifindex;
	}
	return 0;
}

/* ---- Answers ------------------------------------------------------------- */

bool neighbour_holder(uint16_t protocol, const void *packet, size_t size,
		      struct ipvsctl_address *ret_address)
{
	const struct arp *arp = packet;
	const struct discovery *discovery = packet;

	*ret_address = (struct ipvsctl_address){ .family = AF_INET6 };
	if (protocol == ETH_P_ARP) {
		if (size < sizeof(*arp) ||
		    arp->header.ar_pro != htons(ETH_P_IP) ||
		    arp->header.ar_pln != 4 || arp->header.ar_hln != 6)
			return false;
		ret_address->family = AF_INET;
		memcpy(ret_address->bytes, arp->sender, 4);
		return true;
	}
	if (size < offsetof(struct discovery, option_type) ||
	    discovery->ip.ip6_nxt != IPPROTO_ICMPV6 ||
	    discovery->ip.ip6_hlim != 255 ||
	    discovery->icmp.icmp6_type != ND_NEIGHBOR_ADVERT)
		return false;
	memcpy(ret_address->bytes, &discovery->target, 16);
	return true;
}

static void note_holder(struct neighbour *neighbours, size_t count,
			const struct ipvsctl_address *address,
			const struct sockaddr_ll *from)
{
	for (size_t i = 0; i < count; i++) {
		struct neighbour *neighbour = &neighbours[i];

		if (neighbour->index != from->sll_ifindex ||
		    ipvsctl_address_compare(&neighbour->vip.address, address) ||
		    !memcmp(neighbour->mac, from->sll_addr, 6))
			continue;
		neighbour->answered = true;
		memcpy(neighbour->other_mac, from->sll_addr, 6);
	}
}

static void take_answers(int fd, uint16_t protocol,
			 struct neighbour *neighbours, size_t count)
{
	for (;;) {
		struct sockaddr_ll from = { .sll_ifindex = 0 };
		socklen_t length = sizeof(from);
		struct ipvsctl_address address;
		struct packet packet;
		ssize_t got = recvfrom(fd, &packet, sizeof(packet.discovery), 0,
				       (void *)&from, &length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return;
		if (from.sll_pkttype != PACKET_OUTGOING &&
		    neighbour_holder(protocol, &packet, (size_t)got, &address))
			note_holder(neighbours, count, &address, &from);
	}
}

static bool all_answered(const struct neighbour *neighbours, size_t count)
{
	size_t i = 0;

	while (i < count && (neighbours[i].answered || !neighbours[i].index))
		i++;
	return i == count;
}

static long milliseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int neighbours_ask(struct neighbour *neighbours, size_t count)
{
	static const uint16_t protocols[] = { ETH_P_ARP, ETH_P_IPV6 };
	AUTO_CLOSE int arp = -1;
	AUTO_CLOSE int ipv6 = -1;
	long end = milliseconds() + ASKING_MILLISECONDS, left;
	int r = open_socket(ETH_P_ARP, &arp);

	if (r == 0)
		r = open_socket(ETH_P_IPV6, &ipv6);
	if (r == 0)
		r = filter_advertisements(ipv6);
	if (r < 0)
		return r;
	send_all(arp, neighbours, count, true, 0);
	while ((left = end - milliseconds()) > 0 &&
	       !all_answered(neighbours, count)) {
		struct pollfd fds[] = { { arp, POLLIN, 0 },
					{ ipv6, POLLIN, 0 } };

		if (poll(fds, ARRAY_SIZE(fds), (int)left) < 0 && errno != EINTR)
			return nerrno();
		for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
			if (fds[i].revents)
				take_answers(fds[i].fd, protocols[i],
					     neighbours, count);
	}
	return 0;
}

/* ---- Announcements ------------------------------------------------------- */

int neighbours_tell(const struct neighbour *neighbours, size_t count)
{
	const struct timespec pause = { .tv_nsec =
						PAUSE_MILLISECONDS * 1000000L };
	unsigned int rounds = 0;
	AUTO_CLOSE int fd = -1;
	int r = 0;

	for (size_t i = 0; i < count; i++)
		if (neighbours[i].index &&
		    neighbours[i].vip.announcements > rounds)
			rounds = neighbours[i].vip.announcements;
	if (rounds)
		r = open_socket(0, &fd);
	if (r < 0)
		return r;
	for (unsigned int round = 0; round < rounds; round++) {
		if (round)
			(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		send_all(fd, neighbours, count, false, round);
	}
	return 0;
}
