/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Makes the ways in which a packet can match a rule of nft: sets, maps and
 * concatenations become one way for each of their elements.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "fail.h"
#include "model/object.h"
#include "ruleset/nft-json-field.h"

/* No real rule comes near it. */
#define WAYS_MAX ((size_t)200000)

#define WHY_MATCH "it has a match that is not supported"

/* ---- Values -------------------------------------------------------------- */

bool nft_member(json_t *object, const char **ret_key, json_t **ret_value)
{
	void *member = json_object_iter(object);

	if (json_object_size(object) != 1 || !member)
		return false;
	*ret_key = json_object_iter_key(member);
	*ret_value = json_object_iter_value(member);
	return true;
}

bool nft_number(json_t *value, uint32_t *ret_number)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0 || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

int nft_fail(const struct nft_scope *scope, const char *what)
{
	return fail(scope->err, -EINVAL, "%s: nft does not write such JSON",
		    what);
}

/* ---- Ways ---------------------------------------------------------------- */

void nft_ways_free(struct nft_ways *ways)
{
	for (size_t i = 0; i < ways->count; i++)
		ipvsctl_mark_clear(&ways->items[i].match.rule);
	free(ways->items);
	*ways = (struct nft_ways){ 0 };
}

void nft_ways_reject(struct nft_ways *ways, const char *why)
{
	if (!ways->why)
		ways->why = why;
}

struct nft_way *nft_ways_grow(struct nft_ways *ways)
{
	struct nft_way *grown = array_grow(ways->items, &ways->capacity,
					   ways->count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	ways->items = grown;
	return grown + ways->count;
}

int nft_add_all(uint16_t packets, const char *why, struct nft_ways *ways)
{
	struct nft_way *way = nft_ways_grow(ways);

	if (!way)
		return -ENOMEM;
	*way = (struct nft_way){ 0 };
	ipvsctl_mark_init(&way->match.rule, false);
	way->match.rule.family = packets;
	way->match.rule.exempt_own = false;
	ways->count++;
	nft_ways_reject(ways, why);
	return 0;
}

int nft_ways_all(const struct nft_scope *scope, struct nft_ways *ways)
{
	nft_ways_free(ways);
	return nft_add_all(scope->packets, NULL, ways);
}

/* Adds the packets that match both, unless there are none. */
static int add_both(struct nft_ways *ways, const struct nft_way *one,
		    const struct nft_way *other)
{
	struct match both;
	struct match_room room;
	struct nft_way *way;

	switch (match_join(&one->match, &other->match, &room, &both)) {
	case JOINED_EMPTY:
		return 0;
	case JOINED_NOT:
		/* All packets of one are too many, but never too few. */
		nft_ways_reject(ways, "its matches cannot be joined in one "
				      "rule");
		both = one->match;
		break;
	case JOINED:
		break;
	}
	if (ways->count == WAYS_MAX) {
		nft_ways_reject(ways, "it makes too many rules");
		return 0;
	}
	way = nft_ways_grow(ways);
	if (!way)
		return -ENOMEM;
	*way = *one;
	if (other->value)
		way->value = other->value;
	if (other->comment)
		way->comment = other->comment;
	way->match = both;
	if (mark_copy(&both.rule, &way->match.rule) < 0)
		return -ENOMEM;
	ways->count++;
	return 0;
}

/* Adds one way joined with each of more. */
static int add_product(struct nft_ways *ways, const struct nft_way *one,
		       const struct nft_ways *more)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < more->count; i++)
		r = add_both(ways, one, &more->items[i]);
	ways->reads |= more->reads;
	nft_ways_reject(ways, more->why);
	return r;
}

/* Replaces ways, whose reads and reason stay. */
static void replace(struct nft_ways *ways, struct nft_ways *by)
{
	by->reads |= ways->reads;
	by->why = ways->why ? ways->why : by->why;
	nft_ways_free(ways);
	*ways = *by;
	*by = (struct nft_ways){ 0 };
}

/* ---- Elements ------------------------------------------------------------ */

const char *nft_name(const struct nft_scope *scope, const char *name,
		     char text[NFT_NAME_SIZE])
{
	(void)snprintf(text, NFT_NAME_SIZE, "%s %s %s", scope->family,
		       scope->table, name);
	return text;
}

