/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The rule of trust, for files that say what is done: rulesets, checks.conf,
 * programs. Nobody but root and the caller can write the file or replace any
 * part of its path. In a sticky folder such as /tmp the owner of an entry is
 * the only other user who can replace it.
 */
#ifndef LBCTL_BASE_TRUST_H
#define LBCTL_BASE_TRUST_H

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>

#include "scope.h"

/* Whether the user is root or the caller. */
bool trust_owner(uid_t uid);
/* Whether nobody but root and the caller can write the file or folder. */
bool trust_file(const struct stat *status);
/* Whether nobody but these can replace the entry of the folder. */
bool trust_entry(const struct stat *folder, const struct stat *entry);

/*
 * Opens the file that path leads to, with the flags of open(2), O_PATH too.
 * A relative path begins in folder, which may be AT_FDCWD. What the caller
 * itself has opened, /dev/stdin or /proc/self/fd/3, is trusted. Returns 0;
 * -EPERM with ret_part the part of the path that others can write; or another
 * negative errno with ret_part "". The descriptor is the file that was looked
 * at: whatever happens to its path afterwards, use it and not the path.
 */
int trust_open(int folder, const char *path, int flags, int *ret_fd,
	       char ret_part[PATH_MAX]) MUST_CHECK;

#endif
