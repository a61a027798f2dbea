/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Tables of attributes: the public name and help, and in a second table the
 * kind of value, its field in the object, and the texts that it takes.
 */
#ifndef LBCTL_ATTRIBUTE_H
#define LBCTL_ATTRIBUTE_H

#include "ipvsctl.h"
#include "number.h"
#include "text.h"

/* Room for any attribute's value with its NUL. */
#define ATTRIBUTE_VALUE_SIZE IPVSCTL_ADDRESSES_TEXT

/* A number and its name; tables end with a NULL name. */
struct name {
	unsigned int number;
	const char *name;
};

/* The characters and the length that a word can have. */
struct word_rule {
	const char *what; /* for the message: "scheduler name" */
	size_t max;	  /* bytes, without the NUL */
	enum {
		WORD_NAME,	 /* letters, digits, "-_." */
		WORD_INTERFACE,	 /* no blanks, control characters, "/:" */
		WORD_INTERFACES, /* the same; "eth+": eth0, eth1, ... */
		WORD_LABEL,	 /* as WORD_INTERFACE, and ":" */
		WORD_TEXT,	 /* no control characters; may be empty */
	} kind;
};

/* What the field of an attribute holds. */
enum attribute_kind {
	ATTRIBUTE_OWN, /* has functions of its own */
	ATTRIBUTE_WORD,
	ATTRIBUTE_ADDRESSES,
	ATTRIBUTE_PORTS,
	/* Unsigned numbers of 8, 16 or 32 bits: */
	ATTRIBUTE_NUMBER,  /* not written while it is below its range */
	ATTRIBUTE_HEX,	   /* written as "0xff" */
	ATTRIBUTE_NAME,	   /* written as its name */
	ATTRIBUTE_FLAG,	   /* bits that the attribute sets */
	ATTRIBUTE_NO_FLAG, /* bits that the attribute clears */
};

struct attribute {
	enum attribute_kind kind;
	enum {
		WRITTEN_IF_DIFFERENT,
		WRITTEN_ALWAYS, /* in a whole line, even if it is the default */
		WRITTEN_NEVER,
	} written;
	/* The field: if its bytes are the same, so is the value. */
	uint16_t offset;
	uint16_t size; /* 0: the value depends on several fields */
	/* "!" before the value sets this bit of the object's word; 0: not so. */
	uint16_t negation;
	uint16_t negated_offset; /* of the word, uint16_t */
	/* What the kind needs. */
	union {
		struct word_rule word;
		struct number_range range;
		struct {
			const char *what; /* for the message: "hook" */
			const struct name *known;
		} names;
		uint32_t bits;
		struct {
			/*
			 * value is NULL for a flag and only then: for one that
			 * was left out it is left_out. Changes nothing on
			 * error.
			 */
			int (*set)(void *object, const char *value,
				   struct ipvsctl_error *err);
			/*
			 * Writes the value. Returns false if there is nothing
			 * to write.
			 */
			bool (*format)(const void *object, char *value);
		};
	};
	union {
		uint32_t unset;	      /* the number that 0 stands for */
		const char *none;     /* the text of an empty word, or NULL */
		const char *left_out; /* the value that a line can leave out */
	};
};

/* The parts of a row that its kind needs. */
#define ATTRIBUTE_FIELD(kind_, type, member)               \
	.kind = (kind_), .offset = offsetof(type, member), \
	.size = sizeof(((type *)0)->member)
#define OWN_FIELD(type, member, set_, format_)                       \
	ATTRIBUTE_FIELD(ATTRIBUTE_OWN, type, member), .set = (set_), \
						      .format = (format_)
#define WORD_FIELD(type, member, what, characters)     \
	ATTRIBUTE_FIELD(ATTRIBUTE_WORD, type, member), \
		.word = { what, sizeof(((type *)0)->member) - 1, characters }
