/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Walks over netlink attributes; trusts no length. */
#ifndef LBCTL_WALK_H
#define LBCTL_WALK_H

#include <stdbool.h>
#include <stddef.h>

/* One attribute, checked to lie within its message. */
struct netlink_attribute {
	unsigned int type;
	size_t length;
	const char *value;
};

/* The rest of a run of attributes. */
struct walk {
	const char *at;
	size_t left;
};

/* Gets the next attribute. Returns false at the end; left is 0 if clean. */
bool attribute_next(struct walk *walk, struct netlink_attribute *ret_attribute);
/* Copies a text, with or without its NUL. Returns false, and copies "", if it and
   a NUL are longer than size. */
bool attribute_get_text(const struct netlink_attribute *attribute, char *text,
			size_t size);

#endif
