/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What keepalived's notify wants of the sync daemons. One id: the daemon has the
 * role of the only VRRP instance. Two ids, of two instances that are each master
 * at home: both daemons run, whatever states the instances have, the master with
 * the first id and the backup with the second; nobody else sends with the first.
 */
#ifndef LBCTL_SYNC_NOTIFY_H
#define LBCTL_SYNC_NOTIFY_H

#include "common/command.h"

#define NOTIFY_NAME_MAX 63
#define NOTIFY_IDS_MAX	2

enum notify_state {
	NOTIFY_UNKNOWN,
	NOTIFY_MASTER,
	NOTIFY_BACKUP,
	NOTIFY_FAULT,
	NOTIFY_STOP,
};

/* A VRRP instance, as its last call left it. */
struct notify_instance {
	char name[NOTIFY_NAME_MAX + 1];
	enum notify_state state;
	uint64_t started; /* the process of that call: ticks since boot */
};

/* An id of the command line; name "" belongs to every instance. */
struct notify_id {
	char name[NOTIFY_NAME_MAX + 1];
	uint32_t id;
};

/* Whether a daemon of a role is to run with that id; if not, one with that id is
   to end. */
struct notify_wish {
	bool runs;
	uint32_t id;
};

/*
 * Decides by the ids, count of them, and by the states of the instances that
 * they name; with one id, by the first state. Fills wishes of master, backup.
 */
void notify_decide(const struct notify_id *ids, size_t count,
		   const enum notify_state *states,
		   struct notify_wish wishes[2]);

/* The verb. */
int sync_notify(struct command *command);

#endif
