/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The table "inet lbctl" as plain data. */
#include "nft/view.h"

#include <string.h>
#include <sys/socket.h>

#include "array.h"

size_t field_width(enum match_field field, uint16_t family)
{
	if (field == FIELD_SOURCE_PORT || field == FIELD_DESTINATION_PORT)
		return 2;
	return family == AF_INET ? 4 : 16;
}

bool match_is_exact(const struct match *match, enum match_field field)
{
	const struct span *span = &match->spans[field];

	return memcmp(span->first, span->last, sizeof(span->first)) == 0;
}

bool match_equal(const struct match *a, const struct match *b)
{
	if (a->family != b->family || a->protocol != b->protocol ||
	    a->fields != b->fields ||
	    strcmp(a->in_interface, b->in_interface) != 0 ||
	    memcmp(&a->conditions, &b->conditions, sizeof(a->conditions)) != 0)
		return false;
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (match_has(a, (enum match_field)i) &&
		    memcmp(&a->spans[i], &b->spans[i], sizeof(a->spans[i])) != 0)
			return false;
	return true;
}

bool match_has_conditions(const struct match *match)
{
	const struct conditions none = { .negated = 0 };

	return memcmp(&match->conditions, &none, sizeof(none)) != 0;
}

/* "eth+" and "eth0" overlap; so do "eth+" and "et+". */
static bool interfaces_overlap(const char *a, const char *b)
{
	size_t i = 0;

	if (!*a || !*b)
		return true;
	while (a[i] && a[i] == b[i])
		i++;
	return (a[i] == '+' && !a[i + 1]) || (b[i] == '+' && !b[i + 1]) ||
	       (!a[i] && !b[i]);
}

bool match_overlap(const struct match *a, const struct match *b)
{
	uint16_t negated = a->conditions.negated | b->conditions.negated;
	uint8_t both = a->fields & b->fields;

	if (a->family && b->family && a->family != b->family)
		return false;
	if (a->protocol && b->protocol && a->protocol != b->protocol &&
	    !(negated & IPVSCTL_NOT_PROTOCOL))
		return false;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const struct span *one = &a->spans[i], *other = &b->spans[i];

		if (both & FIELD_BIT(i) &&
		    (memcmp(one->last, other->first, sizeof(one->last)) < 0 ||
		     memcmp(other->last, one->first, sizeof(one->last)) < 0))
			return false;
	}
	return negated & IPVSCTL_NOT_IN_INTERFACE ||
	       interfaces_overlap(a->in_interface, b->in_interface);
}

/* ---- The table ---------------------------------------------------------- */

void view_free(struct view *view)
{
	free(view->chains);
	free(view->lines);
	free(view->sets);
	free(view->elements);
	index_free(&view->chain_index);
	index_free(&view->set_index);
	bytes_free(&view->texts);
	*view = (struct view){ .exists = false };
}

/* Makes room for one more; remembers a lack of memory, and returns NULL. */
static void *grow(struct view *view, void *array, size_t count,
		  size_t *capacity, size_t size)
{
	void *grown = NULL;

	if (count < NO_INDEX)
		grown = array_grow(array, capacity, count + 1, size);
	if (grown)
		(void)memset((char *)grown + size * count, 0, size);
	else
		view->failed = true;
	return grown;
}

struct chain *view_add_chain(struct view *view)
{
	void *grown = grow(view, view->chains, view->chain_count,
			   &view->chain_capacity, sizeof(*view->chains));

	view->chains = grown ? grown : view->chains;
	return grown ? &view->chains[view->chain_count++] : NULL;
}

struct line *view_add_line(struct view *view)
{
	void *grown = grow(view, view->lines, view->line_count,
			   &view->line_capacity, sizeof(*view->lines));

	view->lines = grown ? grown : view->lines;
	return grown ? &view->lines[view->line_count++] : NULL;
}

struct set *view_add_set(struct view *view)
{
	void *grown = grow(view, view->sets, view->set_count,
			   &view->set_capacity, sizeof(*view->sets));

	view->sets = grown ? grown : view->sets;
	return grown ? &view->sets[view->set_count++] : NULL;
}

struct element *view_add_element(struct view *view)
{
	void *grown = grow(view, view->elements, view->element_count,
			   &view->element_capacity, sizeof(*view->elements));

	view->elements = grown ? grown : view->elements;
	return grown ? &view->elements[view->element_count++] : NULL;
}

uint32_t view_add_text(struct view *view, const char *text, size_t length)
{
	size_t offset;

	if (!length)
		return 0;
	if (!view->texts.size)
		(void)bytes_extend(&view->texts, 1);
	offset = view->texts.size;
	if (offset + length >= UINT32_MAX)
		view->texts.failed = true;
	bytes_add(&view->texts, text, length);
	(void)bytes_extend(&view->texts, 1);
	view->failed = view->failed || view->texts.failed;
	return view->texts.failed ? 0 : (uint32_t)offset;
}

const char *view_text(const struct view *view, uint32_t offset)
{
	return offset ? (const char *)view->texts.data + offset : "";
}

/* ---- Finding ------------------------------------------------------------ */

static uint32_t hash_name(const char *name)
{
	return index_hash(INDEX_HASH_START, name, strlen(name));
}

static bool same_chain(const void *array, size_t position, const void *name)
{
	return !strcmp(((const struct chain *)array)[position].name, name);
}

static bool same_set(const void *array, size_t position, const void *name)
{
	return !strcmp(((const struct set *)array)[position].name, name);
}

int view_index(struct view *view)
{
	int r = 0;

	for (size_t i = 0; i < view->chain_count && r == 0; i++)
		r = index_add(&view->chain_index,
			      hash_name(view->chains[i].name), i);
	for (size_t i = 0; i < view->set_count && r == 0; i++)
		r = index_add(&view->set_index, hash_name(view->sets[i].name),
			      i);
	return r;
}

uint32_t view_chain(const struct view *view, const char *name)
{
	size_t found = index_find(&view->chain_index, hash_name(name),
				  view->chains, same_chain, name);

	return found == SIZE_MAX ? NO_INDEX : (uint32_t)found;
}

uint32_t view_set(const struct view *view, const char *name)
{
	size_t found = index_find(&view->set_index, hash_name(name), view->sets,
				  same_set, name);

	return found == SIZE_MAX ? NO_INDEX : (uint32_t)found;
}