bool nft_has_flag(json_t *set, const char *flag)
{
	json_t *flags = json_object_get(set, "flags");
	const char *only = json_string_value(flags);

	if (only && strcmp(only, flag) == 0)
		return true;
	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *one = json_string_value(json_array_get(flags, i));

		if (one && strcmp(one, flag) == 0)
			return true;
	}
	return false;
}

/* Returns the elements of a named set, or NULL and why. */
static json_t *find_set(const struct nft_scope *scope, const char *name,
			const char **ret_why)
{
	char text[NFT_NAME_SIZE];
	json_t *set = json_object_get(scope->sets, nft_name(scope, name, text));

	if (!set)
		*ret_why = "it names a set or a map that the text lacks, which "
			   "nft -j list table FAMILY TABLE shows, too";
	else if (nft_has_flag(set, "dynamic") || nft_has_flag(set, "timeout") ||
		 json_object_get(scope->updated, text))
		*ret_why = "it names a set whose elements come and go";
	else if (!json_array_size(json_object_get(set, "elem")))
		*ret_why = "it names a set without elements, as nft -t shows "
			   "all sets";
	return set ? json_object_get(set, "elem") : NULL;
}

/* Takes an element's value and comment out of {"elem": {"val": ...}}. */
static void open_element(struct nft_elements *elements,
			 struct nft_element *element)
{
	json_t *body = json_object_get(element->key, "elem");
	const char *key;
	json_t *value;

	if (!body)
		return;
	json_object_foreach(body, key, value) {
		if (strcmp(key, "comment") == 0)
			element->comment = json_string_value(value);
		else if (strcmp(key, "val") != 0 && strcmp(key, "counter") != 0)
			elements->why = "it names a set whose elements have "
					"more than a counter";
	}
	element->key = json_object_get(body, "val");
}

static int add_element(const struct nft_scope *scope,
		       struct nft_elements *elements, json_t *item, bool map)
{
	struct nft_element element = {
		.key = map ? json_array_get(item, 0) : item,
		.value = map ? json_array_get(item, 1) : NULL,
	};
	const char *star;
	struct nft_element *grown =
		array_grow(elements->items, &elements->capacity,
			   elements->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	elements->items = grown;
	open_element(elements, &element);
	star = json_string_value(element.key);
	if (star && strcmp(star, "*") == 0)
		elements->why = "it has an element for all other values";
	if (!element.key || (map && !element.value))
		return nft_fail(scope, map ? "an element of a map" :
					     "an element of a set");
	grown[elements->count++] = element;
	return 0;
}

/* Gets the elements of a set, a map, a list or a single value. */
static int get_elements(const struct nft_scope *scope, json_t *data, bool map,
			struct nft_elements *elements)
{
	const char *name = json_string_value(data);
	json_t *list =
		json_is_object(data) ? json_object_get(data, "set") : NULL;
	int r = 0;

