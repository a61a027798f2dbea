/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers of services as checks see them. */
#ifndef LBCTL_CHECK_MEMBER_H
#define LBCTL_CHECK_MEMBER_H

#include "check/config/check.h"
#include "check/state/state.h"

/* A server of a service as a check sees it. */
struct member {
	const struct check *check;
	struct state_check *state;
	struct state_row *row; /* NULL: it has no port to be probed at */
	const struct ipvsctl_service *service;
	struct ipvsctl_server server; /* with its wanted weight */
	bool removed;		      /* from the kernel, for the time being */
};

struct members {
	struct member *list;
	size_t count, capacity;
};

/* A service that a check answers for, with its members: some of a list. */
struct watched {
	const struct check *check;
	struct ipvsctl_service service;
	bool missing; /* the kernel does not have it */
	size_t first, count;
};

/* Sorted by service within each check. */
struct watched_list {
	struct watched *list;
	size_t count, capacity;
};

#endif
