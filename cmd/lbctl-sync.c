/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-sync: the kernel's daemons that share connection state. */
#include <errno.h>

#include "common/main.h"
#include "common/options.h"
#include "common/output.h"
#include "common/render.h"

/* The role that an argument names, with the options given. */
static int parse(struct command *command, const char *role,
		 struct ipvsctl_sync *sync)
{
	int r = ipvsctl_sync_parse(role, sync, &command->err);

	if (r < 0)
		return command_about(command, r, role);
	return options_set_sync(command, sync);
}

static int start(struct command *command)
{
	const char *role = command->arguments[0];
	struct ipvsctl_sync sync;
	int r = parse(command, role, &sync);

	if (r == 0) {
		r = ipvsctl_sync_check(&sync, &command->err);
		if (r < 0)
			return command_about(command, r, role);
	}
	if (r == 0)
		r = command_begin(command, IPVSCTL_SYNC, NULL);
	if (r < 0)
		return r;
	if (ipvsctl_config_get_sync(command->from, sync.role)) {
		(void)command_fail(command, -EEXIST, role,
				   "the sync daemon runs already");
		return command_hint(command, -EEXIST, "lbctl-sync show");
	}
	ipvsctl_config_set_sync(command->to, &sync);
	return command_commit(command);
}

static int stop(struct command *command)
{
	const char *role = command->arguments[0];
	struct ipvsctl_sync sync;
	int r = parse(command, role, &sync);

	if (r == 0)
		r = command_begin(command, IPVSCTL_SYNC, NULL);
	if (r < 0)
		return r;
	if (!ipvsctl_config_get_sync(command->from, sync.role))
		return command_fail(command, -ENOENT, role,
				    "no such sync daemon runs");
	ipvsctl_config_remove_sync(command->to, sync.role);
	return command_commit(command);
}

static int flush(struct command *command)
{
	int r = command_begin(command, IPVSCTL_SYNC, NULL);

	if (r < 0)
		return r;
	ipvsctl_config_remove_sync(command->to, IPVSCTL_SYNC_MASTER);
	ipvsctl_config_remove_sync(command->to, IPVSCTL_SYNC_BACKUP);
	return command_commit(command);
}

static int show(struct command *command)
{
	int r = command_load(command, IPVSCTL_SYNC, NULL);

	if (r < 0)
		return r;
	if (command->json)
		return command_show_document(command, IPVSCTL_SYNC, false);
	r = render_syncs(stdout, command->from);
	return r < 0 ? command_output_failed(command, r) : 0;
}

static const struct command_verb verbs[] = {
	{
		.name = "start",
		.arguments = "master|backup",
		.summary = "start a sync daemon",
		.attributes = ipvsctl_sync_attributes,
		.min_arguments = 1,
		.max_arguments = 1,
		.run = start,
	},
	{
		.name = "stop",
		.arguments = "master|backup",
		.summary = "stop a sync daemon",
		.min_arguments = 1,
		.max_arguments = 1,
		.run = stop,
	},
	{
		.name = "flush",
		.arguments = "",
		.summary = "stop all sync daemons",
		.run = flush,
	},
	{
		.name = "show",
		.arguments = "",
		.summary = "show the daemons that run",
		.run = show,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-sync",
	.summary = "daemons that share the load balancer's connection state",
	.verbs = verbs,
	.standard = "show",
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
