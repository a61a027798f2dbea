/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Loads the module that holds a mark backend from beside the library, so that
 * only programs that touch mark rules pay for what it needs.
 */
#include "kernel/marks.h"

#include <string.h>

#include "fail.h"
#include "module.h"

#define MODULE	 "lbctl/marks-iptables.so"
#define PACKAGES "apt install libip4tc2 libip6tc2 iptables"

int mark_backend_get(const char *name, const struct mark_backend **ret_backend,
		     struct ipvsctl_error *err)
{
	const void *backend;
	const char *why;
	int r;

	if (!strcmp(name, "nft")) {
		*ret_backend = &mark_backend_nft;
		return 0;
	}
	if (strcmp(name, "auto") != 0 && strcmp(name, "iptables") != 0)
		return fail(err, -EINVAL, "no such mark backend");
	r = module_load((const void *)&mark_backend_get, MODULE,
			MARK_BACKEND_SYMBOL, &backend, &why);
	if (r == -ENOMEM)
		return fail_memory(err);
	if (r < 0) {
		r = fail(err, r, "mark rules are not supported here: %s",
			 why ? why : MODULE " cannot be loaded");
		return fail_hint(err, r, PACKAGES);
	}
	*ret_backend = backend;
	return 0;
}
