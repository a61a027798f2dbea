/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options of verbs that edit. */
#include "common/edit-options.h"

#include <errno.h>
#include <string.h>

#include "fail.h"
#include "number.h"

#define DRAIN_SECONDS	  300
#define DRAIN_SECONDS_MAX (7 * 24 * 3600)

static const struct {
	const char *name;
	enum ipvsctl_action action;
} actions[] = {
	{ "add", IPVSCTL_ADD },
	{ "change", IPVSCTL_CHANGE },
	{ "delete", IPVSCTL_DELETE },
};

bool edit_options_has(const char *name)
{
	static const char *const names[] = { "drain", "no-wait", "keep-weights",
					     "allow" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Returns the bit of an action's name, or 0. */
static unsigned int action_bit(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (strlen(actions[i].name) == length &&
		    strncmp(actions[i].name, name, length) == 0)
			return 1U << actions[i].action;
	return 0;
}

static int parse_allowed(struct command *command, const char *list,
			 unsigned int *ret_allowed)
{
	*ret_allowed = 0;
	for (const char *word = list;; word++) {
		const size_t length = strcspn(word, ",");
		const unsigned int bit = action_bit(word, length);

		if (!bit)
			return command_fail(command, -EINVAL, NULL,
					    "--allow: '%.*s' is not add, "
					    "change or delete",
					    (int)length, word);
		*ret_allowed |= bit;
		word += length;
		if (!*word)
			return 0;
	}
}

int edit_options_parse(struct command *command, struct edit_options *ret_options)
{
	static const struct number_range range = { "drain", 0,
						   DRAIN_SECONDS_MAX };
	const char *seconds = command_value(command, "drain", NULL);
	const char *allow = command_value(command, "allow", NULL);
	struct edit_options options = {
		.drain = command_has(command, "drain"),
		.wait = !command_has(command, "no-wait"),
		.keep_weights = command_has(command, "keep-weights"),
		.seconds = DRAIN_SECONDS,
	};
	int r = 0;

	if (!options.wait && !options.drain)
		return command_fail(command, -EINVAL, NULL,
				    "--no-wait is only for --drain");
	if (seconds)
		r = number_parse(seconds, &range, &options.seconds,
				 &command->err);
	if (r == 0 && allow)
		r = parse_allowed(command, allow, &options.allowed);
	if (r == 0)
		*ret_options = options;
	return r;
}

/* Refuses the plan if it has a step with another action. */
static int check_allowed(struct command *command, unsigned int allowed)
{
	ipvsctl_for_each_step(ipvsctl_edit_plan(command->edit), step) {
		AUTO_FREE char *line = NULL;

		if (allowed & 1U << ipvsctl_step_action(step))
			continue;
		if (ipvsctl_step_format(step, &line, NULL) < 0)
			return command_no_memory(command);
		return command_fail(command, -EIO, line,
				    "is not allowed by --allow %s",
				    command_value(command, "allow", ""));
	}
	return 0;
}

int edit_options_apply(struct command *command,
		       const struct edit_options *options)
{
	int r = 0;

	if (options->keep_weights)
		r = ipvsctl_edit_keep_weights(command->edit, &command->err);
	if (r == 0 && options->allowed)
		r = check_allowed(command, options->allowed);
	if (r == 0 && command->dry_run)
		r = ipvsctl_plan_check_modules(ipvsctl_edit_plan(command->edit),
					       &command->err);
	return r;
}
