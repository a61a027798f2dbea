/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tells whose rules the mangle tables have. */
#include <string.h>

#include "backend.h"
#include "model/error.h"
#include "table.h"

/* Tells whether a rule in a chain of ours is one of ours, but for its matches. */
static bool is_ours(const struct table_ops *ops, struct xtc_handle *handle,
		    const void *entry)
{
	const struct layout *layout = ops->layout;
	const char *label = table_label(ops, entry, handle);

	if (!label)
		return false;
	return ((const uint8_t *)entry)[layout->flags] & layout->goto_flag ?
		       chain_parse(label).kind == CHAIN_MARK :
		       strcmp(label, "RETURN") == 0;
}

/* libiptc has only one cursor for chains: each is left before the next. */
static void look_at_chain(const struct table_ops *ops,
			  struct xtc_handle *handle, const char *chain,
			  struct mark_sight *sight)
{
	enum chain_kind kind = chain_parse(chain).kind;
	unsigned int hook = builtin_hook(chain);
	bool *found = kind == CHAIN_FOREIGN ? &sight->others : &sight->ours;
	const void *entry;

	sight->chains = sight->chains || kind != CHAIN_FOREIGN;
	if (kind != CHAIN_FOREIGN && kind != CHAIN_PRIORITY)
		return;
	for (entry = ops->first_rule(chain, handle); entry && !*found;
	     entry = ops->next_rule(entry, handle))
		*found = kind == CHAIN_PRIORITY ?
				 is_ours(ops, handle, entry) :
				 hook >= HOOK_COUNT ||
					 !table_is_jump(ops, handle, entry,
							hook);
}

static int look_at(const struct table_ops *ops, struct mark_sight *sight,
		   struct ipvsctl_error *err)
{
	struct xtc_handle *handle;
	const char *chain;
	int r;

	/* Opening a table makes it. */
	if (!table_exists(ops))
		return 0;
	r = table_open(ops, &handle, err);
	if (r < 0)
		return r;
	for (chain = ops->first_chain(handle);
	     chain && !(sight->ours && sight->others);
	     chain = ops->next_chain(handle))
		look_at_chain(ops, handle, chain, sight);
	ops->free(handle);
	return 0;
}

int backend_look(struct mark_sight *ret_sight, struct ipvsctl_error *err)
{
	struct mark_sight sight = { .ours = false };
	int r = look_at(&mangle_ipv4, &sight, err);

	if (r == 0)
		r = look_at(&mangle_ipv6, &sight, err);
	if (r == 0)
		*ret_sight = sight;
	return r;
}
