/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads our table from the kernel. */
#include "nft/view-read.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <string.h>

#include "nft/expressions.h"
#include "nft/objects.h"
#include "step.h"

/* ---- Attributes --------------------------------------------------------- */

static uint32_t get32(const struct netlink_attribute *attribute)
{
	uint32_t number = 0;

	if (attribute->length == sizeof(number))
		memcpy(&number, attribute->value, sizeof(number));
	return ntohl(number);
}

static uint64_t get64(const struct netlink_attribute *attribute)
{
	uint64_t number = 0;

	if (attribute->length == sizeof(number))
		memcpy(&number, attribute->value, sizeof(number));
	return be64toh(number);
}

static bool is_text(const struct netlink_attribute *attribute, const char *text)
{
	return attribute->length == strlen(text) + 1 &&
	       !memcmp(attribute->value, text, attribute->length);
}

/* Copies a name; one that is too long is not ours, and becomes "". */
static void get_name(const struct netlink_attribute *attribute,
		     char name[NFT_NAME])
{
	(void)attribute_get_text(attribute, name, NFT_NAME);
}

static struct walk inside(const struct netlink_attribute *nest)
{
	return (struct walk){ nest->value, nest->length };
}

static int finish(const struct view *view, struct walk walk)
{
	if (view->failed)
		return -ENOMEM;
	return walk.left ? -EBADMSG : 0;
}

/* ---- Chains and their rules --------------------------------------------- */

/* Tells whether a base chain's hook and priority are not those of its name. */
static bool is_wrong(const struct chain *chain, struct walk hook)
{
	uint32_t number = UINT32_MAX, priority = 0;
	struct netlink_attribute attribute;

	while (attribute_next(&hook, &attribute)) {
		if (attribute.type == NFTA_HOOK_HOOKNUM)
			number = get32(&attribute);
		else if (attribute.type == NFTA_HOOK_PRIORITY)
			priority = get32(&attribute);
	}
	if (chain->role != ROLE_BASE)
		return number != UINT32_MAX;
	return number != base_hooks[chain->hook].number ||
	       (int32_t)priority != base_hooks[chain->hook].priority;
}

int view_take_chain(struct walk attributes, void *data)
{
	struct chain chain = { .count = 0 };
	struct view *view = data;
	struct walk hook = { NULL, 0 };
	struct netlink_attribute attribute;
	bool ours = false;
	struct chain *added;

	while (attribute_next(&attributes, &attribute)) {
		if (attribute.type == NFTA_CHAIN_TABLE)
			ours = is_text(&attribute, NFT_TABLE);
		else if (attribute.type == NFTA_CHAIN_NAME)
			get_name(&attribute, chain.name);
		else if (attribute.type == NFTA_CHAIN_HOOK)
			hook = inside(&attribute);
	}
	if (!ours || attributes.left)
		return attributes.left ? -EBADMSG : 0;
	chain_name_parse(&chain);
	chain.wrong = is_wrong(&chain, hook);
	added = view_add_chain(view);
	if (added)
		*added = chain;
	return finish(view, attributes);
}

/* Rules come chain by chain, in order. */
static void join_chain(struct view *view, const char *name)
{
	uint32_t place = view_chain(view, name);
	struct chain *chain;

	if (place == NO_INDEX) { /* made after the chains were read */
		view->line_count--;
		return;
	}
	chain = &view->chains[place];
	if (!chain->count)
		chain->first = (uint32_t)view->line_count - 1;
	if (chain->first + chain->count == view->line_count - 1)
		chain->count++;
	else
		view->line_count--;
}

