/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The results of checks, for Prometheus. */
#ifndef LBCTL_CHECK_METRICS_H
#define LBCTL_CHECK_METRICS_H

#include "check/pool/member.h"

/*
 * Atomically replaces a file with Prometheus metrics of all members and watched
 * services; its name must end in ".prom". Returns 0 or a code with command->err
 * filled.
 */
int metrics_write(struct command *command, const char *path,
		  const struct members *members,
		  const struct watched_list *watched) MUST_CHECK;

#endif
