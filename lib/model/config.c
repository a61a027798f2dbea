/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Configurations: services and their servers. */
#include "model/config.h"

#include <string.h>

#include "array.h"
#include "fail.h"
#include "model/holds.h"
#include "model/object.h"

API int ipvsctl_config_new(struct ipvsctl_config **ret_config,
			   struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = calloc(1, sizeof(*config));

	if (!config)
		return fail_memory(err);
	*ret_config = config;
	return 0;
}

API void ipvsctl_config_free(struct ipvsctl_config *config)
{
	if (!config)
		return;
	config_clear_services(config);
	config_free_marks(config);
	config_free_vips(config);
	free(config->others.vips);
	table_free(&config->named);
	free(config);
}

/* ---- Finding ----------------------------------------------------------- */

static bool same_service(const void *array, size_t position,
			 const void *identity)
{
	const struct service_entry *entries = array;

	return !ipvsctl_service_compare(&entries[position].service, identity);
}

static uint32_t hash_entry(const void *array, size_t position)
{
	const struct service_entry *entries = array;

	return service_hash(INDEX_HASH_START, &entries[position].service);
}

static bool entry_is_gone(const void *array, size_t position)
{
	const struct service_entry *entries = array;

	return entries[position].service.address.family == FAMILY_GONE;
}

/* Returns the entry that contains this very object, or NULL. */
static struct service_entry *own_entry(const struct ipvsctl_config *config,
				       const struct ipvsctl_service *service)
{
	uintptr_t offset = (uintptr_t)service - (uintptr_t)config->entries;
	size_t position = offset / sizeof(*config->entries);

	return position < config->end &&
			       !entry_is_gone(config->entries, position) ?
		       &config->entries[position] :
		       NULL;
}

/* Callers nearly always pass a service that iteration returned. */
struct service_entry *config_entry(const struct ipvsctl_config *config,
				   const struct ipvsctl_service *identity)
{
	struct service_entry *own = own_entry(config, identity);

	if (own)
		return own;
	size_t position = index_find(&config->index,
				     service_hash(INDEX_HASH_START, identity),
				     config->entries, same_service, identity);

	return position == SIZE_MAX ? NULL : &config->entries[position];
}

struct service_entry *config_next_entry(const struct ipvsctl_config *config,
					const struct service_entry *prev)
{
	size_t place =
		prev ? (size_t)(prev - config->entries) + 1 : config->first;

	while (place < config->end && entry_is_gone(config->entries, place))
		place++;
	return place < config->end ? &config->entries[place] : NULL;
}

API const struct ipvsctl_service *ipvsctl_config_next_service(
	const struct ipvsctl_config *config, const struct ipvsctl_service *prev)
{
	const struct service_entry *entry =
		config_next_entry(config, (const void *)prev);

	return entry ? &entry->service : NULL;
}

API const struct ipvsctl_service *
ipvsctl_config_find_service(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *identity)
{
	const struct service_entry *entry = config_entry(config, identity);

	return entry ? &entry->service : NULL;
}

/* ---- Copying and sorting ----------------------------------------------- */

static int copy_entries(const struct ipvsctl_config *from,
			struct ipvsctl_config *to)
{
	if (!from->end)
		return 0;
	to->entries = array_grow(NULL, &to->capacity, from->end,
				 sizeof(*to->entries));
	if (!to->entries)
		return -ENOMEM;
	to->first = from->first;
	to->count = from->count;
	for (size_t i = 0; i < from->end; i++) {
		to->entries[i].service = from->entries[i].service;
		if (table_copy(&from->entries[i].table, &to->entries[i].table) <
		    0)
			return -ENOMEM;
		to->end = i + 1;
	}
	return index_copy(&from->index, &to->index);
}

API int ipvsctl_config_copy(const struct ipvsctl_config *config,
			    struct ipvsctl_config **ret_copy,
			    struct ipvsctl_error *err)
{
	struct ipvsctl_config *copy = NULL;

	int r = ipvsctl_config_new(&copy, err);

