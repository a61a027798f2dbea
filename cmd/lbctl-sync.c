/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-sync: manages the kernel's daemons that share connection state. */
#include "common/command-main.h"
#include "output/output.h"
#include "output/render.h"
#include "sync/notify.h"
#include "sync/push.h"

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

static const struct command_option notify_options[] = {
	{ "dev", 0, "DEV", "the interface (that of a daemon that runs)" },
	{ "id", 0, "ID...", "its id, or NAME=ID for each of two instances (0)" },
	{ "max-length", 0, "BYTES", "longest message" },
	{ "group", 0, "ADDRESS", "multicast group (224.0.0.81)" },
	{ "port", 0, "PORT", "UDP port (8848)" },
	{ "ttl", 0, "NUMBER", "IP time to live of messages (1)" },
	{ 0 },
};

static const struct command_option push_options[] = {
	{ "dev", 0, "DEV", "the interface (that of the master daemon)" },
	{ "id", 0, "ID", "the id to send with (that of the master daemon)" },
	{ "max-length", 0, "BYTES", "longest message" },
	{ "group", 0, "ADDRESS", "multicast group (224.0.0.81)" },
	{ "port", 0, "PORT", "UDP port (8848)" },
	{ "ttl", 0, "NUMBER", "IP time to live of messages (1)" },
	{ "service", 0, "SERVICE", "only its connections" },
	{ "rate", 0, "NUMBER", "connections a second (10000)" },
	{ 0 },
};

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
		.name = "notify",
		.arguments = "TYPE NAME STATE [PRIORITY]",
		.summary = "for keepalived: run what an instance needs",
		.options = notify_options,
		.run = sync_notify,
	},
	{
		.name = "push",
		.arguments = "",
		.summary = "send all connections to the other directors",
		.options = push_options,
		.run = sync_push,
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
