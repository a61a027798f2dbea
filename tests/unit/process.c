/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What became of a process that is not a child, for tests. */
#include "process.h"

#include <stdio.h>
#include <string.h>

bool process_is_dead(pid_t pid)
{
	char path[64], text[512] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	return !text[0] || strstr(text, ") Z ");
}
