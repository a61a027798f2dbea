/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The module: runs libcurl's sockets and timer in our loop. */
#include <sys/epoll.h>

#include <errno.h>

#include "check/probe/curl/transfer.h"
#include "check/probe/probe.h"
#include "check/probe/prober.h"
#include "check/process/loop.h"

#define WINDOW 128
/* Handshakes at once. More do not end earlier, since each costs processor time,
   but each waits for all others: 512 took as long with 128 as with 32, and each
   of them 2.5 times as long. */
#define WINDOW_TLS  32
#define DESCRIPTORS 4

/* A socket that libcurl waits for. */
struct socket_watch {
	struct loop_watch watch;
	struct curl_run *run;
};

/* ---- Finished transfers -------------------------------------------------- */

/* Ends finished probes: here, never in a callback of libcurl. */
static void reap(struct curl_run *run)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(run->multi, &left))) {
		const CURLcode code = message->data.result;
		struct probe *probe = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
					&probe);
		answer_end(probe, code);
	}
}

static void act(struct curl_run *run, curl_socket_t fd, int events)
{
	int running;

	if (curl_multi_socket_action(run->multi, fd, events, &running))
		run->deaf = true;
	reap(run);
}

static void socket_ready(struct loop_watch *watch, uint32_t events)
{
	struct socket_watch *socket =
		(struct socket_watch *)((char *)watch -
					offsetof(struct socket_watch, watch));
	int wanted = 0;

	if (events & (EPOLLIN | EPOLLHUP))
		wanted |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		wanted |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		wanted |= CURL_CSELECT_ERR;
	act(socket->run, watch->fd, wanted);
}

static void timer_expire(struct loop_timer *timer)
{
	act((struct curl_run *)((char *)timer -
				offsetof(struct curl_run, timer)),
	    CURL_SOCKET_TIMEOUT, 0);
}

/* ---- Requests of libcurl ------------------------------------------------- */

static uint32_t epoll_events(int what)
{
	uint32_t events = 0;

	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= EPOLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= EPOLLOUT;
	return events;
}

static int watch_socket(struct curl_run *run, curl_socket_t fd, int what)
{
	struct socket_watch *socket = calloc(1, sizeof(*socket));
	int r;

	if (!socket)
		return -ENOMEM;
	socket->run = run;
	socket->watch = (struct loop_watch){ .fd = fd, .ready = socket_ready };
	r = loop_add(run->loop, &socket->watch, epoll_events(what));
	if (r == 0 && curl_multi_assign(run->multi, fd, socket)) {
		loop_remove(run->loop, &socket->watch);
		r = -ENOMEM;
	}
	if (r < 0)
		free(socket);
	return r;
}

/* Always returns 0: if it failed, libcurl would give up all transfers. A
   transfer whose socket is not watched runs into its timeout. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data,
		     void *socket_data)
{
	struct socket_watch *socket = socket_data;
	struct curl_run *run = data;
	int r = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (socket)
			loop_remove(run->loop, &socket->watch);
		free(socket);
		return 0;
	}
	if (socket)
		r = loop_modify(run->loop, &socket->watch, epoll_events(what));
	else
		r = watch_socket(run, fd, what);
	if (r < 0)
		run->deaf = true;
	return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *data)
{
	struct curl_run *run = data;

	(void)multi;
	if (milliseconds < 0)
		loop_unset(run->loop, &run->timer);
	else if (loop_set(run->loop, &run->timer,
			  loop_now(run->loop) + milliseconds * INT64_C(1000)) <
		 0)
		run->deaf = true;
	return 0;
}

/* ---- A run --------------------------------------------------------------- */

static CURLMcode set_multi(struct curl_run *run)
{
	CURLM *multi = run->multi;
	CURLMcode code =
		curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);

	if (!code)
		code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, run);
	if (!code)
		code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION,
					 on_timer);
	if (!code)
		code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, run);
	/* Each probe has a connection of its own. */
	if (!code)
		code = curl_multi_setopt(multi, CURLMOPT_PIPELINING,
					 CURLPIPE_NOTHING);
	return code;
}

static void run_unload(void *data)
{
	struct curl_run *run = data;

	curl_ways_free(run->ways);
	curl_credentials_free(run->credentials);
	free(run);
	curl_global_cleanup();
}

static int run_load(const struct probe *probes, size_t count, void **ret_data)
{
	const struct check *last = NULL;
	struct curl_run *run;

	/* This reads libcrypto's configuration. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	run = calloc(1, sizeof(*run));
	if (!run) {
		curl_global_cleanup();
		return -ENOMEM;
	}
	run->timer.expire = timer_expire;
	for (size_t i = 0; i < count; i++) {
		const struct check *check = probes[i].check;

		/* Probes of a check are adjacent. */
		if (check != last && check_kind_is_curl(check->way.kind) &&
		    !curl_way(run, check)) {
			run_unload(run);
			return -ENOMEM;
		}
		last = check;
	}
	*ret_data = run;
	return 0;
}

static void run_close(void *data)
{
	struct curl_run *run = data;

	if (run->multi)
		(void)curl_multi_cleanup(TAKE_PTR(run->multi));
	if (run->loop)
		loop_unset(run->loop, &run->timer);
	run->loop = NULL;
}

static int run_open(struct prober *prober, void *data)
{
	struct curl_run *run = data;

	run->loop = prober_loop(prober);
	run->multi = curl_multi_init();
	if (run->multi && !set_multi(run))
		return 0;
	run_close(run);
	return -ENOMEM;
}

/* ---- The module ---------------------------------------------------------- */

#define TRANSFERS(at_once)                                        \
	{                                                         \
		.start = transfer_start, .ready = transfer_ready, \
		.expire = message_expire, .stop = transfer_stop,  \
		.descriptors = DESCRIPTORS, .window = (at_once),  \
	}

extern const struct probe_curl lbctl_probe_curl;
__attribute__((visibility("default")))
const struct probe_curl lbctl_probe_curl = {
	.tls = TRANSFERS(WINDOW_TLS),
	.http = TRANSFERS(WINDOW),
	.https = TRANSFERS(WINDOW_TLS),
	.load = run_load,
	.unload = run_unload,
	.open = run_open,
	.close = run_close,
	.mail = mail_send,
};