	if (r < 0)
		return r;
	copy->partial = config->partial;
	if (copy_entries(config, copy) < 0 ||
	    config_copy_marks(config, copy) < 0 ||
	    hold_table_copy(&config->holds, &copy->holds) < 0 ||
	    vip_table_copy(&config->vips, &copy->vips) < 0) {
		ipvsctl_config_free(copy);
		return fail_memory(err);
	}
	copy->kinds = config->kinds;
	(void)memcpy(copy->sync, config->sync, sizeof(copy->sync));
	copy->timeouts = config->timeouts;
	copy->has_timeouts = config->has_timeouts;
	copy->backend = config->backend;
	copy->backend_stated = config->backend_stated;
	*ret_copy = copy;
	return 0;
}

/* ---- Gaps -------------------------------------------------------------- */

static void close_entry_gaps(struct ipvsctl_config *config)
{
	static const struct index_elements elements = {
		sizeof(*config->entries), entry_is_gone, hash_entry
	};

	config->end = index_close_gaps(&config->index, config->entries,
				       config->end, &elements);
	config->first = 0;
}

static int order_entries(const void *a, const void *b)
{
	const struct service_entry *one = a;
	const struct service_entry *other = b;

	return ipvsctl_service_compare(&one->service, &other->service);
}

API void ipvsctl_config_sort(struct ipvsctl_config *config)
{
	if (config->count < config->end)
		close_entry_gaps(config);
	for (size_t i = 0; i < config->count; i++)
		table_sort(&config->entries[i].table);
	if (config->count < 2)
		return;
	qsort(config->entries, config->count, sizeof(*config->entries),
	      order_entries);
	index_rebuild(&config->index, config->entries, config->count,
		      hash_entry);
}

/* ---- Services ---------------------------------------------------------- */

int config_fail_no_service(const struct ipvsctl_service *service,
			   struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = fail(err, -ENOENT, "no such service");

	(void)ipvsctl_service_format(service, text);
	(void)fail_about(err, r, "%s", text);
	return fail_hint(err, r, "lbctl-svc show");
}

API int ipvsctl_config_add_service(struct ipvsctl_config *config,
				   const struct ipvsctl_service *service,
				   struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	if (config_entry(config, service))
		return fail_about(err,
				  fail(err, -EEXIST, "service already exists"),
				  "%s", ipvsctl_service_format(service, text));
	struct service_entry *grown =
		array_grow(config->entries, &config->capacity, config->end + 1,
			   sizeof(*grown));
	if (!grown)
		return fail_memory(err);
	config->entries = grown;
	grown[config->end] = (struct service_entry){ .service = *service };
	grown[config->end].service.flags &= SERVICE_FLAGS;
	grown[config->end].service.unchecked = false;
	if (index_add(&config->index, service_hash(INDEX_HASH_START, service),
		      config->end) < 0)
		return fail_memory(err);
	config->end++;
	config->count++;
	config->kinds |= IPVSCTL_SERVICES;
	/* Lines kept for a service that was not loaded are outdated now. */
	if (config->partial)
		hold_table_drop_present(&config->holds, service);
	return 0;
}

API int ipvsctl_config_change_service(struct ipvsctl_config *config,
				      const struct ipvsctl_service *service,
				      struct ipvsctl_error *err)
{
	struct service_entry *entry = config_entry(config, service);

	if (!entry)
		return config_fail_no_service(service, err);
	entry->service = *service;
	entry->service.flags &= SERVICE_FLAGS;
	entry->service.unchecked = false;
	return 0;
}

API int ipvsctl_config_delete_service(struct ipvsctl_config *config,
				      const struct ipvsctl_service *identity,
				      struct ipvsctl_error *err)
{
	struct service_entry *entry = config_entry(config, identity);
	const struct ipvsctl_server *server = NULL;

	if (!entry)
		return config_fail_no_service(identity, err);
	while (config->holds.count &&
	       (server = table_next_server(&entry->table, server)))
		hold_table_drop(&config->holds, identity, server);
	if (config->holds.has_aside)
		hold_table_drop(&config->holds, identity, NULL);
	/* identity may be in the array: use it before it is cleared. */
	index_remove(&config->index, service_hash(INDEX_HASH_START, identity),
		     (size_t)(entry - config->entries));
	table_free(&entry->table);
	*entry =
		(struct service_entry){ .service.address.family = FAMILY_GONE };
	config->count--;
	while (config->first < config->end &&
	       entry_is_gone(config->entries, config->first))
		config->first++;
	if (index_has_gaps(&config->index, config->end))
		close_entry_gaps(config);
	return 0;
}

