/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Stand-ins, sorry servers, standbys, and servers that leave. */
#ifndef LBCTL_CHECK_GUEST_H
#define LBCTL_CHECK_GUEST_H

#include "check/pool/change.h"

/* Reads a guest's address. The rest is as in like, a member (NULL: as of a
   server added without options), but for weight and the check's attributes.
   Returns 0 or -EINVAL. */
int guest_parse(const struct pool *pool, const char *text,
		const struct ipvsctl_server *like, uint32_t weight,
		struct ipvsctl_server *ret_server) MUST_CHECK;
/* Wants a guest in this run, unless the server is there in its own right. */
int guest_come_in(const struct pool *pool, enum state_role role,
		  const struct ipvsctl_server *server) MUST_CHECK;
/* Wants the stand-ins of members that are out. */
int guest_stand_in(const struct pool *pool) MUST_CHECK;
/* Makes servers leave that the file lacks; those it has again come back. */
int guest_follow_list(const struct pool *pool) MUST_CHECK;
/* Makes guests of the check, service and role leave that this run does not
   want. */
int guest_sweep(const struct pool *pool, enum state_role role) MUST_CHECK;
/* Takes out the servers that have left, of all services. */
int guest_leave_all(struct run *run) MUST_CHECK;
/* If a check is gone, makes all its guests leave. */
int guest_forget(struct run *run, const struct check *check) MUST_CHECK;

#endif
