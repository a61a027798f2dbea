/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules from the command line. */
#include <errno.h>
#include <string.h>

#include "common/options.h"
#include "mark/mark.h"

int mark_open(struct command *command)
{
	const char *backend = command_value(command, "backend", NULL);
	int r = command_open(command);

	if (r == 0 && backend)
		r = ipvsctl_use_mark_backend(command->ctx, backend,
					     &command->err);
	return r;
}

int mark_begin(struct command *command)
{
	int r = mark_open(command);

	return r < 0 ? r : command_begin(command, IPVSCTL_MARKS, NULL);
}

int mark_parse(struct command *command, bool exclude, struct ipvsctl_mark *rule)
{
	int r = 0;

	ipvsctl_mark_init(rule, exclude);
	if (!exclude) {
		const char *text = command->arguments[0];

		r = ipvsctl_mark_parse(text, &rule->mark, &command->err);
		if (r < 0)
			return command_about(command, r, text);
	}
	r = options_set_mark(command, rule);
	if (r == 0)
		r = ipvsctl_mark_set_words(rule,
					   (const char *const *)command->words,
					   command->word_count, &command->err);
	if (r == 0)
		r = ipvsctl_mark_check(rule, &command->err);
	if (r < 0)
		return command_about(command, r,
				     exclude ? "exclude" :
					       command->arguments[0]);
	return 0;
}
