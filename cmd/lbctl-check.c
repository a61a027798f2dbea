/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-check: probes servers and keeps those that fail out of their pools. */
#include "check/config/check.h"
#include "check/show/show-checks.h"
#include "check/verbs.h"
#include "common/command-main.h"

static const struct command_option show_options[] = {
	{ "lost", 0, NULL, "status 1 only if a quorum is lost" },
	{ 0 },
};

static const struct command_verb verbs[] = {
	{
		.name = "run",
		.arguments = "[SERVICE...]",
		.summary = "probe servers, take out those that fail",
		.options = check_options,
		.attributes = ipvsctl_server_attributes,
		.words = true,
		.run = check_run,
	},
	{
		.name = "show",
		.arguments = "[CHECK...]",
		.summary = "show what the last runs found; 1 if any is down",
		.options = show_options,
		.run = check_show,
	},
	{
		.name = "reset",
		.arguments = "[CHECK...]",
		.summary = "forget checks and give back what they took out",
		.run = check_reset,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-check",
	.summary = "health checks of the servers behind services",
	.verbs = verbs,
	.standard = "run",
	.implied = true,
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
