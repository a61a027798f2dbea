/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Numbers in /proc/sys, by names such as "net/ipv4/ip_forward". Those of a
 * network namespace are those of the calling thread's.
 */
#ifndef LBCTL_BASE_SYSCTL_H
#define LBCTL_BASE_SYSCTL_H

#include <stdint.h>

#include "scope.h"

/* Return 0 or a negative errno; -EINVAL for a value that is no number. */
int sysctl_get(const char *name, uint32_t *ret_value) MUST_CHECK;
int sysctl_set(const char *name, uint32_t value) MUST_CHECK;

#endif
