/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-restore: applies rulesets to the kernel. */
#include <errno.h>
#include <unistd.h>

#include "common/command-main.h"
#include "common/command.h"
#include "common/edit-options.h"
#include "fail.h"
#include "restore/restore.h"

static void warn_skipped(const char *name, unsigned int line, const char *rule,
			 const char *why, void *data)
{
	const struct command *command = data;
	struct report report = command_report(command);

	if (command->quiet)
		return;
	/* A listing of nft is JSON, where the rule's place says more. */
	if (line)
		report_warning(&report, "%s:%u: passed over, since %s: %s",
			       name, line, why, rule);
	else
		report_warning(&report, "%s: passed over, since %s: %s", name,
			       why, rule);
}

static int read_files(struct command *command, struct restore_texts *texts)
{
	int r = 0;

	if (command->argument_count == 0 && isatty(STDIN_FILENO)) {
		command->strange = true;
		return command_fail(command, -EINVAL, NULL,
				    "missing argument: FILE, or - to type one");
	}
	if (command->argument_count == 0)
		return restore_read(command, "-", texts);
	for (size_t i = 0; r == 0 && i < command->argument_count; i++)
		r = restore_read(command, command->arguments[i], texts);
	return r;
}

static int restore_all(struct command *command, struct ipvsctl_ruleset *ruleset)
{
	int r = command_edit(command, ruleset);

	/* The kernel's state has changed since it was read. */
	if (command->edit && (r == -EEXIST || r == -ENOENT))
		return fail_hint(&command->err, r,
				 "another program has changed the setup "
				 "meanwhile: run it again");
	return r;
}

static int restore(struct command *command)
{
	AUTO_TEXTS struct restore_texts texts = { 0 };
	int r;

	if (ipvsctl_ruleset_new(&texts.ruleset, &command->err) < 0)
		return command_no_memory(command);
	lookup_begin(&texts.lookup, false);
	ipvsctl_ruleset_use_names(texts.ruleset, &texts.lookup.names);
	ipvsctl_ruleset_on_skipped(texts.ruleset, warn_skipped, command);
	r = read_files(command, &texts);
	return r < 0 ? r : restore_all(command, texts.ruleset);
}

static const struct command_option options[] = {
	EDIT_OPTION_DRAIN,
	EDIT_OPTION_NO_WAIT,
	EDIT_OPTION_KEEP_WEIGHTS,
	EDIT_OPTION_ALLOW,
	{ 0 },
};

static const struct command_verb verbs[] = {
	{
		.name = COMMAND_ONLY,
		.arguments = "[FILE...]",
		.summary = "restore a configuration",
		.options = options,
		.run = restore,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-restore",
	.summary = "make the load balancer what rulesets say, without a gap",
	.verbs = verbs,
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
