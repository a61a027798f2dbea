/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds in memory. */
#include <ctype.h>
#include <string.h>

#include "array.h"
#include "model/error.h"
#include "model/holds.h"
#include "model/object.h"
#include "text.h"

/* ---- The table --------------------------------------------------------- */

static bool same_hold(const void *array, size_t position, const void *identity)
{
	const struct hold *hold = (const struct hold *)array + position;
	const struct hold *wanted = identity;

	return !ipvsctl_service_compare(&hold->service, &wanted->service) &&
	       !ipvsctl_server_compare(&hold->server, &wanted->server);
}

static uint32_t hash_of(const struct hold *hold)
{
	return server_hash(service_hash(INDEX_HASH_START, &hold->service),
			   &hold->server);
}

static uint32_t hash_hold(const void *array, size_t position)
{
	return hash_of((const struct hold *)array + position);
}

static void hold_free(struct hold *hold)
{
	for (size_t i = 0; i < hold->reason_count; i++)
		free(hold->reasons[i]);
	free(hold->reasons);
	*hold = (struct hold){ 0 };
}

void holds_free(struct hold_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		hold_free(&table->holds[i]);
	free(table->holds);
	free(table->others);
	index_free(&table->index);
	*table = (struct hold_table){ 0 };
}

/* Adds one that is not in the table; takes its reasons on success. */
static int table_add(struct hold_table *table, const struct hold *hold)
{
	struct hold *grown = array_grow(table->holds, &table->capacity,
					table->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	table->holds = grown;
	grown[table->count] = *hold;
	if (index_add(&table->index, hash_of(hold), table->count, grown,
		      hash_hold) < 0)
		return -ENOMEM;
	table->count++;
	return 0;
}

/* The last one takes its place. */
static void table_remove(struct hold_table *table, struct hold *hold)
{
	struct hold *last = &table->holds[table->count - 1];
	size_t position = (size_t)(hold - table->holds);

	index_remove(&table->index, hash_of(hold), position, table->holds,
		     hash_hold);
	if (hold != last)
		index_move(&table->index, hash_of(last), table->count - 1,
			   position);
	hold_free(hold);
	if (hold != last)
		*hold = *last;
	table->count--;
}

static struct hold *table_find(const struct hold_table *table,
			       const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server)
{
	const struct hold wanted = { .service = *service, .server = *server };
	size_t position;

	if (!table->count)
		return NULL;
	position = index_find(&table->index, hash_of(&wanted), table->holds,
			      same_hold, &wanted);
	return position == SIZE_MAX ? NULL : &table->holds[position];
}

static void drop_service(struct hold_table *table,
			 const struct ipvsctl_service *service,
			 bool keeps_aside)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct hold *hold = &table->holds[i];

		if (!ipvsctl_service_compare(&hold->service, service) &&
		    !(keeps_aside && hold->aside))
			hold_free(hold);
		else
			table->holds[kept++] = *hold;
	}
	if (kept == table->count)
		return;
	table->count = kept;
	index_rebuild(&table->index, table->holds, kept, hash_hold);
}

void holds_drop(struct hold_table *table, const struct ipvsctl_service *service,
		const struct ipvsctl_server *server)
{
	struct hold *only = server ? table_find(table, service, server) : NULL;

	if (only)
		table_remove(table, only);
	if (!server)
		drop_service(table, service, false);
}

void holds_drop_present(struct hold_table *table,
			const struct ipvsctl_service *service)
{
	drop_service(table, service, true);
	holds_drop_others(table, service);
}

struct hold *config_hold(const struct ipvsctl_config *config,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server)
{
	return table_find(&config->holds, service, server);
}

/* ---- Reasons ----------------------------------------------------------- */

API bool ipvsctl_reason_is(const char *a, const char *b)
{
	size_t length = strcspn(a, "=,");

	return length == strcspn(b, "=,") && strncmp(a, b, length) == 0;
}

static size_t reason_position(const struct hold *hold, const char *reason)
{
	for (size_t i = 0; hold && i < hold->reason_count; i++)
		if (ipvsctl_reason_is(hold->reasons[i], reason))
			return i;
	return SIZE_MAX;
}

bool holds_reason_parse(const char *reason, uint32_t *ret_weight)
{
	static const struct ipvsctl_range weights = { "weight", 0, INT32_MAX };
	size_t length = strcspn(reason, "=");

	*ret_weight = 0;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)reason[i]) &&
		    !strchr("-_.:", reason[i]))
			return false;
	return length && strlen(reason) <= IPVSCTL_REASON_MAX &&
	       (!reason[length] ||
		ipvsctl_number_parse(reason + length + 1, &weights, ret_weight,
				     NULL) == 0);
}

