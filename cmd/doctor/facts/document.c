/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Facts as a JSON document, and back from one of anybody's. */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "clean.h"
#include "doctor/facts/fields.h"
#include "fail.h"
#include "output/output.h"
#include "output/render.h"

/* ---- Writing ------------------------------------------------------------- */

static json_t *field_json(const struct field *field, const char *row)
{
	const char *at = row + field->offset;
	const struct ipvsctl_address *address = (const void *)at;
	char text[IPVSCTL_ADDRESS_TEXT];
	uint64_t number = 0;
	const char *string;

	switch (field->kind) {
	case FIELD_TEXT:
		return render_text_json(at);
	case FIELD_STRING:
		(void)memcpy(&string, at, sizeof(string));
		return string ? render_text_json(string) : json_null();
	case FIELD_NUMBER:
	case FIELD_LONG:
		/* As the two have it: in host order, the lower bytes first or
		   last. */
		if (field->kind == FIELD_NUMBER)
			number = *(const uint32_t *)(const void *)at;
		else
			number = *(const uint64_t *)(const void *)at;
		return json_integer((json_int_t)number);
	case FIELD_FLAG:
		return json_boolean(*(const bool *)at);
	case FIELD_ADDRESS:
		break;
	}
	return address->family ?
		       json_string(ipvsctl_address_format(address, text)) :
		       json_null();
}

static json_t *row_json(const struct field *fields, const char *row)
{
	AUTO_JSON json_t *object = json_object();

	for (const struct field *field = fields; object && field->name; field++)
		if (json_object_set_new(object, field->name,
					field_json(field, row)) < 0)
			return NULL;
	return TAKE_PTR(object);
}

static json_t *list_json(const struct facts *facts, enum fact fact)
{
	const struct fact_shape *shape = &fact_shapes[fact];
	const struct fact_list *list = &facts->lists[fact];
	json_t *array;

	if (!facts->known[fact])
		return json_null();
	if (shape->single)
		return row_json(shape->fields, facts_one(facts, fact));
	array = json_array();
	for (size_t i = 0; i < list->count; i++)
		render_append(&array,
			      row_json(shape->fields, (const char *)list->rows +
							      i * shape->size));
	return array;
}

static json_t *unknown_json(const struct facts *facts)
{
	json_t *array = json_array();

	for (int fact = 0; fact < FACTS; fact++)
		if (!facts->known[fact])
			render_append(
				&array,
				render_pack("{s:s, s:o, s:b}", "fact",
					    fact_shapes[fact].key, "why",
					    facts->why[fact] ?
						    render_text_json(
							    facts->why[fact]) :
						    json_null(),
					    "denied", facts->denied[fact]));
	return array;
}

int facts_format(const struct facts *facts, char **ret_text,
		 struct ipvsctl_error *err)
{
	json_t *config = NULL;
	int r = facts_config_format(facts, &config, err);
	AUTO_JSON json_t *document = NULL;

	if (r < 0)
		return r;
	document =
		render_pack("{s:i, s:o, s:o}", "facts", FACTS_VERSION,
			    "unknown", unknown_json(facts), "config", config);
	for (int fact = 0; document && fact < FACTS; fact++)
		if (fact_shapes[fact].size &&
		    json_object_set_new(document, fact_shapes[fact].key,
					list_json(facts, (enum fact)fact)) < 0)
			json_decref(TAKE_PTR(document));
	r = output_format_json(TAKE_PTR(document), JSON_INDENT(1), ret_text);
	return r < 0 ? fail_memory(err) : 0;
}

/* ---- Reading ------------------------------------------------------------- */

static int fail_field(struct ipvsctl_error *err, const char *key,
		      const char *what)
{
	return fail(err, -EINVAL, "%s: not %s", key, what);
}

static int take_text(const json_t *value, const struct field *field, char *at)
{
	const char *text = json_string_value(value);

	if (!text || strlen(text) >= field->size)
		return -EINVAL;
	(void)memcpy(at, text, strlen(text) + 1);
	return 0;
}

