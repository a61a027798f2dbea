/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tells whether a program may be run, by the rule of trust. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "place.h"

int program_look(const char *path, char ret_why[PROGRAM_WHY_SIZE])
{
	AUTO_CLOSE int fd = -1;
	char part[PATH_MAX];
	int r = place_open_trusted(AT_FDCWD, path, O_PATH, &fd, part);

	if (r == -EPERM && part[0])
		(void)snprintf(ret_why, PROGRAM_WHY_SIZE,
			       "others than root can write %.64s", part);
	else if (r < 0)
		(void)snprintf(ret_why, PROGRAM_WHY_SIZE, "%s",
			       strerrordesc_np(-r));
	return r;
}
