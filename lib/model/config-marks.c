/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules of a configuration, in the order in which they are tried. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "fail.h"
#include "model/config.h"
#include "model/object.h"

static bool same_match(const void *table, size_t position, const void *identity)
{
	return ipvsctl_mark_same_match(&mark_node_at(table, position)->rule,
				       identity);
}

static size_t find_position(const struct mark_table *table, uint32_t hash,
			    const struct ipvsctl_mark *rule)
{
	return index_find(&table->index, hash, table, same_match, rule);
}

size_t config_mark_position(const struct ipvsctl_config *config,
			    const struct ipvsctl_mark *rule)
{
	return find_position(&config->marks, mark_hash(rule), rule);
}

static struct mark_node *find_node(const struct ipvsctl_config *config,
				   const struct ipvsctl_mark *rule)
{
	size_t position = config_mark_position(config, rule);

	return position == SIZE_MAX ? NULL :
				      mark_node_at(&config->marks, position);
}

const struct mark_node *config_find_next(const struct ipvsctl_config *config,
					 const struct ipvsctl_mark *rule,
					 const struct mark_node **next)
{
	const struct mark_node *found = *next;

	if (!found || !ipvsctl_mark_same_match(&found->rule, rule))
		found = find_node(config, rule);
	if (found)
		*next = found->next;
	return found;
}

static void drop_source(struct mark_table *table)
{
	struct mark_source *source = TAKE_PTR(table->source);

	if (source)
		source->free(source);
}

