/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The servers of a service. */
#include <string.h>

#include "array.h"
#include "model/config.h"
#include "model/object.h"

void table_free(struct server_table *table)
{
	free(table->servers);
	index_free(&table->index);
}

/* Servers in a table have been checked, so the flag can mark deleted ones. */
bool server_is_gone(const struct ipvsctl_server *server)
{
	return server->unchecked;
}

static bool is_gone(const void *array, size_t position)
{
	const struct ipvsctl_server *servers = array;

	return server_is_gone(&servers[position]);
}

static int order_servers(const void *a, const void *b)
{
	return ipvsctl_server_compare(a, b);
}

/* ---- The index --------------------------------------------------------- */

static bool same_server(const void *array, size_t position, const void *identity)
{
	const struct ipvsctl_server *servers = array;

	return !ipvsctl_server_compare(&servers[position], identity);
}

static uint32_t hash_server(const void *array, size_t position)
{
	const struct ipvsctl_server *servers = array;

	return server_hash(INDEX_HASH_START, &servers[position]);
}

static bool is_indexed(const struct server_table *table)
{
	return table->index.size > 0;
}

static int index_servers(struct server_table *table)
{
	const struct ipvsctl_server *server = NULL;

	while ((server = table_next_server(table, server))) {
		size_t place = (size_t)(server - table->servers);

		if (index_add(&table->index, hash_server(table->servers, place),
			      place) < 0) {
			index_free(&table->index);
			return -ENOMEM;
		}
	}
	return 0;
}

/* ---- Finding ----------------------------------------------------------- */

static struct ipvsctl_server *halve(const struct server_table *table,
				    const struct ipvsctl_server *identity)
{
	struct ipvsctl_server *found =
		bsearch(identity, table->servers, table->end, sizeof(*found),
			order_servers);

	return found && !server_is_gone(found) ? found : NULL;
}

struct ipvsctl_server *table_server(const struct server_table *table,
				    const struct ipvsctl_server *identity)
{
	size_t position;

	if (!table->count)
		return NULL;
	if (!is_indexed(table))
		return halve(table, identity);
	position = index_find(&table->index,
			      server_hash(INDEX_HASH_START, identity),
			      table->servers, same_server, identity);
	return position == SIZE_MAX ? NULL : &table->servers[position];
}

static bool is_at(const struct server_table *table, size_t place,
		  const struct ipvsctl_server *server)
{
	return place < table->end && !server_is_gone(&table->servers[place]) &&
	       ipvsctl_server_compare(&table->servers[place], server) == 0;
}

struct ipvsctl_server *table_server_near(const struct server_table *table,
					 const struct ipvsctl_server *identity,
					 size_t *place)
{
	struct ipvsctl_server *found;

	if (is_at(table, *place + 1, identity))
		return &table->servers[++*place];
	if (is_at(table, *place - 1, identity))
		return &table->servers[--*place];
	found = table_server(table, identity);
	if (found)
		*place = (size_t)(found - table->servers);
	return found;
}

struct ipvsctl_server *table_next_server(const struct server_table *table,
					 const struct ipvsctl_server *prev)
{
	size_t place =
		prev ? (size_t)(prev - table->servers) + 1 : table->first;

	while (place < table->end && server_is_gone(&table->servers[place]))
		place++;
	return place < table->end ? &table->servers[place] : NULL;
}

/* ---- Copying and sorting ----------------------------------------------- */

int table_copy(const struct server_table *from, struct server_table *to)
{
	struct server_table copy = { 0 };

	if (from->end) {
		copy.servers = array_grow(NULL, &copy.capacity, from->end,
					  sizeof(*copy.servers));
		if (!copy.servers)
			return -ENOMEM;
		(void)memcpy(copy.servers, from->servers,
			     from->end * sizeof(*copy.servers));
		copy.first = from->first;
		copy.end = from->end;
		copy.count = from->count;
	}
	if (index_copy(&from->index, &copy.index) < 0) {
		table_free(&copy);
		return -ENOMEM;
	}
	*to = copy;
	return 0;
}

static void close_gaps(struct server_table *table)
{
	static const struct index_elements elements = { sizeof(*table->servers),
							is_gone, hash_server };

	table->end = index_close_gaps(&table->index, table->servers, table->end,
				      &elements);
	table->first = 0;
}

void table_sort(struct server_table *table)
{
	if (table->count < table->end)
		close_gaps(table);
	if (!is_indexed(table))
		return;
	if (table->count)
		qsort(table->servers, table->count, sizeof(*table->servers),
		      order_servers);
	index_free(&table->index);
}

/* ---- Editing ----------------------------------------------------------- */

int table_reserve(struct server_table *table, size_t count)
{
	struct ipvsctl_server *grown;

	if (!count)
		return 0;
	grown = array_grow(table->servers, &table->capacity, count,
			   sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	table->servers = grown;
	return 0;
}

int table_fit(struct server_table *table)
{
	struct ipvsctl_server *fitting;

	if (!table->end || table->end == table->capacity)
		return 0;
	fitting = reallocarray(table->servers, table->end, sizeof(*fitting));
	if (!fitting)
		return -ENOMEM;
	table->servers = fitting;
	table->capacity = table->end;
	return 0;
}

/* Tells whether there is no index and the server sorts after all others. */
static bool is_behind(const struct server_table *table,
		      const struct ipvsctl_server *server)
{
	return !is_indexed(table) &&
	       (!table->end ||
		ipvsctl_server_compare(&table->servers[table->end - 1],
				       server) < 0);
}

/* Indexes the server, which will take the place at the end. 0 or -ENOMEM. */
static int index_new(struct server_table *table,
		     const struct ipvsctl_server *server)
{
	if (!is_indexed(table) && index_servers(table) < 0)
		return -ENOMEM;
	return index_add(&table->index, server_hash(INDEX_HASH_START, server),
			 table->end);
}

int table_add_server(struct server_table *table,
		     const struct ipvsctl_server *server)
{
	const bool behind = is_behind(table, server);
	struct ipvsctl_server *added;

	if (!behind && table_server(table, server))
		return -EEXIST;
	if (table_reserve(table, table->end + 1) < 0 || !table->servers)
		return -ENOMEM;
	if (!behind && index_new(table, server) < 0)
		return -ENOMEM;
	added = &table->servers[table->end++];
	*added = *server;
	added->held = false;
	added->held_weight = 0;
	added->removed = false;
	added->unchecked = false;
	table->count++;
	return 0;
}

/* So many deletions took as long as closing their gaps takes. */
static bool has_gaps(const struct server_table *table)
{
	return table->end - table->count >
	       (table->count + table->index.size) / 4;
}

void table_delete_server(struct server_table *table,
			 struct ipvsctl_server *server)
{
	size_t place = (size_t)(server - table->servers);

	if (is_indexed(table))
		index_remove(&table->index,
			     server_hash(INDEX_HASH_START, server), place);
	server->unchecked = true;
	table->count--;
	while (table->first < table->end &&
	       server_is_gone(&table->servers[table->first]))
		table->first++;
	if (has_gaps(table))
		close_gaps(table);
}
