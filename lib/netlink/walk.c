/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Walks over netlink attributes; trusts no length. */
#include "netlink/walk.h"

#include <linux/netlink.h>
#include <string.h>

bool attribute_next(struct walk *walk, struct netlink_attribute *ret_attribute)
{
	struct nlattr header;
	size_t whole;

	if (walk->left < sizeof(header))
		return false;
	memcpy(&header, walk->at, sizeof(header));
	if (header.nla_len < sizeof(header) || header.nla_len > walk->left)
		return false;
	*ret_attribute = (struct netlink_attribute){
		.type = header.nla_type & (unsigned int)NLA_TYPE_MASK,
		.length = header.nla_len - sizeof(header),
		.value = walk->at + sizeof(header),
	};
	whole = ((size_t)header.nla_len + 3) & ~(size_t)3;
	if (whole > walk->left)
		whole = walk->left;
	walk->at += whole;
	walk->left -= whole;
	return true;
}

bool attribute_get_text(const struct netlink_attribute *attribute, char *text,
			size_t size)
{
	size_t length = strnlen(attribute->value, attribute->length);
	bool fits = length < size;

	if (!fits)
		length = 0;
	memcpy(text, attribute->value, length);
	text[length] = '\0';
	return fits;
}
