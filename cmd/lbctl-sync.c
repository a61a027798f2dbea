/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-sync: manages the kernel's daemons that share connection state. */
#include "common/command-main.h"
#include "output/output.h"
#include "output/render.h"

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
		.run = command_line,
	},
	{
		.name = "stop",
		.arguments = "master|backup",
		.summary = "stop a sync daemon",
		.run = command_line,
	},
	{
		.name = "flush",
		.arguments = "",
		.summary = "stop all sync daemons",
		.run = command_line,
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
