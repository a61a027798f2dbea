// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Clients that count who answered.

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "pace.h"
#include "traffic.h"

#define NAMES_MAX  64
#define EVENTS_MAX 64

struct tally {
	char name[NAME_SIZE];
	unsigned long count;
};

struct client {
	struct endpoint to;
	struct endpoint from;
	unsigned int first;
	unsigned int span;
	unsigned int count;
	unsigned int source_port;
	unsigned int timeout;
	unsigned int window;
	unsigned int answered;
	unsigned int refused; /* among those that are lost */
	int epoll;
	unsigned int n_tallies;
	struct tally tallies[NAMES_MAX];
};

static void count_answer(struct client *client, const char *name)
{
	struct tally *tally = client->tallies;
	struct tally *end = tally + client->n_tallies;

	while (tally < end && strcmp(tally->name, name) != 0)
		tally++;
	if (tally == end) {
		if (client->n_tallies == NAMES_MAX)
			return;
		client->n_tallies++;
		snprintf(tally->name, sizeof(tally->name), "%s", name);
	}
	tally->count++;
	client->answered++;
}

static bool read_name(int fd, char name[static NAME_SIZE])
{
	const ssize_t n = recv(fd, name, NAME_SIZE - 1, 0);

	if (n <= 0)
		return false;
	name[n] = '\0';
	return true;
}

// The first request goes to the first port, the last to the last.
static unsigned int port_of(const struct client *client, unsigned int request)
{
	const unsigned int span = client->span;
	const uint64_t scaled = (uint64_t)request * (span - 1);

	if (client->count > span || client->count == 1)
		return client->first + request % span;
	return client->first + (unsigned int)(scaled / (client->count - 1));
}

