/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Counts arguments. */
#include "arguments.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct arguments_count arguments_count(const char *usage)
{
	struct arguments_count count = { 0 };
	bool optional = false, repeated = false;

	while (*usage) {
		const size_t length = strcspn(usage, " ");

		optional |= *usage == '[';
		count.least += !optional;
		count.most++;
		optional &= !memchr(usage, ']', length);
		repeated |= memchr(usage, '.', length) != NULL;
		usage += length;
		usage += *usage == ' ';
	}
	if (repeated)
		count.most = SIZE_MAX;
	return count;
}
