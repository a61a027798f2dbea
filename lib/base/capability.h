/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What this thread is allowed to. */
#ifndef LBCTL_CAPABILITY_H
#define LBCTL_CAPABILITY_H

#include <stdbool.h>

/* Tells whether this thread has a capability of linux/capability.h. */
bool has_capability(unsigned int capability);

#endif
