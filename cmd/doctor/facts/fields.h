/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The rows of facts as tables of fields, by which documents are made and read. */
#ifndef LBCTL_DOCTOR_FIELDS_H
#define LBCTL_DOCTOR_FIELDS_H

#include "doctor/facts/facts.h"

enum field_kind {
	FIELD_TEXT,    /* char[size] */
	FIELD_STRING,  /* char *; null: NULL */
	FIELD_NUMBER,  /* uint32_t */
	FIELD_LONG,    /* uint64_t */
	FIELD_FLAG,    /* bool */
	FIELD_ADDRESS, /* struct ipvsctl_address; null: none */
};

/* A member of a row. A table ends with a NULL name. */
struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
	size_t size;
};

/* How a kind of facts is written. */
struct fact_shape {
	const char *key;    /* in the document */
	const char *name;   /* in messages */
	size_t size;	    /* of a row; 0: it is part of the configuration */
	bool single;	    /* one row, which is always there */
	unsigned int kinds; /* of the configuration */
	const struct field *fields;
};

extern const struct fact_shape fact_shapes[FACTS];

/* Writes a configuration as a part of the document, or reads it. */
int facts_config_format(const struct facts *facts, json_t **ret_object,
			struct ipvsctl_error *err) MUST_CHECK;
int facts_config_parse(json_t *object, struct facts *facts,
		       struct ipvsctl_error *err) MUST_CHECK;

#endif
