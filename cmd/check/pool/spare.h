/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Backups in files of servers, which are kept out. */
#ifndef LBCTL_CHECK_SPARE_H
#define LBCTL_CHECK_SPARE_H

#include "check/pool/run.h"

/* Marks as seen the rows of the backups in a check's file. */
void spare_keep_rows(struct run *run, size_t position);
/* Adds the rows that backups lack, and reports each. Returns 0, or -ENOMEM with
   command->err filled. */
int spare_add_rows(struct run *run, size_t position) MUST_CHECK;

#endif
