/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-doctor: says why no traffic flows. */
#include "common/command-main.h"
#include "doctor/verbs.h"

static const struct command_option check_options[] = {
	{ "from", 0, "FILE", "judge these facts, not this host" },
	{ "role", 0, "director|backup|real-server", "the role of the host" },
	{ "service", 0, "SERVICE", "only findings of it and of the host" },
	{ "severity", 0, "error|warning|info", "only these and worse" },
	{ "nagios", 0, NULL, "answer as a Nagios plugin" },
	{ 0 },
};

static const struct command_verb verbs[] = {
	{
		.name = "check",
		.arguments = "",
		.summary = "look for faults; 1 if there are any",
		.options = check_options,
		.run = doctor_check,
	},
	{
		.name = "collect",
		.arguments = "",
		.summary = "print the facts of this host, for --from",
		.run = doctor_collect,
	},
	{
		.name = "explain",
		.arguments = "[RULE]",
		.summary = "explain a rule, or all of them",
		.run = doctor_explain,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-doctor",
	.summary = "find out why no traffic flows",
	.verbs = verbs,
	.standard = "check",
	.implied = true,
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
