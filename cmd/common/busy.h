/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Connections that the kernel does not count as active, but that go on. */
#ifndef LBCTL_BUSY_H
#define LBCTL_BUSY_H

#include "common/command.h"

/* A server, and what it still has. */
struct busy {
	struct ipvsctl_service service; /* identity only */
	struct ipvsctl_server server;
	uint64_t connections; /* active, half open, half closed, just closing */
	uint64_t flows;	      /* of UDP, that still send */
	bool inactive;	      /* it may have such that do not count as active */
};

/*
 * Counts the connections and flows of servers; one that command->from lacks has
 * none. For firewall marks, that must have all services. Reads the connection
 * table if a server may have such entries. Returns 0 or a code.
 */
int busy_count(struct command *command, struct busy *list,
	       size_t count) MUST_CHECK;

#define BUSY_POLL_MILLISECONDS 500
void busy_pause(int64_t milliseconds);

#endif
