/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Netlink attributes by table: the place of each attribute in a struct, read
 * and written by the same few functions.
 */
#ifndef LBCTL_CODEC_FIELDS_H
#define LBCTL_CODEC_FIELDS_H

#include "ipvsctl.h"
#include "netlink/walk.h"
#include "scope.h"

struct nl_msg;

#define BIT(number) (1u << (number))

enum form {
	FORM_NONE,     /* neither read nor written */
	FORM_NUMBER,   /* copied as in memory */
	FORM_ADDRESS,  /* short ones are padded with zeros */
	FORM_TEXT,     /* NUL-terminated */
	FORM_COUNTERS, /* nested; a higher attribute number is preferred */
};

/* The place of the attribute whose number is the index in the table. */
struct field {
	uint16_t form; /* enum form */
	uint16_t offset;
	uint16_t size;
};

struct layout {
	const struct field *fields;
	uint16_t count;
	uint32_t required; /* attributes without which a reply is malformed */
};

#define FIELD(form, type, member)                                         \
	{                                                                 \
		form, offsetof(type, member), sizeof(((type *)0)->member) \
	}
#define LAYOUT(table, required)                      \
	{                                            \
		table, ARRAY_SIZE(table), (required) \
	}

/*
 * Each fills a zeroed object from attributes that stand alone, or in a nest of
 * that type; ignores attributes that the table does not know. Returns 0 or
 * -EBADMSG; ret_seen gets the bits of the attributes found, but for counters.
 */
int fields_get(struct walk walk, const struct layout *layout, void *object,
	       uint32_t *ret_seen) MUST_CHECK;
int fields_get_nested(struct walk walk, unsigned int type,
		      const struct layout *layout, void *object,
		      uint32_t *ret_seen) MUST_CHECK;

/*
 * Each appends the attributes of object whose bits are set in which, alone or
 * in a nest of that type, or one attribute. Returns 0 or -EMSGSIZE.
 */
int fields_put(struct nl_msg *msg, const struct layout *layout, uint32_t which,
	       const void *object) MUST_CHECK;
int fields_put_nested(struct nl_msg *msg, int type, const struct layout *layout,
		      uint32_t which, const void *object) MUST_CHECK;
int fields_put_one(struct nl_msg *msg, int type, size_t length,
		   const void *value) MUST_CHECK;

#endif