void config_clear_services(struct ipvsctl_config *config)
{
	for (size_t i = 0; i < config->end; i++)
		table_free(&config->entries[i].table);
	free(config->entries);
	index_free(&config->index);
	hold_table_free(&config->holds);
	config->entries = NULL;
	config->first = 0;
	config->end = 0;
	config->count = 0;
	config->capacity = 0;
}

/* ---- Servers ----------------------------------------------------------- */

API const struct ipvsctl_server *
ipvsctl_config_next_server(const struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *prev)
{
	const struct service_entry *entry = config_entry(config, service);

	return entry ? table_next_server(&entry->table, prev) : NULL;
}

API const struct ipvsctl_server *
ipvsctl_config_find_server(const struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *identity)
{
	const struct service_entry *entry = config_entry(config, service);

	return entry ? table_server(&entry->table, identity) : NULL;
}

API size_t ipvsctl_config_count_servers(const struct ipvsctl_config *config,
					const struct ipvsctl_service *service)
{
	const struct service_entry *entry = config_entry(config, service);

	return entry ? entry->table.count : 0;
}

/* Names a server of a service as what a failure is about. */
static int about_server(const struct ipvsctl_service *service,
			const struct ipvsctl_server *server, int code,
			struct ipvsctl_error *err)
{
	char service_text[IPVSCTL_IDENTITY_TEXT];
	char server_text[IPVSCTL_IDENTITY_TEXT];

	(void)ipvsctl_service_format(service, service_text);
	server_short_format(service, server, server_text);
	return fail_about(err, code, "%s %s", service_text, server_text);
}

API int ipvsctl_config_add_server(struct ipvsctl_config *config,
				  const struct ipvsctl_service *service,
				  const struct ipvsctl_server *server,
				  struct ipvsctl_error *err)
{
	struct service_entry *entry = config_entry(config, service);
	int r;

	if (!entry)
		return config_fail_no_service(service, err);
	r = table_add_server(&entry->table, server);
	if (r == -ENOMEM)
		return fail_memory(err);
	/* A server that is added by itself is not held. */
	if (r == 0 && config->holds.has_aside)
		hold_table_drop(&config->holds, service, server);
	return r ? about_server(service, server,
				fail(err, r, "server already exists"), err) :
		   0;
}

int config_fail_no_server(const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server,
			  struct ipvsctl_error *err)
{
	return about_server(service, server,
			    fail(err, -ENOENT, "no such server"), err);
}

struct ipvsctl_server *config_server(const struct ipvsctl_config *config,
				     const struct ipvsctl_service *service,
				     const struct ipvsctl_server *identity,
				     struct ipvsctl_error *err)
{
	struct service_entry *entry = config_entry(config, service);
	struct ipvsctl_server *server;

	if (!entry) {
		(void)config_fail_no_service(service, err);
		return NULL;
	}
	server = table_server(&entry->table, identity);
	if (!server)
		(void)config_fail_no_server(service, identity, err);
	return server;
}

API int ipvsctl_config_change_server(struct ipvsctl_config *config,
				     const struct ipvsctl_service *service,
				     const struct ipvsctl_server *server,
				     struct ipvsctl_error *err)
{
	struct ipvsctl_server *found =
		config_server(config, service, server, err);

	if (!found)
		return -ENOENT;
	const struct ipvsctl_server before = *found;

	*found = *server;
	found->held = before.held;
	found->held_weight = before.held_weight;
	found->removed = before.removed;
	found->unchecked = false;
	return 0;
}

API int ipvsctl_config_delete_server(struct ipvsctl_config *config,
				     const struct ipvsctl_service *service,
				     const struct ipvsctl_server *identity,
				     struct ipvsctl_error *err)
{
	struct service_entry *entry = config_entry(config, service);
	struct ipvsctl_server *server =
		config_server(config, service, identity, err);

	if (!entry || !server)
		return -ENOENT;
	/* identity may be in the array: use it before it is cleared. */
	hold_table_drop(&config->holds, service, identity);
	table_delete_server(&entry->table, server);
	return 0;
}