static int reason_add(struct hold *hold, const char *reason)
{
	char **grown = reallocarray(hold->reasons, hold->reason_count + 1,
				    sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	hold->reasons = grown;
	grown[hold->reason_count] = strdup(reason);
	if (!grown[hold->reason_count])
		return -ENOMEM;
	hold->reason_count++;
	return 0;
}

/* Adds it, or gives the one of its name its weight. */
static int reason_set(struct hold *hold, const char *reason)
{
	size_t position = reason_position(hold, reason);
	char *copy;

	if (position == SIZE_MAX)
		return reason_add(hold, reason);
	if (strcmp(hold->reasons[position], reason) == 0)
		return 0;
	copy = strdup(reason);
	if (!copy)
		return -ENOMEM;
	free(hold->reasons[position]);
	hold->reasons[position] = copy;
	return 0;
}

API uint32_t ipvsctl_reason_weight(const char *reason)
{
	uint32_t weight;

	return holds_reason_parse(reason, &weight) ? weight : 0;
}

/* The least of what its reasons leave. */
static uint32_t hold_weight(const struct hold *hold)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < hold->reason_count; i++) {
		uint32_t weight = ipvsctl_reason_weight(hold->reasons[i]);

		least = weight < least ? weight : least;
	}
	return least;
}

void holds_mark(const struct hold_table *table,
		const struct ipvsctl_service *service,
		struct ipvsctl_server *server)
{
	const struct hold *hold = table_find(table, service, server);

	server->held = hold != NULL;
	server->held_weight = hold ? hold_weight(hold) : 0;
}

const char *holds_extra_reason(const struct hold *a, const struct hold *b)
{
	for (size_t i = 0; a && i < a->reason_count; i++)
		if (reason_position(b, a->reasons[i]) == SIZE_MAX)
			return a->reasons[i];
	return NULL;
}

const char *holds_new_reason(const struct hold *a, const struct hold *b)
{
	for (size_t i = 0; a && i < a->reason_count; i++) {
		size_t position = reason_position(b, a->reasons[i]);

		if (position == SIZE_MAX ||
		    strcmp(a->reasons[i], b->reasons[position]) != 0)
			return a->reasons[i];
	}
	return NULL;
}

bool holds_equal(const struct hold *a, const struct hold *b)
{
	return !holds_new_reason(a, b) && !holds_new_reason(b, a);
}

/* Adds a copy of a hold that is not in the table. Returns 0 or -ENOMEM. */
static int copy_hold(const struct hold *hold, struct hold_table *to)
{
	struct hold copy = *hold;
	int r = 0;

	copy.reasons = NULL;
	copy.reason_count = 0;
	for (size_t i = 0; !r && i < hold->reason_count; i++)
		r = reason_add(&copy, hold->reasons[i]);
	if (r || table_add(to, &copy) < 0) {
		hold_free(&copy);
		return -ENOMEM;
	}
	to->has_aside |= copy.aside;
	return 0;
}

int holds_copy(const struct hold_table *from, struct hold_table *to)
{
	for (size_t i = 0; i < from->count; i++)
		if (copy_hold(&from->holds[i], to) < 0)
			return -ENOMEM;
	to->others = from->others ? strdup(from->others) : NULL;
	return from->others && !to->others ? -ENOMEM : 0;
}

int holds_set_aside(const struct ipvsctl_config *from, struct hold_table *to)
{
	for (size_t i = 0; i < from->holds.count; i++) {
		struct hold hold = from->holds.holds[i];
		const struct ipvsctl_server *server =
			ipvsctl_config_find_server(from, &hold.service,
						   &hold.server);

		if (server) {
			hold.server = *server;
			hold.weight = server->weight;
		}
		hold.aside = true;
		if (copy_hold(&hold, to) < 0) {
			holds_free(to);
			return -ENOMEM;
		}
	}
	return 0;
}

API int ipvsctl_config_flush_services(struct ipvsctl_config *config)
{
	struct hold_table aside = { 0 };

	if (holds_set_aside(config, &aside) < 0)
		return -ENOMEM;
	config_clear_services(config);
	config->holds = aside;
	config->kinds |= IPVSCTL_SERVICES;
	return 0;
}

