/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The data of a run, and its warnings. */
#include "check/pool/run.h"

#include <stdarg.h>

void run_free(struct run *run)
{
	for (size_t i = 0; run->lists && i < run->checks->count; i++)
		server_list_free(&run->lists[i]);
	free(run->lists);
	for (size_t i = 0; run->standbys && i < run->checks->count; i++)
		free(run->standbys[i].list);
	free(run->standbys);
	state_free(&run->state);
	free(run->members.list);
	free(run->watched.list);
	free(run->probes);
	transitions_free(&run->transitions);
	ipvsctl_config_free(run->marks);
}

static void warn(const struct run *run, const char *format, va_list values)
	__attribute__((format(printf, 2, 0)));
static void warn(const struct run *run, const char *format, va_list values)
{
	struct report report = command_report(run->command);
	char message[256];

	if (run->told || run->command->quiet)
		return;
	(void)vsnprintf(message, sizeof(message), format, values);
	report_warning(&report, "%s", message);
}

void run_warn(struct run *run, const char *format, ...)
{
	va_list values;

	run->faulty = true;
	va_start(values, format);
	warn(run, format, values);
	va_end(values);
}

void run_warn_error(struct run *run)
{
	const struct ipvsctl_error err = run->command->err;
	const bool told = run->told;

	run->told = false;
	run_warn(run, "%s%s%s%s%s", err.subject, err.subject[0] ? ": " : "",
		 err.message, err.hint[0] ? ": " : "", err.hint);
	run->told = told;
	run->command->err = (struct ipvsctl_error){ 0 };
}

void run_remark(const struct run *run, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	warn(run, format, values);
	va_end(values);
}
