/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds out which backend has mark rules, and which one should. */
#include <linux/capability.h>
#include <string.h>
#include <sys/socket.h>

#include "capability.h"
#include "iptables-names.h"
#include "kernel/marks.h"
#include "kernel/module-lists.h"
#include "model/error.h"

/* ---- Files --------------------------------------------------------------- */

/* Without a folder of modules a kernel has what it has: nobody knows. */
static enum mark_presence find_module(const char *module,
				      enum mark_presence without_folder)
{
	switch (module_find(module)) {
	case MODULE_LOADABLE:
		return MARK_LOADABLE;
	case MODULE_BUILTIN:
		return MARK_PRESENT;
	case MODULE_ABSENT:
		return MARK_ABSENT;
	case MODULE_UNKNOWN:
		break;
	}
	return without_folder;
}

enum mark_presence mark_presence_nft(void)
{
	if (access("/sys/module/nf_tables", F_OK) == 0)
		return MARK_PRESENT;
	return find_module("nf_tables", MARK_PRESENT);
}

enum mark_presence mark_presence_iptables(void)
{
	if (iptables_exists())
		return MARK_PRESENT;
	return find_module("ip_tables", MARK_ABSENT);
}

/* ---- Looking ------------------------------------------------------------- */

/* Tells whether rules may be there that cannot be read: by a backend whose
   module or whose kernel is not what it needs. */
static bool has_unreadable(enum ipvsctl_backend which)
{
	return which == IPVSCTL_BACKEND_IPTABLES &&
	       (iptables_has_table(AF_INET, "mangle") ||
		iptables_has_table(AF_INET6, "mangle"));
}

static int look(enum ipvsctl_backend which, enum mark_presence *presence,
		struct mark_sight *sight, struct ipvsctl_error *err)
{
	const struct mark_backend *backend;
	int r;

	if (*presence != MARK_PRESENT)
		return 0;
	r = mark_backend_get(which, &backend, err);
	if (r == 0)
		r = backend->look(sight, err);
	if (r != -EOPNOTSUPP || has_unreadable(which))
		return r;
	*presence = MARK_ABSENT;
	return 0;
}

int mark_places_find(struct mark_places *ret_places, struct ipvsctl_error *err)
{
	struct mark_places places = {
		.nft = mark_presence_nft(),
		.iptables = mark_presence_iptables(),
	};
	/* Of a backend that is passed over err must not tell. */
	struct ipvsctl_error refusal = { .code = 0 };
	int r = look(IPVSCTL_BACKEND_NFT, &places.nft, &places.in_nft, &refusal);

	if (r == 0)
		r = look(IPVSCTL_BACKEND_IPTABLES, &places.iptables,
			 &places.in_iptables, &refusal);
	/* nf_tables needs CAP_NET_ADMIN, ip_tables CAP_NET_RAW, too. */
	if (r == -EPERM && places.in_nft.ours)
		r = 0;
	/* Where there was nothing to ask, the kernel has refused nothing. */
	if (r == 0 && places.nft != MARK_PRESENT &&
	    places.iptables != MARK_PRESENT && !has_capability(CAP_NET_ADMIN))
		r = fail_kernel(&refusal, OPERATION_NFT_READ, EPERM, NULL);
	if (r == 0)
		*ret_places = places;
	else if (err)
		*err = refusal;
	return r;
}

enum ipvsctl_backend mark_places_choose(const struct mark_places *places,
					bool words)
{
	if (words)
		return IPVSCTL_BACKEND_IPTABLES;
	if (places->in_iptables.others && !places->in_nft.others)
		return IPVSCTL_BACKEND_IPTABLES;
	if (places->nft != MARK_ABSENT)
		return IPVSCTL_BACKEND_NFT;
	return places->iptables != MARK_ABSENT ? IPVSCTL_BACKEND_IPTABLES :
						 IPVSCTL_BACKEND_AUTO;
}
