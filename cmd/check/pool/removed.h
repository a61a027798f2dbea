/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that checks have removed. */
#ifndef LBCTL_CHECK_REMOVED_H
#define LBCTL_CHECK_REMOVED_H

#include "check/pool/run.h"

/* Each returns 0 or a code with command->err filled. */

/* Makes run->state know the removed servers of command->from, and no others. */
int removed_read(struct run *run) MUST_CHECK;
/* Leaves in command->to only what the kernel has, until removed_write(). */
int removed_set_aside(struct run *run) MUST_CHECK;
/* Adds the removed servers of run->state to command->to. */
int removed_write(struct run *run) MUST_CHECK;
/* Tells whether this run takes a server out of the kernel. */
bool removed_takes_out(const struct run *run);

#endif