void config_free_marks(struct ipvsctl_config *config)
{
	struct mark_table *table = &config->marks;

	drop_source(table);
	for (struct mark_node *node = table->first; node; node = node->next)
		ipvsctl_mark_clear(&node->rule);
	for (size_t i = 0; i < table->block_count; i++)
		free(table->blocks[i]);
	free(table->blocks);
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

/* Returns the position of the key's group, or where to insert it. */
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

/* Inserts a node after previous, or first if that is NULL. */
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

/* Inserts a node after the rules of its place; a group must be reserved. */
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

/* Adds a block of nodes, all unused. Returns 0 or -ENOMEM. */
static int add_block(struct mark_table *table)
{
	struct mark_node **blocks =
		array_grow(table->blocks, &table->block_capacity,
			   table->block_count + 1, sizeof(struct mark_node *));
	struct mark_node *block;

	if (!blocks)
		return -ENOMEM;
	table->blocks = blocks;
	block = calloc(MARK_BLOCK, sizeof(*block));
	if (!block)
		return -ENOMEM;
	for (size_t i = MARK_BLOCK; i-- > 0;) {
		block[i].position =
			(uint32_t)(table->block_count * MARK_BLOCK + i);
		block[i].next = table->unused;
		table->unused = &block[i];
	}
	blocks[table->block_count++] = block;
	return 0;
}

/* Makes room for one more node and group. Returns 0 or -ENOMEM. */
static int reserve(struct mark_table *table)
{
	struct mark_group *groups =
		array_grow(table->groups, &table->group_capacity,
			   table->group_count + 1, sizeof(*groups));

	if (!groups)
		return -ENOMEM;
	table->groups = groups;
	return table->unused ? 0 : add_block(table);
}

/* Copies a rule into a node outside the chain. Returns NULL without memory. */
static struct mark_node *add_node(struct mark_table *table,
				  const struct ipvsctl_mark *rule,
				  uint32_t hash, uint32_t age)
{
	struct mark_node *node;

	drop_source(table);
	if (reserve(table) < 0)
		return NULL;
	node = table->unused;
	if (mark_copy(rule, &node->rule) < 0)
		return NULL;
	if (index_add(&table->index, hash, node->position) < 0) {
		ipvsctl_mark_clear(&node->rule);
		return NULL;
	}
	table->unused = node->next;
	table->count++;
	node->age = age;
	return node;
}

static int append(struct ipvsctl_config *config,
		  const struct ipvsctl_mark *rule, uint32_t hash)
{
	struct mark_table *table = &config->marks;
	struct mark_node *node;

	/* Ages are not used twice. */
	if (table->last_age == UINT32_MAX)
		return -ENOMEM;
	node = add_node(table, rule, hash, table->last_age + 1);
	if (!node)
		return -ENOMEM;
	table->last_age = node->age;
	chain(table, node);
	config->kinds |= IPVSCTL_MARKS;
	return 0;
}

int config_append_mark(struct ipvsctl_config *config,
		       const struct ipvsctl_mark *rule)
{
	return append(config, rule, mark_hash(rule));
}

int config_append_new_mark(struct ipvsctl_config *config,
			   const struct ipvsctl_mark *rule)
{
	uint32_t hash = mark_hash(rule);

	if (find_position(&config->marks, hash, rule) != SIZE_MAX)
		return -EEXIST;
	return append(config, rule, hash);
}

/* Returns the node with that node's position, or NULL for NULL. */
static struct mark_node *twin(const struct mark_table *table,
			      const struct mark_node *node)
{
	return node ? mark_node_at(table, node->position) : NULL;
}

/* Nodes keep their positions, so that the index stays as it is. */
int config_copy_marks(const struct ipvsctl_config *config,
		      struct ipvsctl_config *copy)
{
	const struct mark_table *from = &config->marks;
	struct mark_table *to = &copy->marks;
	struct mark_node *last = NULL;

	while (to->block_count < from->block_count)
		if (add_block(to) < 0)
			return -ENOMEM;
	to->unused = twin(to, from->unused);
	for (const struct mark_node *node = from->unused; node;
	     node = node->next)
		twin(to, node)->next = twin(to, node->next);
	for (const struct mark_node *node = from->first; node;
	     node = node->next) {
		struct mark_node *next = twin(to, node);

		if (mark_copy(&node->rule, &next->rule) < 0)
			return -ENOMEM;
		next->age = node->age;
		insert(to, last, next);
		last = next;
		to->count++;
	}
	to->last_age = from->last_age;
	to->groups = calloc(from->group_count + 1, sizeof(*to->groups));
	if (!to->groups)
		return -ENOMEM;
	to->group_capacity = from->group_count + 1;
	for (; to->group_count < from->group_count; to->group_count++)
		to->groups[to->group_count] = (struct mark_group){
			.key = from->groups[to->group_count].key,
			.last = twin(to, from->groups[to->group_count].last),
		};
	return index_copy(&from->index, &to->index);
}

int mark_about(const struct ipvsctl_mark *rule, int code,
	       struct ipvsctl_error *err)
{
	AUTO_FREE char *line = NULL;

	if (!err || ipvsctl_mark_line(rule, &line, NULL) < 0)
		return code;
	return fail_about(err, code, "%s", line);
}

int mark_fail_hidden(const struct ipvsctl_mark *rule,
		     const struct ipvsctl_mark *before,
		     struct ipvsctl_error *err)
{
	AUTO_TEXT struct text text = { 0 };
	AUTO_FREE char *line = NULL;
	AUTO_FREE char *command = NULL;
	int r = ipvsctl_mark_line(before, &line, NULL);

	mark_add_line(&text, "delete", before);
	if (r < 0 || text_take(&text, &command) < 0)
		return fail_memory(err);
	r = fail(err, -EINVAL, "a rule before it matches the same: %s", line);
	(void)fail_hint(err, r,
			"take out one of the two; if it stands: lbctl-%s",
			command);
	return mark_about(rule, r, err);
}

API int ipvsctl_config_add_mark(struct ipvsctl_config *config,
				const struct ipvsctl_mark *rule,
				struct ipvsctl_error *err)
{
	int r = config_append_new_mark(config, rule);

	if (r == -EEXIST)
		return mark_about(
			rule,
			fail(err, r,
			     "a rule that matches the same already exists"),
			err);
	return r < 0 ? fail_memory(err) : 0;
}

static int fail_no_mark(const struct ipvsctl_mark *rule,
			struct ipvsctl_error *err)
{
	return mark_about(rule, fail(err, -ENOENT, "no such mark rule"), err);
}

/* A rule with addresses has their family: no rule of both includes it. */
struct mark_node *config_find_whole_mark(const struct ipvsctl_config *config,
					 const struct ipvsctl_mark *rule)
{
	struct mark_node *node = find_node(config, rule);
	struct ipvsctl_mark both;

	if (node || rule->family == AF_UNSPEC || rule->source.count ||
	    rule->destination.count)
		return node;
	both = *rule;
	both.family = AF_UNSPEC;
	return find_node(config, &both);
}

/* Removes a rule; another rule can reuse its node. */
static void drop_node(struct mark_table *table, struct mark_node *node)
{
	drop_source(table);
	unchain(table, node);
	index_remove(&table->index, mark_hash(&node->rule), node->position);
	ipvsctl_mark_clear(&node->rule);
	node->next = table->unused;
	table->unused = node;
	table->count--;
}

/* Makes a rule of both families one of that family. */
static void set_family(struct mark_table *table, struct mark_node *node,
		       uint16_t family)
{
	uint32_t before = mark_hash(&node->rule);

	drop_source(table);
	node->rule.family = family;
	index_rehash(&table->index, before, mark_hash(&node->rule),
		     node->position);
}

/*
 * If the other family also has a rule of its own, its packets reach only the
 * older of the two. Drops the younger one, or narrows the rule of both to that
 * family. Returns whether it narrowed the rule.
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
	/* The rules match the same, so their place is the same, too. */
	if (both->age < own->age) {
		drop_node(table, own);
		return false;
	}
	set_family(table, both, family);
	return true;
}

