/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Plans: the steps from one configuration to another, in a safe order. */
#include "model/plan.h"

#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "fail.h"
#include "model/config.h"
#include "model/holds.h"
#include "model/mark-snat.h"
#include "model/object.h"

int plan_add_step(struct ipvsctl_plan *plan, struct ipvsctl_step step)
{
	struct ipvsctl_step *grown =
		array_grow(plan->steps, &plan->capacity, plan->count + 1,
			   sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	plan->steps = grown;
	step.plan = plan;
	grown[plan->count++] = step;
	return 0;
}

/* ---- Services and servers ---------------------------------------------- */

/* A service in both configurations; either may be NULL. */
struct pair {
	const struct service_entry *before;
	const struct service_entry *after;
	struct plan_span span;
};

/* Called for each pair in one pass over all services. */
typedef int (*pair_fn)(struct ipvsctl_plan *plan, const struct pair *pair);

static int add_service(struct ipvsctl_plan *plan, const struct pair *pair)
{
	if (pair->before)
		return 0;
	return plan_add_step(plan, (struct ipvsctl_step){
					   .action = IPVSCTL_ADD,
					   .object = IPVSCTL_OBJECT_SERVICE,
					   .service = &pair->after->service,
					   .after = &pair->after->service });
}

/* As table_next_server(), but only within the span. */
static const struct ipvsctl_server *
next_in_span(const struct plan_span *span, const struct server_table *table,
	     const struct ipvsctl_server *prev)
{
	const struct ipvsctl_server *next;

	if (!prev && span->first > 0)
		prev = &table->servers[span->first - 1];
	next = table_next_server(table, prev);
	return next && (size_t)(next - table->servers) < span->end ? next :
								     NULL;
}

static int add_servers(struct ipvsctl_plan *plan, const struct pair *pair)
{
	const struct server_table *table = &pair->after->table;
	const struct ipvsctl_server *server = NULL;
	size_t last = pair->span.first - 1;
	int r = 0;

	while (!r && (server = next_in_span(&pair->span, table, server))) {
		const struct ipvsctl_server *before =
			pair->before ? table_server_near(&pair->before->table,
							 server, &last) :
				       NULL;

		if (before && (!before->removed || server->removed))
			continue;
		r = plan_add_step(plan, (struct ipvsctl_step){
						.action = IPVSCTL_ADD,
						.object = IPVSCTL_OBJECT_SERVER,
						.service = &pair->after->service,
						.after = server });
	}
	return r;
}

static int change_service(struct ipvsctl_plan *plan, const struct pair *pair)
{
	if (!pair->before ||
	    service_equal(&pair->before->service, &pair->after->service))
		return 0;
	return plan_add_step(plan, (struct ipvsctl_step){
					   .action = IPVSCTL_CHANGE,
					   .object = IPVSCTL_OBJECT_SERVICE,
					   .service = &pair->after->service,
					   .before = &pair->before->service,
					   .after = &pair->after->service });
}

static bool same_holds(const struct ipvsctl_plan *plan,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *before,
		       const struct ipvsctl_server *after)
{
	if (!before->held && !after->held)
		return true;
	return hold_equal(hold_table_find(&plan->from->holds, service, before),
			  hold_table_find(&plan->to->holds, service, after));
}

/* Adds the changes that raise a server's weight, or all other changes. */
static int change_servers(struct ipvsctl_plan *plan, const struct pair *pair,
			  bool raised)
{
	const struct server_table *table = &pair->after->table;
	const struct ipvsctl_server *after = NULL;
	size_t last = pair->span.first - 1;
	int r = 0;

	while (pair->before && !r &&
	       (after = next_in_span(&pair->span, table, after))) {
		const struct ipvsctl_server *before =
			table_server_near(&pair->before->table, after, &last);

		if (!before || before->removed != after->removed ||
		    (server_equal(before, after) &&
		     same_holds(plan, &pair->after->service, before, after)) ||
		    raised != (ipvsctl_server_effective_weight(after) >
			       ipvsctl_server_effective_weight(before)))
			continue;
		r = plan_add_step(plan, (struct ipvsctl_step){
						.action = IPVSCTL_CHANGE,
						.object = IPVSCTL_OBJECT_SERVER,
						.service = &pair->after->service,
						.before = before,
						.after = after });
	}
	return r;
}

static int raise_servers(struct ipvsctl_plan *plan, const struct pair *pair)
{
	return change_servers(plan, pair, true);
}

static int lower_servers(struct ipvsctl_plan *plan, const struct pair *pair)
{
	return change_servers(plan, pair, false);
}

static int delete_servers(struct ipvsctl_plan *plan, const struct pair *pair)
{
	const struct server_table *table = &pair->before->table;
	const struct ipvsctl_server *server = NULL;
	size_t last = pair->span.first - 1;
	int r = 0;

	while (!r && (server = next_in_span(&pair->span, table, server))) {
		const struct ipvsctl_server *after =
			pair->after ? table_server_near(&pair->after->table,
							server, &last) :
				      NULL;

		if (after && (server->removed || !after->removed))
			continue;
		r = plan_add_step(plan,
				  (struct ipvsctl_step){
					  .action = IPVSCTL_DELETE,
					  .object = IPVSCTL_OBJECT_SERVER,
					  .service = &pair->before->service,
					  .before = server });
	}
	return r;
}

static int delete_service(struct ipvsctl_plan *plan, const struct pair *pair)
{
	if (pair->after)
		return 0;
	return plan_add_step(plan, (struct ipvsctl_step){
					   .action = IPVSCTL_DELETE,
					   .object = IPVSCTL_OBJECT_SERVICE,
					   .service = &pair->before->service,
					   .before = &pair->before->service });
}

/* Tries the same place first: both configurations are mostly sorted. */
static const struct service_entry *find_entry(
	const struct ipvsctl_config *config, const struct ipvsctl_config *other,
	const struct service_entry *entry)
{
	size_t place = (size_t)(entry - other->entries);

	if (place < config->end &&
	    ipvsctl_service_compare(&config->entries[place].service,
				    &entry->service) == 0)
		return &config->entries[place];
	return config_entry(config, &entry->service);
}

/* The span of a service that only one configuration has. */
static const struct plan_span everywhere = { .end = SIZE_MAX };

/* Calls fn for each service of plan->to that is not settled. */
static int each_wanted(struct ipvsctl_plan *plan, pair_fn fn)
{
	struct pair pair = { 0 };
	int r = 0;

	while (!r && (pair.after = config_next_entry(plan->to, pair.after))) {
		pair.before = find_entry(plan->from, plan->to, pair.after);
		pair.span =
			pair.before ?
				plan->spans[pair.before - plan->from->entries] :
				everywhere;
		if (!pair.span.settled)
			r = fn(plan, &pair);
	}
	return r;
}

/* Calls fn for each service of plan->from that is not settled. */
static int each_present(struct ipvsctl_plan *plan, pair_fn fn)
{
	struct pair pair = { 0 };
	int r = 0;

	while (!r &&
	       (pair.before = config_next_entry(plan->from, pair.before))) {
		pair.span = plan->spans[pair.before - plan->from->entries];
		if (pair.span.settled)
			continue;
		pair.after = find_entry(plan->to, plan->from, pair.before);
		r = fn(plan, &pair);
	}
	return r;
}

/* Tells whether both have the same server, or none, in that place. */
static bool is_same(const struct ipvsctl_plan *plan, const struct pair *pair,
		    size_t place)
{
	const struct ipvsctl_server *one = &pair->before->table.servers[place];
	const struct ipvsctl_server *other = &pair->after->table.servers[place];

	if (server_is_gone(one) || server_is_gone(other))
		return server_is_gone(one) && server_is_gone(other);
	return ipvsctl_server_compare(one, other) == 0 &&
	       server_equal(one, other) &&
	       same_holds(plan, &pair->after->service, one, other);
}

static struct plan_span find_span(const struct ipvsctl_plan *plan,
				  const struct pair *pair)
{
	const size_t before = pair->before->table.end;
	const size_t after = pair->after->table.end;
	struct plan_span span = { .end = before > after ? before : after };

	while (span.first < before && span.first < after &&
	       is_same(plan, pair, span.first))
		span.first++;
	while (before == after && span.end > span.first &&
	       is_same(plan, pair, span.end - 1))
		span.end--;
	span.settled =
		span.first == span.end &&
		service_equal(&pair->before->service, &pair->after->service);
	return span;
}

/* Finds what the passes can leave out, which is mostly nearly everything. */
static int find_spans(struct ipvsctl_plan *plan)
{
	struct pair pair = { 0 };

	plan->spans = calloc(plan->from->end + 1, sizeof(*plan->spans));
	if (!plan->spans)
		return -ENOMEM;
	while ((pair.before = config_next_entry(plan->from, pair.before))) {
		pair.after = find_entry(plan->to, plan->from, pair.before);
		plan->spans[pair.before - plan->from->entries] =
			pair.after ? find_span(plan, &pair) : everywhere;
	}
	return 0;
}

/* ---- Timeouts and sync daemons ----------------------------------------- */

static bool keeps(uint32_t before, uint32_t after)
{
	return !after || before == after;
}

static int compare_timeouts(struct ipvsctl_plan *plan)
{
	const struct ipvsctl_timeouts *before =
		ipvsctl_config_get_timeouts(plan->from);
	const struct ipvsctl_timeouts *after =
		ipvsctl_config_get_timeouts(plan->to);

	if (!after || (before && keeps(before->tcp, after->tcp) &&
		       keeps(before->tcp_fin, after->tcp_fin) &&
		       keeps(before->udp, after->udp)))
		return 0;
	return plan_add_step(plan, (struct ipvsctl_step){
					   .action = IPVSCTL_CHANGE,
					   .object = IPVSCTL_OBJECT_TIMEOUTS,
					   .before = before,
					   .after = after });
}

/* A daemon cannot be changed while it runs: it is stopped and started. */
static int compare_sync(struct ipvsctl_plan *plan, enum ipvsctl_sync_role role)
{
	const struct ipvsctl_sync *before =
		ipvsctl_config_get_sync(plan->from, role);
	const struct ipvsctl_sync *after =
		ipvsctl_config_get_sync(plan->to, role);
	int r = 0;

	if (before && after && sync_equal(before, after))
		return 0;
	if (before)
		r = plan_add_step(plan, (struct ipvsctl_step){
						.action = IPVSCTL_DELETE,
						.object = IPVSCTL_OBJECT_SYNC,
						.before = before });
	if (!r && after)
		r = plan_add_step(plan, (struct ipvsctl_step){
						.action = IPVSCTL_ADD,
						.object = IPVSCTL_OBJECT_SYNC,
						.after = after });
	return r;
}

/* ---- Plans ------------------------------------------------------------- */

/* Adds the steps that come before marks: additions and changes. */
static int compare_first(struct ipvsctl_plan *plan, unsigned int kinds)
{
	static const pair_fn passes[] = { add_service, add_servers,
					  change_service, raise_servers,
					  lower_servers };
	int r = 0;

	if (kinds & IPVSCTL_VIPS)
		r = plan_add_vips(plan);
	if ((kinds & IPVSCTL_TIMEOUTS) && !r)
		r = compare_timeouts(plan);
	for (size_t i = 0;
	     (kinds & IPVSCTL_SERVICES) && !r && i < ARRAY_SIZE(passes); i++)
		r = each_wanted(plan, passes[i]);
	if ((kinds & IPVSCTL_SYNC) && !r)
		r = compare_sync(plan, IPVSCTL_SYNC_MASTER);
	if ((kinds & IPVSCTL_SYNC) && !r)
		r = compare_sync(plan, IPVSCTL_SYNC_BACKUP);
	return r;
}

static int compare_all(struct ipvsctl_plan *plan)
{
	unsigned int kinds = plan->from->kinds & plan->to->kinds;
	int r = kinds & IPVSCTL_SERVICES ? find_spans(plan) : 0;

	if (!r)
		r = compare_first(plan, kinds);
	if ((kinds & IPVSCTL_MARKS) && !r)
		r = plan_compare_marks(plan);
	if ((kinds & IPVSCTL_SERVICES) && !r)
		r = each_present(plan, delete_servers);
	if ((kinds & IPVSCTL_SERVICES) && !r)
		r = each_present(plan, delete_service);
	if ((kinds & IPVSCTL_VIPS) && !r)
		r = plan_delete_vips(plan);
	return r;
}

API int ipvsctl_plan_compare(const struct ipvsctl_config *from,
			     const struct ipvsctl_config *to,
			     struct ipvsctl_plan **ret_plan,
			     struct ipvsctl_error *err)
{
	struct ipvsctl_plan *plan;
	int r = config_check_snat(to, err);

	if (r < 0)
		return r;
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return fail_memory(err);
	plan->from = from;
	plan->to = to;
	r = compare_all(plan);
	free(plan->spans);
	plan->spans = NULL;
	if (r < 0) {
		ipvsctl_plan_free(plan);
		return fail_memory(err);
	}
	*ret_plan = plan;
	return 0;
}

/* Returns a copy that lives as long as the plan, or NULL. */
static const struct ipvsctl_service *
keep_service(struct ipvsctl_plan *plan, const struct ipvsctl_service *service)
{
	struct ipvsctl_service **grown =
		reallocarray(plan->copies, plan->copy_count + 1,
			     sizeof(struct ipvsctl_service *));

	if (!grown)
		return NULL;
	plan->copies = grown;
	grown[plan->copy_count] = malloc(sizeof(*service));
	if (!grown[plan->copy_count])
		return NULL;
	*grown[plan->copy_count] = *service;
	return grown[plan->copy_count++];
}

API int ipvsctl_plan_zero(struct ipvsctl_plan *plan, unsigned int kinds,
			  const struct ipvsctl_service *service,
			  struct ipvsctl_error *err)
{
	struct ipvsctl_step services = { .action = IPVSCTL_ZERO,
					 .object = IPVSCTL_OBJECT_SERVICE };
	struct ipvsctl_step marks = { .action = IPVSCTL_ZERO,
				      .object = IPVSCTL_OBJECT_MARK };
	size_t count = plan->count;

	if ((kinds & IPVSCTL_SERVICES) && service) {
		services.service = keep_service(plan, service);
		if (!services.service)
			return fail_memory(err);
	}
	if (((kinds & IPVSCTL_SERVICES) && plan_add_step(plan, services) < 0) ||
	    ((kinds & IPVSCTL_MARKS) && plan_add_step(plan, marks) < 0)) {
		plan->count = count;
		return fail_memory(err);
	}
	return 0;
}

API int ipvsctl_plan_flush(struct ipvsctl_plan *plan, struct ipvsctl_error *err)
{
	int r = plan_add_step(plan, (struct ipvsctl_step){
					    .action = IPVSCTL_DELETE,
					    .object = IPVSCTL_OBJECT_SERVICE });

	plan->flush |= r == 0;
	return r < 0 ? fail_memory(err) : 0;
}

API void ipvsctl_plan_free(struct ipvsctl_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->copy_count; i++)
		free(plan->copies[i]);
	free(plan->copies);
	free(plan->steps);
	free(plan);
}

API size_t ipvsctl_plan_count(const struct ipvsctl_plan *plan)
{
	return plan->count;
}

API const struct ipvsctl_step *ipvsctl_plan_next(
	const struct ipvsctl_plan *plan, const struct ipvsctl_step *prev)
{
	const struct ipvsctl_step *next = prev ? prev + 1 : plan->steps;

	return plan->count && next < plan->steps + plan->count ? next : NULL;
}

API enum ipvsctl_action ipvsctl_step_action(const struct ipvsctl_step *step)
{
	return step->action;
}

API enum ipvsctl_object ipvsctl_step_object(const struct ipvsctl_step *step)
{
	return step->object;
}

API bool ipvsctl_step_interrupts(const struct ipvsctl_step *step)
{
	const struct ipvsctl_service *before = step->before;
	const struct ipvsctl_service *after = step->after;

	return step->object == IPVSCTL_OBJECT_SERVICE &&
	       step->action == IPVSCTL_CHANGE &&
	       strcmp(before->scheduler, after->scheduler) != 0 &&
	       ipvsctl_config_count_servers(step->plan->from, before) > 0;
}
