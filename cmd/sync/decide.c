/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which sync daemons are to run after a notify. */
#include "sync/notify.h"

static struct notify_wish wish(enum notify_action action, uint32_t id)
{
	return (struct notify_wish){ action, id };
}

static void decide_one(uint32_t id, enum notify_state state,
		       struct notify_wish wishes[2])
{
	bool master = state == NOTIFY_MASTER;
	bool backup = state == NOTIFY_BACKUP || state == NOTIFY_FAULT;

	wishes[0] = wish(master ? NOTIFY_RUN : NOTIFY_END, id);
	wishes[1] = wish(backup ? NOTIFY_RUN : NOTIFY_END, id);
}

void notify_decide(const struct notify_id *ids, size_t count,
		   const enum notify_state *states,
		   struct notify_wish wishes[2])
{
	enum notify_action both = NOTIFY_RUN;

	if (count == 1) {
		decide_one(ids[0].id, states[0], wishes);
		return;
	}
	if (states[0] == NOTIFY_STOP && states[1] == NOTIFY_STOP)
		both = NOTIFY_END;
	wishes[0] = wish(both, ids[0].id);
	wishes[1] = wish(both, ids[1].id);
}
