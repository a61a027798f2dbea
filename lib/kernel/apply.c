/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Carries out plans. Steps go to the kernel one by one through the older
 * interface, where that can, or many at a time through netlink. If the kernel
 * refuses a step, those already done are undone in reverse.
 */
#include "kernel/apply.h"

#include <linux/ip_vs.h>

#include "fail.h"
#include "kernel/job.h"
#include "kernel/netns.h"
#include "model/config.h"
#include "model/plan.h"
#include "netlink/request.h"

#define NOT_A_STEP SIZE_MAX
/* So many calls of the older interface take as long as one send. */
#define RUN_STEPS 512

/* ---- One send -------------------------------------------------------------- */

/* It is no failure if somebody else has undone the step already. */
static bool is_undone(const struct ipvsctl_step *undo, int raw)
{
	if (undo->action == IPVSCTL_ADD)
		return raw == EEXIST;
	return undo->action == IPVSCTL_DELETE &&
	       (raw == ESRCH || raw == ENOENT);
}

/* Records that the kernel refused a step, or its undoing. */
static void take_refusal(struct job *job, size_t position, int raw,
			 const char *text)
{
	const struct ipvsctl_step *step = &job->plan->steps[position];
	struct ipvsctl_step inverse;

	if (!job->undoing) {
		job->fates[position] = FATE_REFUSED;
		if (!job->code)
			job->code = request_fail(step, raw, text, job->err);
	} else if (request_invert(step, &inverse) && !is_undone(&inverse, raw)) {
		job->fates[position] = FATE_STANDING;
	}
}

static int take_answer(const struct genl_reply *reply, void *data)
{
	struct job *job = data;
	size_t position = job->sent[reply->index];

	if (reply->raw && position != NOT_A_STEP)
		take_refusal(job, position, reply->raw, reply->text);
	return 0;
}

static int queue_step(struct job *job, size_t position)
{
	const struct ipvsctl_step *step = &job->plan->steps[position];
	struct genl *genl = &job->ctx->genl;
	struct ipvsctl_step inverse;

	if (job->undoing && request_invert(step, &inverse))
		step = &inverse;
	job->sent[genl->count] = position;
	if (request_put(genl, step) < 0 || genl_queue(genl) < 0)
		return -ENOMEM;
	return 0;
}

/*
 * If a sync daemon is stopped before its thread has ever run, the kernel's
 * handler returns EINTR, for which netlink sends no acknowledgement (seen on
 * 6.1). So the last request is another one.
 */
static int end_queue(struct job *job)
{
	struct genl *genl = &job->ctx->genl;
	const struct ipvsctl_step *last =
		&job->plan->steps[job->sent[genl->count - 1]];

	if (last->object != IPVSCTL_OBJECT_SYNC) {
		genl_ack_last(genl);
		return 0;
	}
	job->sent[genl->count] = NOT_A_STEP;
	return genl_start(genl, IPVS_CMD_GET_INFO, 0) < 0 ? -ENOMEM :
							    genl_queue(genl);
}

/*
 * Sends the queue. The kernel acknowledges only the last request; it reports
 * refusals anyway, and goes on with the next request (seen on 6.1, 7.2). If the
 * exchange fails, the kernel may have done any of them.
 */
static int flush(struct job *job, enum fate fate, struct ipvsctl_error *err)
{
	struct genl *genl = &job->ctx->genl;
	size_t count = genl->count;

	if (!count)
		return 0;
	if (end_queue(job) < 0) {
		genl_drop(genl);
		return fail_memory(err);
	}
	for (size_t i = 0; i < count; i++)
		job->fates[job->sent[i]] = (uint8_t)fate;
	return genl_exchange(genl, take_answer, job, err);
}

/* ---- Forward ------------------------------------------------------------------ */

static bool is_mark(const struct ipvsctl_step *step)
{
	return step->object == IPVSCTL_OBJECT_MARK;
}

static bool is_call(const struct job *job, const struct ipvsctl_step *step)
{
	return job->sockopt.fd >= 0 && sockopt_can(step);
}

