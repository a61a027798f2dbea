/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes and what they are sent to, all on this host. */
#ifndef LBCTL_UNIT_PROBING_H
#define LBCTL_UNIT_PROBING_H

#include "unit.h"

#include <sys/socket.h>

#include "check/probe/probe.h"

/* Long enough for what is answered; short, for what is not. */
#define PROBING_LONG_US	 INT64_C(60000000)
#define PROBING_SHORT_US INT64_C(1000000)

struct check given_check(enum check_kind kind, int64_t timeout_us);
/* Adds a step; free check->way.steps. */
void given_step(struct check *check, bool expects, const char *text);
struct probe given_probe(const struct check *check, const char *address,
			 uint16_t port);
/* Runs them; window 0: as many at once as can be. */
void run_probes(struct probe *probes, size_t count, unsigned int window);
/* Runs one in a confined process, as lbctl-check does. */
void run_apart(struct probe *probe, const struct probe_limits *limits);
/* Message NULL: any. */
void assert_probe(const struct probe *probe, enum probe_verdict verdict,
		  const char *message);

unsigned int count_descriptors(void);
/* Whether the host has ::1. */
bool has_six(void);
/* A socket at a free port of the address. */
int bound_socket(const char *address, int type, uint16_t *ret_port);

/* Answers datagrams in a thread of its own, by means of a function. */
struct datagram {
	int fd;
	const uint8_t *bytes;
	size_t length;
	struct sockaddr_storage from;
	socklen_t from_length;
};
typedef void (*answer_fn)(const struct datagram *datagram);
struct responder;
struct responder *responder_start(const char *address, answer_fn answer,
				  uint16_t *ret_port);
void responder_stop(struct responder *responder);
void respond(const struct datagram *datagram, const void *bytes, size_t length);

#endif
