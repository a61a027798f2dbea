/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A server for TCP in a thread of its own. */
#include "talker.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "probing.h"

#define PATIENCE_SECONDS 20

struct talker {
	int fd;
	void (*serve)(int fd, void *data);
	void *data;
	atomic_bool stop;
	pthread_t thread;
};

static void *serve_all(void *data)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	struct talker *talker = data;
	struct pollfd polled = { .fd = talker->fd, .events = POLLIN };
	sigset_t pipe;

	/* Of this thread only: libssl does not ask for it. */
	(void)sigemptyset(&pipe);
	(void)sigaddset(&pipe, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	while (!talker->stop) {
		int fd;

		if (poll(&polled, 1, 10) <= 0)
			continue;
		fd = accept4(talker->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
				 sizeof(patience));
		talker->serve(fd, talker->data);
		(void)close(fd);
	}
	return NULL;
}

struct talker *talker_start(const char *address,
			    void (*serve)(int fd, void *data), void *data,
			    uint16_t *ret_port)
{
	struct talker *talker = calloc(1, sizeof(*talker));

	assert_non_null(talker);
	talker->fd = bound_socket(address, SOCK_STREAM, ret_port);
	assert_int_equal(listen(talker->fd, 64), 0);
	talker->serve = serve;
	talker->data = data;
	assert_int_equal(pthread_create(&talker->thread, NULL, serve_all,
					talker),
			 0);
	return talker;
}

void talker_stop(struct talker *talker)
{
	talker->stop = true;
	assert_int_equal(pthread_join(talker->thread, NULL), 0);
	(void)close(talker->fd);
	free(talker);
}

size_t talker_hear(int fd, const char *text, size_t length, char *heard,
		   size_t size)
{
	size_t count = 0;
	ssize_t got = 1;

	while (got > 0 && count + 1 < size &&
	       !memmem(heard, count, text, length)) {
		got = recv(fd, heard + count, size - count - 1, 0);
		count += got > 0 ? (size_t)got : 0;
	}
	heard[count] = '\0';
	return count;
}

void talker_say(int fd, const void *bytes, size_t length)
{
	(void)!send(fd, bytes, length, MSG_NOSIGNAL);
}
