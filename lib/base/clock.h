/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Time, in microseconds. */
#ifndef LBCTL_BASE_CLOCK_H
#define LBCTL_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The time of a clock of clock_gettime(2). */
int64_t clock_us(clockid_t clock);
/* The time since boot, suspended or not: servers go on meanwhile. */
int64_t clock_now(void);

#endif
