/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The servers of services, as checks see them. */
#ifndef LBCTL_CHECK_MEMBER_H
#define LBCTL_CHECK_MEMBER_H

#include "check/config/check.h"
#include "check/state/state.h"

/* A server of a service as a check sees it. */
struct member {
	const struct check *check;
	struct state_check *state;
	struct state_row *row; /* NULL: there is no port to probe */
	const struct ipvsctl_service *service;
	struct ipvsctl_server server; /* with its wanted weight */
	bool removed;		      /* the kernel does not have it for now */
	uint8_t rank;	 /* of a standby, from 1; 0: a first server */
	bool serving;	 /* a standby that this run has in */
	bool kept;	 /* in the service by --keep, though down */
	bool was_kept;	 /* as of the run before */
	uint32_t weight; /* in the kernel after this run; 0: also if not there */
};

struct members {
	struct member *list;
	size_t count, capacity;
};

/* A service that a check watches; its members are part of a list. */
struct watched {
	const struct check *check;
	struct ipvsctl_service service;
	bool missing; /* the kernel does not have it */
	bool leaving; /* it is deleted once its servers have left */
	bool drains;  /* a command makes one of its servers leave */
	size_t first, count;
	size_t standbys; /* members after these */
	/* By this run: */
	bool lost;	/* the quorum, as far as is known */
	bool unsure;	/* whether it is lost: a server is not known yet */
	bool withdrawn; /* the VIP of the check, by this check */
};

/* Sorted by service within each check. */
struct watched_list {
	struct watched *list;
	size_t count, capacity;
};

#endif
