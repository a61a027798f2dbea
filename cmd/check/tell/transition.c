/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What became different in a run. */
#include "check/tell/transition.h"

#include <errno.h>

#include "clean.h"

#define FIRST_CAPACITY 16

int transitions_add(struct transitions *transitions,
		    const struct transition *transition)
{
	struct transition *added;

	if (transitions->count == transitions->capacity) {
		size_t capacity = transitions->capacity ?
					  transitions->capacity * 2 :
					  FIRST_CAPACITY;
		struct transition *list = reallocarray(transitions->list,
						       capacity, sizeof(*list));

		if (!list)
			return -ENOMEM;
		transitions->list = list;
		transitions->capacity = capacity;
	}
	added = &transitions->list[transitions->count++];
	*added = *transition;
	clean_ascii(added->reason);
	clean_ascii(added->done);
	return 0;
}

void transitions_free(struct transitions *transitions)
{
	free(transitions->list);
	*transitions = (struct transitions){ 0 };
}
