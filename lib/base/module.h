/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Modules and programs that lie beside the library. */
#ifndef LBCTL_BASE_MODULE_H
#define LBCTL_BASE_MODULE_H

#include <limits.h>

#include "scope.h"

/*
 * Finds the file of that name beside the one that code was loaded from. Returns
 * 0, also if there is no such file, or a negative errno.
 */
int module_path(const void *code, const char *name,
		char ret_path[PATH_MAX]) MUST_CHECK;
/*
 * Loads a module from there, never to unload it, and finds its symbol. Returns
 * 0, -ENOMEM or -EOPNOTSUPP. *ret_why is dlerror(3)'s reason or NULL.
 */
int module_load(const void *code, const char *name, const char *symbol,
		const void **ret_export, const char **ret_why) MUST_CHECK;

#endif
