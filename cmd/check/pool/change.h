/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Changes of one server or of what a run tells. */
#ifndef LBCTL_CHECK_CHANGE_H
#define LBCTL_CHECK_CHANGE_H

#include "check/pool/run.h"
#include "check/tell/transition.h"

#define REASON_SIZE (IPVSCTL_REASON_MAX + 1)

/* A check, one of its services, which may be missing, and its members. */
struct pool {
	struct run *run;
	const struct check *check;
	const struct server_list *list;
	const struct ipvsctl_service *service;
	bool missing; /* the service: it has no members */
	const struct member *members;
	size_t count;
};

/* "check:web", "quorum:web", "leaving:web", "weight:web=5": why a check holds a
   server. */
const char *change_reason(char reason[REASON_SIZE], const char *what,
			  const char *name);
/* The server as it will be, or NULL. */
const struct ipvsctl_server *change_find(const struct pool *pool,
					 const struct ipvsctl_server *server);
int change_hold(struct run *run, const struct ipvsctl_service *service,
		const struct ipvsctl_server *server, const char *what,
		const char *name) MUST_CHECK;
int change_release(struct run *run, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server, const char *what,
		   const char *name) MUST_CHECK;
/* A guest that does not fit the service is warned of and left out, so that the
   rest of the run goes on. Returns 0, or r where it is something else. */
int change_skip(const struct pool *pool, int r) MUST_CHECK;
int change_tell(const struct pool *pool,
		const struct transition *transition) MUST_CHECK;

#endif
