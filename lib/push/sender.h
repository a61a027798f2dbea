/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sends datagrams to the group of sync daemons, no faster than they can take. */
#ifndef LBCTL_SENDER_H
#define LBCTL_SENDER_H

#include "ipvsctl.h"
#include "scope.h"

struct sender {
	int fd;
	uint32_t rate; /* connections a second; 0: no limit */
	int64_t next;  /* when the next message may go, by clock_now() */
};

/* Opens a socket in this thread's network namespace, to where that daemon sends.
   Returns 0 or a negative errno. */
int sender_open(struct sender *sender, const struct ipvsctl_sync *daemon,
		uint32_t rate) MUST_CHECK;
void sender_close(struct sender *sender);

/* Waits for its time, and sends a message of so many connections. Returns 0 or a
   negative errno. */
int sender_send(struct sender *sender, const void *data, size_t size,
		size_t connections) MUST_CHECK;

#endif