	if (name && *name == '@')
		list = find_set(scope, name + 1, &elements->why);
	else if (!list && json_is_array(data))
		list = data;
	else if (!list && map)
		return nft_fail(scope, "a map");
	else if (!list)
		return add_element(scope, elements, data, false);
	if (list && !json_is_array(list))
		return nft_fail(scope, "the elements of a set");
	for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
		r = add_element(scope, elements, json_array_get(list, i), map);
	return r;
}

/* ---- Comparing ----------------------------------------------------------- */

/* What is compared, and with what. */
struct comparison {
	const struct nft_scope *scope;
	json_t *left;
	struct nft_elements elements;
	bool map;
	bool negated;
};

/* Returns the test of a field; the field is NULL if it is not known. */
static struct nft_test test_of(const struct comparison *comparison,
			       json_t *left, uint16_t protocol)
{
	static const struct {
		uint16_t number;
		const char *name;
	} names[] = { { 6, "tcp" }, { 17, "udp" }, { 132, "sctp" } };
	struct nft_test test = { .packets = comparison->scope->packets,
				 .negated = comparison->negated };

	test.field = nft_find_field(left, &test.mask);
	test.protocol = test.field ? test.field->protocol : NULL;
	for (size_t i = 0; !test.protocol && i < ARRAY_SIZE(names); i++)
		if (names[i].number == protocol)
			test.protocol = names[i].name;
	return test;
}

/* Adds the ways of one field to be one value. */
static int add_field(const struct comparison *comparison, json_t *left,
		     json_t *value, uint16_t protocol, struct nft_ways *ways)
{
	struct nft_test test = test_of(comparison, left, protocol);

	if (!test.field) {
		ways->reads |= THINGS_ALL;
		return nft_add_all(test.packets, WHY_MATCH, ways);
	}
	if (test.field->family && test.field->family != test.packets)
		return 0;
	return nft_add_value(&test, value, ways);
}

/* Adds the ways of all fields of a concatenation to be those values. */
static int add_concat(const struct comparison *comparison, json_t *lefts,
		      json_t *value, uint16_t protocol, struct nft_ways *ways)
{
	const struct nft_scope *scope = comparison->scope;
	json_t *values = json_object_get(value, "concat");
	size_t count = json_array_size(lefts);
	AUTO_WAYS struct nft_ways so_far = { 0 };
	int r = nft_ways_all(scope, &so_far);

	if (!count || json_array_size(values) != count)
		return nft_fail(scope, "a value of a concatenation");
	for (size_t i = 0; r == 0 && i < count; i++) {
		AUTO_WAYS struct nft_ways narrowed = { 0 };
		struct nft_ways *into = i < count - 1 ? &narrowed : ways;

		for (size_t j = 0; r == 0 && j < so_far.count; j++) {
			AUTO_WAYS struct nft_ways more = { 0 };
			uint16_t known = so_far.items[j].match.rule.protocol;

			r = add_field(comparison, json_array_get(lefts, i),
				      json_array_get(values, i),
				      known ? known : protocol, &more);
			if (r == 0)
				r = add_product(into, &so_far.items[j], &more);
		}
		replace(&so_far, &narrowed);
	}
	ways->reads |= so_far.reads;
	nft_ways_reject(ways, so_far.why);
	return r;
}

/* Adds ways for all elements at once, if the field has such. Returns whether. */
static bool add_list(const struct comparison *comparison, uint16_t protocol,
		     struct nft_ways *ways, int *ret_r)
{
	struct nft_test test = test_of(comparison, comparison->left, protocol);

	if (comparison->map || !test.field ||
	    (test.field->kind != FIELD_PORT && test.field->kind != FIELD_STATE))
		return false;
	*ret_r = test.field->kind == FIELD_PORT ?
			 nft_add_port_list(&test, &comparison->elements, ways) :
			 nft_add_states(&test, &comparison->elements, ways);
	return true;
}

/* Adds the ways to match one element, with its value. */
static int add_element_ways(const struct comparison *comparison,
			    const struct nft_element *element,
			    uint16_t protocol, struct nft_ways *ways)
{
	json_t *concat = json_object_get(comparison->left, "concat");
	size_t before = ways->count;
	int r = concat ? add_concat(comparison, concat, element->key, protocol,
				    ways) :
			 add_field(comparison, comparison->left, element->key,
				   protocol, ways);

	for (size_t i = before; i < ways->count; i++) {
		ways->items[i].value = element->value;
		ways->items[i].comment = element->comment;
	}
	return r;
}

/* Adds the ways of the comparison for packets of that protocol, if known. */
static int add_ways(const struct comparison *comparison, uint16_t protocol,
		    struct nft_ways *ways)
{
	const struct nft_elements *elements = &comparison->elements;
	int r = 0;

	nft_ways_reject(ways, elements->why);
	/* Elements that are not known can be any. */
	if (elements->why)
		return nft_add_all(comparison->scope->packets, NULL, ways);
	if (add_list(comparison, protocol, ways, &r))
		return r;
	for (size_t i = 0; r == 0 && i < elements->count; i++)
		r = add_element_ways(comparison, &elements->items[i], protocol,
				     ways);
	return r;
}

/* Narrows ways by the comparison. */
static int narrow(const struct comparison *comparison, struct nft_ways *ways)
{
	AUTO_WAYS struct nft_ways narrowed = { 0 };
	AUTO_WAYS struct nft_ways more = { 0 };
	uint16_t protocol = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ways->count; i++) {
		const struct nft_way *way = &ways->items[i];

		if (i == 0 || way->match.rule.protocol != protocol) {
			protocol = way->match.rule.protocol;
			nft_ways_free(&more);
			r = add_ways(comparison, protocol, &more);
		}
		if (r == 0)
			r = add_product(&narrowed, way, &more);
	}
	replace(ways, &narrowed);
	return r;
}

static int compare(const struct nft_scope *scope, struct nft_ways *ways,
		   json_t *left, json_t *data, bool map)
{
	struct comparison comparison = { .scope = scope,
					 .left = left,
					 .map = map };
	int r = get_elements(scope, data, map, &comparison.elements);

	if (r == 0)
		r = narrow(&comparison, ways);
	free(comparison.elements.items);
	return r;
}

