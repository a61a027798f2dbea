/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The changes that a run finds and reports. */
#ifndef LBCTL_CHECK_TRANSITION_H
#define LBCTL_CHECK_TRANSITION_H

#include "check/config/check.h"

enum transition_event {
	TRANSITION_DOWN,	/* a server failed */
	TRANSITION_UP,		/* a server is back, or was first seen up */
	TRANSITION_QUORUM_LOST, /* of a service */
	TRANSITION_QUORUM_GAINED,
	TRANSITION_CUT, /* a server that failed before is removed */
	TRANSITION_STANDBY_IN,
	TRANSITION_STANDBY_OUT,
	TRANSITION_DRAINED,	  /* by its own report, which is the reason */
	TRANSITION_READY,	  /* likewise, no more */
	TRANSITION_VIP_WITHDRAWN, /* server.address is the VIP */
	TRANSITION_VIP_RETURNED,
};

struct transition {
	const struct check *check;
	enum transition_event event;
	struct ipvsctl_service service;
	struct ipvsctl_server server; /* unused for quorums */
	char reason[128];	      /* "connection refused"; "" */
	char done[64];		      /* "back with weight 3", "drained",
					 "removed"; "": nothing was done */
	unsigned int up, wanted;      /* servers, for quorums */
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

#endif
