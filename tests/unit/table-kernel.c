/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A table of nf_tables in memory. */
#include "table-kernel.h"

#include <endian.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "nft/batch.h"
#include "nft/view-read.h"

/* ---- Objects ------------------------------------------------------------- */

static struct netlink_attribute find(struct walk walk, unsigned int type)
{
	struct netlink_attribute attribute;

	while (attribute_next(&walk, &attribute))
		if (attribute.type == type)
			return attribute;
	return (struct netlink_attribute){ .value = NULL };
}

/* Returns a text; without that attribute a name that nothing has. */
static const char *find_text(struct walk walk, unsigned int type)
{
	const char *text = find(walk, type).value;

	return text ? text : "";
}

static uint64_t find64(struct walk walk, unsigned int type)
{
	struct netlink_attribute attribute = find(walk, type);
	uint64_t number = 0;

	if (attribute.length == sizeof(number))
		memcpy(&number, attribute.value, sizeof(number));
	return be64toh(number);
}

static size_t find_object(const struct kernel *kernel, enum kernel_kind kind,
			  const char *name, uint64_t handle)
{
	for (size_t i = 0; i < kernel->count; i++)
		if (kernel->objects[i].kind == kind &&
		    (kind == KERNEL_RULE ?
			     kernel->objects[i].handle == handle :
			     !strcmp(kernel->objects[i].name, name)))
			return i;
	return SIZE_MAX;
}

static void free_elements(struct kernel_object *object)
{
	for (size_t i = 0; i < object->count; i++) {
		bytes_free(&object->elements[i].key);
		bytes_free(&object->elements[i].raw);
	}
	object->count = 0;
}

static void drop_object(struct kernel *kernel, size_t place)
{
	struct kernel_object *object = &kernel->objects[place];

	free_elements(object);
	free(object->elements);
	bytes_free(&object->raw);
	kernel->count--;
	memmove(object, object + 1, (kernel->count - place) * sizeof(*object));
}

void kernel_free(struct kernel *kernel)
{
	while (kernel->count)
		drop_object(kernel, kernel->count - 1);
	free(kernel->objects);
	*kernel = (struct kernel){ .count = 0 };
}

static struct kernel_object *insert_object(struct kernel *kernel, size_t place,
					   const struct kernel_object *object)
{
	struct kernel_object *grown =
		array_grow(kernel->objects, &kernel->capacity,
			   kernel->count + 1, sizeof(*grown));

	assert_non_null(grown);
	kernel->objects = grown;
	memmove(&grown[place + 1], &grown[place],
		(kernel->count++ - place) * sizeof(*grown));
	grown[place] = *object;
	return &grown[place];
}

static void add_object(struct kernel *kernel, enum kernel_kind kind,
		       const char *name, struct walk attributes)
{
	struct kernel_object object = { .kind = kind };

	assert_true(kernel->exists);
	/* NLM_F_EXCL */
	assert_int_equal(find_object(kernel, kind, name, 0), SIZE_MAX);
	(void)snprintf(object.name, sizeof(object.name), "%s", name);
	bytes_add(&object.raw, attributes.at, attributes.left);
	(void)insert_object(kernel, kernel->count, &object);
}

/* ---- Rules --------------------------------------------------------------- */

static void add_rule(struct kernel *kernel, uint16_t flags,
		     struct walk attributes)
{
	struct kernel_object rule = { .kind = KERNEL_RULE };
	const char *chain = find_text(attributes, NFTA_RULE_CHAIN);
	uint64_t handle = find64(attributes, NFTA_RULE_HANDLE);
	uint64_t beside = find64(attributes, NFTA_RULE_POSITION);
	size_t place = kernel->count;

	assert_int_not_equal(find_object(kernel, KERNEL_CHAIN, chain, 0),
			     SIZE_MAX);
	(void)snprintf(rule.name, sizeof(rule.name), "%s", chain);
	bytes_add(&rule.raw, attributes.at, attributes.left);
	rule.handle = handle ? handle : ++kernel->handles;
	if (handle || beside) {
		place = find_object(kernel, KERNEL_RULE, "",
				    handle ? handle : beside);
		assert_int_not_equal(place, SIZE_MAX);
		assert_string_equal(kernel->objects[place].name, chain);
	}
	if (handle)
		drop_object(kernel, place);
	else if (beside && (flags & NLM_F_APPEND))
		place++;
	(void)insert_object(kernel, place, &rule);
}

