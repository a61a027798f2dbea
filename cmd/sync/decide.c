/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which sync daemons are to run after a notify. */
#include "sync/notify.h"

void notify_decide(const struct notify_id *ids, size_t count,
		   const enum notify_state *states,
		   struct notify_wish wishes[2])
{
	bool stopped = states[0] == NOTIFY_STOP;

	for (int role = 0; role < 2; role++)
		wishes[role].id = ids[count > 1 ? role : 0].id;
	if (count > 1) {
		stopped = stopped && states[1] == NOTIFY_STOP;
		wishes[0].runs = wishes[1].runs = !stopped;
	} else {
		wishes[0].runs = states[0] == NOTIFY_MASTER;
		wishes[1].runs = !stopped && !wishes[0].runs;
	}
}
