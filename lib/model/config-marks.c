/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules of a configuration, in the order in which they are tried. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "model/config.h"
#include "model/error.h"
#include "model/object.h"

static bool same_match(const void *array, size_t position, const void *identity)
{
	struct mark_node *const *nodes = array;

	return ipvsctl_mark_same_match(&nodes[position]->rule, identity);
}

static uint32_t hash_node(const void *array, size_t position)
{
	struct mark_node *const *nodes = array;

	return mark_hash(&nodes[position]->rule);
}

size_t config_mark_position(const struct ipvsctl_config *config,
			    const struct ipvsctl_mark *rule)
{
	return index_find(&config->marks.index, mark_hash(rule),
			  config->marks.nodes, same_match, rule);
}

static struct mark_node *find_node(const struct ipvsctl_config *config,
				   const struct ipvsctl_mark *rule)
{
	size_t position = config_mark_position(config, rule);

	return position == SIZE_MAX ? NULL : config->marks.nodes[position];
}

void config_free_marks(struct ipvsctl_config *config)
{
	struct mark_table *table = &config->marks;

	for (size_t i = 0; i < table->count; i++)
		free(table->nodes[i]);
	free(table->nodes);
	free(table->groups);
	index_free(&table->index);
	*table = (struct mark_table){ 0 };
}

API const struct ipvsctl_mark *ipvsctl_config_next_mark(
	const struct ipvsctl_config *config, const struct ipvsctl_mark *prev)
{
	const struct mark_node *node = config->marks.first;

	if (prev)
		node = ((const struct mark_node *)(const void *)prev)->next;
	return node ? &node->rule : NULL;
}

API const struct ipvsctl_mark *ipvsctl_config_find_mark(
	const struct ipvsctl_config *config, const struct ipvsctl_mark *rule)
{
	const struct mark_node *node = find_node(config, rule);

	return node ? &node->rule : NULL;
}

/* ---- Places ------------------------------------------------------------ */

static uint32_t place_key(const struct ipvsctl_mark *rule)
{
	return (uint32_t)rule->hook << 16 | rule->priority;
}

