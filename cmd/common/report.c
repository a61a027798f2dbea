/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes diagnostics; nothing else in the programs does. */
#include "common/report.h"

#include <stdarg.h>
#include <string.h>

/* What users typed may be anything; terminals and JSON take text. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static json_t *text_json(const char *text)
{
	char ascii[512];
	json_t *string = json_string(text);
	size_t length = 0;

	if (string)
		return string;
	for (; length < sizeof(ascii) - 1 && text[length]; length++)
		ascii[length] = text[length];
	for (size_t i = 0; i < length; i++)
		if (ascii[i] & 0x80)
			ascii[i] = '?';
	ascii[length] = '\0';
	return json_string(ascii);
}

static int set_text(json_t *object, const char *key, const char *text)
{
	if (!text[0])
		return 0;
	return json_object_set_new(object, key, text_json(text));
}

static json_t *stands_document(const char *const *stands)
{
	json_t *array = json_array();

	for (; array && *stands; stands++)
		(void)json_array_append_new(array, json_string(*stands));
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

	clean(cleaned.file);
	clean(cleaned.subject);
	clean(cleaned.message);
	clean(cleaned.hint);
	if (report->json) {
		report_document(report, status, &cleaned, stands);
		return;
	}
	report_lines(report, status, &cleaned);
	for (; stands && *stands; stands++)
		(void)fprintf(report->stream, "%s: stands: %s\n",
			      report->program, *stands);
}

void report_warning(const struct report *report, const char *format, ...)
{
	char message[256];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (report->json) {
		AUTO_JSON json_t *document = json_pack("{s:i, s:s}", "version",
						       1, "warning", message);

		dump_document(report->stream, document);
		return;
	}
	(void)fprintf(report->stream, "%s: warning: %s\n", report->program,
		      message);
}
