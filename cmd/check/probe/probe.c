/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Common parts of all kinds of probes: sockets, ends, errors. */
#include "check/probe/probe.h"

#include <sys/epoll.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

#include "check/probe/prober.h"
#include "clean.h"

struct loop *prober_loop(struct prober *prober)
{
	return prober->loop;
}

void *prober_curl_data(struct prober *prober)
{
	return prober->limits->curl_data;
}

/* ---- Sockets ------------------------------------------------------------- */

static socklen_t sockaddr_of(const struct ipvsctl_address *address,
			     uint16_t port, struct sockaddr_storage *storage)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
	struct sockaddr_in *four = (struct sockaddr_in *)storage;

	*storage = (struct sockaddr_storage){ .ss_family = address->family };
	if (address->family == AF_INET6) {
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, address->bytes, 16);
		return sizeof(*six);
	}
	four->sin_port = htons(port);
	memcpy(&four->sin_addr, address->bytes, 4);
	return sizeof(*four);
}

socklen_t probe_sockaddr(const struct probe *probe,
			 struct sockaddr_storage *ret_address)
{
	return sockaddr_of(&probe->address, probe->port, ret_address);
}

/* Sets the mark, the interface and the source address. */
static int set_way(const struct probe *probe, int fd)
{
	const struct check_way *way = &probe->check->way;
	const struct ipvsctl_address *address =
		probe->source.family ? &probe->source : &way->source;
	struct sockaddr_storage source;
	uint32_t mark = probe->mark;
	socklen_t length;

	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		return -errno;
	if (way->interface &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, way->interface,
		       (socklen_t)strlen(way->interface)) < 0)
		return -errno;
	if (address->family == AF_UNSPEC)
		return 0;
	length = sockaddr_of(address, 0, &source);
	return bind(fd, (struct sockaddr *)&source, length) < 0 ? -errno : 0;
}

int probe_socket(const struct probe *probe, int type, int protocol)
{
	int fd = socket(probe->address.family,
			type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	int r;

	if (fd < 0)
		return -errno;
	r = set_way(probe, fd);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

static void watch_ready(struct loop_watch *watch, uint32_t events)
{
	struct probe *probe =
		(struct probe *)((char *)watch - offsetof(struct probe, watch));

	/* The probe can have ended since the event was reported. */
	if (watch->fd < 0)
		return;
	probe->prober->kinds[probe->check->way.kind]->ready(probe, events);
}

int probe_watch(struct probe *probe, int fd, uint32_t events)
{
	probe->watch = (struct loop_watch){ .fd = fd, .ready = watch_ready };
	return loop_add(probe->prober->loop, &probe->watch, events);
}

void probe_free_state(struct probe *probe)
{
	free(TAKE_PTR(probe->state));
}

int probe_socket_error(const struct probe *probe)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (getsockopt(probe->watch.fd, SOL_SOCKET, SO_ERROR, &error, &length) <
	    0)
		return errno;
	return error;
}

/* ---- Ends ---------------------------------------------------------------- */

static void set_message(struct probe *probe, const char *format, va_list values)
	__attribute__((format(printf, 2, 0)));
static void set_message(struct probe *probe, const char *format, va_list values)
{
	(void)vsnprintf(probe->message, sizeof(probe->message), format, values);
	/* Servers choose parts of messages; terminals and JSON show them. */
	clean_ascii(probe->message);
}

/*
 * If this process did not run all the time, the server may have given up:
 * queues the probe to be made again. Returns whether it did.
 */
static bool try_again(struct probe *probe)
{
	struct prober *prober = probe->prober;

	if (probe->again || probe->verdict != PROBE_DOWN ||
	    probe->left_out == loop_left_out(prober->loop))
		return false;
	probe->again = true;
	probe->verdict = PROBE_UNKNOWN;
	probe->next = prober->again;
	prober->again = probe;
	return true;
}

void probe_say(struct probe *probe, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	set_message(probe, format, values);
	va_end(values);
}

void probe_end(struct probe *probe, enum probe_verdict verdict,
	       const char *format, ...)
{
	struct prober *prober = probe->prober;
	const struct probe_limits *limits = prober->limits;
	const struct probe_kind *kind = prober->kinds[probe->check->way.kind];
	const int64_t started = probe->started - probe->left_out;
	va_list values;

	va_start(values, format);
	set_message(probe, format, values);
	va_end(values);
	probe->verdict = (uint8_t)verdict;
	probe->latency_us = (uint32_t)(loop_now(prober->loop) - started);
	loop_unset(prober->loop, &probe->timer);
	/* Closing it also takes it out of the loop. */
	if (probe->watch.fd >= 0)
		(void)close(TAKE_FD(probe->watch.fd));
	if (kind && kind->stop)
		kind->stop(probe);
	prober->used -= kind ? kind->descriptors : 0;
	prober->running[probe->check->way.kind]--;
	prober->under_way--;
	if (!try_again(probe) && limits->ended)
		limits->ended(probe, limits->data);
}

void probe_end_late(struct probe *probe)
{
	probe_end(probe, PROBE_DOWN, "no answer within %g s",
		  (double)probe->check->way.timeout_us / 1e6);
}

/* Tells whether an errno is about the server or the way to it. */
static bool is_servers_fault(int error)
{
	static const int faults[] = {
		ECONNREFUSED, ECONNRESET,  ECONNABORTED, ETIMEDOUT,
		EHOSTUNREACH, ENETUNREACH, EHOSTDOWN,	 ENETDOWN,
		EPIPE,	      ENOPROTOOPT, EPROTO,	 ENONET,
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		if (faults[i] == error)
			return true;
	return false;
}

void probe_end_errno(struct probe *probe, int error)
{
	const enum probe_verdict verdict =
		is_servers_fault(error) ? PROBE_DOWN : PROBE_UNKNOWN;
	const char *text = strerrordesc_np(error);
	char first;

	text = text ? text : "unknown error";
	first = text[0];
	/* The text follows a colon, so its first letter becomes small. */
	if (first >= 'A' && first <= 'Z')
		first |= 0x20;
	probe_end(probe, verdict, "%c%s", first, text + 1);
}