/* The position of the group of that key, or where it belongs. */
static size_t group_position(const struct mark_table *table, uint32_t key)
{
	size_t low = 0;
	size_t high = table->group_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->groups[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_group(const struct mark_table *table, size_t position,
		      uint32_t key)
{
	return position < table->group_count &&
	       table->groups[position].key == key;
}

/* Chains a node in behind another, or first when that is NULL. */
static void insert(struct mark_table *table, struct mark_node *previous,
		   struct mark_node *node)
{
	node->previous = previous;
	node->next = previous ? previous->next : table->first;
	if (node->previous)
		node->previous->next = node;
	else
		table->first = node;
	if (node->next)
		node->next->previous = node;
}

/* Chains a node in behind the rules of its place; there is room for a group. */
static void chain(struct mark_table *table, struct mark_node *node)
{
	uint32_t key = place_key(&node->rule);
	size_t position = group_position(table, key);
	struct mark_group *group = &table->groups[position];
	struct mark_node *previous;

	if (!has_group(table, position, key)) {
		(void)memmove(group + 1, group,
			      (table->group_count - position) * sizeof(*group));
		*group = (struct mark_group){ .key = key };
		table->group_count++;
		previous = position ? group[-1].last : NULL;
	} else {
		previous = group->last;
	}
	group->last = node;
	insert(table, previous, node);
}

static void unchain(struct mark_table *table, const struct mark_node *node)
{
	uint32_t key = place_key(&node->rule);
	size_t position = group_position(table, key);
	struct mark_group *group = &table->groups[position];

	if (node->previous)
		node->previous->next = node->next;
	else
		table->first = node->next;
	if (node->next)
		node->next->previous = node->previous;
	if (group->last != node)
		return;
	if (node->previous && place_key(&node->previous->rule) == key) {
		group->last = node->previous;
		return;
	}
	table->group_count--;
	(void)memmove(group, group + 1,
		      (table->group_count - position) * sizeof(*group));
}

/* ---- Changing ---------------------------------------------------------- */

static int reserve(struct mark_table *table)
{
	struct mark_node **nodes =
		array_grow(table->nodes, &table->capacity, table->count + 1,
			   sizeof(struct mark_node *));

	if (!nodes)
		return -ENOMEM;
	table->nodes = nodes;
	struct mark_group *groups =
		array_grow(table->groups, &table->group_capacity,
			   table->group_count + 1, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	table->groups = groups;
	return 0;
}

int config_append_mark(struct ipvsctl_config *config,
		       const struct ipvsctl_mark *rule)
{
	struct mark_table *table = &config->marks;
	struct mark_node *node;

	if (reserve(table) < 0)
		return -ENOMEM;
	node = malloc(sizeof(*node));
	if (!node)
		return -ENOMEM;
	*node = (struct mark_node){ .rule = *rule,
				    .position = table->count,
				    .age = ++table->last_age };
	table->nodes[table->count] = node;
	if (index_add(&table->index, mark_hash(rule), table->count,
		      table->nodes, hash_node) < 0) {
		free(node);
		return -ENOMEM;
	}
	table->count++;
	chain(table, node);
	config->kinds |= IPVSCTL_MARKS;
	return 0;
}

int mark_about(const struct ipvsctl_mark *rule, int code,
	       struct ipvsctl_error *err)
{
	AUTO_FREE char *line = NULL;

	if (!err || ipvsctl_mark_line(rule, &line) < 0)
		return code;
	return fail_about(err, code, "%s", line);
}

API int ipvsctl_config_add_mark(struct ipvsctl_config *config,
				const struct ipvsctl_mark *rule,
				struct ipvsctl_error *err)
{
	if (find_node(config, rule))
		return mark_about(
			rule,
			fail(err, -EEXIST,
			     "a rule that matches the same already exists"),
			err);
	return config_append_mark(config, rule) < 0 ? fail_memory(err) : 0;
}

static int fail_no_mark(const struct ipvsctl_mark *rule,
			struct ipvsctl_error *err)
{
	return mark_about(rule, fail(err, -ENOENT, "no such mark rule"), err);
}

/*
 * The rule with the same match, or the one of both families that includes it:
 * two rules that differ in nothing but the family are read as one.
 */
static struct mark_node *find_whole(const struct ipvsctl_config *config,
				    const struct ipvsctl_mark *rule)
{
	struct mark_node *node = find_node(config, rule);
	struct ipvsctl_mark both = *rule;

	if (node || rule->family == AF_UNSPEC)
		return node;
	both.family = AF_UNSPEC;
	return find_node(config, &both);
}

/* Takes a rule out, and frees it. */
static void drop_node(struct mark_table *table, struct mark_node *node)
{
	struct mark_node *last = table->nodes[table->count - 1];

	unchain(table, node);
	index_remove(&table->index, mark_hash(&node->rule), node->position,
		     table->nodes, hash_node);
	if (last != node)
		index_move(&table->index, mark_hash(&last->rule),
			   last->position, node->position);
	table->nodes[node->position] = last;
	last->position = node->position;
	table->count--;
	free(node);
}

/* Makes a rule of both families one of that family. */
static void set_family(struct mark_table *table, struct mark_node *node,
		       uint16_t family)
{
	uint32_t before = mark_hash(&node->rule);

	node->rule.family = family;
	index_rehash(&table->index, before, node->position, table->nodes,
		     hash_node);
}

/*
 * Where the other family has a rule of its own beside one of both, the second
 * of the two is never reached by it. Returns whether the rule of both has
 * become one of that family alone.
 */
static bool narrow(struct ipvsctl_config *config, struct mark_node *both,
		   uint16_t family)
{
	struct mark_table *table = &config->marks;
	struct ipvsctl_mark other = both->rule;
	struct mark_node *own;

	other.family = family == AF_INET ? AF_INET6 : AF_INET;
	own = find_node(config, &other);
	if (!own)
		return false;
	/* All that is compared being the same, so is their place. */
	if (both->age < own->age) {
		drop_node(table, own);
		return false;
	}
	set_family(table, both, family);
	return true;
}

/*
 * Makes *node, which find_whole() gave, a rule of that family alone; what is
 * left of one of both families follows it or precedes it. 0 or -ENOMEM.
 */
static int separate(struct ipvsctl_config *config, struct mark_node **node,
		    uint16_t family)
{
	struct mark_table *table = &config->marks;
	struct mark_node *ipv4 = *node;
	struct mark_node *ipv6;

	if (ipv4->rule.family == family || narrow(config, ipv4, family))
		return 0;
	if (reserve(table) < 0)
		return -ENOMEM;
	ipv6 = malloc(sizeof(*ipv6));
	if (!ipv6)
		return -ENOMEM;
	*ipv6 = (struct mark_node){ .rule = ipv4->rule,
				    .position = table->count,
				    .age = ipv4->age };
	ipv6->rule.family = AF_INET6;
	table->nodes[table->count] = ipv6;
	if (index_add(&table->index, mark_hash(&ipv6->rule), table->count,
		      table->nodes, hash_node) < 0) {
		free(ipv6);
		return -ENOMEM;
	}
	table->count++;
	set_family(table, ipv4, AF_INET);
	struct mark_group *group =
		&table->groups[group_position(table, place_key(&ipv4->rule))];
	if (group->last == ipv4)
		group->last = ipv6;
	insert(table, ipv4, ipv6);
	*node = family == AF_INET6 ? ipv6 : ipv4;
	return 0;
}

int config_drop_exemption(struct ipvsctl_config *config,
			  const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark exempt = *rule;
	struct mark_node *node;
	uint32_t before;

	exempt.exempt_own = true;
	node = find_whole(config, rule) ? NULL : find_whole(config, &exempt);
	if (!node)
		return 0;
	if (separate(config, &node, rule->family) < 0)
		return -ENOMEM;
	before = mark_hash(&node->rule);
	node->rule.exempt_own = false;
	index_rehash(&config->marks.index, before, node->position,
		     config->marks.nodes, hash_node);
	return 0;
}

API int ipvsctl_config_change_mark(struct ipvsctl_config *config,
				   const struct ipvsctl_mark *rule,
				   struct ipvsctl_error *err)
{
	struct mark_node *node = find_whole(config, rule);

	if (!node)
		return fail_no_mark(rule, err);
	if (separate(config, &node, rule->family) < 0)
		return fail_memory(err);
	node->rule.mark = rule->mark;
	node->rule.mask = rule->mask;
	node->rule.exclude = rule->exclude;
	(void)memmove(node->rule.comment, rule->comment, sizeof(rule->comment));
	return 0;
}

API int ipvsctl_config_delete_mark(struct ipvsctl_config *config,
				   const struct ipvsctl_mark *rule,
				   struct ipvsctl_error *err)
{
	struct mark_node *node = find_whole(config, rule);

	if (!node || node->rule.exclude != rule->exclude ||
	    (!rule->exclude &&
	     (node->rule.mark != rule->mark || node->rule.mask != rule->mask)))
		return fail_no_mark(rule, err);
	if (separate(config, &node, rule->family) < 0)
		return fail_memory(err);
	drop_node(&config->marks, node);
	return 0;
}
