/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Parses options that are numbers. */
#include "common/options.h"

#include <errno.h>

#include "number.h"

int options_range(struct command *command, const struct options_range *range,
		  uint32_t *ret_number)
{
	const char *text = command_value(command, range->name, NULL);

	if (!text) {
		*ret_number = range->otherwise;
		return 0;
	}
	return number_parse(text,
			    &(struct number_range){ range->name, range->min,
						    range->max },
			    ret_number, &command->err);
}
