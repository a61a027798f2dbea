/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The changes that a run finds. */
#include "check/tell/transition.h"

#include <errno.h>

#include "array.h"
#include "clean.h"

int transitions_add(struct transitions *transitions,
		    const struct transition *transition)
{
	struct transition *added,
		*list = array_grow(transitions->list, &transitions->capacity,
				   transitions->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	transitions->list = list;
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
