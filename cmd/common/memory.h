/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A text that grows in memory. Unlike open_memstream(), whose stream drops
 * what it has no memory for and reports nothing, it remembers a failure.
 */
#ifndef LBCTL_MEMORY_H
#define LBCTL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/cleanup.h"

struct memory {
	char *text; /* with a NUL */
	size_t length;
	size_t capacity;
	bool failed;
};

/* Appends; `memory` is a struct memory. Returns 0, or -1 without memory. */
int memory_add(const char *text, size_t length, void *memory);

/* A stream that appends to memory, which begins zeroed; NULL without memory. */
FILE *memory_open(struct memory *memory);
/*
 * Closes the stream. Returns 0 with the text, to be freed, and its length,
 * unless ret_length is NULL; or -ENOMEM.
 */
int memory_close(FILE *stream, struct memory *memory, char **ret_text,
		 size_t *ret_length) MUST_CHECK;
/* The same where text was appended without a stream. */
int memory_take(struct memory *memory, char **ret_text,
		size_t *ret_length) MUST_CHECK;

#endif
