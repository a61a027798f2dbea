/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The number of arguments, from the text that a usage message has for them. */
#ifndef LBCTL_BASE_ARGUMENTS_H
#define LBCTL_BASE_ARGUMENTS_H

#include <stddef.h>

/* How many arguments a verb takes; most is SIZE_MAX without a limit. */
struct arguments_count {
	size_t least;
	size_t most;
};

/* Counts the words of a usage such as "SERVICE SERVER...", "[FILE...]", "". */
struct arguments_count arguments_count(const char *usage);

#endif
