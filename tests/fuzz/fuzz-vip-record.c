/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as the record of VIPs: what is read of it, written, reads back the
 * same.
 */
#include "again.h"

#include "vip/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record first = { .setting_count = 0 };
	struct record second = { .setting_count = 0 };
	char *given = calloc(size + 1, 1);
	char *text = NULL, *again = NULL;

	must(given);
	memcpy(given, data, size);
	if (record_parse(&first, given, NULL) == 0) {
		must(record_format(&first, &text) == 0);
		must(record_parse(&second, text, NULL) == 0);
		must(record_format(&second, &again) == 0);
		must(strcmp(text, again) == 0);
	}
	free(given);
	free(text);
	free(again);
	record_free(&first);
	record_free(&second);
	return 0;
}
