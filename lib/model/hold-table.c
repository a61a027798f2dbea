/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds in memory, by server. */
#include "model/hold-table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "model/leaving.h"
#include "model/object.h"
#include "number.h"

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

void hold_table_free(struct hold_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		hold_free(&table->holds[i]);
	free(table->holds);
	free(table->others);
	index_free(&table->index);
	*table = (struct hold_table){ 0 };
}

/* Adds a hold that the table lacks; takes its reasons on success. */
static int table_add(struct hold_table *table, const struct hold *hold)
{
	struct hold *grown = array_grow(table->holds, &table->capacity,
					table->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	table->holds = grown;
	grown[table->count] = *hold;
	if (index_add(&table->index, hash_of(hold), table->count) < 0)
		return -ENOMEM;
	table->count++;
	return 0;
}

/* Removes a hold; the last one takes its position. */
static void table_remove(struct hold_table *table, struct hold *hold)
{
	struct hold *last = &table->holds[table->count - 1];
	size_t position = (size_t)(hold - table->holds);

	index_remove(&table->index, hash_of(hold), position);
	if (hold != last)
		index_move(&table->index, hash_of(last), table->count - 1,
			   position);
	hold_free(hold);
	if (hold != last)
		*hold = *last;
	table->count--;
}

struct hold *hold_table_find(const struct hold_table *table,
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

void hold_table_drop(struct hold_table *table,
		     const struct ipvsctl_service *service,
		     const struct ipvsctl_server *server)
{
	struct hold *only =
		server ? hold_table_find(table, service, server) : NULL;

	if (only)
		table_remove(table, only);
	if (!server)
		drop_service(table, service, false);
}

void hold_table_drop_others(struct hold_table *table,
			    const struct ipvsctl_service *service)
{
	char *kept = table->others;

	for (const char *line = kept; line && *line;) {
		const size_t word = strcspn(line, " ");
		const size_t length = strcspn(line, "\n") + 1;
		struct ipvsctl_service named;
		char text[IPVSCTL_IDENTITY_TEXT];

		(void)snprintf(text, sizeof(text), "%.*s", (int)word, line);
		if (ipvsctl_service_parse(text, &named, NULL) < 0 ||
		    ipvsctl_service_compare(&named, service) != 0) {
			(void)memmove(kept, line, length);
			kept += length;
		}
		line += length;
	}
	if (!kept)
		return;
	*kept = '\0';
	if (kept == table->others) {
		free(table->others);
		table->others = NULL;
	}
}

void hold_table_drop_present(struct hold_table *table,
			     const struct ipvsctl_service *service)
{
	drop_service(table, service, true);
	hold_table_drop_others(table, service);
}

/* ---- Reasons ----------------------------------------------------------- */

API bool ipvsctl_reason_is(const char *a, const char *b)
{
	size_t length = strcspn(a, "=@,");

	return length == strcspn(b, "=@,") && strncmp(a, b, length) == 0;
}

size_t hold_reason_position(const struct hold *hold, const char *reason)
{
	for (size_t i = 0; hold && i < hold->reason_count; i++)
		if (ipvsctl_reason_is(hold->reasons[i], reason))
			return i;
	return SIZE_MAX;
}

bool hold_reason_parse(const char *reason, uint32_t *ret_weight)
{
	static const struct number_range weights = { "weight", 0, INT32_MAX };
	size_t length = strcspn(reason, "=");
	struct ipvsctl_leaving leaving;

	*ret_weight = 0;
	if (leaving_parse(reason, &leaving))
		return true;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)reason[i]) &&
		    !strchr("-_.:", reason[i]))
			return false;
	return length && strlen(reason) <= IPVSCTL_REASON_MAX &&
	       (!reason[length] || number_parse(reason + length + 1, &weights,
						ret_weight, NULL) == 0);
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

/* Adds the reason, or replaces the one of the same name. */
static int reason_set(struct hold *hold, const char *reason)
{
	size_t position = hold_reason_position(hold, reason);
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

	return hold_reason_parse(reason, &weight) ? weight : 0;
}

/* Returns the lowest weight that the reasons leave. */
static uint32_t hold_weight(const struct hold *hold)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < hold->reason_count; i++) {
		uint32_t weight = ipvsctl_reason_weight(hold->reasons[i]);

		least = weight < least ? weight : least;
	}
	return least;
}

void hold_table_mark(const struct hold_table *table,
		     const struct ipvsctl_service *service,
		     struct ipvsctl_server *server)
{
	const struct hold *hold = hold_table_find(table, service, server);

	server->held = hold != NULL;
	server->held_weight = hold ? hold_weight(hold) : 0;
}

const char *hold_extra_reason(const struct hold *a, const struct hold *b)
{
	for (size_t i = 0; a && i < a->reason_count; i++)
		if (hold_reason_position(b, a->reasons[i]) == SIZE_MAX)
			return a->reasons[i];
	return NULL;
}

const char *hold_new_reason(const struct hold *a, const struct hold *b)
{
	for (size_t i = 0; a && i < a->reason_count; i++) {
		size_t position = hold_reason_position(b, a->reasons[i]);

		if (position == SIZE_MAX ||
		    strcmp(a->reasons[i], b->reasons[position]) != 0)
			return a->reasons[i];
	}
	return NULL;
}

bool hold_equal(const struct hold *a, const struct hold *b)
{
	return !hold_new_reason(a, b) && !hold_new_reason(b, a);
}

int hold_table_add_copy(struct hold_table *to, const struct hold *hold)
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

int hold_table_copy(const struct hold_table *from, struct hold_table *to)
{
	for (size_t i = 0; i < from->count; i++)
		if (hold_table_add_copy(to, &from->holds[i]) < 0)
			return -ENOMEM;
	to->others = from->others ? strdup(from->others) : NULL;
	return from->others && !to->others ? -ENOMEM : 0;
}

int hold_table_add_reason(struct hold_table *table,
			  const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server,
			  const char *reason)
{
	struct hold *hold = hold_table_find(table, service, server);
	struct hold fresh = { .service = *service,
			      .server = *server,
			      .weight = server->weight };

	if (hold)
		return reason_set(hold, reason);
	if (reason_add(&fresh, reason) < 0 || table_add(table, &fresh) < 0) {
		hold_free(&fresh);
		return -ENOMEM;
	}
	return 0;
}
