/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Probes all servers of the benchmark with the fewest system calls that do,
 * all at once. Prints how many are up and the seconds it took.
 *
 *   probe-floor tcp|http|hole PORT SERVERS [FILE]
 *
 * tcp: a connection each; http: and a request with status 200; hole: nobody
 * answers within a second. FILE gets the milliseconds, without the start of
 * the process. Status 1 when not all are up, or, of a hole, any.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define BATCH	   512
#define TIMEOUT_MS 1000

static const char request[] = "GET / HTTP/1.1\r\nHost: bench\r\n"
			      "Connection: close\r\n\r\n";
static const char answer[] = "HTTP/1.1 200";

struct attempt {
	int fd; /* -1: it has ended */
	bool sent;
	double deadline; /* of a hole's */
};

struct run {
	int epoll_fd;
	struct sockaddr_in address;
	struct attempt *attempts;
	unsigned int count, under_way, up;
	unsigned int overdue; /* those before it have ended */
	bool http, hole;
	int error; /* of the last one that was down */
};

static void fail(const char *what)
{
	fprintf(stderr, "probe-floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void end(struct run *run, struct attempt *attempt, bool up)
{
	close(attempt->fd);
	attempt->fd = -1;
	run->under_way--;
	run->up += up;
}

static void start(struct run *run, unsigned int i)
{
	const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	struct attempt *attempt = &run->attempts[i];
	struct epoll_event event = { .events = EPOLLOUT, .data.u32 = i };

	/* Edges tell of both ends of the exchange by one registration. */
	if (run->http)
		event.events = EPOLLIN | EPOLLOUT | EPOLLET;
	attempt->fd = socket(AF_INET, type, 0);
	if (attempt->fd < 0)
		fail("socket");
	run->under_way++;
	run->address.sin_addr.s_addr = htonl(bench_server(i));
	if (connect(attempt->fd, (struct sockaddr *)&run->address,
		    sizeof(run->address)) < 0 &&
	    errno != EINPROGRESS)
		fail("connect");
	if (epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, attempt->fd, &event) < 0)
		fail("epoll_ctl");
	if (run->hole)
		attempt->deadline = bench_now_ms() + TIMEOUT_MS;
}

static void take_connection(struct run *run, struct attempt *attempt)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		fail("getsockopt");
	if (error)
		run->error = error;
	end(run, attempt, error == 0);
}

/* A failed connection shows when the request is sent. */
static void take_http(struct run *run, struct attempt *attempt, uint32_t events)
{
	char buffer[256];
	ssize_t length;

	if (!attempt->sent) {
		length = send(attempt->fd, request, sizeof(request) - 1,
			      MSG_NOSIGNAL);
		attempt->sent = length == (ssize_t)sizeof(request) - 1;
		if (!attempt->sent) {
			run->error = errno;
			end(run, attempt, false);
		}
		if (!attempt->sent || !(events & EPOLLIN))
			return;
	}
	length = recv(attempt->fd, buffer, sizeof(buffer), 0);
	if (length < 0 && errno == EAGAIN)
		return;
	if (length < 0)
		run->error = errno;
	end(run, attempt,
	    length >= (ssize_t)sizeof(answer) - 1 &&
		    !memcmp(buffer, answer, sizeof(answer) - 1));
}

/* They were started in order, so they are overdue in order. */
static int expire(struct run *run)
{
	double now = bench_now_ms();

	while (run->overdue < run->count) {
		struct attempt *attempt = &run->attempts[run->overdue];

		if (attempt->fd >= 0 && attempt->deadline > now)
			return (int)(attempt->deadline - now) + 1;
		if (attempt->fd >= 0)
			end(run, attempt, false);
		run->overdue++;
	}
	return 0;
}

static void probe(struct run *run)
{
	struct epoll_event events[BATCH];
	int timeout = -1, ready;

	for (unsigned int i = 0; i < run->count; i++)
		start(run, i);
	while (run->under_way) {
		if (run->hole)
			timeout = expire(run);
		if (!run->under_way)
			break;
		ready = epoll_wait(run->epoll_fd, events, BATCH, timeout);
		if (ready < 0)
			fail("epoll_wait");
		for (int i = 0; i < ready; i++) {
			struct attempt *attempt =
				&run->attempts[events[i].data.u32];

			if (run->http)
				take_http(run, attempt, events[i].events);
			else
				take_connection(run, attempt);
		}
	}
}

static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("setrlimit");
}

static void usage(void)
{
	fputs("Usage: probe-floor tcp|http|hole PORT SERVERS [FILE]\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	struct run run = { .address.sin_family = AF_INET };
	double began;

	if (argc != 4 && argc != 5)
		usage();
	run.http = !strcmp(argv[1], "http");
	run.hole = !strcmp(argv[1], "hole");
	if (!run.http && !run.hole && strcmp(argv[1], "tcp") != 0)
		usage();
	run.address.sin_port = htons((uint16_t)bench_count(argv[2]));
	run.count = bench_count(argv[3]);
	began = bench_now_ms();
	raise_limit();
	run.attempts = calloc(run.count, sizeof(*run.attempts));
	run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!run.attempts || run.epoll_fd < 0)
		fail("memory");
	probe(&run);
	began = bench_now_ms() - began;
	printf("%u of %u up after %.3f s\n", run.up, run.count, began / 1e3);
	if (bench_report(argv[4], began))
		return 1;
	if (run.up == (run.hole ? 0 : run.count))
		return 0;
	fprintf(stderr, "probe-floor: %u of %u up: %s\n", run.up, run.count,
		strerror(run.error));
	return 1;
}
