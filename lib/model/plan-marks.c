/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Plans: the steps on mark rules, whose order counts. */
#include <errno.h>
#include <sys/socket.h>

#include "model/config.h"
#include "model/object.h"
#include "model/plan.h"

static int mark_step(struct ipvsctl_plan *plan, enum ipvsctl_action action,
		     const struct mark_node *before,
		     const struct mark_node *after)
{
	return plan_add_step(plan,
			     (struct ipvsctl_step){
				     .action = action,
				     .object = IPVSCTL_OBJECT_MARK,
				     .before = before ? &before->rule : NULL,
				     .after = after ? &after->rule : NULL });
}

/* Returns each rule's place in the order of trying, by its position. */
static size_t *mark_places(const struct mark_table *table)
{
	size_t *places =
		calloc(table->block_count * MARK_BLOCK + 1, sizeof(*places));
	size_t place = 0;

	if (!places)
		return NULL;
	for (const struct mark_node *node = table->first; node;
	     node = node->next)
		places[node->position] = place++;
	return places;
}

/*
 * The old places of the rules, and for each family the last old place of a rule
 * that stays. Only the order within a family counts; a configuration that was
 * loaded tells no more.
 */
struct mark_order {
	const size_t *places;
	size_t furthest[2]; /* IPv4, IPv6 */
};

static bool is_of_family(const struct ipvsctl_mark *rule, size_t family)
{
	return rule->family == AF_UNSPEC ||
	       rule->family == (family ? AF_INET6 : AF_INET);
}

/* Records a rule. Returns false if it was before one that it now follows. */
static bool keeps_order(struct mark_order *order, const struct mark_node *before)
{
	size_t place = order->places[before->position];

	for (size_t i = 0; i < ARRAY_SIZE(order->furthest); i++)
		if (is_of_family(&before->rule, i) && place < order->furthest[i])
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(order->furthest); i++)
		if (is_of_family(&before->rule, i))
			order->furthest[i] = place;
	return true;
}

/* A rule that does not keep its order is deleted and added again. */
static int compare_mark(struct ipvsctl_plan *plan,
			const struct mark_node *after, struct mark_order *order)
{
	size_t position = config_mark_position(plan->from, &after->rule);

	if (position == SIZE_MAX)
		return mark_step(plan, IPVSCTL_ADD, NULL, after);
	const struct mark_node *before =
		mark_node_at(&plan->from->marks, position);
	if (!keeps_order(order, before)) {
		int r = mark_step(plan, IPVSCTL_DELETE, before, NULL);

		return r ? r : mark_step(plan, IPVSCTL_ADD, NULL, after);
	}
	if (mark_equal(&before->rule, &after->rule))
		return 0;
	return mark_step(plan, IPVSCTL_CHANGE, before, after);
}

static int compare_chains(struct ipvsctl_plan *plan, const size_t *places)
{
	struct mark_order order = { .places = places };
	int r = 0;

	for (const struct mark_node *node = plan->from->marks.first; node && !r;
	     node = node->next)
		if (config_mark_position(plan->to, &node->rule) == SIZE_MAX)
			r = mark_step(plan, IPVSCTL_DELETE, node, NULL);
	for (const struct mark_node *node = plan->to->marks.first; node && !r;
	     node = node->next)
		r = compare_mark(plan, node, &order);
	return r;
}

/* Rules that were loaded from one backend, and have to be in another. */
static int move_marks(struct ipvsctl_plan *plan)
{
	enum ipvsctl_backend from = plan->from->backend;
	enum ipvsctl_backend to = plan->to->backend;

	if (!from || !to || (from == to && !plan->from->backend_split))
		return 0;
	return plan_add_step(plan, (struct ipvsctl_step){
					   .action = IPVSCTL_MOVE,
					   .object = IPVSCTL_OBJECT_MARK });
}

int plan_compare_marks(struct ipvsctl_plan *plan)
{
	size_t *places = mark_places(&plan->from->marks);
	int r = places ? move_marks(plan) : -ENOMEM;

	if (r == 0)
		r = compare_chains(plan, places);
	free(places);
	return r;
}
