/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Loads the module that holds a mark backend from beside the library, so that
 * only programs that touch mark rules pay for what it needs.
 */
#include "kernel/marks.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "model/error.h"

#define MODULE	 "lbctl/marks-iptables.so"
#define PACKAGES "apt install libip4tc2 libip6tc2 iptables"

static int fail_module(struct ipvsctl_error *err, const char *why)
{
	int code;

	if (errno == ENOMEM)
		return fail_memory(err);
	code = fail(err, -EOPNOTSUPP, "mark rules are not supported here: %s",
		    why ? why : MODULE " cannot be loaded");

	return fail_hint(err, code, PACKAGES);
}

/* Only an absolute path: a bare name would be looked up elsewhere. */
static int module_path(char path[PATH_MAX])
{
	Dl_info info;
	const char *slash;
	int length;

	if (!dladdr((const void *)&mark_backend_get, &info) || !info.dli_fname)
		return -ENOENT;
	slash = strrchr(info.dli_fname, '/');
	if (!slash)
		return -ENOENT;
	length = snprintf(path, PATH_MAX, "%.*s/" MODULE,
			  (int)(slash - info.dli_fname), info.dli_fname);
	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The module stays loaded: its backend may be in use by any context. */
int mark_backend_get(const char *name, const struct mark_backend **ret_backend,
		     struct ipvsctl_error *err)
{
	const int flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
	const struct mark_backend *backend;
	char path[PATH_MAX];
	void *module;

	if (strcmp(name, "auto") != 0 && strcmp(name, "iptables") != 0)
		return fail(err, -EINVAL, "no such mark backend");
	errno = 0;
	if (module_path(path) < 0)
		return fail_module(err, NULL);
	module = dlopen(path, flags);
	/* glibc 2.36 reports lack of memory as a missing file, too. */
	errno = 0;
	if (!module)
		module = dlopen(path, flags);
	if (!module)
		return fail_module(err, dlerror());
	backend = dlsym(module, MARK_BACKEND_SYMBOL);
	(void)dlclose(module);
	if (!backend)
		return fail_module(err, NULL);
	*ret_backend = backend;
	return 0;
}
