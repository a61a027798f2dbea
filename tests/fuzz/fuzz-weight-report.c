/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Any bytes as what an agent, a program or a file says of a weight. */
#include <stdlib.h>
#include <string.h>

#include "check/probe/weight-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Not a byte longer, for what is read behind it to be seen. */
	char *text = malloc(size ? size : 1);
	size_t length = 0;

	must(text != NULL);
	memcpy(text, data, size);
	for (int numbers = 0; numbers <= 1; numbers++) {
		struct weight_report report = { .unit = REPORT_NO_WEIGHT };

		must(weight_report_line(text, size, true, &length));
		must(length <= size);
		(void)weight_report_parse(text, length, numbers, &report);
		must(weight_report_is_valid(&report, numbers));
	}
	free(text);
	return 0;
}
