/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Fills struct ipvsctl_error. */
#include "fail.h"

#include <stdio.h>

/* Replaces control characters: a user's text may hold escape sequences. */
static PRINTF(3, 0) void put(char *out, size_t size, const char *format,
			     va_list arguments)
{
	(void)vsnprintf(out, size, format, arguments);
	for (; *out; out++)
		if ((unsigned char)*out < ' ' || *out == 0x7f)
			*out = '?';
}

int fail_with(struct ipvsctl_error *err, int code, const char *format,
	      va_list arguments)
{
	if (!err)
		return code;
	err->code = code;
	err->kernel_errno = 0;
	err->file[0] = '\0';
	err->line = 0;
	err->subject[0] = '\0';
	err->hint[0] = '\0';
	put(err->message, sizeof(err->message), format, arguments);
	return code;
}

int fail(struct ipvsctl_error *err, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)fail_with(err, code, format, arguments);
	va_end(arguments);
	return code;
}

int fail_about(struct ipvsctl_error *err, int code, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return code;
	va_start(arguments, format);
	put(err->subject, sizeof(err->subject), format, arguments);
	va_end(arguments);
	return code;
}

int fail_subject(struct ipvsctl_error *err, int code, const char *subject)
{
	return !err || err->subject[0] ? code :
					 fail_about(err, code, "%s", subject);
}

int fail_hint(struct ipvsctl_error *err, int code, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return code;
	va_start(arguments, format);
	put(err->hint, sizeof(err->hint), format, arguments);
	va_end(arguments);
	return code;
}
