/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Secrets of checks that others can read. */
#ifndef LBCTL_CHECK_SECRETS_H
#define LBCTL_CHECK_SECRETS_H

#include "check/pool/run.h"

/* Warns of secrets of checks that all users can read: in arguments, in the
   file, or keys. */
void secrets_warn(struct run *run, const char *file);

#endif
