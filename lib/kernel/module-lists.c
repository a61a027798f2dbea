/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Looks for modules of the kernel in its lists of them. */
#include "kernel/module-lists.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "scope.h"

/* Tells whether a list of modules has a line that begins with one. */
static bool lists_module(const char *path, const char *module)
{
	AUTO_FREE char *line = NULL;
	FILE *file = fopen(path, "re");
	size_t size = 0;
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0) {
		size_t length = strcspn(line, ":\n");
		char *name;

		line[length] = '\0';
		name = strrchr(line, '/');
		found = name &&
			strncmp(name + 1, module, strlen(module)) == 0 &&
			strncmp(name + 1 + strlen(module), ".ko", 3) == 0;
	}
	(void)fclose(file);
	return found;
}

enum module_presence module_find(const char *module)
{
	struct utsname name;
	char path[256];

	if (uname(&name) < 0)
		return MODULE_UNKNOWN;
	(void)snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep",
		       name.release);
	if (access(path, F_OK) < 0)
		return MODULE_UNKNOWN;
	if (lists_module(path, module))
		return MODULE_LOADABLE;
	(void)snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin",
		       name.release);
	return lists_module(path, module) ? MODULE_BUILTIN : MODULE_ABSENT;
}
