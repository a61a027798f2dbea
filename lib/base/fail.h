/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Filling struct ipvsctl_error; err may be NULL in each. */
#ifndef LBCTL_BASE_FAIL_H
#define LBCTL_BASE_FAIL_H

#include <stdarg.h>

#include "ipvsctl.h"
#include "scope.h"

/* Sets code and message, clears all else. Returns code. */
int fail(struct ipvsctl_error *err, int code, const char *format, ...)
	PRINTF(3, 4);
/* The same, with the arguments of another function. */
int fail_with(struct ipvsctl_error *err, int code, const char *format,
	      va_list arguments) PRINTF(3, 0);
/* Fails for lack of memory. It is inline so that analysers see the -ENOMEM. */
static inline int fail_memory(struct ipvsctl_error *err)
{
	(void)fail(err, -ENOMEM, "out of memory");
	return -ENOMEM;
}
/* Sets the subject of the failure, and keeps the rest. Returns code. */
int fail_about(struct ipvsctl_error *err, int code, const char *format, ...)
	PRINTF(3, 4);
/* Sets the subject of a failure that has none. Returns code. */
int fail_subject(struct ipvsctl_error *err, int code, const char *subject);
/* Sets a command that helps, and keeps the rest. Returns code. */
int fail_hint(struct ipvsctl_error *err, int code, const char *format, ...)
	PRINTF(3, 4);

#endif
