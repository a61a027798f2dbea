// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Named servers on many ports.

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "traffic.h"

#define PORTS_MAX  65536
#define EVENTS_MAX 64
#define CONNECTION ((uint64_t)1 << 32)

struct port {
	int fd;
	unsigned int number;
	unsigned long count;
};

struct server {
	const char *name;
	struct endpoint at;
	struct port *ports;
	unsigned int n_ports;
	int epoll;
};

static void open_port(struct server *server, unsigned int number)
{
	struct port *port = &server->ports[server->n_ports];

	if (server->n_ports == PORTS_MAX)
		die_usage("too many ports");
	port->number = number;
	port->fd = open_socket(&server->at);
	bind_socket(port->fd, &server->at, number);
	if (server->at.protocol->type == SOCK_STREAM && listen(port->fd, 1024))
		die("cannot listen");
	watch(server->epoll, port->fd, EPOLLIN, server->n_ports++);
}

static void open_ports(struct server *server, const char *text)
{
	unsigned int first, last;
	char *end;

	server->ports = calloc(PORTS_MAX, sizeof(*server->ports));
	if (!server->ports)
		die("memory");
	allow_descriptors(PORTS_MAX);
	do {
		parse_range(text, &first, &last, &end);
		if (*end && *end != ',')
			die_usage(text);
		for (unsigned int i = first; i <= last; i++)
			open_port(server, i);
		text = end + 1;
	} while (*end);
}

static void answer_datagrams(const struct server *server, struct port *port)
{
	struct sockaddr_storage peer;
	char request[2048];

	for (;;) {
		socklen_t size = sizeof(peer);

		if (recvfrom(port->fd, request, sizeof(request), 0,
			     (struct sockaddr *)&peer, &size) < 0)
			return;
		port->count++;
		(void)sendto(port->fd, server->name, strlen(server->name), 0,
			     (struct sockaddr *)&peer, size);
	}
}

static void accept_connections(const struct server *server, struct port *port)
{
	int fd;

	while ((fd = accept4(port->fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		port->count++;
		watch(server->epoll, fd, EPOLLIN, CONNECTION | (uint64_t)fd);
	}
}

static void answer_connection(const struct server *server, int fd)
{
	char request[2048];
	const ssize_t n = read(fd, request, sizeof(request));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || write(fd, server->name, strlen(server->name)) < 0)
		close(fd);
}

static void answer(const struct server *server, uint64_t tag)
{
	if (tag & CONNECTION)
		answer_connection(server, (int)(tag & ~CONNECTION));
	else if (server->at.protocol->type == SOCK_DGRAM)
		answer_datagrams(server, &server->ports[tag]);
	else
		accept_connections(server, &server->ports[tag]);
}

// Prints the ports that had requests, neighbours as a range.
static void print_ports(const struct server *server)
{
	const struct port *port = server->ports;
	const char *separator = " on ports ";

	for (unsigned int i = 0, j; i < server->n_ports; i = j + 1) {
		j = i;
		if (!port[i].count)
			continue;
		while (j + 1 < server->n_ports && port[j + 1].count &&
		       port[j + 1].number == port[j].number + 1)
			j++;
		printf("%s%u", separator, port[i].number);
		if (j > i)
			printf(":%u", port[j].number);
		separator = ",";
	}
}

static void print_report(const struct server *server)
{
	const bool datagrams = server->at.protocol->type == SOCK_DGRAM;
	unsigned long total = 0;

	for (unsigned int i = 0; i < server->n_ports; i++)
		total += server->ports[i].count;
	printf("%s received %lu %s", server->name, total,
	       datagrams ? "datagrams" : "connections");
	print_ports(server);
	putchar('\n');
}

int cmd_serve(int argc, char **argv)
{
	struct server server = { .name = argc > 0 ? argv[0] : "" };
	struct epoll_event events[EVENTS_MAX];
	const char *report = NULL;

	if (argc == 6 && !strcmp(argv[4], "--report"))
		report = argv[5];
	else if (argc != 4)
		die_usage("serve: wrong arguments");
	if (strlen(argv[0]) >= NAME_SIZE)
		die_usage("serve: NAME is too long");
	parse_endpoint(argv + 1, &server.at);
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	open_ports(&server, argv[3]);
	catch_signals();
	if (report)
		into_background(report);
	else if (puts("ready") < 0 || fflush(stdout))
		die("stdout");
	while (!stopped) {
		const int n = epoll_wait(server.epoll, events, EVENTS_MAX, -1);

		for (int i = 0; i < n; i++)
			answer(&server, events[i].data.u64);
	}
	if (report)
		begin_report(report);
	print_report(&server);
	free(server.ports);
	return fflush(stdout) ? STATUS_FAILED : 0;
}
