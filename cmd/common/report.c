/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes diagnostics; nothing else in the programs does. */
#include "common/report.h"

#include <stdarg.h>

#include "common/clean.h"
#include "common/output.h"
#include "common/render.h"

static int set_text(json_t *object, const char *key, const char *text)
{
	if (!text[0])
		return 0;
	return json_object_set_new(object, key, render_text_json(text));
}

static json_t *stands_document(const char *const *stands)
{
	json_t *array = json_array();

	for (; array && *stands; stands++)
		(void)json_array_append_new(array, render_text_json(*stands));
	return array;
}

static void dump_document(FILE *stream, const json_t *document)
{
	(void)json_dumpf(document, stream, JSON_COMPACT | JSON_ENSURE_ASCII);
	(void)fputc('\n', stream);
}

static void report_document(const struct report *report, enum status status,
			    const struct ipvsctl_error *err,
			    const char *const *stands)
{
	AUTO_JSON json_t *document = json_object();
	json_t *error = json_object();

	(void)json_object_set_new(document, "version", json_integer(1));
	(void)json_object_set_new(document, "error", error);
	(void)json_object_set_new(error, "status", json_integer((int)status));
	(void)set_text(error, "file", err->file);
	if (err->line)
		(void)json_object_set_new(error, "line",
					  json_integer(err->line));
	(void)set_text(error, "subject", err->subject);
	(void)set_text(error, "message", err->message);
	(void)set_text(error, "hint", err->hint);
	if (stands)
		(void)json_object_set_new(error, "standing",
					  stands_document(stands));
	dump_document(report->stream, document);
}

static void report_lines(const struct report *report, enum status status,
			 const struct ipvsctl_error *err)
{
	FILE *stream = report->stream;

	(void)fprintf(stream, "%s: ", report->program);
	if (err->file[0] && err->line)
		(void)fprintf(stream, "%s:%u: ", err->file, err->line);
	else if (err->file[0])
		(void)fprintf(stream, "%s: ", err->file);
	if (err->subject[0])
		(void)fprintf(stream, "%s: ", err->subject);
	(void)fprintf(stream, "%s\n", err->message);
	if (err->hint[0] && !report->strange)
		(void)fprintf(stream, "%s: hint: %s\n", report->program,
			      err->hint);
	else if (status == STATUS_INPUT && !err->file[0])
		(void)fprintf(stream, "Try '%s%s%s --help'.\n", report->program,
			      report->verb ? " " : "",
			      report->verb ? report->verb : "");
}

void report_error(const struct report *report, enum status status,
		  const struct ipvsctl_error *err, const char *const *stands)
{
	struct ipvsctl_error cleaned = *err;

	clean_text(err->file, cleaned.file, sizeof(cleaned.file));
	clean_text(err->subject, cleaned.subject, sizeof(cleaned.subject));
	clean_text(err->message, cleaned.message, sizeof(cleaned.message));
	clean_text(err->hint, cleaned.hint, sizeof(cleaned.hint));
	if (report->json) {
		report_document(report, status, &cleaned, stands);
		return;
	}
	report_lines(report, status, &cleaned);
	for (; stands && *stands; stands++) {
		(void)fprintf(report->stream, "%s: stands: ", report->program);
		(void)output_clean(report->stream, *stands);
		(void)fputc('\n', report->stream);
	}
}

void report_warning(const struct report *report, const char *format, ...)
{
	char message[256], cleaned[CLEAN_SIZE(sizeof(message))];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	clean_text(message, cleaned, sizeof(cleaned));
	if (report->json) {
		AUTO_JSON json_t *document = json_pack("{s:i, s:s}", "version",
						       1, "warning", cleaned);

		dump_document(report->stream, document);
		return;
	}
	(void)fprintf(report->stream, "%s: warning: %s\n", report->program,
		      cleaned);
}
