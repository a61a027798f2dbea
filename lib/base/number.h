/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Numbers from text. */
#ifndef LBCTL_BASE_NUMBER_H
#define LBCTL_BASE_NUMBER_H

#include "ipvsctl.h"
#include "scope.h"

/* A number's name, for messages, and its bounds. */
struct number_range {
	const char *what; /* "weight" */
	uint32_t min;
	uint32_t max;
};

/*
 * Reads the whole text as a decimal or 0x number in range: no sign, no blanks,
 * no octal. Returns 0 or -EINVAL.
 */
int number_parse(const char *text, const struct number_range *range,
		 uint32_t *ret_number, struct ipvsctl_error *err) MUST_CHECK;

#endif
