/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sends all connections to the other directors. */
#ifndef LBCTL_SYNC_PUSH_H
#define LBCTL_SYNC_PUSH_H

#include "common/command.h"

/* The verb. */
int sync_push(struct command *command);

#endif
