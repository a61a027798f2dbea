/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* popt's view of our tables; only the parser and help see it. */
#ifndef LBCTL_TABLES_H
#define LBCTL_TABLES_H

#include <popt.h>

#include "common/command.h"
#include "scan.h"

/* The values of a verb's options start here; common options have letters. */
#define TABLES_FIRST	256
#define TABLES_COMPLETE 'C'
#define TABLES_DRY_RUN	'n'
#define TABLES_NETNS	'N'

struct tables {
	struct poptOption common[10];
	struct poptOption *verb; /* own options, attributes, common */
	size_t own;		 /* number of the verb's own */
	size_t count;		 /* number of those and the attributes */
};

/* Builds the tables; verb can be NULL. Returns 0 or -ENOMEM. */
int tables_build(struct tables *tables,
		 const struct command_verb *verb) MUST_CHECK;
void tables_free(struct tables *tables);
/* Finds an option in a table of popt's; see scan_find_fn. */
bool tables_find(const void *options, const char *name, size_t length,
		 struct scan_option *ret_option);

static inline void free_context(poptContext *context)
{
	(void)poptFreeContext(*context);
}

#define AUTO_TABLES  CLEANUP(tables_free)
#define AUTO_CONTEXT CLEANUP(free_context)

#endif
