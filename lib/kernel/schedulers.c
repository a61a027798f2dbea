/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds out whether the kernel can have the schedulers that a plan needs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/module-lists.h"
#include "model/config.h"
#include "model/plan.h"
#include "netlink/request.h"

/* Tells whether the kernel has, or can load, the module ip_vs_PART. A module that
   is not in the lists can be loaded, by insmod(8). */
static bool has_module(const char *part)
{
	char path[64];
	const char *module = path + strlen("/sys/module/");

	(void)snprintf(path, sizeof(path), "/sys/module/ip_vs_%s", part);
	return access(path, F_OK) == 0 || module_find(module) != MODULE_ABSENT;
}

/* Tells whether a service of the kernel proves it, whatever its module is. */
static bool is_used(const struct ipvsctl_config *config, const char *scheduler)
{
	ipvsctl_for_each_service(config, service)
		if (strcmp(service->scheduler, scheduler) == 0)
			return true;
	return false;
}

static bool can_have(const struct ipvsctl_plan *plan,
		     const struct ipvsctl_service *service)
{
	const char *scheduler = service->scheduler;
	char engine[IPVSCTL_PE_MAX + sizeof("pe_")];

	(void)snprintf(engine, sizeof(engine), "pe_%s",
		       service->persistence_engine);
	return (!service->persistence_engine[0] || has_module(engine)) &&
	       (!scheduler[0] || strcmp(scheduler, "none") == 0 ||
		has_module(scheduler) || is_used(plan->from, scheduler));
}

API int ipvsctl_plan_check_modules(const struct ipvsctl_plan *plan,
				   struct ipvsctl_error *err)
{
	ipvsctl_for_each_step(plan, step)
		if (step->object == IPVSCTL_OBJECT_SERVICE && step->after &&
		    !can_have(plan, step->after))
			return request_fail(step, ENOENT, NULL, err);
	return 0;
}
