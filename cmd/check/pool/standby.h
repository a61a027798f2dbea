/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Standbys: checked servers that come in when too few others are up. */
#ifndef LBCTL_CHECK_STANDBY_H
#define LBCTL_CHECK_STANDBY_H

#include "check/pool/change.h"

/* Gathers the standbys of all checks: backups in files of servers (read before)
   and those of --standby. Returns 0, or -ENOMEM with command->err filled. */
int standby_read_all(struct run *run) MUST_CHECK;
/* Tells whether a server of a service is one of these standbys. */
bool standby_lists(const struct standby_list *standbys,
		   const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server);
/* Marks rows as seen whose standbys are in a file that cannot be read. */
void standby_keep_rows(struct run *run, size_t position);
/* Notes in the rows of members which are standbys, and of which rank. */
void standby_rank_rows(const struct member *members, size_t count);

/*
 * Tells whether a rank must be in service: serving servers of lower ranks can
 * take connections, of first servers in all; in: it is in service already.
 */
bool standby_is_wanted(const struct check *check, size_t first,
		       unsigned int serving, bool in);
/* Wants the standbys that are needed and up. Returns 0 or a code. */
int standby_settle(const struct pool *pool) MUST_CHECK;

#endif
