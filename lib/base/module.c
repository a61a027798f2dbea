/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Loads a module that only some callers need, and its libraries. */
#include "module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* Refuses a name without a slash: dlopen(3) would search for it elsewhere. */
int module_path(const void *code, const char *name, char ret_path[PATH_MAX])
{
	const char *slash;
	Dl_info info;
	int length;

	if (!dladdr(code, &info) || !info.dli_fname)
		return -ENOENT;
	slash = strrchr(info.dli_fname, '/');
	if (!slash)
		return -ENOENT;
	length = snprintf(ret_path, PATH_MAX, "%.*s/%s",
			  (int)(slash - info.dli_fname), info.dli_fname, name);
	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int module_load(const void *code, const char *name, const char *symbol,
		const void **ret_export, const char **ret_why)
{
	const int flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
	char path[PATH_MAX];
	void *module;
	int error;

	*ret_why = NULL;
	if (module_path(code, name, path) < 0)
		return -EOPNOTSUPP;
	module = dlopen(path, flags);
	/* glibc 2.36 reports lack of memory as a missing file; errno tells. */
	errno = 0;
	if (!module)
		module = dlopen(path, flags);
	error = errno;
	if (!module) {
		*ret_why = dlerror();
		return error == ENOMEM ? -ENOMEM : -EOPNOTSUPP;
	}
	*ret_export = dlsym(module, symbol);
	(void)dlclose(module);
	return *ret_export ? 0 : -EOPNOTSUPP;
}
