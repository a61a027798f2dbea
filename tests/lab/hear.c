/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Prints what an interface hears of addresses by ARP and ICMPv6, a line each,
 * until it is killed:
 *
 *	hear DEV
 *	ask 192.0.2.10 by 192.0.2.1 02:...  "0.0.0.0" asks before it takes one
 *	have 192.0.2.10 02:...              an answer
 *	announce 192.0.2.10 02:...
 *
 * The first line is "ready".
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void print(const char *what, int family, const void *address,
		  const char *by, const unsigned char *mac)
{
	char text[INET6_ADDRSTRLEN];

	printf("%s %s%s%s %02x:%02x:%02x:%02x:%02x:%02x\n", what,
	       inet_ntop(family, address, text, sizeof(text)),
	       *by ? " by " : "", by, mac[0], mac[1], mac[2], mac[3], mac[4],
	       mac[5]);
}

static void take_arp(const unsigned char *arp, size_t size)
{
	const unsigned char *mac = arp + 8, *sender = arp + 14,
			    *target = arp + 24;
	char by[INET_ADDRSTRLEN];

	if (size < 28)
		return;
	(void)inet_ntop(AF_INET, sender, by, sizeof(by));
	if (arp[7] == ARPOP_REPLY)
		print("have", AF_INET, sender, "", mac);
	else if (!memcmp(sender, target, 4))
		print("announce", AF_INET, sender, "", mac);
	else
		print("ask", AF_INET, target, by, mac);
}

static void take_ipv6(const unsigned char *packet, size_t size,
		      const unsigned char *mac)
{
	const unsigned char *icmp = packet + sizeof(struct ip6_hdr);
	char by[INET6_ADDRSTRLEN];

	if (size < sizeof(struct ip6_hdr) + sizeof(struct nd_neighbor_solicit) ||
	    packet[6] != IPPROTO_ICMPV6)
		return;
	(void)inet_ntop(AF_INET6, packet + 8, by, sizeof(by));
	if (icmp[0] == ND_NEIGHBOR_SOLICIT)
		print("ask", AF_INET6, icmp + 8, by, mac);
	else if (icmp[0] == ND_NEIGHBOR_ADVERT)
		print(icmp[4] & 0x40 ? "have" : "announce", AF_INET6, icmp + 8,
		      "", mac);
}

int main(int argc, char **argv)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL) };

	at.sll_ifindex = argc == 2 ? (int)if_nametoindex(argv[1]) : 0;
	if (fd < 0 || !at.sll_ifindex ||
	    bind(fd, (const void *)&at, sizeof(at)) < 0) {
		fprintf(stderr, "hear: cannot listen\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	for (;;) {
		unsigned char packet[2048];
		struct sockaddr_ll from;
		socklen_t length = sizeof(from);
		ssize_t got = recvfrom(fd, packet, sizeof(packet), 0,
				       (void *)&from, &length);

		if (got < 0)
			return 1;
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if (from.sll_protocol == htons(ETH_P_ARP))
			take_arp(packet, (size_t)got);
		else if (from.sll_protocol == htons(ETH_P_IPV6))
			take_ipv6(packet, (size_t)got, from.sll_addr);
	}
}
