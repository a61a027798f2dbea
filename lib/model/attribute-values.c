/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads and writes values of attributes: numbers, names, words. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/address.h"
#include "model/attribute.h"

/* Avoids printf, which is slow when thousands of lines are saved. */
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
	case WORD_INTERFACES:
		return c > ' ' && c != 0x7f && c != '/' && c != ':';
	case WORD_LABEL:
		return c > ' ' && c != 0x7f && c != '/';
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
	if (rule->kind == WORD_INTERFACES && !strcmp(value, "+"))
		return fail(err, -EINVAL,
			    "interface '+' matches every interface: leave it "
			    "out");
	for (size_t i = 0; i < length; i++)
		if (!fits(rule, (unsigned char)value[i]))
			return fail(err, -EINVAL,
				    "%s '%.64s' contains an invalid character",
				    rule->what, value);
	(void)memcpy(out, value, length + 1);
	return 0;
}

int word_or_none_parse(const struct word_rule *rule, const char *none,
		       const char *value, char *out, struct ipvsctl_error *err)
{
	if (!none || strcmp(value, none) != 0)
		return word_parse(rule, value, out, err);
	*out = '\0';
	return 0;
}
