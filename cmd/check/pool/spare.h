/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Backups of files of servers, which are kept out. */
#ifndef LBCTL_CHECK_SPARE_H
#define LBCTL_CHECK_SPARE_H

#include "check/pool/run.h"

/* Marks the rows of the backups of a check's file as seen. */
void spare_keep_rows(struct run *run, size_t position);
/* Adds rows of those that have none, and says so. Returns 0 or -ENOMEM with
   command->err filled. */
int spare_add_rows(struct run *run, size_t position) MUST_CHECK;

#endif
