/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes diagnostics. Nothing else in the programs writes any. */
#include "output/report.h"

#include <stdarg.h>

#include "clean.h"
#include "output/output.h"
#include "output/render.h"

static int set_text(json_t *object, const char *key, const char *text)
{
	if (!text[0])
		return 0;
	return json_object_set_new(object, key, render_text_json(text));
}

static json_t *stands_document(const char *const *stands)
{
	json_t *array = json_array();

	for (; *stands; stands++)
		render_append(&array, render_text_json(*stands));
	return array;
}

/* Writes a document, or a text in its place if memory is short. */
static void dump_document(FILE *stream, json_t *document, const char *otherwise)
{
	AUTO_FREE char *text = NULL;

	if (output_format_json(document, JSON_COMPACT | JSON_ENSURE_ASCII,
			       &text) < 0)
		(void)fprintf(stream, "%s\n", otherwise);
	else
		(void)fputs(text, stream);
}

static json_t *error_document(enum status status,
			      const struct ipvsctl_error *err,
			      const char *const *stands)
{
	AUTO_JSON json_t *error = render_pack("{s:i}", "status", (int)status);

	if (set_text(error, "file", err->file) < 0 ||
	    (err->line &&
	     json_object_set_new(error, "line", json_integer(err->line)) < 0) ||
	    set_text(error, "subject", err->subject) < 0 ||
	    set_text(error, "message", err->message) < 0 ||
	    set_text(error, "hint", err->hint) < 0 ||
	    (stands && json_object_set_new(error, "standing",
					   stands_document(stands)) < 0))
		return NULL;
	return render_document("error", TAKE_PTR(error));
}

static void report_document(const struct report *report, enum status status,
			    const struct ipvsctl_error *err,
			    const char *const *stands)
{
	char otherwise[96];

	(void)snprintf(otherwise, sizeof(otherwise),
		       "{\"version\":1,\"error\":{\"status\":%d,"
		       "\"message\":\"out of memory\"}}",
		       (int)status);
	dump_document(report->stream, error_document(status, err, stands),
		      otherwise);
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
		dump_document(report->stream,
			      render_document("warning", json_string(cleaned)),
			      "{\"version\":1,\"warning\":\"out of memory\"}");
		return;
	}
	(void)fprintf(report->stream, "%s: warning: %s\n", report->program,
		      cleaned);
}
