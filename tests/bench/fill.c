/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Fills the connection table of a backup daemon as its master would, with TCP
 * connections of one service.
 *
 *   fill DEV COUNT    to 224.0.0.81:8848, id 1; the service is tcp:192.0.2.1:80,
 *                     by direct routing to 10.128.0.1
 */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define ENTRIES	    30 /* of a message */
#define ESTABLISHED 1

struct entry {
	uint8_t type;
	uint8_t protocol;
	uint16_t size;
	uint32_t flags;
	uint16_t state;
	uint16_t client_port;
	uint16_t service_port;
	uint16_t server_port;
	uint32_t mark;
	uint32_t seconds;
	uint32_t client;
	uint32_t service;
	uint32_t server;
};

struct message {
	uint8_t zero;
	uint8_t id;
	uint16_t size;
	uint8_t entries;
	int8_t version;
	uint16_t spare;
	struct entry entry[ENTRIES];
};

static int open_socket(const char *interface)
{
	const struct ip_mreqn multicast = {
		.imr_ifindex = (int)if_nametoindex(interface),
	};
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(8848),
		.sin_addr.s_addr = inet_addr("224.0.0.81"),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &multicast,
		       sizeof(multicast)) < 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("fill");
		exit(1);
	}
	return fd;
}

static struct entry make_entry(unsigned int i)
{
	return (struct entry){
		.protocol = IPPROTO_TCP,
		.size = htons(sizeof(struct entry)),
		.flags = htonl(IP_VS_CONN_F_DROUTE | IP_VS_CONN_F_NOOUTPUT),
		.state = htons(ESTABLISHED),
		.client_port = htons((uint16_t)(1024 + i % 60000)),
		.service_port = htons(BENCH_PORT),
		.server_port = htons(BENCH_PORT),
		.seconds = htonl(900),
		.client = htonl(bench_vip(i / 60000)),
		.service = inet_addr("192.0.2.1"),
		.server = inet_addr("10.128.0.1"),
	};
}

int main(int argc, char **argv)
{
	unsigned int count, sent = 0;
	int fd;

	if (argc != 3) {
		fputs("Usage: fill DEV COUNT\n", stderr);
		return 2;
	}
	count = bench_count(argv[2]);
	fd = open_socket(argv[1]);
	while (sent < count) {
		struct message message = { .id = 1, .version = 1 };
		size_t size;

		while (message.entries < ENTRIES && sent < count)
			message.entry[message.entries++] = make_entry(sent++);
		size = offsetof(struct message, entry) +
		       message.entries * sizeof(struct entry);
		message.size = htons((uint16_t)size);
		if (send(fd, &message, size, 0) < 0) {
			perror("fill");
			return 1;
		}
		usleep(5000); /* so that none is lost */
	}
	return close(fd) < 0;
}
