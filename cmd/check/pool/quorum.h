/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The quorum: whether enough servers of a pool are up. */
#ifndef LBCTL_CHECK_QUORUM_H
#define LBCTL_CHECK_QUORUM_H

#include "check/pool/change.h"

/* Tells whether a reason other than a quorum holds a server of command->to at 0,
   or its weight is 0. */
bool quorum_is_idle(const struct pool *pool,
		    const struct ipvsctl_server *server);
/* Wants the sorry server if too few servers are up. */
int quorum_settle(const struct pool *pool) MUST_CHECK;

#endif