/* Tells whether the kernel deletes this server when it deletes its service. */
static bool is_implied(const struct job *job, const struct ipvsctl_step *step)
{
	return step->action == IPVSCTL_DELETE &&
	       step->object == IPVSCTL_OBJECT_SERVER &&
	       !config_entry(job->plan->to, step->service);
}

static int take_back_marks(struct job *job)
{
	const struct mark_change change = { .before = job->plan->to,
					    .wanted = job->plan->from };

	return context_apply_marks(job->ctx, &change, NULL);
}

/* Does all steps on mark rules in one call, or all that zero them. */
static int do_marks(struct job *job, size_t *position)
{
	const struct ipvsctl_plan *plan = job->plan;
	bool zero = plan->steps[*position].action == IPVSCTL_ZERO;
	size_t end = *position;
	int r, back = 0;

	while (end < plan->count && is_mark(&plan->steps[end]) &&
	       zero == (plan->steps[end].action == IPVSCTL_ZERO))
		end++;
	r = context_apply_marks(job->ctx,
				&(struct mark_change){ .before = plan->from,
						       .wanted = plan->to,
						       .fresh = true,
						       .zero = zero },
				job->err);
	/*
	 * IPv4 may have been committed when IPv6 was refused. If going back
	 * fails in the same way, nothing was committed at all.
	 */
	if (r < 0 && !zero)
		back = take_back_marks(job);
	if (back < 0 && back != r)
		job->fates[*position] = FATE_STANDING;
	for (; *position < end; (*position)++)
		if (r == 0)
			job->fates[*position] = FATE_DONE;
	return r;
}

/* Settles a step that needs no request to the kernel. */
static bool is_settled(struct job *job, size_t position)
{
	const struct ipvsctl_step *step = &job->plan->steps[position];

	if (is_implied(job, step))
		job->fates[position] = FATE_IMPLIED;
	else if (!request_needed(step))
		job->fates[position] = FATE_DONE;
	else
		return false;
	return true;
}

/* Does steps until one needs another interface. */
static int do_calls(struct job *job, size_t *position)
{
	const struct ipvsctl_plan *plan = job->plan;
	const size_t end = plan->count - *position > RUN_STEPS ?
				   *position + RUN_STEPS :
				   plan->count;

	for (; *position < end; (*position)++) {
		if (is_settled(job, *position))
			continue;
		if (!is_call(job, &plan->steps[*position]))
			break;
		int raw = sockopt_do(&job->sockopt, &plan->steps[*position]);

		if (raw == ENOPROTOOPT) {
			sockopt_free(&job->sockopt);
			break;
		}
		if (raw) {
			take_refusal(job, *position, raw, NULL);
			return job->code;
		}
		job->fates[*position] = FATE_DONE;
	}
	return 0;
}

/*
 * Tells whether a step must wait until the queue is acknowledged: nothing is
 * deleted before its replacement exists.
 */
static bool is_barred(const struct job *job, const struct ipvsctl_step *step)
{
	const struct genl *genl = &job->ctx->genl;

	return genl->count > 0 && step->action == IPVSCTL_DELETE &&
	       job->plan->steps[job->sent[genl->count - 1]].action !=
		       IPVSCTL_DELETE;
}

/* Queues steps until the queue is full or one needs another way; sends them. */
static int do_requests(struct job *job, size_t *position)
{
	const struct ipvsctl_plan *plan = job->plan;
	int r;

	for (; *position < plan->count && !genl_is_full(&job->ctx->genl);
	     (*position)++) {
		const struct ipvsctl_step *step = &plan->steps[*position];

		if (is_mark(step) || job_is_vip(step) || is_call(job, step) ||
		    is_barred(job, step))
			break;
		if (is_settled(job, *position))
			continue;
		if (queue_step(job, *position) < 0) {
			genl_drop(&job->ctx->genl);
			return fail_memory(job->err);
		}
	}
	r = flush(job, FATE_DONE, job->err);
	return r < 0 ? r : job->code;
}

static int do_some(struct job *job, size_t *position)
{
	const struct ipvsctl_step *step = &job->plan->steps[*position];

	if (is_mark(step))
		return do_marks(job, position);
	if (job_is_vip(step))
		return job_do_vips(job, position);
	return is_call(job, step) ? do_calls(job, position) :
				    do_requests(job, position);
}

