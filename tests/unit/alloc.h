/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs code again and again, each time with another allocation failing. */
#ifndef LBCTL_UNIT_ALLOC_H
#define LBCTL_UNIT_ALLOC_H

#include "unit.h"

/* Returns 0 or -ENOMEM, leaving nothing behind. */
typedef int (*alloc_body_fn)(void *data);

/*
 * Runs body with allocation 1 failing, then 2, and so on, until one run gets
 * by without reaching the failure. Every run that reaches it has to return
 * -ENOMEM, the last one 0. Between alloc_pause() and alloc_resume()
 * allocations neither fail nor count, for what a body only prepares.
 */
void alloc_each_failure(alloc_body_fn body, void *data);
void alloc_pause(void);
void alloc_resume(void);

#endif
