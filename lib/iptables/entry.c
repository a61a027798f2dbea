/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Walks the parts of a rule, and makes its normal form. */
#include "entry.h"

#include <sys/socket.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <stddef.h>
#include <string.h>

#define LAYOUT(entry, ip_flags, af, flag)                               \
	{                                                               \
		.family = (af), .size = sizeof(struct entry),           \
		.match_size = offsetof(struct entry, nfcache),          \
		.flags = offsetof(struct entry, ip_flags),              \
		.nfcache = offsetof(struct entry, nfcache),             \
		.target_offset = offsetof(struct entry, target_offset), \
		.next_offset = offsetof(struct entry, next_offset),     \
		.comefrom = offsetof(struct entry, comefrom),           \
		.counters = offsetof(struct entry, counters),           \
		.goto_flag = (flag)                                     \
	}

const struct layout layout_ipv4 =
	LAYOUT(ipt_entry, ip.flags, AF_INET, IPT_F_GOTO);
const struct layout layout_ipv6 =
	LAYOUT(ip6t_entry, ipv6.flags, AF_INET6, IP6T_F_GOTO);

_Static_assert(sizeof(struct xt_entry_match) == sizeof(struct xt_entry_target),
	       "matches and targets have headers of one size");

static uint16_t get16(const void *entry, size_t offset)
{
	uint16_t value;

	memcpy(&value, (const uint8_t *)entry + offset, sizeof(value));
	return value;
}

size_t entry_length(const struct layout *layout, const void *entry)
{
	return get16(entry, layout->next_offset);
}

size_t entry_target(const struct layout *layout, const void *entry)
{
	return get16(entry, layout->target_offset);
}

static bool part_valid(const void *entry, size_t offset, size_t end)
{
	if (end < offset || end - offset < sizeof(struct xt_entry_match))
		return false;
	size_t size = get16(entry, offset);
	const uint8_t *name = (const uint8_t *)entry + offset +
			      offsetof(struct xt_entry_match, u.user.name);
	return size >= sizeof(struct xt_entry_match) && size <= end - offset &&
	       memchr(name, 0, XT_EXTENSION_MAXNAMELEN);
}

bool matches_valid(const void *matches, size_t size)
{
	for (size_t offset = 0; offset < size; offset += get16(matches, offset))
		if (!part_valid(matches, offset, size))
			return false;
	return true;
}

bool entry_valid(const struct layout *layout, const void *entry, size_t size)
{
	if (size < layout->size)
		return false;
	size_t target = entry_target(layout, entry);
	size_t end = entry_length(layout, entry);
	if (target < layout->size || end > size ||
	    !part_valid(entry, target, end) ||
	    get16(entry, target) != end - target)
		return false;
	return matches_valid((const uint8_t *)entry + layout->size,
			     target - layout->size);
}

static void get_part(const void *entry, size_t offset, struct part *ret_part)
{
	const uint8_t *at = (const uint8_t *)entry + offset;

	ret_part->name =
		(const char *)at + offsetof(struct xt_entry_match, u.user.name);
	ret_part->revision =
		at[offsetof(struct xt_entry_match, u.user.revision)];
	ret_part->data = at + sizeof(struct xt_entry_match);
	ret_part->size = get16(entry, offset) - sizeof(struct xt_entry_match);
}

bool entry_next_match(const struct layout *layout, const void *entry,
		      size_t *offset, struct part *ret_match)
{
	if (*offset >= entry_target(layout, entry))
		return false;
	get_part(entry, *offset, ret_match);
	*offset += get16(entry, *offset);
	return true;
}

void entry_get_target(const struct layout *layout, const void *entry,
		      struct part *ret_target)
{
	get_part(entry, entry_target(layout, entry), ret_target);
}

size_t entry_key_length(const struct layout *layout, const void *entry)
{
	size_t length = layout->size;
	size_t next = length;
	struct part match;

	while (entry_next_match(layout, entry, &next, &match)) {
		if (strcmp(match.name, "comment") == 0)
			break;
		length = next;
	}
	return length;
}

/* The kernel writes a name up to its NUL; the bytes after it are leftovers. */
static void clear_name(uint8_t *part)
{
	char *name =
		(char *)part + offsetof(struct xt_entry_match, u.user.name);
	size_t length = strnlen(name, XT_EXTENSION_MAXNAMELEN);

	memset(name + length, 0, XT_EXTENSION_MAXNAMELEN - length);
}

void entry_normalize(const struct layout *layout, const void *entry,
		     const char *label, struct bytes *out)
{
	size_t length = entry_length(layout, entry);
	uint8_t *copy = bytes_extend(out, length);

	if (!copy)
		return;
	memcpy(copy, entry, length);
	memset(copy + layout->nfcache, 0, sizeof(unsigned int));
	memset(copy + layout->comefrom, 0, sizeof(unsigned int));
	memset(copy + layout->counters, 0, sizeof(struct xt_counters));
	size_t target = entry_target(layout, entry);
	for (size_t at = layout->size; at < target; at += get16(copy, at))
		clear_name(copy + at);
	clear_name(copy + target);
	if (!label || length - target < sizeof(struct xt_standard_target))
		return;
	struct xt_standard_target *standard = (void *)(copy + target);
	memset(standard->target.u.user.name, 0, XT_EXTENSION_MAXNAMELEN);
	memcpy(standard->target.u.user.name, label,
	       strnlen(label, XT_EXTENSION_MAXNAMELEN - 1));
	standard->verdict = 0;
}