#define ADDRESSES_FIELD(type, member) \
	ATTRIBUTE_FIELD(ATTRIBUTE_ADDRESSES, type, member)
#define PORTS_FIELD(type, member) ATTRIBUTE_FIELD(ATTRIBUTE_PORTS, type, member)
#define NUMBER_FIELD(type, member, what, min, max)       \
	ATTRIBUTE_FIELD(ATTRIBUTE_NUMBER, type, member), \
		.range = { what, min, max }
#define HEX_FIELD(type, member, what, min, max)       \
	ATTRIBUTE_FIELD(ATTRIBUTE_HEX, type, member), \
		.range = { what, min, max }
#define NAME_FIELD(type, member, what, known) \
	ATTRIBUTE_FIELD(ATTRIBUTE_NAME, type, member), .names = { what, known }
#define FLAG_FIELD(type, member, bit) \
	ATTRIBUTE_FIELD(ATTRIBUTE_FLAG, type, member), .bits = (bit)
#define NO_FLAG_FIELD(type, member, bit) \
	ATTRIBUTE_FIELD(ATTRIBUTE_NO_FLAG, type, member), .bits = (bit)

/* Lets the value be negated: by that bit of the object's member "negated". */
#define NEGATION(type, bit) \
	.negation = (bit), .negated_offset = offsetof(type, negated)

struct attribute_table {
	const struct ipvsctl_attribute *shown;
	const struct attribute *rows; /* of shown, by position */
};

/* Defines a table from a list of X(name, placeholder, summary, row...). */
#define ATTRIBUTE_SHOWN(name, value, summary, ...) \
	{ name, value, summary, NULL },
#define ATTRIBUTE_ROW(name, value, summary, ...) { __VA_ARGS__ },
#define ATTRIBUTE_TABLE(table, attributes)                                    \
	static const struct ipvsctl_attribute shown[] = { attributes(         \
		ATTRIBUTE_SHOWN){ 0 } };                                      \
	static const struct attribute rows[] = { attributes(ATTRIBUTE_ROW) }; \
	const struct attribute_table table = { shown, rows }

/* Tells whether the attribute's value can be left out. */
static inline bool
attribute_is_optional(const struct ipvsctl_attribute *attribute)
{
	return attribute->value && attribute->value[0] == '=';
}
/* Tells whether the values of one of the table's attributes are decimals. */
bool attribute_is_number(const struct attribute_table *table,
			 const struct ipvsctl_attribute *attribute);

/*
 * Each sets an attribute, by position or by name. attribute_set_at() takes a
 * NULL value for a flag or an optional value, and only for these. Returns 0 or
 * -EINVAL.
 */
int attribute_set_at(const struct attribute_table *table, size_t position,
		     void *object, const char *value,
		     struct ipvsctl_error *err) MUST_CHECK;
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

/* Each writes to value, which has room for ATTRIBUTE_VALUE_SIZE bytes. */
void attribute_number(char *value, uint32_t number);
void attribute_text(char *value, const char *text);

/* Returns the name of the number, or "?" if it has none. */
const char *name_of(const struct name *names, unsigned int number);
/* Finds the number of a name. Returns false if there is no such name. */
bool name_find(const struct name *names, const char *name,
	       unsigned int *ret_number) MUST_CHECK;
/* Finds the number of a name; the error lists the names. 0 or -EINVAL. */
int name_parse(const struct name *names, const char *what, const char *text,
	       unsigned int *ret_number, struct ipvsctl_error *err) MUST_CHECK;

/* Copies value to out, which has room for it. Returns 0 or -EINVAL. */
int word_parse(const struct word_rule *rule, const char *value, char *out,
	       struct ipvsctl_error *err) MUST_CHECK;
/* The same, but the text none, unless it is NULL, means the empty word. */
int word_or_none_parse(const struct word_rule *rule, const char *none,
		       const char *value, char *out,
		       struct ipvsctl_error *err) MUST_CHECK;

#endif
