/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What became of a process that is not a child, for tests. */
#ifndef LBCTL_UNIT_PROCESS_H
#define LBCTL_UNIT_PROCESS_H

#include <stdbool.h>

#include <sys/types.h>

/* Tells whether it is gone, or dead and nobody has waited for it yet. */
bool process_is_dead(pid_t pid);

#endif
