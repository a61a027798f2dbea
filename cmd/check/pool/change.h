/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Changes to one server, and reports of them. */
#ifndef LBCTL_CHECK_CHANGE_H
#define LBCTL_CHECK_CHANGE_H

#include "check/pool/run.h"
#include "check/tell/transition.h"

#define REASON_SIZE (IPVSCTL_REASON_MAX + 1)

/* A check, one of its services, which can be missing, and its members. */
struct pool {
	struct run *run;
	const struct check *check;
	const struct server_list *list;
	const struct standby_list *standbys;
	struct watched *watched;
	const struct ipvsctl_service *service;
	bool missing;		/* there is no such service: no members */
	struct member *members; /* first servers, then standbys by rank */
	size_t count, standby_count;
};

/* Writes why a check holds: "check:web", "quorum:web", "leaving:web" or
   "weight:web=5". Returns reason. */
const char *change_reason(char reason[REASON_SIZE], const char *what,
			  const char *name);
/* Returns the server in command->to, or NULL. */
const struct ipvsctl_server *change_find(const struct pool *pool,
					 const struct ipvsctl_server *server);
int change_hold(struct run *run, const struct ipvsctl_service *service,
		const struct ipvsctl_server *server, const char *what,
		const char *name) MUST_CHECK;
int change_release(struct run *run, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server, const char *what,
		   const char *name) MUST_CHECK;
/* If r is -EINVAL, warns of a guest that does not fit the service and leaves it
   out, so that the run goes on, and returns 0. Returns any other r. */
int change_skip(const struct pool *pool, int r) MUST_CHECK;
int change_tell(const struct pool *pool,
		const struct transition *transition) MUST_CHECK;

#endif
