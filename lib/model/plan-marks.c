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

/* A rule before the change. */
struct former {
	const struct mark_node *node; /* NULL: there was none */
	size_t place;		      /* in the order of trying */
};

/* For each family the last former place of a rule that stays. Only the order
   within a family counts; a configuration that was loaded tells no more. */
struct mark_order {
	size_t furthest[2]; /* IPv4, IPv6 */
};

static bool is_of_family(const struct ipvsctl_mark *rule, size_t family)
{
	return rule->family == AF_UNSPEC ||
	       rule->family == (family ? AF_INET6 : AF_INET);
}

/* Records a rule. Returns false if it was before one that it now follows. */
static bool keeps_order(struct mark_order *order, const struct former *former)
{
	const struct ipvsctl_mark *rule = &former->node->rule;

	for (size_t i = 0; i < ARRAY_SIZE(order->furthest); i++)
		if (is_of_family(rule, i) && former->place < order->furthest[i])
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(order->furthest); i++)
		if (is_of_family(rule, i))
			order->furthest[i] = former->place;
	return true;
}

/* A rule that does not keep its order is deleted and added again. */
static int compare_mark(struct ipvsctl_plan *plan,
			const struct mark_node *after,
			const struct former *former, struct mark_order *order)
{
	const struct mark_node *before = former->node;

	if (!before)
		return mark_step(plan, IPVSCTL_ADD, NULL, after);
	if (!keeps_order(order, former)) {
		int r = mark_step(plan, IPVSCTL_DELETE, before, NULL);

		return r ? r : mark_step(plan, IPVSCTL_ADD, NULL, after);
	}
	if (mark_equal(&before->rule, &after->rule))
		return 0;
	return mark_step(plan, IPVSCTL_CHANGE, before, after);
}

/* formers are by the position of the rule after the change. */
static int compare_chains(struct ipvsctl_plan *plan, struct former *formers)
{
	const struct mark_node *next = plan->to->marks.first;
	struct mark_order order = { .furthest = { 0 } };
	size_t place = 0;
	int r = 0;

	for (const struct mark_node *node = plan->from->marks.first; node && !r;
	     node = node->next) {
		const struct mark_node *after =
			config_find_next(plan->to, &node->rule, &next);

		if (after)
			formers[after->position] =
				(struct former){ node, place };
		else
			r = mark_step(plan, IPVSCTL_DELETE, node, NULL);
		place++;
	}
	for (const struct mark_node *node = plan->to->marks.first; node && !r;
	     node = node->next)
		r = compare_mark(plan, node, &formers[node->position], &order);
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
	struct former *formers =
		calloc(plan->to->marks.block_count * MARK_BLOCK + 1,
		       sizeof(*formers));
	int r = formers ? move_marks(plan) : -ENOMEM;

	if (r == 0)
		r = compare_chains(plan, formers);
	free(formers);
	return r;
}
