/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Deletes servers that are leaving, once they are idle or their time is up. */
#ifndef LBCTL_LEAVE_H
#define LBCTL_LEAVE_H

#include "common/busy.h"
#include "common/command.h"

/* The servers for which a command waits, and the VIPs that go after them. */
struct leave {
	struct busy *servers;
	size_t count;
	struct ipvsctl_vip *vips;
	size_t vip_count;
};

/* Makes the servers that command->edit deletes leave instead. */
int leave_begin(struct command *command, uint32_t seconds,
		struct leave *ret_leave) MUST_CHECK;
/* Waits until these servers are deleted or wanted again; then deletes the VIPs.
   The lock is free meanwhile. Ends command->edit. */
int leave_wait(struct command *command, const struct leave *leave) MUST_CHECK;
void leave_free(struct leave *leave);
#define AUTO_LEAVE CLEANUP(leave_free)

/* Deletes from command->to the servers that are leaving, of any command, and that
   are idle or late in command->from. Warns of those that are not idle. */
int leave_sweep(struct command *command) MUST_CHECK;

#endif