int nft_match(const struct nft_scope *scope, struct nft_ways *ways,
	      json_t *left, json_t *data)
{
	return compare(scope, ways, left, data, false);
}

int nft_match_map(const struct nft_scope *scope, struct nft_ways *ways,
		  json_t *left, json_t *data)
{
	return compare(scope, ways, left, data, true);
}

/* ---- Other comparisons --------------------------------------------------- */

/* Tells whether words say what is none of the elements. */
static bool can_negate(const struct comparison *comparison,
		       const struct nft_ways *ways)
{
	const struct nft_elements *elements = &comparison->elements;
	uint32_t mask;
	const struct nft_field *field = nft_find_field(comparison->left, &mask);

	if (elements->why || !elements->count || !field)
		return elements->why;
	switch (field->kind) {
	case FIELD_PORT:
		for (size_t i = 0; !field->protocol && i < ways->count; i++)
			if (!ways->items[i].match.rule.protocol)
				return false;
		return nft_port_slots(elements) <= IPVSCTL_PORT_SLOTS;
	case FIELD_NETWORK:
	case FIELD_STATE:
	case FIELD_MARK:
	case FIELD_CONNMARK:
	case FIELD_TYPE:
	case FIELD_MAC:
	case FIELD_DSCP:
		return elements->count == 1;
	case FIELD_PROTOCOL:
	case FIELD_FAMILY:
	case FIELD_INTERFACE:
	default:
		return false;
	}
}

int nft_match_not(const struct nft_scope *scope, struct nft_ways *ways,
		  json_t *left, json_t *data)
{
	struct comparison comparison = { .scope = scope,
					 .left = left,
					 .negated = true };
	int r = get_elements(scope, data, false, &comparison.elements);

	if (r == 0)
		r = can_negate(&comparison, ways) ? narrow(&comparison, ways) :
						    1;
	free(comparison.elements.items);
	return r;
}

static int need_field(const struct nft_scope *scope, struct nft_ways *ways,
		      json_t *left)
{
	uint32_t mask;
	const struct nft_field *field = nft_find_field(left, &mask);
	AUTO_WAYS struct nft_ways none = { 0 };

	if (!field) {
		ways->reads |= THINGS_ALL;
		nft_ways_reject(ways, WHY_MATCH);
		return 0;
	}
	/* No match says which packets have none. */
	if (field->kind == FIELD_MAC || field->kind == FIELD_CONNMARK)
		nft_ways_reject(ways, WHY_MATCH);
	if (field->family && field->family != scope->packets)
		replace(ways, &none);
	else if (field->protocol) {
		AUTO_JSON json_t *protocol =
			json_pack("{s:{s:s}}", "meta", "key", "l4proto");
		AUTO_JSON json_t *name = json_string(field->protocol);

		return protocol && name ?
			       nft_match(scope, ways, protocol, name) :
			       -ENOMEM;
	}
	return 0;
}

int nft_match_has(const struct nft_scope *scope, struct nft_ways *ways,
		  json_t *left)
{
	json_t *lefts = json_object_get(left, "concat");
	int r = 0;

	if (!lefts)
		return need_field(scope, ways, left);
	for (size_t i = 0; r == 0 && i < json_array_size(lefts); i++)
		r = need_field(scope, ways, json_array_get(lefts, i));
	return r;
}

int nft_match_compare(const struct nft_scope *scope, struct nft_ways *ways,
		      const char *op, json_t *match)
{
	json_t *left = json_object_get(match, "left");
	uint32_t mask;
	const struct nft_field *field = nft_find_field(left, &mask);
	uint32_t number = 0;
	uint32_t first = 0;
	uint32_t last = UINT16_MAX;
	AUTO_JSON json_t *range = NULL;

	if (!strchr("<>", *op) || !field || field->kind != FIELD_PORT ||
	    !nft_number(json_object_get(match, "right"), &number) ||
	    number > UINT16_MAX) {
		ways->reads |= THINGS_ALL;
		nft_ways_reject(ways, WHY_MATCH);
		return 0;
	}
	if (*op == '<')
		last = number - (op[1] ? 0 : 1);
	else
		first = number + (op[1] ? 0 : 1);
	range = json_pack("{s:[i,i]}", "range", (int)first, (int)last);
	return range ? nft_match(scope, ways, left, range) : -ENOMEM;
}
