/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What became different in a run, and telling people and programs of it. */
#ifndef LBCTL_CHECK_TRANSITION_H
#define LBCTL_CHECK_TRANSITION_H

#include "check/config/check.h"

enum transition_event {
	TRANSITION_DOWN,	/* a server failed */
	TRANSITION_UP,		/* a server is back, or was seen up first */
	TRANSITION_QUORUM_LOST, /* of a service */
	TRANSITION_QUORUM_GAINED,
	TRANSITION_CUT, /* a server that has failed before is removed */
};

struct transition {
	const struct check *check;
	enum transition_event event;
	struct ipvsctl_service service;
	struct ipvsctl_server server; /* unused for a quorum's */
	char reason[128];	      /* "connection refused"; "" */
	char done[64];		      /* what was done: "drained", "removed",
					 "back with weight 3"; "" nothing */
	unsigned int up, wanted;      /* servers, for a quorum's */
};

struct transitions {
	struct transition *list;
	size_t count, capacity;
};

/* Adds a copy. Returns 0 or -ENOMEM. */
int transitions_add(struct transitions *transitions,
		    const struct transition *transition) MUST_CHECK;
void transitions_free(struct transitions *transitions);
#define AUTO_TRANSITIONS CLEANUP(transitions_free)

/* "server 10.0.0.1:0 of fwmark:1 is down: connection refused; drained". */
void transition_text(const struct transition *transition, char *text,
		     size_t size);

/*
 * Tells of all: a syslog line each; then, but of what only a log is for, the
 * checks' programs, which are
 * waited for a bounded time; then one mail per address. What could not be told
 * is warned of on the command's stderr, and is no failure. Mail by SMTP goes out
 * of the network namespace that the program is in.
 */
void transitions_tell(struct command *command,
		      const struct transitions *transitions);

#endif
