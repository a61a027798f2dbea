/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The network namespace of the whole program. */
#ifndef LBCTL_OWN_NETNS_H
#define LBCTL_OWN_NETNS_H

#include "common/command.h"

/* Moves the whole program to the namespace of --netns: to send from there, or for
   state that belongs to it. Returns 0 or a code. */
int own_netns_enter(struct command *command) MUST_CHECK;
/*
 * Checks that netns (NULL: no name) still names this process's namespace. That
 * namespace lives as long as the process, so no other has its inode. Returns 0,
 * or -ESTALE with command->err filled.
 */
int own_netns_is_named(struct command *command, const char *netns) MUST_CHECK;

#endif
