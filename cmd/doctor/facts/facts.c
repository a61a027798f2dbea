/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Keeps facts, and finds those that rules ask for. */
#include "doctor/facts/facts.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "array.h"
#include "doctor/facts/fields.h"
#include "number.h"

/* ---- Keeping ------------------------------------------------------------- */

static void free_strings(const struct fact_shape *shape, char *row)
{
	for (const struct field *field = shape->fields; field->name; field++)
		if (field->kind == FIELD_STRING)
			freep(row + field->offset);
}

void facts_free(struct facts *facts)
{
	for (int fact = 0; fact < FACTS; fact++) {
		const struct fact_shape *shape = &fact_shapes[fact];
		struct fact_list *list = &facts->lists[fact];

		for (size_t i = 0; i < list->count; i++)
			free_strings(shape,
				     (char *)list->rows + i * shape->size);
		free(list->rows);
		free(facts->why[fact]);
	}
	ipvsctl_config_free(facts->config);
	*facts = (struct facts){ 0 };
}

void *facts_add(struct facts *facts, enum fact fact)
{
	const size_t size = fact_shapes[fact].size;
	struct fact_list *list = &facts->lists[fact];
	void *grown =
		array_grow(list->rows, &list->capacity, list->count + 1, size);

	if (!grown)
		return NULL;
	list->rows = grown;
	return memset((char *)grown + size * list->count++, 0, size);
}

void facts_unknown(struct facts *facts, enum fact fact, int code,
		   const char *why)
{
	facts->known[fact] = false;
	if (facts->why[fact])
		return;
	facts->why[fact] = strdup(why);
	facts->denied[fact] = code == -EPERM || code == -EACCES;
}

void facts_without_ipvs(struct facts *facts)
{
	const struct fact_host *host = facts_one(facts, FACT_HOST);

	if (facts->known[FACT_HOST] && !host->ipvs)
		facts->known[FACT_SERVICES] = true;
}

const void *facts_one(const struct facts *facts, enum fact fact)
{
	static const union {
		struct fact_host host;
		struct fact_checks_file checks_file;
		struct fact_saved saved;
	} nothing;

	return facts->lists[fact].count ? facts->lists[fact].rows : &nothing;
}

/* ---- Finding ------------------------------------------------------------- */

/* Names come first in rows of sysctls and of names, addresses in others. */
static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int compare_addresses(const void *a, const void *b)
{
	return ipvsctl_address_compare(a, b);
}

static int compare_routes(const void *a, const void *b)
{
	const struct fact_route *one = a, *other = b;
	int order = ipvsctl_address_compare(&one->address, &other->address);

	return order ? order :
		       (one->mark > other->mark) - (one->mark < other->mark);
}

static const struct {
	enum fact fact;
	int (*compare)(const void *a, const void *b);
} sorted[] = {
	{ FACT_LINKS, compare_names },	 { FACT_ADDRESSES, compare_addresses },
	{ FACT_ROUTES, compare_routes }, { FACT_SYSCTLS, compare_names },
	{ FACT_MODULES, compare_names }, { FACT_PROCESSES, compare_names },
};

void facts_sort(struct facts *facts)
{
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		struct fact_list *list = &facts->lists[sorted[i].fact];

		if (list->count)
			qsort(list->rows, list->count,
			      fact_shapes[sorted[i].fact].size,
			      sorted[i].compare);
	}
}

static const void *find(const struct facts *facts, enum fact fact,
			const void *key)
{
	const struct fact_list *list = &facts->lists[fact];
	size_t i = 0;

	while (sorted[i].fact != fact)
		i++;
	return list->count ?
		       bsearch(key, list->rows, list->count,
			       fact_shapes[fact].size, sorted[i].compare) :
		       NULL;
}

const char *facts_sysctl(const struct facts *facts, const char *name)
{
	const struct fact_sysctl *found = find(facts, FACT_SYSCTLS, name);

	return found ? found->value : NULL;
}

bool facts_number(const struct facts *facts, const char *name,
		  uint32_t *ret_number)
{
	static const struct number_range any = { "number", 0, UINT32_MAX };
	const char *value = facts_sysctl(facts, name);

	return value && number_parse(value, &any, ret_number, NULL) == 0;
}

uint32_t facts_greater(const struct facts *facts, const char *interface,
		       const char *name)
{
	const char *const places[] = { "all", interface };
	uint32_t greatest = 0, number;
	char path[96];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		(void)snprintf(path, sizeof(path), "net/ipv4/conf/%s/%s",
			       places[i], name);
		if (facts_number(facts, path, &number) && number > greatest)
			greatest = number;
	}
	return greatest;
}

const struct fact_route *facts_route(const struct facts *facts,
				     const struct ipvsctl_address *address,
				     uint32_t mark)
{
	const struct fact_route key = { .address = *address, .mark = mark };

	return find(facts, FACT_ROUTES, &key);
}

const struct fact_address *facts_address(const struct facts *facts,
					 const struct ipvsctl_address *address)
{
	return find(facts, FACT_ADDRESSES, address);
}

const struct fact_link *facts_link(const struct facts *facts, const char *name)
{
	return find(facts, FACT_LINKS, name);
}

bool facts_has(const struct facts *facts, enum fact fact, const char *name)
{
	return find(facts, fact, name) != NULL;
}