int view_take_rule(struct walk attributes, void *data)
{
	struct view *view = data;
	struct line *line = view_add_line(view);
	struct netlink_attribute attribute;
	char chain[NFT_NAME] = "";
	bool ours = false;
	int r = line ? 0 : -ENOMEM;

	if (line)
		line->bearer.number = NO_NUMBER;
	while (r == 0 && attribute_next(&attributes, &attribute)) {
		if (attribute.type == NFTA_RULE_TABLE)
			ours = is_text(&attribute, NFT_TABLE);
		else if (attribute.type == NFTA_RULE_CHAIN)
			get_name(&attribute, chain);
		else if (attribute.type == NFTA_RULE_HANDLE)
			line->handle = get64(&attribute);
		else if (attribute.type == NFTA_RULE_EXPRESSIONS)
			r = line_get(inside(&attribute), line);
		else if (attribute.type == NFTA_RULE_USERDATA)
			r = comment_get(inside(&attribute), view, &line->bearer);
	}
	if (r < 0)
		return r;
	if (ours)
		join_chain(view, chain);
	else
		view->line_count--;
	return finish(view, attributes);
}

/* ---- Sets and their elements -------------------------------------------- */

/* Tells whether a set whose keys are marks is one of those that we make. */
static bool is_snat(const struct set *set)
{
	return set->key_length == sizeof(uint32_t) && !set->interval &&
	       !set->verdict &&
	       (!set->address_length || set->address_length == 4 ||
		set->address_length == 16);
}

int view_take_set(struct walk attributes, void *data)
{
	struct view *view = data;
	struct set set = { .alien = true }, *added;
	struct netlink_attribute attribute;
	uint32_t number = 0, flags = 0, key_type = 0, length = 0;
	bool ours = false;

	while (attribute_next(&attributes, &attribute)) {
		if (attribute.type == NFTA_SET_TABLE)
			ours = is_text(&attribute, NFT_TABLE);
		else if (attribute.type == NFTA_SET_NAME)
			get_name(&attribute, set.name);
		else if (attribute.type == NFTA_SET_FLAGS)
			flags = get32(&attribute);
		else if (attribute.type == NFTA_SET_KEY_LEN)
			set.key_length = (uint16_t)get32(&attribute);
		else if (attribute.type == NFTA_SET_DATA_TYPE)
			set.verdict = get32(&attribute) == NFT_DATA_VERDICT;
		else if (attribute.type == NFTA_SET_KEY_TYPE)
			key_type = get32(&attribute);
		else if (attribute.type == NFTA_SET_DATA_LEN)
			length = get32(&attribute);
	}
	if (!ours || attributes.left)
		return attributes.left ? -EBADMSG : 0;
	set.interval = flags & NFT_SET_INTERVAL;
	set.snat = key_type == NFT_TYPE_OF_MARKS;
	set.address_length = set.snat ? (uint16_t)length : 0;
	set.alien = !set_name_parse(set.name, &number) || !set.key_length ||
		    set.key_length > KEY_SIZE ||
		    (set.interval && set.key_length > 16) ||
		    (set.snat ? !is_snat(&set) : !(flags & NFT_SET_MAP));
	added = view_add_set(view);
	if (added)
		*added = set;
	return finish(view, attributes);
}

static void get_data(struct view *view, struct walk data,
		     struct element *element)
{
	char name[NFT_NAME] = "";
	struct netlink_attribute attribute;
	int32_t code = NFT_BREAK;

	if (!attribute_next(&data, &attribute))
		return;
	if (attribute.type == NFTA_DATA_VALUE) {
		if (attribute.length == sizeof(element->mark))
			memcpy(&element->mark, attribute.value,
			       sizeof(element->mark));
		if (attribute.length <= sizeof(element->address))
			memcpy(element->address, attribute.value,
			       attribute.length);
		return;
	}
	data = inside(&attribute);
	while (attribute_next(&data, &attribute)) {
		if (attribute.type == NFTA_VERDICT_CODE)
			code = (int32_t)get32(&attribute);
		else if (attribute.type == NFTA_VERDICT_CHAIN)
			get_name(&attribute, name);
	}
	if (code == NFT_JUMP)
		element->chain = view_chain(view, name);
	element->alien = code == NFT_JUMP ? element->chain == NO_INDEX :
					    code != NF_ACCEPT;
}

