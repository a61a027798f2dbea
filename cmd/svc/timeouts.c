/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shows and sets the timeouts of connections. */
#include <errno.h>

#include "svc/svc.h"

static int show(struct command *command)
{
	const struct ipvsctl_timeouts *timeouts;
	int r = command_load(command, IPVSCTL_TIMEOUTS, NULL);

	if (r < 0)
		return r;
	timeouts = ipvsctl_config_get_timeouts(command->from);
	if (!timeouts)
		return command_fail(command, -EIO, NULL,
				    "the kernel reports no timeouts");
	if (command->json)
		return command_show_document(command, IPVSCTL_TIMEOUTS, false);
	(void)printf("tcp %u  tcp-fin %u  udp %u\n", timeouts->tcp,
		     timeouts->tcp_fin, timeouts->udp);
	return 0;
}

int svc_timeouts(struct command *command)
{
	return command->argument_count == 0 ? show(command) :
					      command_line(command);
}
