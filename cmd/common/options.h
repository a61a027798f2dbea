/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options as typed values. */
#ifndef LBCTL_OPTIONS_H
#define LBCTL_OPTIONS_H

#include "common/command.h"

/* A verb's option that is a number. */
struct options_range {
	const char *name;
	uint32_t min;
	uint32_t max;
	uint32_t otherwise; /* if it was not given */
};

/* Gets the number. Returns 0 or -EINVAL. */
int options_range(struct command *command, const struct options_range *range,
		  uint32_t *ret_number) MUST_CHECK;

#endif
