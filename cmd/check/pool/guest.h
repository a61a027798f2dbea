/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Stand-ins, sorry servers, and who is on the way out. */
#ifndef LBCTL_CHECK_GUEST_H
#define LBCTL_CHECK_GUEST_H

#include "check/pool/change.h"

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

#endif
