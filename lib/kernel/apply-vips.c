/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The steps of a plan on VIPs. */
#include "fail.h"
#include "kernel/job.h"

/* Does steps on VIPs, or undoes them. Returns as vips_apply(). */
static int apply_vips(struct job *job, size_t first, size_t count,
		      bool *left_out, struct ipvsctl_error *err)
{
	struct vip_change *changes = calloc(count + 1, sizeof(*changes));
	int r;

	if (!changes)
		return fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct ipvsctl_step *step = &job->plan->steps[first + i];

		changes[i].before = job->undoing ? step->after : step->before;
		changes[i].after = job->undoing ? step->before : step->after;
	}
	r = context_apply_vips(job->ctx, changes, count, left_out, err);
	free(changes);
	return r;
}

int job_do_vips(struct job *job, size_t *position)
{
	const struct ipvsctl_plan *plan = job->plan;
	const size_t first = *position;
	bool *left_out = calloc(plan->count + 1, sizeof(*left_out));
	size_t left = 0;
	int r;

	if (!left_out)
		return fail_memory(job->err);
	while (*position < plan->count && job_is_vip(&plan->steps[*position]))
		(*position)++;
	r = apply_vips(job, first, *position - first, left_out, job->err);
	for (size_t i = first; i < *position; i++) {
		left += left_out[i - first];
		if (left_out[i - first])
			job->fates[i] = FATE_REFUSED;
		else if (r == 0 || left)
			job->fates[i] = FATE_DONE;
	}
	free(left_out);
	if (!left || left == plan->count)
		return r;
	job->left_out = r;
	return 0;
}

void job_undo_vips(struct job *job, size_t position)
{
	bool *left_out = calloc(job->plan->count + 1, sizeof(*left_out));
	size_t first = position;
	int r = -ENOMEM;

	while (first > 0 && job_is_vip(&job->plan->steps[first - 1]) &&
	       job->fates[first - 1] == FATE_DONE)
		first--;
	if (left_out)
		r = apply_vips(job, first, position + 1 - first, left_out, NULL);
	for (size_t i = first; i <= position; i++)
		job->fates[i] = r < 0 ? FATE_STANDING : FATE_UNDONE;
	free(left_out);
}

/* Tells whether the step has added a VIP, or changed one. */
static bool has_come(const struct job *job, size_t position)
{
	const struct ipvsctl_step *step = &job->plan->steps[position];
	const struct ipvsctl_vip *after = job_is_vip(step) ? step->after : NULL;

	return after && !ipvsctl_vip_is_withdrawn(after, NULL) &&
	       job->fates[position] == FATE_DONE;
}

int job_announce_vips(struct job *job)
{
	const struct ipvsctl_plan *plan = job->plan;
	struct ipvsctl_vip *vips;
	size_t count = 0;
	int r;

	for (size_t i = 0; i < plan->count; i++)
		count += has_come(job, i);
	if (!count)
		return job->left_out;
	vips = calloc(count, sizeof(*vips));
	if (!vips)
		return fail_memory(job->err);
	count = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (has_come(job, i))
			vips[count++] =
				*(const struct ipvsctl_vip *)plan->steps[i].after;
	r = ipvsctl_announce_vips(job->ctx, vips, count,
				  job->left_out ? NULL : job->err);
	free(vips);
	return job->left_out ? job->left_out : r;
}