static int do_all(struct job *job)
{
	struct ipvsctl *ctx = job->ctx;
	const size_t count = job->plan->count;
	size_t position = 0;
	int r = 0;

	while (r == 0 && position < count) {
		r = do_some(job, &position);
		if (ctx->progress && r == 0)
			ctx->progress(position, count, ctx->progress_data);
	}
	return r;
}

/* ---- Back ---------------------------------------------------------------------- */

/* Sets the fate of the servers that were deleted with their service. */
static void settle_implied(struct job *job, enum fate fate, size_t service)
{
	const struct ipvsctl_step *gone = &job->plan->steps[service];

	for (size_t i = 0; i < service; i++)
		if (job->fates[i] == FATE_IMPLIED &&
		    ipvsctl_service_compare(job->plan->steps[i].service,
					    gone->service) == 0)
			job->fates[i] = (uint8_t)fate;
}

static void settle_all_implied(struct job *job)
{
	for (size_t i = 0; i < job->plan->count; i++)
		if (job->fates[i] == FATE_DONE &&
		    job->plan->steps[i].action == IPVSCTL_DELETE &&
		    job->plan->steps[i].object == IPVSCTL_OBJECT_SERVICE &&
		    job->plan->steps[i].before)
			settle_implied(job, FATE_DONE, i);
}

static void undo_marks(struct job *job, size_t position)
{
	const struct ipvsctl_plan *plan = job->plan;
	enum fate fate = FATE_UNDONE;

	if (take_back_marks(job) < 0)
		fate = FATE_STANDING;
	for (size_t i = 0; i <= position; i++)
		if (job->fates[i] == FATE_DONE && is_mark(&plan->steps[i]) &&
		    plan->steps[i].action != IPVSCTL_ZERO)
			job->fates[i] = (uint8_t)fate;
}

/* Sends the queue; if that fails, its steps are still in effect. */
static void undo_flush(struct job *job)
{
	struct genl *genl = &job->ctx->genl;
	size_t count = genl->count;

	if (flush(job, FATE_UNDONE, NULL) == 0)
		return;
	for (size_t i = 0; i < count; i++)
		job->fates[job->sent[i]] = FATE_STANDING;
}

static void undo_call(struct job *job, size_t position,
		      const struct ipvsctl_step *inverse)
{
	int raw = sockopt_do(&job->sockopt, inverse);

	job->fates[position] = FATE_UNDONE;
	if (raw)
		take_refusal(job, position, raw, NULL);
}

static void undo_step(struct job *job, size_t position)
{
	const struct ipvsctl_step *step = &job->plan->steps[position];
	struct ipvsctl_step inverse;

	if (is_mark(step) && step->action != IPVSCTL_ZERO) {
		undo_flush(job);
		undo_marks(job, position);
		return;
	}
	if (job_is_vip(step)) {
		undo_flush(job);
		job_undo_vips(job, position);
		return;
	}
	if (!request_needed(step)) {
		job->fates[position] = FATE_UNDONE;
		return;
	}
	job->fates[position] = FATE_STANDING;
	if (!request_invert(step, &inverse))
		return;
	if (is_call(job, &inverse)) {
		undo_flush(job);
		undo_call(job, position, &inverse);
	} else if (context_connect(job->ctx, NULL) == 0 &&
		   queue_step(job, position) == 0) {
		job->fates[position] = FATE_DONE; /* until it is flushed */
	}
}

/*
 * Tells whether the plan's start was assumed, not loaded. Then the state before
 * is unknown: undoing a step could delete what existed before.
 */
static bool is_assumed(const struct job *job)
{
	return job->plan->from->assumed;
}

static void undo_all(struct job *job)
{
	job->undoing = true;
	for (size_t i = 0; is_assumed(job) && i < job->plan->count; i++)
		if (job->fates[i] == FATE_DONE)
			job->fates[i] = FATE_STANDING;
	settle_all_implied(job);
	for (size_t i = job->plan->count; i-- > 0;) {
		if (job->fates[i] == FATE_DONE)
			undo_step(job, i);
		if (genl_is_full(&job->ctx->genl))
			undo_flush(job);
	}
	undo_flush(job);
}

