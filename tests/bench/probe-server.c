/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * All servers of the benchmark in one: listens on a port of any address.
 *
 *   probe-server tcp|http PORT
 *
 * takes connections until it is killed; http answers each request "200 OK".
 * Says "ready" when it listens.
 *
 *   probe-server tcp PORT SERVERS COMMAND...
 *
 * runs the command until it has connected to every server once, then ends it.
 * Prints, separated by tabs, the milliseconds from the start of the command to
 * the first connection and to when the last server had one, and the KiB of
 * memory that its largest process had at most.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BATCH	    512
#define PATIENCE_MS 120000

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
			     "Connection: close\r\n\r\nok\n";

struct server {
	int epoll_fd, listener;
	bool http;

	/* Of the command, if there is one. */
	bool *seen;
	unsigned int servers, count;
	double first, last;
	pid_t pid;
	int pid_fd;
};

static void fail(const char *what)
{
	fprintf(stderr, "probe-server: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void watch(const struct server *server, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		fail("epoll_ctl");
}

static void start_listening(struct server *server, uint16_t port)
{
	const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	const int one = 1;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BENCH_COUNT_MAX) < 0)
		fail("listen");
	server->listener = fd;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll_fd < 0)
		fail("epoll_create1");
	watch(server, fd);
}

/* The reverse of bench_server(); UINT32_MAX for any other address. */
static unsigned int server_number(uint32_t address)
{
	uint32_t offset = address - bench_server(0);

	if ((offset & 0xff) >= 250)
		return UINT32_MAX;
	return (offset >> 8) * 250 + (offset & 0xff);
}

static void count_client(struct server *server, int fd)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	unsigned int i;

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		fail("getsockname");
	i = server_number(ntohl(address.sin_addr.s_addr));
	if (i >= server->servers || server->seen[i])
		return;
	server->seen[i] = true;
	server->last = bench_now_ms();
	if (++server->count == 1)
		server->first = server->last;
}

static void take_clients(struct server *server)
{
	int fd;

	while ((fd = accept4(server->listener, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (server->seen)
			count_client(server, fd);
		watch(server, fd);
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		fail("accept");
}

/*
 * Requests are so short that they come in one piece. It is the client that
 * closes first, as where servers have more to do than to be probed.
 */
static void serve_client(const struct server *server, int fd)
{
	char request[2048];
	ssize_t length = recv(fd, request, sizeof(request), 0);

	if (length > 0 && server->http)
		send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
	if (length <= 0)
		close(fd);
}

static void serve(struct server *server)
{
	struct epoll_event events[BATCH];
	int ready = epoll_wait(server->epoll_fd, events, BATCH,
			       server->seen ? PATIENCE_MS : -1);
	bool ended = ready == 0;

	if (ready < 0)
		fail("epoll_wait");
	for (int i = 0; i < ready; i++) {
		int fd = events[i].data.fd;

		if (fd == server->listener)
			take_clients(server);
		else if (server->seen && fd == server->pid_fd)
			ended = true;
		else
			serve_client(server, fd);
	}
	if (!ended || server->count == server->servers)
		return;
	fprintf(stderr, "probe-server: %u of %u servers seen, no more\n",
		server->count, server->servers);
	kill(server->pid, SIGKILL);
	exit(1);
}

/* ---- The command --------------------------------------------------------- */

/* Daemons write pages of what they do. */
static void run_words(char **words)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0)
		_exit(127);
	execvp(words[0], words);
	_exit(127);
}

/* The KiB that the largest of a process and its descendants had at most. */
static long find_peak(pid_t pid)
{
	char path[64], line[256];
	long peak = 0, child, kib;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmHWM: %ld kB", &kib) == 1)
			peak = kib;
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%ld", &child) == 1) {
		kib = find_peak((pid_t)child);
		if (kib > peak)
			peak = kib;
	}
	if (file)
		fclose(file);
	return peak;
}

static void run_command(struct server *server, char **words)
{
	double began = bench_now_ms();
	long peak;

	server->seen = calloc(server->servers, sizeof(bool));
	if (!server->seen)
		fail("memory");
	server->pid = fork();
	if (server->pid < 0)
		fail("fork");
	if (server->pid == 0)
		run_words(words);
	server->pid_fd = (int)syscall(SYS_pidfd_open, server->pid, 0);
	if (server->pid_fd < 0)
		fail("pidfd_open");
	watch(server, server->pid_fd);
	while (server->count < server->servers)
		serve(server);
	peak = find_peak(server->pid);
	kill(server->pid, SIGTERM);
	if (waitpid(server->pid, NULL, 0) < 0)
		fail("waitpid");
	printf("%.3f\t%.3f\t%ld\n", server->first - began, server->last - began,
	       peak);
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
	fputs("Usage: probe-server tcp|http PORT\n"
	      "       probe-server tcp PORT SERVERS COMMAND...\n",
	      stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	struct server server = { 0 };

	if (argc < 3 || argc == 4)
		usage();
	server.http = !strcmp(argv[1], "http");
	if (!server.http && strcmp(argv[1], "tcp") != 0)
		usage();
	raise_limit();
	start_listening(&server, (uint16_t)bench_count(argv[2]));
	if (argc > 4) {
		server.servers = bench_count(argv[3]);
		run_command(&server, argv + 4);
		return fflush(stdout) ? 1 : 0;
	}
	puts("ready");
	if (fflush(stdout))
		fail("standard output");
	for (;;)
		serve(&server);
}
