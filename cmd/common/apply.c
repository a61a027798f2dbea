/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reading the kernel for a command, and the only way commands write to it. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/command.h"
#include "common/output.h"
#include "common/render.h"

/* Writers hold the lock for milliseconds; whoever waits longer is stuck. */
#define LOCK_MILLISECONDS 10000

int command_open(struct command *command)
{
	if (command->ctx)
		return 0;
	return ipvsctl_open(&command->ctx, command->netns, &command->err);
}

int command_lock(struct command *command)
{
	int r = command_open(command);

	return r < 0 ? r :
		       ipvsctl_lock(command->ctx, LOCK_MILLISECONDS,
				    &command->err);
}

int command_load(struct command *command, unsigned int kinds,
		 const struct ipvsctl_service *only)
{
	struct ipvsctl_config *config = NULL;
	int r = command_open(command);

	if (r == 0)
		r = ipvsctl_load(command->ctx, kinds, only, &config,
				 &command->err);
	if (r < 0)
		return r;
	ipvsctl_config_free(command->from);
	command->from = config;
	command->kinds = kinds;
	command->only = only;
	return 0;
}

int command_begin(struct command *command, unsigned int kinds,
		  const struct ipvsctl_service *only)
{
	int r = command->dry_run ? 0 : command_lock(command);

	if (r == 0)
		r = command_load(command, kinds, only);
	if (r < 0)
		return r;
	if (ipvsctl_config_copy(command->from, &command->to, &command->err) < 0)
		return command_no_memory(command);
	return 0;
}

int command_commit(struct command *command)
{
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	int r = ipvsctl_plan_compare(command->from, command->to, &plan,
				     &command->err);

	return r < 0 ? r : command_apply(command, plan);
}

/* ---- Progress ---------------------------------------------------------- */

struct progress {
	const char *program;
	time_t start;
	bool shown;
};

/* Who waits longer than a second is told what for. */
static void show_progress(size_t done, size_t count, void *data)
{
	struct progress *progress = data;
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec <= progress->start + 1)
		return;
	(void)fprintf(stderr, "\r%s: %zu of %zu changes", progress->program,
		      done, count);
	(void)fflush(stderr);
	progress->shown = true;
}

/* Applies a plan under the eyes of whoever sits at the terminal. */
static int apply(struct command *command, const struct ipvsctl_plan *plan,
		 struct ipvsctl_outcome *ret_outcome)
{
	struct progress progress = { .program = command->program->name };
	struct timespec now;
	int r;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	progress.start = now.tv_sec;
	if (!command->quiet && isatty(STDERR_FILENO))
		ipvsctl_on_progress(command->ctx, show_progress, &progress);
	r = ipvsctl_apply(command->ctx, plan, ret_outcome, &command->err);
	ipvsctl_on_progress(command->ctx, NULL, NULL);
	if (progress.shown)
		(void)fprintf(stderr, "\n");
	return r;
}

/* ---- Plans ------------------------------------------------------------- */

/* The lines of a plan, NULL at the end. */
static int plan_lines(const struct ipvsctl_plan *plan, char ***ret_lines)
{
	size_t count = ipvsctl_plan_count(plan);
	const struct ipvsctl_step *step = NULL;
	char **lines = calloc(count + 1, sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		step = ipvsctl_plan_next(plan, step);
		if (!step || ipvsctl_step_format(step, &lines[i], NULL) < 0)
			break;
	}
	*ret_lines = lines;
	return 0;
}

/* Finds out, after undoing failed, in what the kernel differs from before. */
static void find_standing(struct command *command)
{
	AUTO_CONFIG struct ipvsctl_config *now = NULL;
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	int r = ipvsctl_load(command->ctx, command->kinds, command->only, &now,
			     NULL);

	if (r == 0)
		r = ipvsctl_plan_compare(command->from, now, &plan, NULL);
	if (r == 0)
		(void)plan_lines(plan, &command->stands);
}

static int dry_run(struct command *command, const struct ipvsctl_plan *plan)
{
	bool differs = ipvsctl_plan_count(plan) > 0;
	int r = 0;

	if (command->json)
		r = output_json(stdout, render_plan_json(plan));
	else if (!command->quiet)
		r = render_plan(stdout, plan);
	if (r < 0)
		return command_output_failed(command, r);
	return differs ? 1 : 0;
}

/* Whether holds that were set aside are given up, which is no step. */
static bool forgets_holds(const struct command *command)
{
	return command->from && command->to &&
	       ipvsctl_config_count_waiting(command->from) !=
		       ipvsctl_config_count_waiting(command->to);
}

int command_apply(struct command *command, const struct ipvsctl_plan *plan)
{
	AUTO_FREE char *document = NULL;
	struct ipvsctl_outcome outcome = { 0 };
	int r = 0;

	if (command->dry_run)
		return dry_run(command, plan);
	if (command->json && !command->quiet) {
		/* Afterwards there might be no memory to tell what was done. */
		r = output_format_json(render_plan_json(plan), JSON_INDENT(2),
				       &document);
		if (r < 0)
			return command_no_memory(command);
	}
	if (ipvsctl_plan_count(plan) > 0 || forgets_holds(command))
		r = apply(command, plan, &outcome);
	command->changed = outcome.done > 0;
	if (r < 0) {
		command->standing = outcome.standing > 0;
		/* Where nothing was read, all that was asked for may stand. */
		if (command->standing && command->kinds)
			find_standing(command);
		else if (command->standing)
			(void)plan_lines(plan, &command->stands);
		return r;
	}
	if (!document)
		return 0;
	r = output_write(stdout, document, strlen(document));
	return r < 0 ? command_output_failed(command, r) : 0;
}

/* ---- Single steps ------------------------------------------------------- */

static void forget(struct command *command)
{
	ipvsctl_config_free(TAKE_PTR(command->from));
	ipvsctl_config_free(TAKE_PTR(command->to));
	command->err = (struct ipvsctl_error){ 0 };
}

/* Returns 0 if all was done, or 1 if the kernel must be read, or a code. */
static int try_assumed(struct command *command,
		       const struct ipvsctl_service *service,
		       command_edit_fn edit, void *data)
{
	int r = command_lock(command);

	if (r < 0)
		return r;
	command->kinds = 0;
	if (ipvsctl_assume(command->ctx, service, NULL, &command->from,
			   &command->err) != 0) {
		forget(command);
		return 1;
	}
	if (ipvsctl_config_copy(command->from, &command->to, &command->err) < 0)
		return command_no_memory(command);
	r = edit(command, data);
	if (r == 0)
		r = command_commit(command);
	if (r == 0 || command->standing || r == -ENOMEM)
		return r;
	forget(command);
	return 1;
}

int command_edit(struct command *command, const struct ipvsctl_service *service,
		 enum command_assumption assumption, command_edit_fn edit,
		 void *data)
{
	int r = 1;

	if (assumption != COMMAND_READS && !command->dry_run && !command->json)
		r = try_assumed(command,
				assumption == COMMAND_ASSUMES_NONE ? NULL :
								     service,
				edit, data);
	if (r <= 0)
		return r;
	r = command_begin(command, IPVSCTL_SERVICES, service);
	if (r == 0)
		r = edit(command, data);
	return r < 0 ? r : command_commit(command);
}
