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

#include <stdbool.h>

#include "scope.h"

/* Whether the user is root or the caller. */
bool trust_owner(uid_t uid);
/* Whether nobody but root and the caller can write the file or folder. */
bool trust_file(const struct stat *status);
/* Whether nobody but these can replace the entry of the folder. */
bool trust_entry(const struct stat *folder, const struct stat *entry);

#endif
