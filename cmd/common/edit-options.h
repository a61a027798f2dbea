/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options of verbs that edit: what the plan may do, and how it deletes. */
#ifndef LBCTL_EDIT_OPTIONS_H
#define LBCTL_EDIT_OPTIONS_H

#include "common/command.h"

/* Rows of a verb's table of options. */
#define EDIT_OPTION_DRAIN                                                   \
	{                                                                   \
		"drain", 0, "=SECONDS",                                     \
			"delete servers once idle, or after 300 s or these" \
	}
#define EDIT_OPTION_NO_WAIT                                           \
	{                                                             \
		"no-wait", 0, NULL, "leave draining servers to later" \
	}
#define EDIT_OPTION_KEEP_WEIGHTS                                            \
	{                                                                   \
		"keep-weights", 0, NULL, "keep weights of existing servers" \
	}
#define EDIT_OPTION_ALLOW                                              \
	{                                                              \
		"allow", 0, "ACTIONS", "only these: add,change,delete" \
	}

struct edit_options {
	bool drain;
	bool wait;
	bool keep_weights;
	uint32_t seconds;     /* of drain */
	unsigned int allowed; /* bits of enum ipvsctl_action; 0: all */
};

/* Reads the verb's own options of these. Returns 0 or -EINVAL. */
int edit_options_parse(struct command *command,
		       struct edit_options *ret_options) MUST_CHECK;
/* Makes the plan of command->edit as the options want it, or refuses it. */
int edit_options_apply(struct command *command,
		       const struct edit_options *options) MUST_CHECK;
/* Tells whether the option is one of these, and no word of a ruleset's line. */
bool edit_options_has(const char *name);

#endif
