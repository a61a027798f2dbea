/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What a command line leaves unsaid of a sync daemon. */
#ifndef LBCTL_SYNC_DAEMON_H
#define LBCTL_SYNC_DAEMON_H

#include <ipvsctl.h>

/* Takes over from another daemon what this one lacks, but for role and id. */
void daemon_complete(struct ipvsctl_sync *daemon,
		     const struct ipvsctl_sync *other);

#endif
