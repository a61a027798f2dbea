/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The lists of the modules that the running kernel can have. */
#ifndef LBCTL_MODULE_LISTS_H
#define LBCTL_MODULE_LISTS_H

enum module_presence {
	MODULE_UNKNOWN, /* there are no lists */
	MODULE_ABSENT,
	MODULE_LOADABLE, /* or loaded */
	MODULE_BUILTIN,
};
/* Looks for a module by its name in files: to ask the kernel would load it. */
enum module_presence module_find(const char *module);

#endif
