/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes that send one datagram and wait for an answer. */
#ifndef LBCTL_CHECK_DATAGRAM_H
#define LBCTL_CHECK_DATAGRAM_H

#include "check/probe/probe.h"

#define DATAGRAM_MAX 65536

/* Makes the socket report errors from routers, too. */
void datagram_want_errors(const struct probe *probe, int fd);
/* Sends bytes to the server, waits for an answer. Returns as a kind's start. */
int datagram_start(struct probe *probe, const void *bytes,
		   size_t length) MUST_CHECK;
/* Ends a probe by an errno that its socket reported. */
void datagram_end(struct probe *probe, int error);
/*
 * Receives an answer. Returns false if there is none, or after an error of the
 * network, which has then ended the probe.
 */
bool datagram_receive(struct probe *probe, uint8_t answer[DATAGRAM_MAX],
		      size_t *ret_length) MUST_CHECK;

#endif