/* ---- All of it ------------------------------------------------------------------ */

static struct ipvsctl_outcome count_fates(const struct job *job, bool succeeded)
{
	struct ipvsctl_outcome outcome = { .done = 0 };

	for (size_t i = 0; i < job->plan->count; i++) {
		switch ((enum fate)job->fates[i]) {
		case FATE_STANDING:
			outcome.standing++;
			outcome.done++;
			break;
		case FATE_IMPLIED:
			outcome.done += succeeded;
			break;
		case FATE_DONE:
			outcome.done++;
			break;
		case FATE_UNDONE:
			outcome.undone++;
			break;
		case FATE_WAITING:
		case FATE_REFUSED:
			break;
		}
	}
	return outcome;
}

/*
 * Looking up the family has loaded the module, and with it the older interface,
 * if the kernel has that. A plan of marks and VIPs alone needs neither.
 */
static int connect(struct job *job)
{
	int back = -1, r;

	for (size_t i = 0; i < job->plan->count; i++) {
		if (is_mark(&job->plan->steps[i]) ||
		    job_is_vip(&job->plan->steps[i]))
			continue;
		r = context_connect(job->ctx, job->err);
		if (r == 0)
			r = netns_enter(job->ctx->netns, &back, job->err);
		if (r < 0)
			return r;
		sockopt_open(&job->sockopt);
		return netns_leave(back, 0, job->err);
	}
	return 0;
}

/* Asks the caller whether to go on if the file of holds is out of date. */
static int without_holds(const struct job *job, int r)
{
	const struct ipvsctl *ctx = job->ctx;

	if (r >= 0 || r == -ENOMEM || !ctx->unsaved || !job->err)
		return r;
	return ctx->unsaved(job->err, ctx->unsaved_data) ? 0 : r;
}

/* Keeps the new records of holds if some steps are still in effect. */
static int run(struct job *job)
{
	struct hold_change change = { .netns = job->ctx->netns };
	int r = without_holds(job, holds_begin(&change, job->plan, job->err));

	if (r < 0)
		return r;
	r = connect(job);
	if (r == 0)
		r = do_all(job);
	if (r < 0) {
		undo_all(job);
		holds_cancel(&change, count_fates(job, false).standing > 0);
		return r;
	}
	r = without_holds(job, holds_finish(&change, job->err));
	for (size_t i = 0; r < 0 && i < job->plan->count; i++)
		job->fates[i] = FATE_STANDING;
	if (r == 0)
		r = job_announce_vips(job);
	/* What was done is right, and stays. */
	for (size_t i = 0; r < 0 && i < job->plan->count; i++)
		if (job->fates[i] == FATE_DONE)
			job->fates[i] = FATE_STANDING;
	return r;
}

/* A plan without steps can still drop holds that were set aside. */
static bool changes_nothing(const struct ipvsctl_plan *plan)
{
	return plan->count == 0 &&
	       ipvsctl_config_count_waiting(plan->from) ==
		       ipvsctl_config_count_waiting(plan->to);
}

static int allocate(struct job *job)
{
	job->fates = calloc(job->plan->count + 1, sizeof(*job->fates));
	job->sent = calloc(job->plan->count + 1, sizeof(*job->sent));
	return job->fates && job->sent ? 0 : -ENOMEM;
}

API int ipvsctl_apply(struct ipvsctl *ctx, const struct ipvsctl_plan *plan,
		      struct ipvsctl_outcome *ret_outcome,
		      struct ipvsctl_error *err)
{
	struct ipvsctl_outcome outcome = { .done = 0 };
	struct job job = {
		.ctx = ctx, .plan = plan, .sockopt.fd = -1, .err = err
	};
	int r = 0;

	if (changes_nothing(plan)) {
		/* Not even the file of holds is opened. */
	} else if (allocate(&job) < 0) {
		r = fail_memory(err);
	} else {
		r = run(&job);
		outcome = count_fates(&job, r == 0);
	}
	sockopt_free(&job.sockopt);
	free(job.fates);
	free(job.sent);
	if (ret_outcome)
		*ret_outcome = outcome;
	return r;
}
