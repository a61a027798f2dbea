/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A growing run of bytes that remembers running out of memory. */
#ifndef LBCTL_BYTES_H
#define LBCTL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scope.h"

struct bytes {
	uint8_t *data;
	size_t size;
	size_t capacity;
	bool failed; /* memory ran out: later additions are lost */
};

/* Appends size zero bytes. Returns them, until the next call, or NULL. */
void *bytes_extend(struct bytes *bytes, size_t size);
/* Appends a copy of size bytes. */
void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_free(struct bytes *bytes);
#define AUTO_BYTES CLEANUP(bytes_free)

#endif
