/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Builds JSON documents, whose fields are only ever added. */
#include <stdarg.h>
#include <string.h>

#include "clean.h"
#include "output/render.h"

json_t *render_pack(const char *format, ...)
{
	json_error_t error;
	json_t *value;
	va_list arguments;

	va_start(arguments, format);
	value = json_vpack_ex(&error, 0, format, arguments);
	va_end(arguments);
	if (!error.text[0])
		return value;
	json_decref(value);
	return NULL;
}

void render_append(json_t **array, json_t *value)
{
	if (*array && json_array_append_new(*array, value) == 0)
		return;
	if (!*array)
		json_decref(value);
	json_decref(TAKE_PTR(*array));
}

json_t *render_text_json(const char *text)
{
	const size_t size = CLEAN_SIZE(strlen(text));
	AUTO_FREE char *cleaned = malloc(size);

	if (!cleaned)
		return NULL;
	(void)clean_utf8(text, cleaned, size);
	return json_string(cleaned);
}

json_t *render_document(const char *name, json_t *value)
{
	return render_pack("{s:i, s:o}", "version", 1, name, value);
}
