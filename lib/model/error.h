/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Describes the kernel's errnos, from one table. */
#ifndef LBCTL_ERROR_H
#define LBCTL_ERROR_H

#include "fail.h"

/* The requests that the kernel can answer with an errno. */
enum operation {
	OPERATION_OPEN, /* sockets, the netlink family */
	OPERATION_READ, /* any dump or get */
	OPERATION_ADD_SERVICE,
	OPERATION_CHANGE_SERVICE,
	OPERATION_DELETE_SERVICE,
	OPERATION_ADD_SERVER,
	OPERATION_CHANGE_SERVER,
	OPERATION_DELETE_SERVER,
	OPERATION_START_SYNC,
	OPERATION_STOP_SYNC,
	OPERATION_SET_TIMEOUTS,
	OPERATION_ZERO,
	OPERATION_MARK_OPEN,   /* reading a mangle table */
	OPERATION_NAT_OPEN,    /* reading a nat table */
	OPERATION_MARK_LOAD,   /* the same, without the right to load modules */
	OPERATION_MARK_COMMIT, /* replacing it */
	OPERATION_NFT_OPEN,    /* the socket to nf_tables */
	OPERATION_NFT_READ,    /* reading its tables */
	OPERATION_NFT_COMMIT,  /* changing them */
	OPERATION_ADD_VIP,
	OPERATION_DELETE_VIP,
	OPERATION_PUSH, /* sending connections to other directors */
};

/*
 * Describes the kernel's refusal: raw is a positive errno, extended its text or
 * NULL. Sets code, message and hint from a table. Returns the public code.
 */
int fail_kernel(struct ipvsctl_error *err, enum operation operation, int raw,
		const char *extended);

#endif
