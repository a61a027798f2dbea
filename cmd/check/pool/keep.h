/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that stay in a service though they are down. */
#ifndef LBCTL_CHECK_KEEP_H
#define LBCTL_CHECK_KEEP_H

#include "check/pool/change.h"

/* Returns how many of count servers a share is: percents are rounded up. */
size_t share_of(uint32_t share, bool percent, size_t count);

/* Begins a run: notes of all members whether the last one kept them. */
void keep_begin(struct run *run);
/* Marks the members that are down and stay, lest the run leaves fewer servers
   than the check keeps. Those that are out already stay out. */
void keep_decide(const struct pool *pool);
/* Counts the members that are marked. */
unsigned int keep_count(const struct pool *pool);

#endif
