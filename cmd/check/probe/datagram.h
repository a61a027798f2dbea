/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes that send one datagram and wait for what comes back. */
#ifndef LBCTL_CHECK_DATAGRAM_H
#define LBCTL_CHECK_DATAGRAM_H

#include "check/probe/probe.h"

#define DATAGRAM_MAX 65536

/* Has the errors that routers report come to the socket, not to others only. */
void datagram_want_errors(const struct probe *probe, int fd);
/* Sends it to the server and waits for an answer. As a kind's start. */
int datagram_start(struct probe *probe, const void *bytes,
		   size_t length) MUST_CHECK;
/* Ends a probe by an errno that came back through its socket. */
void datagram_end(struct probe *probe, int error);
/*
 * Takes an answer. Returns false when there is none; by then an error of the
 * network has ended the probe.
 */
bool datagram_receive(struct probe *probe, uint8_t answer[DATAGRAM_MAX],
		      size_t *ret_length) MUST_CHECK;

#endif
