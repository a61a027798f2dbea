/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Setting and writing attributes by their tables; names and words. */
#include "model/attribute.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/address.h"
#include "model/error.h"

int attribute_set(const struct attribute_table *table, void *object,
		  const char *name, const char *value,
		  struct ipvsctl_error *err)
{
	for (size_t i = 0; table->shown[i].name; i++) {
		const struct ipvsctl_attribute *shown = &table->shown[i];

		if (strcmp(shown->name, name) != 0)
			continue;
		if (shown->value && !value)
			return fail(err, -EINVAL, "--%s needs a value: %s",
				    name, shown->value);
		if (!shown->value && value)
			return fail(err, -EINVAL, "--%s takes no value", name);
		return table->functions[i].set(object, value, err);
	}
	return fail(err, -EINVAL, "unknown option '--%.64s'", name);
}

static bool differs(const struct attribute *functions, const void *object,
		    const void *reference, char *value)
{
	char other[ATTRIBUTE_VALUE_SIZE];

	other[0] = '\0';
	if (!functions->format || !functions->format(object, value))
		return false;
	return !functions->format(reference, other) ||
	       strcmp(value, other) != 0;
}

void attribute_each(const struct attribute_view *view, attribute_fn fn,
		    void *data)
{
	for (size_t i = 0; view->table->shown[i].name; i++) {
		const struct attribute *functions = &view->table->functions[i];
		char value[ATTRIBUTE_VALUE_SIZE];

		value[0] = '\0';
		if (differs(functions, view->object, view->reference, value) ||
		    (view->whole && functions->always))
			fn(&view->table->shown[i], value, data);
	}
}

static void add_option(const struct ipvsctl_attribute *attribute,
		       const char *value, void *data)
{
	struct text *text = data;

	text_add_text(text, " --");
	text_add_text(text, attribute->name);
	if (!attribute->value)
		return;
	text_add_text(text, " ");
	text_add_word(text, value);
}

void attribute_line(struct text *text, const struct attribute_table *table,
		    const void *object, const void *reference, bool whole)
{
	const struct attribute_view view = { table, object, reference, whole };

	attribute_each(&view, add_option, text);
}

void attribute_value(char *value, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(value, ATTRIBUTE_VALUE_SIZE, format, arguments);
	va_end(arguments);
}

/* Without printf: each line that is saved asks for all values twice. */
void attribute_number(char *value, uint32_t number)
{
	*number_put(value, number) = '\0';
}

void attribute_text(char *value, const char *text)
{
	size_t length = strnlen(text, ATTRIBUTE_VALUE_SIZE - 1);

	(void)memcpy(value, text, length);
	value[length] = '\0';
}

const char *name_of(const struct name *names, unsigned int number)
{
	for (; names->name; names++)
		if (names->number == number)
			return names->name;
	return "?";
}

bool name_find(const struct name *names, const char *name,
	       unsigned int *ret_number)
{
	for (; names->name; names++)
		if (!strcmp(names->name, name)) {
			*ret_number = names->number;
			return true;
		}
	return false;
}

int name_parse(const struct name *names, const char *what, const char *text,
	       unsigned int *ret_number, struct ipvsctl_error *err)
{
	char known[128] = "";
	size_t used = 0;

	if (name_find(names, text, ret_number))
		return 0;
	for (; names->name && used < sizeof(known); names++)
		used += (size_t)snprintf(known + used, sizeof(known) - used,
					 "%s%s", used ? ", " : "", names->name);
	return fail(err, -EINVAL, "%s '%.48s' is none of %s", what, text, known);
}

static bool fits(const struct word_rule *rule, unsigned char c)
{
	switch (rule->kind) {
	case WORD_NAME:
		return isalnum(c) || strchr("-_.", c);
	case WORD_INTERFACE:
		return c > ' ' && c != 0x7f && c != '/' && c != ':';
	case WORD_TEXT:
	default:
		return c >= ' ' && c != 0x7f;
	}
}

int word_parse(const struct word_rule *rule, const char *value, char *out,
	       struct ipvsctl_error *err)
{
	size_t length = strlen(value);

	if (!length && rule->kind != WORD_TEXT)
		return fail(err, -EINVAL, "%s is empty", rule->what);
	if (value[0] == '-' && rule->kind != WORD_TEXT)
		return fail(err, -EINVAL, "%s is missing: '%.64s' is an option",
			    rule->what, value);
	if (length > rule->max)
		return fail(err, -EINVAL, "%s is longer than %zu bytes",
			    rule->what, rule->max);
	for (size_t i = 0; i < length; i++)
		if (!fits(rule, (unsigned char)value[i]))
			return fail(err, -EINVAL,
				    "%s '%.64s' has a character it must not",
				    rule->what, value);
	(void)memcpy(out, value, length + 1);
	return 0;
}