/*
 * Makes *node, as returned by config_find_whole_mark(), a rule of that family
 * alone. The rest of a rule of both follows or precedes it. Returns 0 or -ENOMEM.
 */
static int separate(struct ipvsctl_config *config, struct mark_node **node,
		    uint16_t family)
{
	struct mark_table *table = &config->marks;
	struct mark_node *ipv4 = *node;
	struct ipvsctl_mark copy = ipv4->rule;
	struct mark_node *ipv6;

	if (ipv4->rule.family == family || narrow(config, ipv4, family))
		return 0;
	copy.family = AF_INET6;
	ipv6 = add_node(table, &copy, mark_hash(&copy), ipv4->age);
	if (!ipv6)
		return -ENOMEM;
	set_family(table, ipv4, AF_INET);
	struct mark_group *group =
		&table->groups[group_position(table, place_key(&ipv4->rule))];
	if (group->last == ipv4)
		group->last = ipv6;
	insert(table, ipv4, ipv6);
	*node = family == AF_INET6 ? ipv6 : ipv4;
	return 0;
}

/* Finds the rule that differs only in having an exemption; or NULL. */
static struct mark_node *find_exempt(const struct ipvsctl_config *config,
				     const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark exempt = *rule;
	struct mark_node *node;

	exempt.exempt_own = IPVSCTL_EXEMPT_SOCKET;
	node = config_find_whole_mark(config, &exempt);
	exempt.exempt_own = IPVSCTL_EXEMPT_CONNTRACK;
	return node ? node : config_find_whole_mark(config, &exempt);
}

int config_drop_exemption(struct ipvsctl_config *config,
			  const struct ipvsctl_mark *rule)
{
	struct mark_node *node;
	uint32_t before;

	node = config_find_whole_mark(config, rule) ? NULL :
						      find_exempt(config, rule);
	if (!node)
		return 0;
	if (separate(config, &node, rule->family) < 0)
		return -ENOMEM;
	drop_source(&config->marks);
	before = mark_hash(&node->rule);
	node->rule.exempt_own = IPVSCTL_EXEMPT_NONE;
	index_rehash(&config->marks.index, before, mark_hash(&node->rule),
		     node->position);
	return 0;
}

API int ipvsctl_config_change_mark(struct ipvsctl_config *config,
				   const struct ipvsctl_mark *rule,
				   struct ipvsctl_error *err)
{
	struct mark_node *node = config_find_whole_mark(config, rule);
	AUTO_FREE const char *comment = NULL;

	if (!node)
		return fail_no_mark(rule, err);
	if (mark_set_text(&comment, rule->comment) < 0 ||
	    separate(config, &node, rule->family) < 0)
		return fail_memory(err);
	drop_source(&config->marks);
	free((char *)node->rule.comment);
	node->rule.comment = TAKE_PTR(comment);
	node->rule.mark = rule->mark;
	node->rule.mask = rule->mask;
	node->rule.exclude = rule->exclude;
	node->rule.snat = rule->snat;
	node->rule.snat_address = rule->snat_address;
	return 0;
}

API int ipvsctl_config_delete_mark(struct ipvsctl_config *config,
				   const struct ipvsctl_mark *rule,
				   struct ipvsctl_error *err)
{
	struct mark_node *node = config_find_whole_mark(config, rule);

	if (!node || node->rule.exclude != rule->exclude ||
	    (!rule->exclude &&
	     (node->rule.mark != rule->mark || node->rule.mask != rule->mask)))
		return fail_no_mark(rule, err);
	if (separate(config, &node, rule->family) < 0)
		return fail_memory(err);
	drop_node(&config->marks, node);
	return 0;
}
