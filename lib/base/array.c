/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Growing an array without losing it when memory runs out. */
#include "array.h"

#include <string.h>

void *array_grow(void *array, size_t *capacity, size_t wanted, size_t size)
{
	if (wanted <= *capacity)
		return array;
	size_t room = *capacity ? *capacity * 2 : 4;
	if (room < wanted)
		room = wanted;
	void *grown = reallocarray(array, room, size);
	if (grown)
		*capacity = room;
	return grown;
}

int array_add_text(char ***list, const char *text)
{
	size_t count = 0;
	char **grown;

	while (*list && (*list)[count])
		count++;
	grown = reallocarray(*list, count + 2, sizeof(char *));
	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[count] = strdup(text);
	grown[count + 1] = NULL;
	return grown[count] ? 0 : -ENOMEM;
}

void array_free_texts(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}
