// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// A server for tests that answers as no server should.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hostile/hostile.h"

#define DRIP_MS	      100
#define CLIENTS_MAX   4096 // by descriptor
#define CHUNK	      16384
#define STATUS_FAILED 2

static const char usage_text[] =
	"Usage: hostile [OPTION...] ADDRESS PORT MODE [ADDRESS PORT MODE...]\n"
	"\n"
	"Serves TCP, in each place in the way that MODE says. It says 'ready'\n"
	"once it listens.\n"
	"\n"
	"  --background  go into the background then, and say the process id\n"
	"  --log FILE    append all that clients say to FILE\n"
	"  --help        this text\n"
	"\n";

// Listening sockets have a mode only.
static struct client *clients[CLIENTS_MAX];
static const struct mode *listeners[CLIENTS_MAX];
static int epoll, logfile = -1;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
	exit(STATUS_FAILED);
}

static _Noreturn void die_usage(const char *what)
{
	fprintf(stderr, "hostile: %s\n%s", what, usage_text);
	print_modes(stderr);
	exit(STATUS_FAILED);
}

static void watch(int operation, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(epoll, operation, fd, &event))
		die("epoll");
}

// ---- Clients

static void end(struct client *client)
{
	close(client->fd);
	clients[client->fd] = NULL;
	free(client);
}

static void finish(struct client *client)
{
	if (client->mode->hangs || client->mode->hear) {
		client->speaks = false;
		watch(EPOLL_CTL_MOD, client->fd, EPOLLIN);
		return;
	}
	end(client);
}

// Whatever the client has room for, or a byte.
static void speak(struct client *client, size_t most)
{
	static char bytes[CHUNK];
	const size_t size = next_bytes(client, bytes, most);
	ssize_t sent;

	if (size == 0) {
		finish(client);
		return;
	}
	sent = send(client->fd, bytes, size, MSG_NOSIGNAL);
	if (sent >= 0)
		client->said += (uint64_t)sent;
	else if (errno != EAGAIN)
		end(client);
}

static void begin(struct client *client)
{
	client->speaks = true;
	// Those that drip do so by the clock.
	watch(EPOLL_CTL_MOD, client->fd,
	      client->mode->drips ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

static void take_in(struct client *client, const char *bytes, size_t length)
{
	const size_t room = REQUEST_SIZE - 1 - client->heard;

	if (logfile >= 0 && write(logfile, bytes, length) < 0)
		die("log");
	if (length > room)
		length = room;
	memcpy(client->request + client->heard, bytes, length);
	client->heard += length;
	client->request[client->heard] = '\0';
}

static void hear(struct client *client)
{
	char bytes[2048];
	const ssize_t length = recv(client->fd, bytes, sizeof(bytes), 0);

	if (length < 0 && errno == EAGAIN)
		return;
	if (length <= 0) {
		end(client);
		return;
	}
	take_in(client, bytes, (size_t)length);
	if (client->mode->hear) {
		if (!client->mode->hear(client))
			end(client);
	} else if (!client->speaks && client->said == 0 &&
		   strstr(client->request, "\r\n\r\n")) {
		begin(client);
	}
}

static void take_client(int listener)
{
	const int fd =
		accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client;

	if (fd < 0)
		return;
	client = fd < CLIENTS_MAX ? calloc(1, sizeof(*client)) : NULL;
	if (!client)
		die("too many clients");
	client->fd = fd;
	client->mode = listeners[listener];
	clients[fd] = client;
	watch(EPOLL_CTL_ADD, fd, EPOLLIN);
	if (client->mode->unasked)
		begin(client);
}

// ---- Serving

static void ready(const struct epoll_event *event)
{
	const int fd = event->data.fd;

	if (listeners[fd]) {
		take_client(fd);
		return;
	}
	// The one may end what the other is about.
	if (clients[fd] && event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		hear(clients[fd]);
	if (clients[fd] && clients[fd]->speaks && event->events & EPOLLOUT)
		speak(clients[fd], CHUNK);
}

static void drip(void)
{
	for (int fd = 0; fd < CLIENTS_MAX; fd++)
		if (clients[fd] && clients[fd]->mode->drips &&
		    clients[fd]->speaks)
			speak(clients[fd], 1);
}

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static _Noreturn void serve(void)
{
	struct epoll_event events[64];
	long next = milliseconds() + DRIP_MS;

	for (;;) {
		const int n = epoll_wait(epoll, events, 64, DRIP_MS);

		for (int i = 0; i < n; i++)
			ready(&events[i]);
		if (milliseconds() >= next) {
			drip();
			next = milliseconds() + DRIP_MS;
		}
	}
}

// ---- Getting there

static unsigned long parse_port(const char *text)
{
	char *rest;
	const unsigned long port = strtoul(text, &rest, 10);

	if (!*text || *rest || port == 0 || port > 65535)
		die_usage("no such port");
	return port;
}

static void listen_on(const char *address, const char *port,
		      const char *mode_name)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	const struct mode *mode = find_mode(mode_name);
	const bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
	const int on = 1;
	int fd;

	if (!is_six && inet_pton(AF_INET, address, &four.sin_addr) != 1)
		die_usage("no such address");
	if (!mode)
		die_usage("no such mode");
	four.sin_port = six.sin6_port = htons((uint16_t)parse_port(port));
	fd = socket(is_six ? AF_INET6 : AF_INET,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || fd >= CLIENTS_MAX ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four,
		 is_six ? sizeof(six) : sizeof(four)) ||
	    listen(fd, 1024))
		die(address);
	listeners[fd] = mode;
	watch(EPOLL_CTL_ADD, fd, EPOLLIN);
}

static void into_background(void)
{
	const pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0) {
		printf("%ld\n", (long)pid);
		exit(fflush(stdout) ? STATUS_FAILED : 0);
	}
	setsid();
	if (!freopen("/dev/null", "r", stdin) ||
	    !freopen("/dev/null", "w", stdout) ||
	    !freopen("/dev/null", "w", stderr))
		die("/dev/null");
}

static int parse_options(int argc, char **argv, bool *ret_background)
{
	int i;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--help")) {
			fputs(usage_text, stdout);
			print_modes(stdout);
			exit(0);
		}
		if (!strcmp(argv[i], "--background")) {
			*ret_background = true;
		} else if (!strcmp(argv[i], "--log") && i + 1 < argc) {
			logfile =
				open(argv[++i],
				     O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
				     0600);
			if (logfile < 0)
				die(argv[i]);
		} else {
			die_usage("no such option");
		}
	}
	return i;
}

int main(int argc, char **argv)
{
	bool background = false;
	const int first = parse_options(argc, argv, &background);

	if (first >= argc || (argc - first) % 3)
		die_usage("wrong arguments");
	epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = first; i < argc; i += 3)
		listen_on(argv[i], argv[i + 1], argv[i + 2]);
	if (background)
		into_background();
	else if (puts("ready") < 0 || fflush(stdout))
		die("stdout");
	serve();
}
