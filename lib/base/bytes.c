/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A growing run of bytes that remembers running out of memory. */
#include "bytes.h"

#include <string.h>

#include "array.h"

void *bytes_extend(struct bytes *bytes, size_t size)
{
	if (bytes->failed || size > SIZE_MAX / 2 - bytes->size) {
		bytes->failed = true;
		return NULL;
	}
	void *grown = array_grow(bytes->data, &bytes->capacity,
				 bytes->size + size + 1, 1);
	if (!grown) {
		bytes->failed = true;
		return NULL;
	}
	bytes->data = grown;
	void *room = memset(bytes->data + bytes->size, 0, size);
	bytes->size += size;
	return room;
}

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
	void *room = bytes_extend(bytes, size);

	if (room && size)
		memcpy(room, data, size);
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){ 0 };
}
