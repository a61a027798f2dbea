/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The timeouts of connections, shown and set. */
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
				    "the kernel tells no timeouts");
	if (command->json)
		return command_show_document(command, IPVSCTL_TIMEOUTS, false);
	(void)printf("tcp %u  tcp-fin %u  udp %u\n", timeouts->tcp,
		     timeouts->tcp_fin, timeouts->udp);
	return 0;
}

static int parse(struct command *command, uint32_t values[3])
{
	static const char *const names[] = { "tcp timeout", "tcp-fin timeout",
					     "udp timeout" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int r = ipvsctl_number_parse(command->arguments[i],
					     &(struct ipvsctl_range){
						     names[i], 0,
						     IPVSCTL_TIMEOUT_MAX },
					     &values[i], &command->err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int set(struct command *command)
{
	const struct ipvsctl_timeouts *now;
	struct ipvsctl_timeouts timeouts;
	uint32_t values[3];
	int r = parse(command, values);

	if (r == 0)
		r = command_begin(command, IPVSCTL_TIMEOUTS, NULL);
	if (r < 0)
		return r;
	now = ipvsctl_config_get_timeouts(command->from);
	timeouts = now ? *now : (struct ipvsctl_timeouts){ 0 };
	timeouts.tcp = values[0] ? values[0] : timeouts.tcp;
	timeouts.tcp_fin = values[1] ? values[1] : timeouts.tcp_fin;
	timeouts.udp = values[2] ? values[2] : timeouts.udp;
	ipvsctl_config_set_timeouts(command->to, &timeouts);
	return command_commit(command);
}

int svc_timeouts(struct command *command)
{
	if (command->argument_count == 0)
		return show(command);
	if (command->argument_count < 3) {
		command->strange = true;
		return command_fail(command, -EINVAL, NULL,
				    "missing argument: lbctl-svc timeouts "
				    "TCP TCP-FIN UDP");
	}
	return set(command);
}
