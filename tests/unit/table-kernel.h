/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A table of nf_tables in memory, which takes transactions as the kernel does. */
#ifndef LBCTL_UNIT_TABLE_KERNEL_H
#define LBCTL_UNIT_TABLE_KERNEL_H

#include "tables.h"

struct kernel_element {
	struct bytes key;
	struct bytes raw; /* its attributes */
	bool ends;	  /* an interval */
};

enum kernel_kind { KERNEL_CHAIN, KERNEL_SET, KERNEL_RULE };

struct kernel_object {
	enum kernel_kind kind;
	char name[NFT_NAME]; /* of a rule: its chain's */
	uint64_t handle;     /* of a rule */
	struct bytes raw;    /* its attributes */
	struct kernel_element *elements;
	size_t count, capacity;
};

struct kernel {
	struct kernel_object *objects; /* rules in the order of their chain */
	size_t count, capacity;
	uint64_t handles;
	bool exists;
};

/* Takes transactions; what the kernel would refuse fails the test. */
void kernel_take(struct kernel *kernel, const struct transactions *transactions);
/* Fills an empty view with the table. */
void kernel_tell(const struct kernel *kernel, struct view *view);
void kernel_free(struct kernel *kernel);

#endif