/* Reads the first of an element's expressions. */
static void get_counter(struct walk list, struct element *element)
{
	struct netlink_attribute attribute;

	if (attribute_next(&list, &attribute))
		counter_get(inside(&attribute), &element->bearer);
}

/* An interval's end is an element of its own. */
static int take_element(struct view *view, struct walk walk)
{
	struct element element = { .chain = NO_INDEX,
				   .bearer.number = NO_NUMBER };
	struct element *added;
	struct netlink_attribute attribute;
	int r = 0;

	while (r == 0 && attribute_next(&walk, &attribute)) {
		struct walk nest = inside(&attribute);
		struct netlink_attribute value;

		if (attribute.type == NFTA_SET_ELEM_KEY) {
			if (!attribute_next(&nest, &value) ||
			    value.length > sizeof(element.key))
				return -EBADMSG;
			memcpy(element.key, value.value, value.length);
		} else if (attribute.type == NFTA_SET_ELEM_DATA) {
			get_data(view, nest, &element);
		} else if (attribute.type == NFTA_SET_ELEM_FLAGS) {
			element.ends =
				get32(&attribute) & NFT_SET_ELEM_INTERVAL_END;
		} else if (attribute.type == NFTA_SET_ELEM_USERDATA) {
			r = comment_get(nest, view, &element.bearer);
		} else if (attribute.type == NFTA_SET_ELEM_EXPR) {
			counter_get(nest, &element.bearer);
		} else if (attribute.type == NFTA_SET_ELEM_EXPRESSIONS) {
			get_counter(nest, &element);
		}
	}
	added = r == 0 ? view_add_element(view) : NULL;
	if (added)
		*added = element;
	return r < 0 ? r : finish(view, walk);
}