static void drop_rule(struct kernel *kernel, struct walk attributes)
{
	size_t place = find_object(kernel, KERNEL_RULE, "",
				   find64(attributes, NFTA_RULE_HANDLE));

	assert_int_not_equal(place, SIZE_MAX);
	drop_object(kernel, place);
}

/* ---- What leads where ---------------------------------------------------- */

static bool has_text(const struct bytes *bytes, const char *text)
{
	return memmem(bytes->data, bytes->size, text, strlen(text) + 1);
}

/* Tells whether a rule or element has the name; rules of own do not count. */
static bool is_used(const struct kernel *kernel, const char *name)
{
	for (size_t i = 0; i < kernel->count; i++) {
		const struct kernel_object *object = &kernel->objects[i];

		if (object->kind == KERNEL_RULE &&
		    strcmp(object->name, name) != 0 &&
		    has_text(&object->raw, name))
			return true;
		for (size_t n = 0; n < object->count; n++)
			if (has_text(&object->elements[n].raw, name))
				return true;
	}
	return false;
}

static void drop_chain(struct kernel *kernel, const char *name)
{
	size_t place = find_object(kernel, KERNEL_CHAIN, name, 0);

	assert_int_not_equal(place, SIZE_MAX);
	drop_object(kernel, place);
	for (size_t i = kernel->count; i-- > 0;)
		if (kernel->objects[i].kind == KERNEL_RULE &&
		    !strcmp(kernel->objects[i].name, name))
			drop_object(kernel, i);
	if (is_used(kernel, name))
		fail_msg("EBUSY: chain %s", name);
}

static void drop_set(struct kernel *kernel, const char *name)
{
	size_t place = find_object(kernel, KERNEL_SET, name, 0);

	assert_int_not_equal(place, SIZE_MAX);
	drop_object(kernel, place);
	for (size_t i = 0; i < kernel->count; i++)
		if (kernel->objects[i].kind == KERNEL_RULE &&
		    has_text(&kernel->objects[i].raw, name))
			fail_msg("EBUSY: set %s", name);
}

/* ---- Elements ------------------------------------------------------------ */

static struct kernel_element element_of(struct walk attributes)
{
	struct netlink_attribute key = find(attributes, NFTA_SET_ELEM_KEY);
	struct kernel_element element = { .ends = false };

	assert_non_null(key.value);
	element.ends = find(attributes, NFTA_SET_ELEM_FLAGS).value;
	bytes_add(&element.key, key.value, key.length);
	bytes_add(&element.raw, attributes.at, attributes.left);
	return element;
}

static size_t find_element(const struct kernel_object *set,
			   const struct kernel_element *element)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->elements[i].ends == element->ends &&
		    set->elements[i].key.size == element->key.size &&
		    !memcmp(set->elements[i].key.data, element->key.data,
			    element->key.size))
			return i;
	return SIZE_MAX;
}

static void add_element(struct kernel_object *set, struct walk attributes)
{
	struct kernel_element element = element_of(attributes);
	struct kernel_element *grown =
		array_grow(set->elements, &set->capacity, set->count + 1,
			   sizeof(*grown));

	assert_non_null(grown);
	set->elements = grown;
	if (find_element(set, &element) != SIZE_MAX)
		fail_msg("EEXIST: an element of %s", set->name);
	grown[set->count++] = element;
}

static void drop_element(struct kernel_object *set, struct walk attributes)
{
	struct kernel_element element = element_of(attributes);
	size_t place = find_element(set, &element);

	if (place == SIZE_MAX)
		fail_msg("ENOENT: an element of %s", set->name);
	bytes_free(&element.key);
	bytes_free(&element.raw);
	bytes_free(&set->elements[place].key);
	bytes_free(&set->elements[place].raw);
	set->elements[place] = set->elements[--set->count];
}

static void edit_elements(struct kernel *kernel, bool add,
			  struct walk attributes)
{
	const char *name = find_text(attributes, NFTA_SET_ELEM_LIST_SET);
	struct netlink_attribute item,
		list = find(attributes, NFTA_SET_ELEM_LIST_ELEMENTS);
	struct walk walk = { list.value, list.length };
	struct kernel_object *set;
	size_t place;