static int take_string(const json_t *value, char *at)
{
	char *copy;

	if (json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return -EINVAL;
	copy = strdup(json_string_value(value));
	if (!copy)
		return -ENOMEM;
	(void)memcpy(at, &copy, sizeof(copy));
	return 0;
}

static int take_number(const json_t *value, const struct field *field, char *at)
{
	const json_int_t number = json_integer_value(value);
	const uint32_t word = (uint32_t)number;
	const uint64_t whole = (uint64_t)number;

	if (!json_is_integer(value) || number < 0 ||
	    (field->kind == FIELD_NUMBER && number > UINT32_MAX))
		return -EINVAL;
	if (field->kind == FIELD_NUMBER)
		(void)memcpy(at, &word, sizeof(word));
	else
		(void)memcpy(at, &whole, sizeof(whole));
	return 0;
}

static int take_address(const json_t *value, char *at)
{
	if (json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return -EINVAL;
	return ipvsctl_address_parse(json_string_value(value), (void *)at, NULL);
}

/* A member that is missing is 0: older collectors do not know it. */
static int take_field(const json_t *object, const struct field *field, char *row)
{
	const json_t *value = json_object_get(object, field->name);
	char *at = row + field->offset;

	if (!value)
		return 0;
	switch (field->kind) {
	case FIELD_TEXT:
		return take_text(value, field, at);
	case FIELD_STRING:
		return take_string(value, at);
	case FIELD_NUMBER:
	case FIELD_LONG:
		return take_number(value, field, at);
	case FIELD_FLAG:
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value) ? 0 : -EINVAL;
	case FIELD_ADDRESS:
		break;
	}
	return take_address(value, at);
}

static int take_row(const json_t *object, enum fact fact, struct facts *facts,
		    struct ipvsctl_error *err)
{
	const struct fact_shape *shape = &fact_shapes[fact];
	char *row;
	int r = 0;

	if (!json_is_object(object))
		return fail_field(err, shape->key, "an object");
	row = facts_add(facts, fact);
	if (!row)
		return fail_memory(err);
	for (const struct field *field = shape->fields; r == 0 && field->name;
	     field++) {
		r = take_field(object, field, row);
		if (r == -EINVAL)
			return fail(err, r, "%s: %s has a wrong value",
				    shape->key, field->name);
	}
	return r < 0 ? fail_memory(err) : 0;
}

static int take_list(const json_t *list, enum fact fact, struct facts *facts,
		     struct ipvsctl_error *err)
{
	const struct fact_shape *shape = &fact_shapes[fact];
	int r = 0;

	if (!list || json_is_null(list))
		return 0;
	facts->known[fact] = true;
	if (shape->single)
		return take_row(list, fact, facts, err);
	if (!json_is_array(list))
		return fail_field(err, shape->key, "an array");
	for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
		r = take_row(json_array_get(list, i), fact, facts, err);
	return r;
}

/* Notes why facts are missing; anything that it does not know is ignored. */
static void take_unknown(const json_t *list, struct facts *facts)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);
		const char *key =
			json_string_value(json_object_get(object, "fact"));
		const char *why =
			json_string_value(json_object_get(object, "why"));
		const bool denied =
			json_is_true(json_object_get(object, "denied"));

		for (int fact = 0; key && why && fact < FACTS; fact++)
			if (!facts->known[fact] &&
			    strcmp(key, fact_shapes[fact].key) == 0)
				facts_unknown(facts, (enum fact)fact,
					      denied ? -EPERM : -ENOENT, why);
	}
}

static int take_document(json_t *document, struct facts *facts,
			 struct ipvsctl_error *err)
{
	const json_t *version = json_object_get(document, "facts");
	int r;

	if (!json_is_integer(version))
		return fail(err, -EINVAL,
			    "not facts: lbctl-doctor collect writes them");
	if (json_integer_value(version) != FACTS_VERSION)
		return fail(err, -EINVAL, "facts of another version");
	r = facts_config_parse(json_object_get(document, "config"), facts, err);
	for (int fact = 0; r == 0 && fact < FACTS; fact++)
		if (fact_shapes[fact].size)
			r = take_list(json_object_get(document,
						      fact_shapes[fact].key),
				      (enum fact)fact, facts, err);
	take_unknown(json_object_get(document, "unknown"), facts);
	facts_without_ipvs(facts);
	return r;
}

int facts_parse(const char *text, size_t length, struct facts *ret_facts,
		struct ipvsctl_error *err)
{
	json_error_t fault;
	AUTO_FACTS struct facts facts = { 0 };
	AUTO_JSON json_t *document = json_loadb(text, length, 0, &fault);
	int r;

	if (!document && json_error_code(&fault) == json_error_out_of_memory)
		return fail_memory(err);
	if (!document)
		return fail(err, -EINVAL, "not JSON: line %d: %s", fault.line,
			    fault.text);
	r = take_document(document, &facts, err);
	if (r < 0)
		return r;
	facts_sort(&facts);
	*ret_facts = facts;
	facts = (struct facts){ 0 };
	return 0;
}