int view_take_elements(struct walk attributes, void *data)
{
	struct netlink_attribute list, item;
	int r = 0;

	while (r == 0 && attribute_next(&attributes, &list)) {
		struct walk walk = inside(&list);

		if (list.type != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		while (r == 0 && attribute_next(&walk, &item))
			r = take_element(data, inside(&item));
	}
	return r < 0 ? r : finish(data, attributes);
}

static int compare_ends(const void *a, const void *b)
{
	const struct element *one = a, *other = b;
	int order = memcmp(one->key, other->key, 16);

	/* An end comes before the start of the next interval. */
	return order ? order : other->ends - one->ends;
}

/*
 * The kernel keeps an interval as its start and the first value behind it; up
 * to the highest value there is no end. nft(8) adds an end at 0.
 */
void view_join_intervals(struct view *view, struct set *set)
{
	struct element *elements;
	size_t kept = 0;

	if (!set->count)
		return;
	elements = view->elements + set->first;
	qsort(elements, set->count, sizeof(*elements), compare_ends);
	for (size_t i = 0; i < set->count; i++) {
		struct element element = elements[i];

		if (element.ends)
			continue;
		memset(element.last, 0, sizeof(element.last));
		if (i + 1 < set->count) {
			memcpy(element.last, elements[i + 1].key,
			       set->key_length);
			(void)step_down(element.last, set->key_length);
		} else {
			memset(element.last, 0xff, set->key_length);
		}
		elements[kept++] = element;
	}
	view->element_count -= set->count - kept;
	set->count = (uint32_t)kept;
}

/* ---- Dumps -------------------------------------------------------------- */

static int dump(struct channel *channel, uint16_t type, uint16_t table,
		channel_fn fn, struct view *view)
{
	AUTO_BATCH struct batch request = { .count = 0 };

	batch_start(&request, type, NLM_F_DUMP);
	batch_put_text(&request, table, NFT_TABLE);
	batch_end(&request);
	return channel_ask(channel, &request, fn, view);
}

static int dump_elements(struct channel *channel, struct view *view,
			 struct set *set)
{
	AUTO_BATCH struct batch request = { .count = 0 };
	int r;

	batch_start(&request, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	batch_put_text(&request, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	batch_put_text(&request, NFTA_SET_ELEM_LIST_SET, set->name);
	batch_end(&request);
	set->first = (uint32_t)view->element_count;
	r = channel_ask(channel, &request, view_take_elements, view);
	set->count = (uint32_t)view->element_count - set->first;
	if (r == 0 && set->interval)
		view_join_intervals(view, set);
	return r;
}

static int take_table(struct walk attributes, void *data)
{
	struct view *view = data;

	(void)attributes;
	view->exists = true;
	return 0;
}

/* Asks for the one table: the kernel says ENOENT if it is not there. */
static int find_table(struct channel *channel, struct view *view)
{
	AUTO_BATCH struct batch request = { .count = 0 };
	int r;

	batch_start(&request, NFT_MSG_GETTABLE, 0);
	batch_put_text(&request, NFTA_TABLE_NAME, NFT_TABLE);
	batch_end(&request);
	r = channel_ask(channel, &request, take_table, view);
	return r == -ENOENT ? 0 : r;
}

static int read_once(struct channel *channel, struct view *view)
{
	int r = find_table(channel, view);

	if (r < 0 || !view->exists)
		return r;
	r = dump(channel, NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE, view_take_chain,
		 view);
	if (r == 0)
		r = dump(channel, NFT_MSG_GETSET, NFTA_SET_TABLE, view_take_set,
			 view);
	if (r == 0)
		r = view_index(view);
	if (r == 0)
		r = dump(channel, NFT_MSG_GETRULE, NFTA_RULE_TABLE,
			 view_take_rule, view);
	for (size_t i = 0; i < view->set_count && r == 0; i++)
		if (!view->sets[i].alien)
			r = dump_elements(channel, view, &view->sets[i]);
	return r;
}

/* Dumps of elements do not tell of changes meanwhile: the generation does. */
int view_read(struct channel *channel, struct view *view)
{
	uint32_t before, after = 0;
	int r = channel_generation(channel, &before);

	for (int tries = 0; r == 0 && tries < CHANNEL_TRIES; tries++) {
		r = read_once(channel, view);
		if (r == 0 || r == -EINTR || r == -ENOENT) {
			int again = channel_generation(channel, &after);

			r = again < 0 ? again : r;
		}
		view->generation = before;
		if (r == 0 && before == after)
			return 0;
		if (r == -EINTR || (r == -ENOENT && before != after))
			r = 0;
		before = after;
		view_free(view);
	}
	return r < 0 ? r : -EAGAIN;
}

/* ---- Looking ------------------------------------------------------------ */

struct look {
	bool ours;
	bool others;
};

static int look_at_table(struct walk attributes, void *data)
{
	struct netlink_attribute attribute;
	struct look *look = data;

	while (attribute_next(&attributes, &attribute))
		if (attribute.type == NFTA_TABLE_NAME) {
			if (is_text(&attribute, NFT_TABLE))
				look->ours = true;
			else
				look->others = true;
		}
	return 0;
}

static int ask_all(struct channel *channel, uint16_t type, uint8_t family,
		   channel_fn fn, void *data)
{
	int r = -EINTR;

	for (int tries = 0; r == -EINTR && tries < CHANNEL_TRIES; tries++)
		r = channel_dump(channel, type, family, fn, data);
	return r;
}

/* The table itself stays when its rules are gone. */
int view_look(struct channel *channel, bool *ret_ours, bool *ret_others)
{
	AUTO_VIEW struct view view = { .exists = false };
	struct look look = { .ours = false };
	int r = ask_all(channel, NFT_MSG_GETTABLE, NFPROTO_UNSPEC,
			look_at_table, &look);

	if (r == 0 && look.ours)
		r = ask_all(channel, NFT_MSG_GETCHAIN, NFPROTO_INET,
			    view_take_chain, &view);
	*ret_ours = view.chain_count;
	*ret_others = look.others;
	return r;
}
