/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Growing an array without losing it when memory runs out. */
#include "array.h"

#include <stdlib.h>

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
