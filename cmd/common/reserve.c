/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warns of rules that match replies to sockets that the kernel does not see. */
#include <string.h>

#include "common/command.h"

#define SYSCTL "net.ipv4.ip_local_reserved_ports"

/* A longer value would be cut, and a value that is cut must not be set. */
#define VALUE_MAX 100

void command_warn_reserve(const struct command *command)
{
	const struct report report = command_report(command);
	AUTO_FREE char *value = NULL;

	if (command->quiet ||
	    ipvsctl_reserve(command->ctx, ipvsctl_edit_from(command->edit),
			    ipvsctl_edit_to(command->edit), &value, NULL) <= 0)
		return;
	if (strlen(value) > VALUE_MAX)
		report_warning(&report,
			       "replies to UDP sockets of this host that are "
			       "not connected get a mark: add the rules' "
			       "destination ports to " SYSCTL);
	else
		report_warning(&report,
			       "replies to UDP sockets of this host that are "
			       "not connected get a mark: sysctl -w " SYSCTL
			       "=%s",
			       value);
}
