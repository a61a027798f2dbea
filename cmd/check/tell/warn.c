/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warnings of news that could not be reported. */
#include "check/tell/warn.h"

#define WARNINGS_MAX 8 /* of one kind */

void tell_warning(const struct command *command, const char *format, ...)
{
	struct report report = command_report(command);
	char message[256];
	va_list arguments;

	if (command->quiet)
		return;
	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	report_warning(&report, "%s", message);
}

void tell_children(const struct command *command, const struct child *children,
		   size_t count)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		if (!children[i].why[0])
			continue;
		if (failed++ < WARNINGS_MAX)
			tell_warning(command, "%s: %s %s", children[i].about,
				     children[i].argv[0], children[i].why);
	}
	if (failed > WARNINGS_MAX)
		tell_warning(command, "and %zu more like these",
			     failed - WARNINGS_MAX);
}
