/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Growing an array without losing it when memory runs out. */
#ifndef LBCTL_ARRAY_H
#define LBCTL_ARRAY_H

#include <stddef.h>

#include "scope.h"

/*
 * Returns array with room for at least wanted (not 0) elements of that size, or
 * NULL if memory ran out, which leaves array unchanged.
 */
void *array_grow(void *array, size_t *capacity, size_t wanted, size_t size);

/* Adds a copy to a list of texts that NULL ends; NULL is an empty list. Returns 0
   or -ENOMEM. */
int array_add_text(char ***list, const char *text) MUST_CHECK;
/* Frees such a list and its texts. */
void array_free_texts(char **list);

#endif
