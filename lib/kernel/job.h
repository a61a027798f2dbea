/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A plan while it is carried out. */
#ifndef LBCTL_JOB_H
#define LBCTL_JOB_H

#include "kernel/context.h"
#include "kernel/sockopt.h"
#include "model/plan.h"

/* The result of a step. */
enum fate {
	FATE_WAITING,
	FATE_IMPLIED, /* a server that is deleted with its service */
	FATE_DONE,
	FATE_REFUSED,
	FATE_UNDONE,
	FATE_STANDING, /* done, and could not be undone */
};

struct job {
	struct ipvsctl *ctx;
	const struct ipvsctl_plan *plan;
	uint8_t *fates; /* enum fate, of each step */
	size_t *sent;	/* steps in the queue, by the index of their request */
	struct sockopt sockopt;
	bool undoing;
	int code;     /* of the first refusal */
	int left_out; /* -EBUSY: another host answers for a VIP; or 0 */
	struct ipvsctl_error *err;
};

static inline bool job_is_vip(const struct ipvsctl_step *step)
{
	return step->object == IPVSCTL_OBJECT_VIP;
}

/* Does the steps on VIPs that are adjacent, from *position on. If nothing else
   is to be done, it is a failure to leave all of them out. */
int job_do_vips(struct job *job, size_t *position) MUST_CHECK;
/* Undoes this step on a VIP, and those before it that are adjacent. */
void job_undo_vips(struct job *job, size_t position);
/* Tells the networks of the VIPs that have come. Returns 0, the failure, or that
   some were left out. */
int job_announce_vips(struct job *job) MUST_CHECK;

#endif
