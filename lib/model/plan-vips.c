/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The steps of a plan that add, change and delete VIPs. */
#include "model/object.h"
#include "model/plan.h"

static int compare_vip(struct ipvsctl_plan *plan,
		       const struct ipvsctl_vip *after)
{
	const struct ipvsctl_vip *before =
		ipvsctl_config_find_vip(plan->from, after);

	if (before && vip_equal(before, after))
		return 0;
	return plan_add_step(plan, (struct ipvsctl_step){
					   .action = before ? IPVSCTL_CHANGE :
							      IPVSCTL_ADD,
					   .object = IPVSCTL_OBJECT_VIP,
					   .before = before,
					   .after = after });
}

int plan_add_vips(struct ipvsctl_plan *plan)
{
	int r = 0;

	ipvsctl_for_each_vip(plan->to, vip)
		if (!r)
			r = compare_vip(plan, vip);
	return r;
}

int plan_delete_vips(struct ipvsctl_plan *plan)
{
	int r = 0;

	ipvsctl_for_each_vip(plan->from, vip)
		if (!r && !ipvsctl_config_find_vip(plan->to, vip))
			r = plan_add_step(plan,
					  (struct ipvsctl_step){
						  .action = IPVSCTL_DELETE,
						  .object = IPVSCTL_OBJECT_VIP,
						  .before = vip });
	return r;
}
