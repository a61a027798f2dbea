// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Arguments and sockets of the traffic tool.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "traffic.h"

static const struct protocol protocols[] = {
	{ "udp", SOCK_DGRAM, IPPROTO_UDP },
	{ "tcp", SOCK_STREAM, IPPROTO_TCP },
	{ "sctp", SOCK_STREAM, IPPROTO_SCTP },
};

volatile sig_atomic_t stopped, looked;

static void on_signal(int signal)
{
	if (signal == SIGUSR1)
		looked = 1;
	else
		stopped = 1;
}

_Noreturn void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(STATUS_FAILED);
}

unsigned int parse_number(const char *text, unsigned int max, char **ret_end)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || value > max)
		die_usage(text);
	if (ret_end)
		*ret_end = end;
	else if (*end)
		die_usage(text);
	return (unsigned int)value;
}

void parse_range(const char *text, unsigned int *ret_first,
		 unsigned int *ret_last, char **ret_end)
{
	*ret_first = parse_number(text, 65535, ret_end);
	*ret_last = *ret_first;
	if (**ret_end == ':')
		*ret_last = parse_number(*ret_end + 1, 65535, ret_end);
	if (*ret_last < *ret_first)
		die_usage(text);
}

void set_port(struct endpoint *endpoint, unsigned int port)
{
	in_port_t number = htons((uint16_t)port);

	if (endpoint->addr.ss_family == AF_INET)
		((struct sockaddr_in *)&endpoint->addr)->sin_port = number;
	else
		((struct sockaddr_in6 *)&endpoint->addr)->sin6_port = number;
}

void parse_address(const char *text, struct endpoint *ret_endpoint)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ret_endpoint->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret_endpoint->addr;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		ret_endpoint->size = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		ret_endpoint->size = sizeof(*v6);
	} else {
		die_usage(text);
	}
}

void parse_endpoint(char **argv, struct endpoint *ret_endpoint)
{
	const size_t n = sizeof(protocols) / sizeof(protocols[0]);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(argv[0], protocols[i].name))
			ret_endpoint->protocol = &protocols[i];
	if (!ret_endpoint->protocol)
		die_usage(argv[0]);
	parse_address(argv[1], ret_endpoint);
}

int open_socket(const struct endpoint *endpoint)
{
	const struct protocol *protocol = endpoint->protocol;
	const int type = protocol->type | SOCK_NONBLOCK | SOCK_CLOEXEC;
	const int fd = socket(endpoint->addr.ss_family, type, protocol->number);

	if (fd < 0)
		die("cannot open a socket");
	return fd;
}

void bind_socket(int fd, struct endpoint *at, unsigned int port)
{
	const int on = 1;

	set_port(at, port);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at->addr, at->size))
		die("cannot bind");
}

void watch(int epoll, int fd, uint32_t events, uint64_t tag)
{
	struct epoll_event event = { .events = events, .data.u64 = tag };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		die("epoll_ctl");
}

void allow_descriptors(unsigned int n)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("getrlimit");
	n += 64;
	if (limit.rlim_cur >= n)
		return;
	if (limit.rlim_max >= n) {
		limit.rlim_cur = n;
	} else {
		const struct rlimit more = { n, n };

		if (!setrlimit(RLIMIT_NOFILE, &more))
			return;
		limit.rlim_cur = limit.rlim_max;
	}
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("cannot raise the limit of open files");
}

void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void into_background(const char *path)
{
	pid_t pid;

	if (!freopen(path, "w", stdout))
		die(path);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0) {
		printf("%ld\n", (long)pid);
		exit(fflush(stdout) ? STATUS_FAILED : 0);
	}
	setsid();
	if (!freopen("/dev/null", "r", stdin) ||
	    !freopen("/dev/null", "w", stderr))
		die("/dev/null");
}

void begin_report(const char *path)
{
	if (ftruncate(STDOUT_FILENO, 0))
		die(path);
	rewind(stdout);
}
