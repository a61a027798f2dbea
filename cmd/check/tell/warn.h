/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warnings of what could not be told. */
#ifndef LBCTL_CHECK_WARN_H
#define LBCTL_CHECK_WARN_H

#include "check/process/child.h"
#include "common/command.h"

/* Of what could not be told; nothing under --quiet. */
void tell_warning(const struct command *command, const char *format, ...)
	PRINTF(2, 3);
/* Of those that went wrong, a few by what they are: "mail to a@b.example". */
void tell_children(const struct command *command, const struct child *children,
		   size_t count,
		   const char *(*name)(const struct child *child));

#endif
