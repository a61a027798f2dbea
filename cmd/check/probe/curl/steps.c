/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The conversation of a tls check, on the connection that libcurl has made. */
#include <sys/epoll.h>

#include <errno.h>

#include "check/probe/curl/transfer.h"

/* ---- The line ------------------------------------------------------------ */

static ssize_t count_or_error(struct transfer *transfer, CURLcode code,
			      size_t count)
{
	if (code == CURLE_OK)
		return (ssize_t)count;
	if (code == CURLE_AGAIN)
		return -EAGAIN;
	transfer->talk_code = code;
	return -EPROTO;
}

static ssize_t steps_send(const struct probe *probe, const void *bytes,
			  size_t length)
{
	struct transfer *transfer = probe->state;
	size_t sent = 0;
	CURLcode code = curl_easy_send(transfer->easy, bytes, length, &sent);

	return count_or_error(transfer, code, sent);
}

static ssize_t steps_receive(const struct probe *probe, void *bytes, size_t size)
{
	struct transfer *transfer = probe->state;
	size_t got = 0;
	CURLcode code = curl_easy_recv(transfer->easy, bytes, size, &got);

	return count_or_error(transfer, code, got);
}

static void steps_fail(struct probe *probe, int error)
{
	const struct transfer *transfer = probe->state;

	(void)error;
	message_end(probe, transfer->talk_code);
}

/* ---- Waiting ------------------------------------------------------------- */

static void go_on(struct probe *probe);

static void talk_ready(struct loop_watch *watch, uint32_t events)
{
	struct transfer *transfer =
		(struct transfer *)((char *)watch -
				    offsetof(struct transfer, talk));
	struct probe *probe = NULL;

	(void)events;
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_PRIVATE, &probe);
	go_on(probe);
}

static int wait_for(struct transfer *transfer, uint32_t events)
{
	struct loop *loop = transfer->run->loop;
	curl_socket_t fd = CURL_SOCKET_BAD;
	int r;

	if (transfer->talk.ready)
		return loop_modify(loop, &transfer->talk, events);
	/* libcurl does not wait for this socket any more: its transfer is
	   done. */
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &fd);
	transfer->talk.fd = fd;
	r = loop_add(loop, &transfer->talk, events);
	if (r == 0)
		transfer->talk.ready = talk_ready;
	return r;
}

static void go_on(struct probe *probe)
{
	static const struct conversation_line line = {
		.send = steps_send,
		.receive = steps_receive,
		.fail = steps_fail,
	};
	struct transfer *transfer = probe->state;
	const uint32_t events =
		conversation_go_on(transfer->conversation, probe, &line);
	int r = events ? wait_for(transfer, events) : 0;

	if (r < 0)
		probe_end_errno(probe, -r);
}

/* ---- From begin to end --------------------------------------------------- */

void steps_begin(struct probe *probe)
{
	struct transfer *transfer = probe->state;

	transfer->conversation = conversation_new(&probe->check->way);
	if (transfer->conversation)
		go_on(probe);
	else
		probe_end(probe, PROBE_UNKNOWN, "out of memory");
}

void steps_stop(struct transfer *transfer)
{
	if (transfer->talk.ready)
		loop_remove(transfer->run->loop, &transfer->talk);
	free(transfer->conversation);
}