	place = find_object(kernel, KERNEL_SET, name, 0);
	assert_int_not_equal(place, SIZE_MAX);
	set = &kernel->objects[place];
	if (!list.value && !add)
		free_elements(set);
	while (attribute_next(&walk, &item))
		(add ? add_element :
		       drop_element)(set,
				     (struct walk){ item.value, item.length });
}

/* ---- Transactions -------------------------------------------------------- */

static void take_message(unsigned int type, uint16_t flags,
			 struct walk attributes, void *data)
{
	struct kernel *kernel = data;
	/* Chains and sets have their name in the attribute 3 and 2. */
	const char *chain = find_text(attributes, NFTA_CHAIN_NAME);
	const char *set = find_text(attributes, NFTA_SET_NAME);

	if (type == NFT_MSG_NEWTABLE)
		kernel->exists = true;
	else if (type == NFT_MSG_NEWCHAIN)
		add_object(kernel, KERNEL_CHAIN, chain, attributes);
	else if (type == NFT_MSG_DELCHAIN)
		drop_chain(kernel, chain);
	else if (type == NFT_MSG_NEWSET)
		add_object(kernel, KERNEL_SET, set, attributes);
	else if (type == NFT_MSG_DELSET)
		drop_set(kernel, set);
	else if (type == NFT_MSG_NEWRULE)
		add_rule(kernel, flags, attributes);
	else if (type == NFT_MSG_DELRULE)
		drop_rule(kernel, attributes);
	else if (type == NFT_MSG_NEWSETELEM || type == NFT_MSG_DELSETELEM)
		edit_elements(kernel, type == NFT_MSG_NEWSETELEM, attributes);
	else
		fail_msg("message %u", type);
}

void kernel_take(struct kernel *kernel, const struct transactions *transactions)
{
	each_message(&transactions->bytes, take_message, kernel);
}

/* ---- Dumps --------------------------------------------------------------- */

static void tell_objects(const struct kernel *kernel, enum kernel_kind kind,
			 struct view *view)
{
	for (size_t i = 0; i < kernel->count; i++) {
		const struct kernel_object *object = &kernel->objects[i];
		struct walk walk = { (const char *)object->raw.data,
				     object->raw.size };

		if (object->kind == kind)
			assert_int_equal(kind == KERNEL_CHAIN ?
						 view_take_chain(walk, view) :
						 view_take_set(walk, view),
					 0);
	}
}

/* Rules come chain by chain. */
static void tell_rules(const struct kernel *kernel, struct view *view)
{
	for (size_t c = 0; c < view->chain_count; c++)
		for (size_t i = 0; i < kernel->count; i++) {
			const struct kernel_object *rule = &kernel->objects[i];

			if (rule->kind != KERNEL_RULE ||
			    strcmp(rule->name, view->chains[c].name) != 0)
				continue;
			assert_int_equal(
				view_take_rule(
					(struct walk){
						(const char *)rule->raw.data,
						rule->raw.size },
					view),
				0);
			view->lines[view->line_count - 1].handle = rule->handle;
		}
}

static void tell_elements(const struct kernel_object *object, struct view *view,
			  struct set *set)
{
	AUTO_BATCH struct batch batch = { .count = 0 };
	size_t list;

	batch_start(&batch, NFT_MSG_NEWSETELEM, 0);
	list = batch_open(&batch, NFTA_SET_ELEM_LIST_ELEMENTS);
	for (size_t i = 0; i < object->count; i++)
		batch_put(&batch, NFTA_LIST_ELEM, object->elements[i].raw.data,
			  object->elements[i].raw.size);
	batch_close(&batch, list);
	batch_end(&batch);
	set->first = (uint32_t)view->element_count;
	assert_int_equal(view_take_elements(attributes_of(&batch.bytes), view),
			 0);
	set->count = (uint32_t)view->element_count - set->first;
	if (set->interval)
		view_join_intervals(view, set);
}

void kernel_tell(const struct kernel *kernel, struct view *view)
{
	view->exists = kernel->exists;
	tell_objects(kernel, KERNEL_CHAIN, view);
	tell_objects(kernel, KERNEL_SET, view);
	assert_int_equal(view_index(view), 0);
	tell_rules(kernel, view);
	for (size_t i = 0; i < view->set_count; i++)
		tell_elements(
			&kernel->objects[find_object(kernel, KERNEL_SET,
						     view->sets[i].name, 0)],
			view, &view->sets[i]);
}
