/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A stream into memory that tests compare. */
#include "captured.h"

#include <string.h>

void captured_open(struct captured *captured)
{
	memset(captured->text, 0, sizeof(captured->text));
	captured->stream =
		fmemopen(captured->text, sizeof(captured->text) - 1, "w");
	assert_non_null(captured->stream);
}

void captured_equals(struct captured *captured, const char *expected)
{
	assert_int_equal(fclose(captured->stream), 0);
	captured->stream = NULL;
	assert_string_equal(captured->text, expected);
}