// Returns a connected or connecting socket, or -1 if it was refused at once.
static int open_request(struct client *client, unsigned int request)
{
	const int fd = open_socket(&client->to);
	unsigned int port = 0;

	if (client->source_port)
		port = client->source_port + request;
	if (client->from.size)
		bind_socket(fd, &client->from, port);
	set_port(&client->to, port_of(client, request));
	if (!connect(fd, (struct sockaddr *)&client->to.addr, client->to.size) ||
	    errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

// Returns whether the request is under way.
static bool start_request(struct client *client, unsigned int request)
{
	const bool datagram = client->to.protocol->type == SOCK_DGRAM;
	const int fd = open_request(client, request);

	if (fd < 0)
		return false;
	if (datagram && send(fd, "?", 1, 0) != 1) {
		close(fd);
		return false;
	}
	watch(client->epoll, fd, datagram ? EPOLLIN : EPOLLOUT, (uint64_t)fd);
	return true;
}

// Whether nobody took the connection, as opposed to its having been broken.
static bool was_refused(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
	       error == ECONNREFUSED;
}

// Asks when the socket is connected, reads the name when it has come.
// Returns whether the request is over.
static bool advance(struct client *client, int fd, uint32_t events)
{
	struct epoll_event reading = { .events = EPOLLIN, .data.fd = fd };
	char name[NAME_SIZE];

	if (events & EPOLLIN && read_name(fd, name)) {
		count_answer(client, name);
		return true;
	}
	if (events & (EPOLLERR | EPOLLHUP | EPOLLIN)) {
		client->refused += was_refused(fd);
		return true;
	}
	return send(fd, "?", 1, 0) != 1 ||
	       epoll_ctl(client->epoll, EPOLL_CTL_MOD, fd, &reading);
}

// Returns how many requests ended, or -1 when nothing came in time.
static int await_answers(struct client *client)
{
	struct epoll_event events[EVENTS_MAX];
	const int n = epoll_wait(client->epoll, events, EVENTS_MAX,
				 (int)client->timeout);
	int over = 0;

	for (int i = 0; i < n; i++) {
		if (!advance(client, events[i].data.fd, events[i].events))
			continue;
		close(events[i].data.fd);
		over++;
	}
	return n > 0 ? over : -1;
}

// What had no answer in time stays open and unwatched until the end, so that
// a late answer cannot reach a later request on the same port.
static void open_epoll(struct client *client)
{
	if (client->epoll > 0)
		close(client->epoll);
	client->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (client->epoll < 0)
		die("epoll");
}

static void run_requests(struct client *client)
{
	unsigned int next = 0, under_way = 0;

	open_epoll(client);
	while (next < client->count || under_way) {
		int over;

		while (under_way < client->window && next < client->count)
			under_way += start_request(client, next++);
		if (!under_way)
			continue;
		over = await_answers(client);
		if (over < 0) {
			open_epoll(client);
			under_way = 0;
		} else {
			under_way -= (unsigned int)over;
		}
	}
}

static int compare_tallies(const void *a, const void *b)
{
	return strcmp(((const struct tally *)a)->name,
		      ((const struct tally *)b)->name);
}

static int print_tallies(struct client *client)
{
	const unsigned int lost = client->count - client->answered;

	qsort(client->tallies, client->n_tallies, sizeof(client->tallies[0]),
	      compare_tallies);
	for (unsigned int i = 0; i < client->n_tallies; i++)
		printf("%s %lu\n", client->tallies[i].name,
		       client->tallies[i].count);
	if (client->refused)
		printf("refused %u\n", client->refused);
	printf("lost %u\n", lost);
	if (fflush(stdout))
		return STATUS_FAILED;
	return lost ? STATUS_LOST : 0;
}

static void parse_options(int argc, char **argv, struct client *client)
{
	for (int i = 0; i < argc; i += 2) {
		const char *value = argv[i + 1];

		if (!value)
			die_usage(argv[i]);
		if (!strcmp(argv[i], "--from"))
			parse_address(value, &client->from);
		else if (!strcmp(argv[i], "--source-ports"))
			client->source_port = parse_number(value, 65535, NULL);
		else if (!strcmp(argv[i], "--timeout"))
			client->timeout = parse_number(value, 600000, NULL);
		else if (!strcmp(argv[i], "--window"))
			client->window = parse_number(value, 10000, NULL);
		else
			die_usage(argv[i]);
	}
	if (!client->window)
		die_usage("--window 0");
	if (client->source_port && !client->from.size) {
		client->from = client->to;
		memset(&client->from.addr, 0, sizeof(client->from.addr));
		client->from.addr.ss_family = client->to.addr.ss_family;
	}
}

static void parse_client(int argc, char **argv, struct client *client)
{
	unsigned int last;
	char *end;

	if (argc < 4)
		die_usage("too few arguments");
	client->timeout = 3000;
	client->window = 128;
	parse_endpoint(argv, &client->to);
	parse_range(argv[2], &client->first, &last, &end);
	if (*end)
		die_usage(argv[2]);
	client->span = last - client->first + 1;
	parse_options(argc - 4, argv + 4, client);
	client->timeout = paced(client->timeout);
}

int cmd_send(int argc, char **argv)
{
	struct client client = { 0 };

	parse_client(argc, argv, &client);
	client.count = parse_number(argv[3], 1000000, NULL);
	allow_descriptors(client.count);
	run_requests(&client);
	return print_tallies(&client);
}

static bool wait_for(const struct client *client, int fd, short events)
{
	struct pollfd socket = { .fd = fd, .events = events };

	return poll(&socket, 1, (int)client->timeout) == 1 &&
	       socket.revents & events;
}

static bool ask(const struct client *client, int fd, char *name)
{
	return wait_for(client, fd, POLLOUT) && send(fd, "?", 1, 0) == 1 &&
	       wait_for(client, fd, POLLIN) && read_name(fd, name);
}

int cmd_hold(int argc, char **argv)
{
	struct client client = { .count = 1 };
	char name[NAME_SIZE], again[NAME_SIZE];
	struct timespec rest = { 0 };
	int fd;

	parse_client(argc, argv, &client);
	rest.tv_sec = parse_number(argv[3], 3600, NULL);
	catch_signals();
	fd = open_request(&client, 0);
	if (fd < 0 || !ask(&client, fd, name)) {
		puts("lost before");
		return STATUS_LOST;
	}
	printf("%s connected\n", name);
	fflush(stdout);
	if (!stopped)
		nanosleep(&rest, NULL);
	if (!ask(&client, fd, again)) {
		puts("lost after");
		return STATUS_LOST;
	}
	printf("%s kept\n", again);
	return strcmp(name, again) ? STATUS_LOST : 0;
}
