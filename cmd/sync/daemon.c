/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What a command line leaves unsaid of a sync daemon. */
#include "sync/daemon.h"

#include <string.h>

void daemon_complete(struct ipvsctl_sync *daemon,
		     const struct ipvsctl_sync *other)
{
	if (!daemon->interface[0])
		memcpy(daemon->interface, other->interface,
		       sizeof(daemon->interface));
	if (!daemon->max_length)
		daemon->max_length = other->max_length;
	if (!daemon->group.family)
		daemon->group = other->group;
	if (!daemon->port)
		daemon->port = other->port;
	if (!daemon->ttl)
		daemon->ttl = other->ttl;
}
