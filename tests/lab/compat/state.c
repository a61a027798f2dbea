/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the kernel has in both namespaces: read, compared, made alike. */
#include "compat.h"

#include <stdlib.h>
#include <string.h>

#define KINDS (IPVSCTL_SERVICES | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS)

/* ---- Lines ------------------------------------------------------------------ */

/* The netmask comes last: see what explains a difference in it alone. */
static void print_service(FILE *stream, const struct ipvsctl_service *service)
{
	char name[IPVSCTL_IDENTITY_TEXT];

	(void)fprintf(stream,
		      "service %s scheduler %s flags 0x%x persistent %u pe "
		      "'%s' netmask 0x%x\n",
		      ipvsctl_service_format(service, name), service->scheduler,
		      service->flags, service->persistence_seconds,
		      service->persistence_engine, service->netmask);
}

static void print_server(FILE *stream, const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server)
{
	char of[IPVSCTL_IDENTITY_TEXT], name[IPVSCTL_IDENTITY_TEXT];

	(void)fprintf(stream,
		      "server %s %s forward %u weight %u upper %u lower %u "
		      "tunnel %u port %u checksum %u\n",
		      ipvsctl_service_format(service, of),
		      ipvsctl_server_format(server, name), server->forward,
		      ipvsctl_server_effective_weight(server),
		      server->upper_threshold, server->lower_threshold,
		      server->tunnel, server->tunnel_port,
		      server->tunnel_checksum);
}

static void print_services(FILE *stream, const struct ipvsctl_config *config)
{
	ipvsctl_for_each_service(config, service) {

		print_service(stream, service);
		ipvsctl_for_each_server(config, service, server)
			print_server(stream, service, server);
	}
}

static void print_rest(FILE *stream, const struct ipvsctl_config *config)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(config);

	for (unsigned int role = IPVSCTL_SYNC_MASTER;
	     role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(config, role);
		char group[IPVSCTL_ADDRESS_TEXT];

		if (sync)
			(void)fprintf(stream,
				      "sync %s interface %s id %u length %u "
				      "group %s port %u ttl %u\n",
				      ipvsctl_sync_role_name(role),
				      sync->interface, sync->id,
				      sync->max_length,
				      ipvsctl_address_format(&sync->group,
							     group),
				      sync->port, sync->ttl);
	}
	if (timeouts)
		(void)fprintf(stream, "timeouts %u %u %u\n", timeouts->tcp,
			      timeouts->tcp_fin, timeouts->udp);
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void split(struct state *state, char *text)
{
	char *rest = NULL;
	size_t room = 0;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (state->count == room) {
			room = room ? 2 * room : 64;
			state->lines =
				realloc(state->lines, room * sizeof(char *));
			if (!state->lines)
				bail_out("realloc", "out of memory");
		}
		state->lines[state->count++] = duplicate(line);
	}
	if (state->count)
		qsort(state->lines, state->count, sizeof(char *), compare_lines);
}

void state_read(const struct side *side, struct state *ret_state)
{
	struct ipvsctl_error err = { .code = 0 };
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	*ret_state = (struct state){ .count = 0 };
	if (!stream)
		bail_out("open_memstream", "out of memory");
	if (ipvsctl_load(side->ctx, KINDS, NULL, &ret_state->config, &err) < 0)
		bail_out("load", err.message);
	print_services(stream, ret_state->config);
	print_rest(stream, ret_state->config);
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	split(ret_state, text);
	free(text);
}

void state_clear(struct state *state)
{
	for (size_t i = 0; i < state->count; i++)
		free(state->lines[i]);
	free(state->lines);
	ipvsctl_config_free(state->config);
	*state = (struct state){ .count = 0 };
}

/* ---- Comparing ----------------------------------------------------------------- */

bool state_same(const struct state *a, const struct state *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->lines[i], b->lines[i]) != 0)
			return false;
	return true;
}

bool state_differ(const struct state *a, const struct state *b,
		  bool (*fn)(const char *a, const char *b, void *data),
		  void *data)
{
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		int order = i == a->count ? 1 :
			    j == b->count ? -1 :
					    strcmp(a->lines[i], b->lines[j]);

		if (order != 0 && !fn(order < 0 ? a->lines[i] : NULL,
				      order > 0 ? b->lines[j] : NULL, data))
			return false;
		i += order <= 0;
		j += order >= 0;
	}
	return true;
}

/* ---- Making alike ------------------------------------------------------------------ */

static void go(struct side *side, const struct ipvsctl_config *from,
	       const struct ipvsctl_config *to)
{
	struct ipvsctl_error err = { .code = 0 };
	struct ipvsctl_plan *plan;

	if (ipvsctl_plan_compare(from, to, &plan, &err) < 0)
		bail_out("plan", err.message);
	if (ipvsctl_apply(side->ctx, plan, NULL, &err) < 0) {
		(void)printf("# %s: %s\n", err.subject, err.message);
		bail_out("cannot make both sides alike", err.message);
	}
	ipvsctl_plan_free(plan);
}

static void empty(struct ipvsctl_config *config)
{
	const struct ipvsctl_timeouts defaults = { .tcp = 900,
						   .tcp_fin = 120,
						   .udp = 300 };
	const struct ipvsctl_service *service;
	struct ipvsctl_error err = { .code = 0 };

	while ((service = ipvsctl_config_next_service(config, NULL))) {
		struct ipvsctl_service identity = *service;

		if (ipvsctl_config_delete_service(config, &identity, &err) < 0)
			bail_out("delete", err.message);
	}
	ipvsctl_config_remove_sync(config, IPVSCTL_SYNC_MASTER);
	ipvsctl_config_remove_sync(config, IPVSCTL_SYNC_BACKUP);
	ipvsctl_config_set_timeouts(config, &defaults);
}

/* By way of nothing at all, so that both have the same order of age. */
void world_level(struct world *world, const struct state *state)
{
	for (struct side *side = world->sides; side < world->sides + SIDES;
	     side++) {
		struct ipvsctl_error err = { .code = 0 };
		struct ipvsctl_config *now, *none;

		if (ipvsctl_load(side->ctx, KINDS, NULL, &now, &err) < 0)
			bail_out("load", err.message);
		if (ipvsctl_config_copy(now, &none, NULL) < 0)
			bail_out("copy", "out of memory");
		empty(none);
		go(side, now, none);
		if (state)
			go(side, none, state->config);
		ipvsctl_config_free(none);
		ipvsctl_config_free(now);
	}
}
