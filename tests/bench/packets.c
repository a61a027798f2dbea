/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Measures what rules cost a packet: sends UDP datagrams over lo and receives
 * them, in several network namespaces by turns.
 *
 *   packets ROUNDS NETNS,SOURCE,DESTINATION,PORT,COUNT...
 *
 * NETNS is a name of ip-netns(8); its lo is up and has both addresses. For each
 * namespace the program prints a line of tab-separated values as rep does, in
 * nanoseconds a packet. A round sends COUNT packets; a first round warms up.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

struct flow {
	int from; /* sockets, in the flow's namespace */
	int to;
	unsigned int count;
	double *samples;
};

static void fail(const char *what)
{
	fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *netns)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

/* Returns a socket that is bound to that address. */
static int bound(const char *address, unsigned int port)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port) };
	const struct timeval second = { .tv_sec = 1 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, address, &name.sin_addr) != 1)
		errno = EINVAL;
	else if (fd >= 0 && !bind(fd, (void *)&name, sizeof(name)) &&
		 !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second,
			     sizeof(second)))
		return fd;
	fail(address);
	return -1;
}

/*
 * The receiver is bound to every address: the kernel would take one of a single
 * address for a conversation of this host, and not mark its packets.
 */
static void open_flow(struct flow *flow, char *text)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	char *words[5];
	unsigned int port;

	for (size_t i = 0; i < 5; i++) {
		words[i] = strtok(i ? NULL : text, ",");
		if (!words[i]) {
			errno = EINVAL;
			fail("NETNS,SOURCE,DESTINATION,PORT,COUNT");
		}
	}
	port = (unsigned int)strtoul(words[3], NULL, 10);
	enter(words[0]);
	flow->from = bound(words[1], 0);
	flow->to = bound("0.0.0.0", port);
	flow->count = bench_count(words[4]);
	name.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, words[2], &name.sin_addr) != 1 ||
	    connect(flow->from, (void *)&name, sizeof(name)))
		fail(words[2]);
}

/* Returns the nanoseconds that a packet took. */
static double measure(const struct flow *flow)
{
	char datagram[64] = { 0 };
	double start = bench_now_ms();

	for (unsigned int i = 0; i < flow->count; i++) {
		if (send(flow->from, datagram, sizeof(datagram), 0) < 0)
			fail("send");
		if (recv(flow->to, datagram, sizeof(datagram), 0) < 0)
			fail("recv");
	}
	return (bench_now_ms() - start) * 1e6 / flow->count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 2 ? bench_count(argv[1]) : 0;
	size_t count = rounds ? (size_t)argc - 2 : 0;
	struct flow *flows = calloc(count + 1, sizeof(*flows));

	if (!rounds || !flows) {
		fputs("Usage: packets ROUNDS "
		      "NETNS,SOURCE,DESTINATION,PORT,COUNT...\n",
		      stderr);
		return 2;
	}
	for (size_t i = 0; i < count; i++) {
		open_flow(&flows[i], argv[i + 2]);
		flows[i].samples = calloc(rounds, sizeof(double));
		if (!flows[i].samples)
			fail("memory");
	}
	for (unsigned int round = 0; round <= rounds; round++)
		for (size_t i = 0; i < count; i++) {
			double sample = measure(&flows[i]);

			if (round)
				flows[i].samples[round - 1] = sample;
		}
	for (size_t i = 0; i < count; i++) {
		qsort(flows[i].samples, rounds, sizeof(double), compare);
		printf("%s\t%u\t%.1f\t%.1f\t-\t-\n", argv[i + 2], rounds,
		       flows[i].samples[0], flows[i].samples[rounds / 2]);
	}
	return fflush(stdout) ? 1 : 0;
}
