/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warnings of news that could not be reported. */
#ifndef LBCTL_CHECK_WARN_H
#define LBCTL_CHECK_WARN_H

#include "child.h"
#include "common/command.h"

/* Warns of news that could not be reported; not under --quiet. */
void tell_warning(const struct command *command, const char *format, ...)
	PRINTF(2, 3);
/* Warns of children that failed, naming a few. */
void tell_children(const struct command *command, const struct child *children,
		   size_t count);

#endif
