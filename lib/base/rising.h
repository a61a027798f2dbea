/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What can keep its place when a sequence changes. */
#ifndef LBCTL_RISING_H
#define LBCTL_RISING_H

#include <stddef.h>
#include <stdint.h>

#include "scope.h"

#define RISING_NONE UINT32_MAX

/*
 * Keeps the longest run of numbers that rises, each above the one before, and
 * makes all others RISING_NONE. Returns 0 or -ENOMEM.
 */
int rising_keep(uint32_t *numbers, size_t count) MUST_CHECK;

#endif
