/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A text in memory that remembers what it had no memory for. */
#include "common/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int memory_add(const char *text, size_t length, void *data)
{
	struct memory *memory = data;
	size_t needed = memory->length + length + 1;

	if (!memory->failed && needed > memory->capacity) {
		size_t capacity = 2 * needed;
		char *grown = realloc(memory->text, capacity);

		memory->failed = !grown;
		if (grown) {
			memory->text = grown;
			memory->capacity = capacity;
		}
	}
	if (memory->failed)
		return -1;
	(void)memcpy(memory->text + memory->length, text, length);
	memory->length += length;
	memory->text[memory->length] = '\0';
	return 0;
}

static ssize_t take_part(void *memory, const char *text, size_t length)
{
	return memory_add(text, length, memory) < 0 ? 0 : (ssize_t)length;
}

FILE *memory_open(struct memory *memory)
{
	const cookie_io_functions_t functions = { .write = take_part };

	return fopencookie(memory, "w", functions);
}

int memory_take(struct memory *memory, char **ret_text, size_t *ret_length)
{
	if (memory_add("", 0, memory) < 0) {
		free(memory->text);
		*memory = (struct memory){ 0 };
		return -ENOMEM;
	}
	*ret_text = memory->text;
	if (ret_length)
		*ret_length = memory->length;
	return 0;
}

int memory_close(FILE *stream, struct memory *memory, char **ret_text,
		 size_t *ret_length)
{
	bool failed = ferror(stream) != 0;

	if (fclose(stream) != 0 || failed)
		memory->failed = true;
	return memory_take(memory, ret_text, ret_length);
}
