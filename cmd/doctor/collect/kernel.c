/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The kernel's configuration, rules of others, and the ways to addresses. */
#include "doctor/collect/collect.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "array.h"

static const struct {
	enum fact fact;
	unsigned int kinds;
} parts[] = {
	{ FACT_SERVICES, IPVSCTL_SERVICES | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS },
	{ FACT_MARKS, IPVSCTL_MARKS },
	{ FACT_VIPS, IPVSCTL_VIPS },
};

/* ---- The configuration --------------------------------------------------- */

static int load(struct command *command, unsigned int kinds,
		struct ipvsctl_config **ret_config)
{
	if (kinds & IPVSCTL_SERVICES)
		kinds |= IPVSCTL_COUNTERS;
	return ipvsctl_load(command->ctx, kinds, NULL, ret_config,
			    &command->err);
}

/* Finds out which kinds cannot be read, and loads the others. */
static int load_readable(struct command *command, struct facts *facts,
			 unsigned int kinds)
{
	unsigned int readable = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(parts); i++) {
		AUTO_CONFIG struct ipvsctl_config *alone = NULL;

		if (!(kinds & parts[i].kinds))
			continue;
		if (load(command, parts[i].kinds, &alone) == 0)
			readable |= parts[i].kinds;
		else
			r = collect_failed(command, facts, parts[i].fact);
	}
	if (r < 0 || load(command, readable, &facts->config) == 0)
		return r;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(parts); i++) {
		const struct ipvsctl_error why = command->err;

		if (kinds & parts[i].kinds)
			r = collect_failed(command, facts, parts[i].fact);
		command->err = why;
	}
	command->err = (struct ipvsctl_error){ 0 };
	return r;
}

static int add_foreign(uint16_t family, const char *rule, void *data)
{
	struct fact_foreign *row = facts_add(data, FACT_FOREIGN);

	if (!row)
		return -ENOMEM;
	row->family = family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0;
	row->rule = strdup(rule);
	return row->rule ? 0 : -ENOMEM;
}

static int collect_foreign(struct command *command, struct facts *facts)
{
	int r = ipvsctl_each_foreign_rule(command->ctx, add_foreign, facts,
					  &command->err);

	/* Nobody has rules where the kernel has no tables for them. */
	if (r < 0 && r != -EOPNOTSUPP)
		return collect_failed(command, facts, FACT_FOREIGN);
	command->err = (struct ipvsctl_error){ 0 };
	facts->known[FACT_FOREIGN] = true;
	return 0;
}

int collect_config(struct command *command, struct facts *facts)
{
	const struct fact_host *host = facts_one(facts, FACT_HOST);
	unsigned int kinds = 0;
	int r = ipvsctl_open(&command->ctx, NULL, &command->err);

	if (r < 0)
		return r;
	/* A question to a family that is not there would load it. */
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].fact != FACT_SERVICES || host->ipvs)
			kinds |= parts[i].kinds;
	r = load(command, kinds, &facts->config);
	command->err = (struct ipvsctl_error){ 0 };
	if (r < 0 && r != -ENOMEM)
		r = load_readable(command, facts, kinds);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		facts->known[parts[i].fact] = !facts->why[parts[i].fact];
	((struct fact_host *)facts->lists[FACT_HOST].rows)->split =
		facts->config && ipvsctl_config_is_split(facts->config);
	return collect_foreign(command, facts);
}

/* ---- Ways ---------------------------------------------------------------- */

struct ways {
	struct ipvsctl_path *paths;
	size_t count, capacity;
};

static int add_way(struct ways *ways, const struct ipvsctl_address *address,
		   uint32_t mark)
{
	struct ipvsctl_path *grown =
		array_grow(ways->paths, &ways->capacity, ways->count + 1,
			   sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	ways->paths = grown;
	grown[ways->count++] =
		(struct ipvsctl_path){ .address = *address, .mark = mark };
	return 0;
}

static int compare_ways(const void *a, const void *b)
{
	const struct ipvsctl_path *one = a, *other = b;
	int order = ipvsctl_address_compare(&one->address, &other->address);

	return order ? order :
		       (one->mark > other->mark) - (one->mark < other->mark);
}

/* Drops ways that are there twice, as those of servers in many services. */
static void sort_ways(struct ways *ways)
{
	size_t kept = 0;

	if (ways->count)
		qsort(ways->paths, ways->count, sizeof(*ways->paths),
		      compare_ways);
	for (size_t i = 0; i < ways->count; i++)
		if (kept == 0 ||
		    compare_ways(&ways->paths[kept - 1], &ways->paths[i]) != 0)
			ways->paths[kept++] = ways->paths[i];
	ways->count = kept;
}

static int add_marked(struct ways *ways, const struct ipvsctl_config *config)
{
	int r = 0;

	ipvsctl_for_each_mark(config, rule) {
		const struct ipvsctl_address_range *range =
			rule->destination.ranges;

		if (r == 0 && !rule->exclude && rule->destination.count == 1 &&
		    !rule->destination.negated &&
		    ipvsctl_address_compare(&range->first, &range->last) == 0)
			r = add_way(ways, &range->first, rule->mark);
	}
	return r;
}

static int add_ways(struct ways *ways, const struct ipvsctl_config *config)
{
	int r = 0;

	ipvsctl_for_each_service(config, service) {
		if (r == 0 && !service->fwmark)
			r = add_way(ways, &service->address, 0);
		ipvsctl_for_each_server(config, service, server)
			if (r == 0)
				r = add_way(ways, &server->address, 0);
	}
	return r < 0 ? r : add_marked(ways, config);
}

static int add_routes(struct facts *facts, const struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		const struct ipvsctl_path *path = &ways->paths[i];
		struct fact_route *row = facts_add(facts, FACT_ROUTES);

		if (!row)
			return -ENOMEM;
		row->address = path->address;
		row->mark = path->mark;
		row->local = path->local;
		row->missing = path->fault == IPVSCTL_PATH_NO_ROUTE;
		row->gateway = path->gateway;
		(void)memcpy(row->interface, path->interface,
			     sizeof(row->interface));
	}
	facts->known[FACT_ROUTES] = true;
	return 0;
}

int collect_routes(struct command *command, struct facts *facts)
{
	struct ways ways = { 0 };
	int r = facts->config ? add_ways(&ways, facts->config) : 0;

	sort_ways(&ways);
	if (r == 0 && ipvsctl_find_paths(command->ctx, ways.paths, ways.count,
					 &command->err) < 0)
		r = collect_failed(command, facts, FACT_ROUTES);
	else if (r == 0)
		r = add_routes(facts, &ways);
	free(ways.paths);
	return r;
}
