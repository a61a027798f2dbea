/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Programs that checks name: only root and the caller decide what they do. */
#ifndef LBCTL_BASE_PROGRAM_H
#define LBCTL_BASE_PROGRAM_H

#include "scope.h"

#define PROGRAM_WHY_SIZE 96

/*
 * Checks a program that is about to be run. Returns 0; -EPERM if others can
 * write it or replace a part of its path; or another negative errno, such as
 * -ENOENT. A failure's reason is in ret_why.
 *
 * A program that passes is run by its name, since only trusted users can
 * replace it. If it were run by a descriptor, the kernel would run a script as
 * /dev/fd/4, which finds nothing beside it, and name a process "4" (before
 * Linux 6.14).
 */
int program_look(const char *path, char ret_why[PROGRAM_WHY_SIZE]) MUST_CHECK;

#endif
