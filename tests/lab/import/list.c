/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Packets from a list: "SOURCE DESTINATION PROTOCOL PORT [xCOUNT]" lines. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "import.h"
#include "packets.h"

/* Reads a packet, and cuts off what follows it: the marks that it should get. */
static bool read_packet(char *line, struct packet *packet, unsigned int *count)
{
	int behind = 0;
	int end = 0;

	char source[64];
	char destination[64];
	char protocol[16];
	unsigned int port;

	*count = 1;
	if (sscanf(line, "%63s %63s %15s %u%n x%u%n", source, destination,
		   protocol, &port, &end, count, &behind) < 4)
		return false;
	line[behind ? behind : end] = '\0';
	packet->family = strchr(source, ':') ? AF_INET6 : AF_INET;
	packet->protocol = strcmp(protocol, "udp") == 0 ? IPPROTO_UDP :
			   strcmp(protocol, "tcp") == 0 ? IPPROTO_TCP :
			   packet->family == AF_INET	? IPPROTO_ICMP :
							  IPPROTO_ICMPV6;
	packet->ttl = 64;
	packet->mac = 1;
	packet->source_port = 40000;
	packet->destination_port = (uint16_t)port;
	return inet_pton(packet->family, source, packet->source) == 1 &&
	       inet_pton(packet->family, destination, packet->destination) == 1;
}

int import_list(void)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin)) {
		struct packet packet = { 0 };
		unsigned int count;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (!read_packet(line, &packet, &count)) {
			(void)fprintf(stderr, "not a packet: %s", line);
			return 1;
		}
		(void)printf("%s", line);
		while (count-- > 0) {
			uint64_t mark = packets_send(&packet);

			if (mark == DROPPED)
				(void)printf(" dropped");
			else
				(void)printf(" 0x%x", (unsigned int)mark);
		}
		(void)printf("\n");
		(void)fflush(stdout);
	}
	return 0;
}
