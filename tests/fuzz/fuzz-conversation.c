/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Two expected texts, a byte for the length of each before it, then what a
 * server says, in chunks: a byte for the length of each. A probe is up if one
 * text follows the other, and reads no more than is allowed.
 */
#include <sys/epoll.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check/probe/conversation.h"
#include "check/probe/prober.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The server, and all that it has said. */
static struct {
	const uint8_t *data;
	size_t size, left; /* of all; of this chunk */
	bool sent;
	uint8_t *said;
	size_t length;
} server;

static void must(bool truth)
{
	if (!truth)
		abort();
}

static ssize_t server_take(const struct probe *probe, const void *bytes,
			   size_t length)
{
	(void)probe;
	must(length > 0 && memcmp(bytes, "hello", length) == 0);
	server.sent = true;
	return 5;
}

static ssize_t server_say(const struct probe *probe, void *bytes, size_t size)
{
	size_t length;

	(void)probe;
	if (server.left == 0 && server.size > 0) {
		server.left = *server.data++;
		server.size--;
		return -EAGAIN;
	}
	length = server.left < server.size ? server.left : server.size;
	length = length < size ? length : size;
	memcpy(bytes, server.data, length);
	memcpy(server.said + server.length, server.data, length);
	server.data += length;
	server.size -= length;
	server.left -= length;
	server.length += length;
	return (ssize_t)length;
}

/* Takes an expected text off the input. */
static bool take(const uint8_t **data, size_t *size, struct check_step *ret_step)
{
	size_t length = *size ? **data : 0;

	if (length == 0 || length >= *size)
		return false;
	ret_step->expects = true;
	ret_step->bytes = (struct check_bytes){ (uint8_t *)*data + 1, length };
	*data += length + 1;
	*size -= length + 1;
	return true;
}

/* Where the text ends in these bytes, or NULL. */
static const uint8_t *behind(const uint8_t *bytes, const struct check_step *step)
{
	const size_t left = server.length - (size_t)(bytes - server.said);
	const uint8_t *found =
		memmem(bytes, left, step->bytes.bytes, step->bytes.length);

	return found ? found + step->bytes.length : NULL;
}

static void judge(const struct probe *probe, const struct check_step *steps)
{
	const uint8_t *first = behind(server.said, &steps[0]);
	const uint8_t *second = first ? behind(first, &steps[2]) : NULL;

	must(probe->verdict == (second ? PROBE_UP : PROBE_DOWN));
	must(probe->message[0] &&
	     memchr(probe->message, '\0', sizeof(probe->message)));
	for (const char *c = probe->message; *c; c++)
		must(*c >= ' ' && *c <= '~');
	must(server.sent == (first != NULL));
	must(server.length <= 2 * (65536 + 4096));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct conversation_line line = { server_take, server_say,
						       probe_end_errno };
	static const struct probe_kind kind = { .stop = NULL };
	static uint8_t hello[] = "hello";
	struct check_step steps[3] = { [1] = { false, { hello, 5 } } };
	struct check check = { .way = { .kind = CHECK_TCP,
					.timeout_us = 1000,
					.steps = steps,
					.step_count = 3 } };
	const struct probe_limits limits = { .window = 0 };
	struct prober prober = { .under_way = 1,
				 .kinds = { [CHECK_TCP] = &kind },
				 .limits = &limits };
	struct probe probe = { .check = &check,
			       .prober = &prober,
			       .watch.fd = -1 };
	struct conversation *conversation;
	uint32_t events = EPOLLIN;

	if (!take(&data, &size, &steps[0]) || !take(&data, &size, &steps[2]))
		return 0;
	server.data = data;
	server.size = size;
	server.left = server.length = 0;
	server.sent = false;
	server.said = malloc(size + 1);
	conversation = conversation_new(&check.way);
	must(server.said && conversation && loop_new(&prober.loop) == 0);
	while (events)
		events = conversation_go_on(conversation, &probe, &line);
	must(prober.under_way == 0);
	judge(&probe, steps);
	loop_free(prober.loop);
	free(conversation);
	free(server.said);
	return 0;
}
