/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Deletes servers that are leaving, once they are idle or their time is up. */
#ifndef LBCTL_LEAVE_H
#define LBCTL_LEAVE_H

#include "common/busy.h"
#include "common/command.h"

/* The servers for which a command waits. */
struct leave {
	struct busy *servers;
	size_t count, capacity;
};

/* Makes the servers that command->edit deletes leave instead. */
int leave_begin(struct command *command, uint32_t seconds,
		struct leave *ret_leave) MUST_CHECK;
/* Deletes them once they are idle or late: waits for all of them, or, once they
   have had a moment, deletes those that are so. The lock is free meanwhile. Ends
   command->edit. */
int leave_finish(struct command *command, const struct leave *leave,
		 bool wait) MUST_CHECK;
void leave_free(struct leave *leave);
#define AUTO_LEAVE CLEANUP(leave_free)

/* Deletes from command->to the servers that are leaving, of any command, and that
   are idle or late in command->from, and the VIPs that stayed for them. Warns of
   servers that are not idle. */
int leave_sweep(struct command *command) MUST_CHECK;

#endif
