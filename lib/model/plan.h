/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Plans in memory, for the library's own parts. */
#ifndef LBCTL_PLAN_H
#define LBCTL_PLAN_H

#include "ipvsctl.h"
#include "scope.h"

/*
 * before and after are objects of step->object's type in the two
 * configurations: before is NULL in an add, after in a delete. service is that
 * of a server step, or the one to zero (NULL: all). A delete of services
 * without one deletes all existing services.
 */
struct ipvsctl_step {
	enum ipvsctl_action action;
	enum ipvsctl_object object;
	const struct ipvsctl_service *service;
	const void *before;
	const void *after;
	const struct ipvsctl_plan *plan; /* that it is part of */
};

/* The range of places in which a service's servers may differ. */
struct plan_span {
	size_t first;
	size_t end;
	bool settled; /* neither servers nor service differ */
};

/*
 * Steps that add or change VIPs come first, and those that delete VIPs last: an
 * address is there as long as a service needs it. Steps on mark rules are
 * adjacent, after all steps that add or change services
 * and servers and before all that delete these. A step that only changes a
 * server's holds is a server change, too.
 */
struct ipvsctl_plan {
	const struct ipvsctl_config *from;
	const struct ipvsctl_config *to;
	struct ipvsctl_step *steps;
	size_t count;
	size_t capacity;
	struct plan_span *spans; /* of the services of from, while comparing */
	struct ipvsctl_service **copies; /* of services to zero */
	size_t copy_count;
	bool flush; /* has a step that deletes all services */
};

/* Adds a step behind the others. Returns 0 or -ENOMEM. */
int plan_add_step(struct ipvsctl_plan *plan,
		  struct ipvsctl_step step) MUST_CHECK;
/* Adds the steps on mark rules. Returns 0 or -ENOMEM. */
int plan_compare_marks(struct ipvsctl_plan *plan) MUST_CHECK;
/* Adds the steps that add and change VIPs, or those that delete them. Returns 0
   or -ENOMEM. */
int plan_add_vips(struct ipvsctl_plan *plan) MUST_CHECK;
int plan_delete_vips(struct ipvsctl_plan *plan) MUST_CHECK;

#endif
