/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Loads the module that holds a mark backend from beside the library, so that
 * only programs that touch mark rules pay for what it needs.
 */
#include "kernel/marks.h"

#include "fail.h"
#include "module.h"

#define MODULE	 "lbctl/marks-iptables.so"
#define PACKAGES "apt install libip4tc2 libip6tc2 iptables"

int mark_backend_get(enum ipvsctl_backend backend,
		     const struct mark_backend **ret_backend,
		     struct ipvsctl_error *err)
{
	const void *found = &mark_backend_nft;
	const char *why = NULL;
	int r = 0;

	if (backend != IPVSCTL_BACKEND_NFT)
		r = module_load((const void *)&mark_backend_get, MODULE,
				MARK_BACKEND_SYMBOL, &found, &why);
	if (r == -ENOMEM)
		return fail_memory(err);
	if (r < 0) {
		r = fail(err, r,
			 "mark rules in iptables are not supported here: %s",
			 why ? why : MODULE " cannot be loaded");
		return fail_hint(err, r, PACKAGES);
	}
	*ret_backend = found;
	return 0;
}
