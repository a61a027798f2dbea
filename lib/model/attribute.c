/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sets and writes attributes by their tables. */
#include "model/attribute.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/address.h"
#include "number.h"

/* ---- Kinds ------------------------------------------------------------- */

static uint32_t number_get(const struct attribute *row, const void *field)
{
	switch (row->size) {
	case sizeof(uint8_t):
		return *(const uint8_t *)field;
	case sizeof(uint16_t):
		return *(const uint16_t *)field;
	default:
		return *(const uint32_t *)field;
	}
}

static void number_set(const struct attribute *row, void *field, uint32_t number)
{
	switch (row->size) {
	case sizeof(uint8_t):
		*(uint8_t *)field = (uint8_t)number;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)field = (uint16_t)number;
		break;
	default:
		*(uint32_t *)field = number;
	}
}

static int set_value(const struct attribute *row, void *object,
		     const char *value, struct ipvsctl_error *err)
{
	void *field = (char *)object + row->offset;
	uint32_t number = 0;
	int r = 0;

	switch (row->kind) {
	case ATTRIBUTE_OWN:
		return row->set(object, value, err);
	case ATTRIBUTE_WORD:
		return word_or_none_parse(&row->word, row->none, value, field,
					  err);
	case ATTRIBUTE_ADDRESSES:
		return addresses_parse(value, field, err);
	case ATTRIBUTE_PORTS:
		return ports_parse(value, field, err);
	case ATTRIBUTE_NUMBER:
	case ATTRIBUTE_HEX:
		r = number_parse(value, &row->range, &number, err);
		break;
	case ATTRIBUTE_NAME:
		r = name_parse(row->names.known, row->names.what, value,
			       &number, err);
		break;
	case ATTRIBUTE_FLAG:
		number = number_get(row, field) | row->bits;
		break;
	case ATTRIBUTE_NO_FLAG:
		number = number_get(row, field) & ~row->bits;
		break;
	}
	if (!r)
		number_set(row, field, number);
	return r;
}

int attribute_set_at(const struct attribute_table *table, size_t position,
		     void *object, const char *value, struct ipvsctl_error *err)
{
	const struct attribute *row = &table->rows[position];
	uint16_t *negated = (void *)((char *)object + row->negated_offset);
	bool negates = row->negation && value && *value == '!';
	int r;

	if (!value && attribute_is_optional(&table->shown[position]))
		value = row->left_out;
	r = set_value(row, object, negates ? value + 1 : value, err);
	if (r < 0 || !row->negation)
		return r;
	*negated = (uint16_t)(*negated & ~row->negation);
	if (negates)
		*negated |= row->negation;
	return 0;
}

static bool format_number(const struct attribute *row, uint32_t number,
			  char *value)
{
	if (!number)
		number = row->unset;
	attribute_number(value, number);
	return number >= row->range.min;
}

static bool format_word(const struct attribute *row, const char *word,
			char *value)
{
	attribute_text(value, *word || !row->none ? word : row->none);
	return *value;
}

/* Writes the value, not negated. Returns false if there is nothing to write. */
static bool format_value(const struct attribute *row, const void *object,
			 char *value)
{
	const void *field = (const char *)object + row->offset;

	switch (row->kind) {
	case ATTRIBUTE_OWN:
		return row->format(object, value);
	case ATTRIBUTE_WORD:
		return format_word(row, field, value);
	case ATTRIBUTE_ADDRESSES:
		if (!*ipvsctl_addresses_format(field, value))
			attribute_text(value, "any");
		return true;
	case ATTRIBUTE_PORTS:
		if (!*ipvsctl_ports_format(field, value))
			attribute_text(value, "any");
		return true;
	case ATTRIBUTE_NUMBER:
		return format_number(row, number_get(row, field), value);
	case ATTRIBUTE_HEX:
		(void)snprintf(value, ATTRIBUTE_VALUE_SIZE, "0x%x",
			       number_get(row, field));
		return true;
	case ATTRIBUTE_NAME:
		attribute_text(value, name_of(row->names.known,
					      number_get(row, field)));
		return true;
	case ATTRIBUTE_FLAG:
		return number_get(row, field) & row->bits;
	case ATTRIBUTE_NO_FLAG:
		return !(number_get(row, field) & row->bits);
	}
	return false;
}

static bool is_negated(const struct attribute *row, const void *object)
{
	const void *word = (const char *)object + row->negated_offset;

	return row->negation && (*(const uint16_t *)word & row->negation);
}

/* Writes the value. Returns false if there is nothing to write. */
static bool format(const struct attribute *row, const void *object, char *value)
{
	bool negated = is_negated(row, object);

	if (negated)
		*value = '!';
	return format_value(row, object, value + negated);
}

/* ---- Tables ------------------------------------------------------------ */

int attribute_set(const struct attribute_table *table, void *object,
		  const char *name, const char *value,
		  struct ipvsctl_error *err)
{
	for (size_t i = 0; table->shown[i].name; i++) {
		const struct ipvsctl_attribute *shown = &table->shown[i];

		if (strcmp(shown->name, name) != 0)
			continue;
		if (shown->value && !value && !attribute_is_optional(shown))
			return fail(err, -EINVAL, "--%s needs a value: %s",
				    name, shown->value);
		if (!shown->value && value)
			return fail(err, -EINVAL, "--%s takes no value", name);
		return attribute_set_at(table, i, object, value, err);
	}
	return fail(err, -EINVAL, "unknown option '--%.64s'", name);
}

bool attribute_is_number(const struct attribute_table *table,
			 const struct ipvsctl_attribute *attribute)
{
	return table->rows[attribute - table->shown].kind == ATTRIBUTE_NUMBER;
}

/* Compares the fields first: most are equal and need no text. */
static bool differs(const struct attribute *row, const void *object,
		    const void *reference, char *value)
{
	char other[ATTRIBUTE_VALUE_SIZE];

	other[0] = '\0';
	if (row->size &&
	    is_negated(row, object) == is_negated(row, reference) &&
	    !memcmp((const char *)object + row->offset,
		    (const char *)reference + row->offset, row->size))
		return false;
	return format(row, object, value) &&
	       (!format(row, reference, other) || strcmp(value, other) != 0);
}

void attribute_each(const struct attribute_view *view, attribute_fn fn,
		    void *data)
{
	for (size_t i = 0; view->table->shown[i].name; i++) {
		const struct attribute *row = &view->table->rows[i];
		char value[ATTRIBUTE_VALUE_SIZE];

		value[0] = '\0';
		if (row->written == WRITTEN_NEVER)
			continue;
		if (row->written == WRITTEN_ALWAYS && view->whole)
			(void)format(row, view->object, value);
		else if (!differs(row, view->object, view->reference, value))
			continue;
		fn(&view->table->shown[i], value, data);
	}
}

/* A line that is being written. */
struct line {
	const struct attribute_table *table;
	struct text *text;
};

static void add_option(const struct ipvsctl_attribute *attribute,
		       const char *value, void *data)
{
	const struct line *line = data;
	const struct attribute *row =
		&line->table->rows[attribute - line->table->shown];
	const bool optional = attribute_is_optional(attribute);

	text_add_text(line->text, " --");
	text_add_text(line->text, attribute->name);
	if (!attribute->value || (optional && !strcmp(value, row->left_out)))
		return;
	text_add_text(line->text, optional ? "=" : " ");
	text_add_word(line->text, value);
}

void attribute_line(struct text *text, const struct attribute_table *table,
		    const void *object, const void *reference, bool whole)
{
	const struct attribute_view view = { table, object, reference, whole };
	struct line line = { table, text };

	attribute_each(&view, add_option, &line);
}
