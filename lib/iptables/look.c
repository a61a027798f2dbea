/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tells whose rules the mangle tables have. */
#include "backend.h"
#include "mangle-table.h"
#include "model/error.h"
#include "table.h"

/* libiptc has only one cursor for chains: each is left before the next. */
static void look_at_chain(const struct table_ops *ops,
			  struct xtc_handle *handle, const char *chain,
			  struct mark_sight *sight)
{
	unsigned int hook = builtin_hook(chain);
	const void *entry;

	if (chain_parse(chain).kind != CHAIN_FOREIGN) {
		sight->ours = true;
		return;
	}
	for (entry = ops->first_rule(chain, handle); entry;
	     entry = ops->next_rule(entry, handle))
		if (hook >= HOOK_COUNT ||
		    !table_is_jump(ops, handle, entry, hook))
			sight->others = true;
}

static int look_at(const struct table_ops *ops, struct mark_sight *sight,
		   struct ipvsctl_error *err)
{
	struct xtc_handle *handle;
	int r;

	/* Opening a table makes it. */
	if (!mangle_exists(ops->layout->family))
		return 0;
	r = table_open(ops, &handle, err);
	if (r < 0)
		return r;
	for (const char *chain = ops->first_chain(handle); chain;
	     chain = ops->next_chain(handle))
		look_at_chain(ops, handle, chain, sight);
	ops->free(handle);
	return 0;
}

int backend_look(struct mark_sight *ret_sight, struct ipvsctl_error *err)
{
	struct mark_sight sight = { .ours = false };
	int r = look_at(&table_ipv4, &sight, err);

	if (r == 0)
		r = look_at(&table_ipv6, &sight, err);
	if (r == 0)
		*ret_sight = sight;
	return r;
}
