/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The network namespace that a whole program works in. */
#ifndef LBCTL_CHECK_NETNS_H
#define LBCTL_CHECK_NETNS_H

#include "common/command.h"

/*
 * Moves the whole program to where --netns says, since probes are to go out
 * from there and the state is the namespace's. Returns 0 or a code.
 */
int netns_enter(struct command *command) MUST_CHECK;
/*
 * A name may come to mean another namespace. The one that this process is in
 * lives as long as it does, so that no other has its inode. Returns 0, or
 * -ESTALE with command->err filled. netns NULL: not a named one.
 */
int netns_is_still_there(struct command *command, const char *netns) MUST_CHECK;

#endif
