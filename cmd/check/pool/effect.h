/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the parts that turn states into changes share. */
#ifndef LBCTL_CHECK_EFFECT_H
#define LBCTL_CHECK_EFFECT_H

#include "check/pool/run.h"

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
const char *effect_reason(char reason[REASON_SIZE], const char *what,
			  const char *name);
/* The server as it will be, or NULL. */
const struct ipvsctl_server *effect_find(const struct pool *pool,
					 const struct ipvsctl_server *server);
int effect_hold(struct run *run, const struct ipvsctl_service *service,
		const struct ipvsctl_server *server, const char *what,
		const char *name) MUST_CHECK;
int effect_release(struct run *run, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server, const char *what,
		   const char *name) MUST_CHECK;
/* The check of that name which is about the service from now on, or NULL. */
const struct check *effect_check_of(const struct run *run, const char *name,
				    const struct ipvsctl_service *service);
/* Whether another check of that name is about the service from now on. */
bool effect_is_taken_over(const struct run *run, const struct check *check,
			  const struct ipvsctl_service *service);
/* Whether the member's check has it out. */
bool effect_is_out(const struct member *member);
/* A guest that does not fit the service is warned of and left out, so that the
   rest of the run goes on. Returns 0, or r where it is something else. */
int effect_skip(const struct pool *pool, int r) MUST_CHECK;
int effect_tell(const struct pool *pool,
		const struct transition *transition) MUST_CHECK;

/* Guests (guest.c): stand-ins, sorry servers, and who is on the way out. */

/* A guest by its address, otherwise like a member, but for this weight and what
   the check says. like NULL: like a server that is added without options.
   Returns 0, -EINVAL. */
int guest_parse(const struct pool *pool, const char *text,
		const struct ipvsctl_server *like, uint32_t weight,
		struct ipvsctl_server *ret_server) MUST_CHECK;
/* Wants a guest in this run; a server that is there on its own is none. */
int guest_come_in(const struct pool *pool, enum state_role role,
		  const struct ipvsctl_server *server) MUST_CHECK;
/* Wants the stand-ins of members that are out. */
int guest_stand_in(const struct pool *pool) MUST_CHECK;
/* Servers that the file does not have leave, those it has again come back. */
int guest_follow_list(const struct pool *pool) MUST_CHECK;
/* Guests of the check and service that this run does not want leave. */
int guest_sweep(const struct pool *pool) MUST_CHECK;
/* Takes out those that have left, for all services. */
int guest_leave_all(struct run *run) MUST_CHECK;
/* All guests of a check that is gone leave. */
int guest_forget(struct run *run, const struct check *check) MUST_CHECK;

/* Clients of servers that are down (cut.c). */

/* Whether a server that is out since then has to lose its clients; a check that
   is NULL is as if it said nothing. */
bool cut_is_due(struct run *run, const struct check *check,
		const struct ipvsctl_service *service, int64_t since);
/* A server is taken out: what is left of its flows and connections ends. */
void cut_flows(struct run *run);
/* A server of the service is drained: who is known goes to another. */
void cut_templates(struct run *run, const struct check *check,
		   const struct ipvsctl_service *service);

/* Quorums (quorum.c): wants the sorry server where too few are up. */
int guest_quorum(const struct pool *pool) MUST_CHECK;

#endif
