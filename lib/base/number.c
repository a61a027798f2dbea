/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Numbers from text. */
#include "number.h"

#include "fail.h"

static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return UINT32_MAX;
}

/* Refuses a leading zero, which some programs read as octal. */
static bool number_scan(const char *text, uint64_t *ret_number)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned int base = hex ? 16 : 10;
	const char *at = hex ? text + 2 : text;
	uint64_t number = 0;

	if (!*at || (!hex && at[0] == '0' && at[1]))
		return false;
	for (; *at; at++) {
		unsigned int digit = digit_value(*at);

		if (digit >= base)
			return false;
		number = number * base + digit;
		if (number > UINT32_MAX)
			return false;
	}
	*ret_number = number;
	return true;
}

int number_parse(const char *text, const struct number_range *range,
		 uint32_t *ret_number, struct ipvsctl_error *err)
{
	uint64_t number = 0;

	if (!number_scan(text, &number) || number < range->min ||
	    number > range->max)
		return fail(err, -EINVAL,
			    "%s '%.64s' is not a number from %u to %u",
			    range->what, text, range->min, range->max);
	*ret_number = (uint32_t)number;
	return 0;
}
