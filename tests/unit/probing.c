/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes and what they are sent to, all on this host. */
#include "probing.h"

#include <arpa/inet.h>
#include <sys/pidfd.h>

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "check/probe/apart.h"

struct check given_check(enum check_kind kind, int64_t timeout_us)
{
	return (struct check){
		.name = "test",
		.way = { .kind = kind, .timeout_us = timeout_us },
	};
}

void given_step(struct check *check, bool expects, const char *text)
{
	struct check_way *way = &check->way;

	way->steps = reallocarray(way->steps, way->step_count + 1,
				  sizeof(*way->steps));
	assert_non_null(way->steps);
	way->steps[way->step_count++] = (struct check_step){
		.expects = expects,
		.bytes = { (uint8_t *)text, strlen(text) },
	};
}

struct probe given_probe(const struct check *check, const char *address,
			 uint16_t port)
{
	struct probe probe = { .check = check, .port = port };

	assert_int_equal(ipvsctl_address_parse(address, &probe.address, NULL),
			 0);
	return probe;
}

void run_probes(struct probe *probes, size_t count, unsigned int window)
{
	const struct probe_limits limits = { .window = window };
	unsigned int before = count_descriptors();

	assert_int_equal(probe_all(probes, count, &limits), 0);
	assert_int_equal(count_descriptors(), before);
}

void run_apart(struct probe *probe, const struct probe_limits *limits)
{
	/* Valgrind has no descriptors of processes. */
	int fd = pidfd_open(getpid(), 0);

	if (fd < 0) {
		assert_int_equal(probe_all(probe, 1, limits), 0);
		return;
	}
	(void)close(fd);
	assert_int_equal(apart_probe_all(probe, 1, limits), 0);
}

void assert_probe(const struct probe *probe, enum probe_verdict verdict,
		  const char *message)
{
	if (message)
		assert_string_equal(probe->message, message);
	if (probe->verdict != verdict)
		fail_msg("verdict %d, not %d: %s", probe->verdict, (int)verdict,
			 probe->message);
}

unsigned int count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count;
}

/* ---- Sockets ------------------------------------------------------------- */

static socklen_t sockaddr_of(const char *address,
			     struct sockaddr_storage *storage)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
	struct sockaddr_in *four = (struct sockaddr_in *)storage;

	*storage = (struct sockaddr_storage){ .ss_family = AF_INET };
	if (inet_pton(AF_INET, address, &four->sin_addr) == 1)
		return sizeof(*four);
	storage->ss_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, address, &six->sin6_addr), 1);
	return sizeof(*six);
}

bool has_six(void)
{
	struct sockaddr_storage address;
	socklen_t length = sockaddr_of("::1", &address);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has =
		fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0;

	if (fd >= 0)
		(void)close(fd);
	return has;
}

int bound_socket(const char *address, int type, uint16_t *ret_port)
{
	struct sockaddr_storage bound;
	socklen_t length = sockaddr_of(address, &bound);
	int fd = socket(bound.ss_family, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&bound, length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &length), 0);
	/* The port is at the same place in both families. */
	*ret_port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
	return fd;
}

/* ---- Answering ----------------------------------------------------------- */

struct responder {
	int fd;
	answer_fn answer;
	atomic_bool stop;
	pthread_t thread;
};

void respond(const struct datagram *datagram, const void *bytes, size_t length)
{
	(void)!sendto(datagram->fd, bytes, length, 0,
		      (const struct sockaddr *)&datagram->from,
		      datagram->from_length);
}

static void *answer_all(void *data)
{
	struct responder *responder = data;
	struct pollfd polled = { .fd = responder->fd, .events = POLLIN };
	uint8_t bytes[4096];

	while (!responder->stop) {
		struct datagram datagram = {
			.fd = responder->fd,
			.bytes = bytes,
			.from_length = sizeof(datagram.from),
		};
		ssize_t got;

		if (poll(&polled, 1, 10) <= 0)
			continue;
		got = recvfrom(responder->fd, bytes, sizeof(bytes),
			       MSG_DONTWAIT, (struct sockaddr *)&datagram.from,
			       &datagram.from_length);
		datagram.length = (size_t)got;
		if (got >= 0)
			responder->answer(&datagram);
	}
	return NULL;
}

struct responder *responder_start(const char *address, answer_fn answer,
				  uint16_t *ret_port)
{
	struct responder *responder = calloc(1, sizeof(*responder));
	const int room = 4 << 20;

	assert_non_null(responder);
	responder->fd = bound_socket(address, SOCK_DGRAM, ret_port);
	(void)setsockopt(responder->fd, SOL_SOCKET, SO_RCVBUF, &room,
			 sizeof(room));
	responder->answer = answer;
	assert_int_equal(pthread_create(&responder->thread, NULL, answer_all,
					responder),
			 0);
	return responder;
}

void responder_stop(struct responder *responder)
{
	responder->stop = true;
	assert_int_equal(pthread_join(responder->thread, NULL), 0);
	(void)close(responder->fd);
	free(responder);
}
