/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What a function writes to a stream, as text. */
#ifndef LBCTL_UNIT_CAPTURED_H
#define LBCTL_UNIT_CAPTURED_H

#include <stdio.h>

#include "unit.h"

#define CAPTURED_SIZE 16384

struct captured {
	FILE *stream;
	char text[CAPTURED_SIZE];
};

void captured_open(struct captured *captured);
/* Closes the stream and fails the test unless it got just this text. */
void captured_equals(struct captured *captured, const char *expected);

#endif
