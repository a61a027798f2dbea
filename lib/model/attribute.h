/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Tables of attributes: the names and help that everybody sees, and beside
 * them how each value is set from text and written as text.
 */
#ifndef LBCTL_ATTRIBUTE_H
#define LBCTL_ATTRIBUTE_H

#include "ipvsctl.h"
#include "text.h"

/* Room for any attribute's value with its NUL. */
#define ATTRIBUTE_VALUE_SIZE 512

struct attribute {
	/* value is NULL for a flag and only then. Changes nothing on error. */
	int (*set)(void *object, const char *value, struct ipvsctl_error *err);
	/*
	 * Writes the value. Returns false if there is nothing to write. NULL:
	 * the attribute is not written as an option.
	 */
	bool (*format)(const void *object, char *value);
	bool always; /* in a whole line, even when it is the default */
};

struct attribute_table {
	const struct ipvsctl_attribute *shown;
	const struct attribute *functions; /* of shown, by position */
};

/* The two halves of a list of X(name, value, summary, set, format, always). */
#define ATTRIBUTE_SHOWN(name, value, summary, set, format, always) \
	{ name, value, summary },
#define ATTRIBUTE_FUNCTIONS(name, value, summary, set, format, always) \
	{ set, format, always },

/* Sets the attribute of that name. Returns 0 or -EINVAL. */
int attribute_set(const struct attribute_table *table, void *object,
		  const char *name, const char *value,
		  struct ipvsctl_error *err) MUST_CHECK;

/* The attributes of an object that are to be shown. */
struct attribute_view {
	const struct attribute_table *table;
	const void *object;
	const void *reference; /* attributes that are as in it are left out, */
	bool whole;	       /* except those that are always written */
};
typedef void (*attribute_fn)(const struct ipvsctl_attribute *attribute,
			     const char *value, void *data);
/* Calls fn for each attribute that is to be shown. */
void attribute_each(const struct attribute_view *view, attribute_fn fn,
		    void *data);

/*
 * Adds " --name value" for each attribute in which object differs from
 * reference; with whole, also for those that are always written.
 */
void attribute_line(struct text *text, const struct attribute_table *table,
		    const void *object, const void *reference, bool whole);

/* Each writes a value into the room that a format function gets. */
void attribute_value(char *value, const char *format, ...) PRINTF(2, 3);
void attribute_number(char *value, uint32_t number);
void attribute_text(char *value, const char *text);

/* A number and its name; tables end with a NULL name. */
struct name {
	unsigned int number;
	const char *name;
};

/* Returns the name of the number, or "?" if it has none. */
const char *name_of(const struct name *names, unsigned int number);
/* Finds the number of a name. Returns false if there is no such name. */
bool name_find(const struct name *names, const char *name,
	       unsigned int *ret_number) MUST_CHECK;
/* Finds the number of a name; the error lists the names. 0 or -EINVAL. */
int name_parse(const struct name *names, const char *what, const char *text,
	       unsigned int *ret_number, struct ipvsctl_error *err) MUST_CHECK;

/* The characters and the length that a word can have. */
struct word_rule {
	const char *what; /* for the message: "scheduler name" */
	size_t max;	  /* bytes, without the NUL */
	enum {
		WORD_NAME,	/* letters, digits, "-_." */
		WORD_INTERFACE, /* no blanks, control characters, "/:" */
		WORD_TEXT,	/* no control characters; may be empty */
	} kind;
};

/* Copies value to out, which has room for it. Returns 0 or -EINVAL. */
int word_parse(const struct word_rule *rule, const char *value, char *out,
	       struct ipvsctl_error *err) MUST_CHECK;

#endif
