/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state as a file: one for each network namespace. */
#include <errno.h>
#include <string.h>

#include "check/state/state.h"
#include "fail.h"
#include "kept.h"

static const struct kept kept_state = {
	.folder = "check",
	.name = "state",
	/* Room for some 200,000 targets; a larger file is not ours. */
	.max = (size_t)32 * 1024 * 1024,
};

/* Reports a failure that kept.h returned. */
static int fail_state(struct command *command, const char *path, int r)
{
	if (r == 0)
		return 0;
	if (r < 0)
		return command_fail(command, r == -ENOMEM ? -ENOMEM : -EIO,
				    path, "cannot be used: %s", strerror(-r));
	(void)command_fail(command, -EIO, path, "others than root can write it");
	return fail_hint(&command->err, -EIO, "chown root: %s && chmod go-w %s",
			 path, path);
}

static void warn_damaged(struct command *command, const char *path,
			 const char *what)
{
	struct report report = command_report(command);

	if (!command->quiet)
		report_warning(&report, "%s: %s", path, what);
}

int state_load(struct command *command, bool warn, struct state *ret_state)
{
	AUTO_FREE char *text = NULL;
	char path[KEPT_PATH];
	size_t length = 0;
	int r = kept_read(&kept_state, path, &text, &length);

	if (r < 0 || r == KEPT_FOLDER_UNTRUSTED)
		return fail_state(command, path, r);
	*ret_state = (struct state){ 0 };
	if (r == KEPT_FILE_UNTRUSTED && warn)
		warn_damaged(command, path,
			     "could have been written by others; it is "
			     "ignored");
	if (text && state_parse(text, length, ret_state) < 0)
		return command_no_memory(command);
	if (ret_state->damaged && warn)
		warn_damaged(command, path,
			     "was damaged; its damaged lines are ignored");
	return 0;
}

int state_save(struct command *command, const struct state *state)
{
	AUTO_FREE char *text = NULL;
	char path[KEPT_PATH];
	size_t length = 0;

	if (state_format(state, &text, &length) < 0)
		return command_no_memory(command);
	return fail_state(command, path, kept_write(&kept_state, text, path));
}

bool state_is_wanted(const struct command *command, const char *name)
{
	for (size_t i = 0; i < command->argument_count; i++)
		if (strcmp(command->arguments[i], name) == 0)
			return true;
	return command->argument_count == 0;
}

int state_find_wanted(struct command *command, const struct state *state,
		      int code)
{
	for (size_t i = 0; i < command->argument_count; i++) {
		const char *name = command->arguments[i];
		size_t j = 0;

		while (j < state->check_count &&
		       strcmp(state->checks[j].name, name) != 0)
			j++;
		if (j == state->check_count)
			return command_fail(command, code, name,
					    "no such check has run");
	}
	return 0;
}
