/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Messages that make and delete tables, chains and sets. */
#ifndef LBCTL_NFT_OBJECTS_H
#define LBCTL_NFT_OBJECTS_H

#include "nft/batch.h"
#include "nft/view.h"

/* nft(8)'s number of the type of marks. */
#define NFT_TYPE_OF_MARKS 19

/* The base chain of each hook, as the kernel has it. */
struct base_hook {
	uint32_t number;  /* enum nf_inet_hooks */
	int32_t priority; /* among the chains of the hook */
	const char *type;
};
extern const struct base_hook base_hooks[NFT_HOOKS];

/* Makes our table, unless it is there. */
void object_put_table(struct batch *batch);
void object_put_chain(struct batch *batch, const struct chain *chain);
/* Deletes a chain with its rules. */
void object_delete_chain(struct batch *batch, const struct chain *chain);
/* Makes the set that a line looks up; id names it within the transaction. */
void object_put_set(struct batch *batch, const struct set *set,
		    const struct line *line, uint32_t id);
/* Deletes a set with its elements. */
void object_delete_set(struct batch *batch, const struct set *set);

#endif
