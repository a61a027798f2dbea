/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The rule of trust for files that decide what is done: rulesets, checks.conf,
 * programs. Nobody but root and the caller can write the file or replace any
 * part of its path. In a sticky folder such as /tmp the owner of an entry is
 * the only other user who can replace it.
 */
#ifndef LBCTL_BASE_TRUST_H
#define LBCTL_BASE_TRUST_H

#include <sys/stat.h>

#include <stdbool.h>

#include "scope.h"

/* Tells whether the user is root or the caller. */
bool trust_owner(uid_t uid);
/* Tells whether only root and the caller can write the file or folder. */
bool trust_file(const struct stat *status);
/* Tells whether only root and the caller can replace the folder's entry. */
bool trust_entry(const struct stat *folder, const struct stat *entry);

#endif