int holds_keep_aside(struct ipvsctl_config *config,
		     const struct ipvsctl_config *from)
{
	for (size_t i = 0; i < from->holds.count; i++) {
		const struct hold *hold = &from->holds.holds[i];

		if (hold->aside &&
		    !config_hold(config, &hold->service, &hold->server) &&
		    copy_hold(hold, &config->holds) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* ---- Holding and releasing --------------------------------------------- */

int holds_add(struct ipvsctl_config *config,
	      const struct ipvsctl_service *service,
	      const struct ipvsctl_server *server, const char *reason)
{
	struct hold *hold = config_hold(config, service, server);
	struct hold fresh = { .service = *service,
			      .server = *server,
			      .weight = server->weight };

	if (hold)
		return reason_set(hold, reason);
	if (reason_add(&fresh, reason) < 0 ||
	    table_add(&config->holds, &fresh) < 0) {
		hold_free(&fresh);
		return -ENOMEM;
	}
	return 0;
}

static bool is_removed(const struct ipvsctl_config *config,
		       const struct hold *hold)
{
	const struct ipvsctl_server *server =
		ipvsctl_config_find_server(config, &hold->service,
					   &hold->server);

	return server ? server->removed : hold->server.removed;
}

int holds_adopt(struct ipvsctl_config *config, const struct ipvsctl_config *from)
{
	for (size_t i = 0; i < from->holds.count; i++) {
		const struct hold *hold = &from->holds.holds[i];
		struct ipvsctl_server *server =
			config_server(config, &hold->service, &hold->server,
				      NULL);

		if (!server)
			continue;
		for (size_t j = 0; j < hold->reason_count; j++)
			if (holds_add(config, &hold->service, server,
				      hold->reasons[j]) < 0)
				return -ENOMEM;
		holds_mark(&config->holds, &hold->service, server);
		server->removed = is_removed(from, hold);
	}
	return 0;
}

API int ipvsctl_config_hold(struct ipvsctl_config *config,
			    const struct ipvsctl_service *service,
			    const struct ipvsctl_server *server,
			    const char *reason, struct ipvsctl_error *err)
{
	struct ipvsctl_server *found;
	uint32_t weight;

	if (!holds_reason_parse(reason, &weight))
		return fail(err, -EINVAL,
			    "reason '%.64s' is not 1 to %d letters, digits and "
			    "'-_.:', and perhaps =WEIGHT",
			    reason, IPVSCTL_REASON_MAX);
	found = config_server(config, service, server, err);
	if (!found)
		return -ENOENT;
	if (holds_add(config, service, found, reason) < 0)
		return fail_memory(err);
	holds_mark(&config->holds, service, found);
	return 0;
}

API int ipvsctl_config_remove_server(struct ipvsctl_config *config,
				     const struct ipvsctl_service *service,
				     const struct ipvsctl_server *server,
				     const char *reason,
				     struct ipvsctl_error *err)
{
	int r = ipvsctl_config_hold(config, service, server, reason, err);
	struct ipvsctl_server *found =
		r < 0 ? NULL : config_server(config, service, server, err);

	if (found)
		found->removed = true;
	return r;
}

API int ipvsctl_config_release(struct ipvsctl_config *config,
			       const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server,
			       const char *reason, struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_server *found =
		config_server(config, service, server, err);

	if (!found)
		return -ENOENT;
	struct hold *hold = config_hold(config, service, found);
	size_t position = reason && hold ? reason_position(hold, reason) : 0;
	if (!hold || position == SIZE_MAX) {
		int r = reason ? fail(err, -ENOENT,
				      "the server is not held for '%.64s'",
				      reason) :
				 fail(err, -ENOENT, "the server is not held");

		return fail_about(err, r, "%s",
				  ipvsctl_server_format(found, text));
	}
	if (!reason || hold->reason_count == 1) {
		found->removed = false;
		holds_drop(&config->holds, service, found);
	} else {
		free(hold->reasons[position]);
		hold->reason_count--;
		(void)memmove(&hold->reasons[position],
			      &hold->reasons[position + 1],
			      (hold->reason_count - position) * sizeof(char *));
	}
	holds_mark(&config->holds, service, found);
	return 0;
}

API const char *ipvsctl_config_next_reason(const struct ipvsctl_config *config,
					   const struct ipvsctl_service *service,
					   const struct ipvsctl_server *server,
					   const char *prev)
{
	const struct hold *hold = config_hold(config, service, server);
	size_t next = 0;

	if (!hold)
		return NULL;
	if (prev)
		next = reason_position(hold, prev) + 1;
	return next < hold->reason_count ? hold->reasons[next] : NULL;
}

API size_t ipvsctl_config_count_waiting(const struct ipvsctl_config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->holds.count; i++)
		count += config->holds.holds[i].aside;
	return count;
}
