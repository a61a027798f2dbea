/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads the kernel for a command; commands write to it only through here. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/command.h"
#include "common/edit-options.h"
#include "common/leave.h"
#include "output/output.h"
#include "output/render.h"

/* Writers hold the lock for milliseconds; one that holds it longer is stuck. */
#define LOCK_MILLISECONDS 10000

int command_open(struct command *command)
{
	const char *backend = command_value(command, "backend", NULL);
	int r;

	if (command->ctx)
		return 0;
	r = ipvsctl_open(&command->ctx, command->netns, &command->err);
	if (r == 0 && backend)
		r = ipvsctl_use_mark_backend(command->ctx, backend,
					     &command->err);
	return r;
}

int command_lock(struct command *command)
{
	int r = command_open(command);

	return r < 0 ? r :
		       ipvsctl_lock(command->ctx, LOCK_MILLISECONDS,
				    &command->err);
}

static int load(struct command *command, struct ipvsctl_config **ret_config,
		struct ipvsctl_error *err)
{
	if (command->selection.service)
		return ipvsctl_load_servers(command->ctx, &command->selection,
					    ret_config, err);
	return ipvsctl_load(command->ctx, command->kinds, command->only,
			    ret_config, err);
}

/* Reads what command->kinds and the fields after it select. */
static int read_kernel(struct command *command)
{
	struct ipvsctl_config *config = NULL;
	int r = command_open(command);

	if (r == 0)
		r = load(command, &config, &command->err);
	if (r < 0)
		return r;
	ipvsctl_config_free(command->from);
	command->from = config;
	return 0;
}

int command_load(struct command *command, unsigned int kinds,
		 const struct ipvsctl_service *only)
{
	command->kinds = kinds;
	command->only = only;
	command->selection.service = NULL;
	return read_kernel(command);
}

static int begin(struct command *command)
{
	int r = command->dry_run ? 0 : command_lock(command);

	if (r == 0)
		r = read_kernel(command);
	return r < 0 ? r :
		       ipvsctl_config_copy(command->from, &command->to,
					   &command->err);
}

int command_begin(struct command *command, unsigned int kinds,
		  const struct ipvsctl_service *only)
{
	command->kinds = kinds;
	command->only = only;
	return begin(command);
}

int command_begin_servers(struct command *command,
			  const struct ipvsctl_selection *selection)
{
	command->kinds = IPVSCTL_SERVICES;
	command->selection = *selection;
	return begin(command);
}

static void warn_all(const struct command *command)
{
	command_warn_scheduler(command);
	command_warn_left(command);
	command_warn_reserve(command);
	command_warn_snat(command);
	command_warn_vips(command);
}

/* Begins the edit, and makes its plan as the options say. */
static int begin_edit(struct command *command, struct ipvsctl_ruleset *ruleset,
		      const struct edit_options *options,
		      struct leave *ret_leave)
{
	enum ipvsctl_edit_reading reading =
		command->json || options->drain || options->keep_weights ?
			IPVSCTL_EDIT_READ :
			IPVSCTL_EDIT_QUICK;
	int r = command_open(command);

	if (command->dry_run)
		reading = IPVSCTL_EDIT_LOOK;
	if (r == 0)
		r = ipvsctl_edit_begin(command->ctx, ruleset, reading,
				       &command->edit, &command->err);
	if (r == 0)
		r = edit_options_apply(command, options);
	if (r == 0 && options->drain)
		r = leave_begin(command, options->seconds, ret_leave);
	return r;
}

int command_edit(struct command *command, struct ipvsctl_ruleset *ruleset)
{
	struct edit_options options = { 0 };
	AUTO_LEAVE struct leave leave = { 0 };
	int r = edit_options_parse(command, &options);

	if (r == 0)
		r = begin_edit(command, ruleset, &options, &leave);
	if (r == 0)
		r = command_apply(command, ipvsctl_edit_plan(command->edit));
	if (r >= 0)
		warn_all(command);
	if (r >= 0 && leave.count && !command->dry_run)
		r = leave_finish(command, &leave, options.wait);
	return r;
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

/* Prints the progress once the command has taken more than a second. */
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

/* Applies a plan, and shows the progress on a terminal. */
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
	r = command->edit ? ipvsctl_edit_commit(command->edit, ret_outcome,
						&command->err) :
			    ipvsctl_apply(command->ctx, plan, ret_outcome,
					  &command->err);
	ipvsctl_on_progress(command->ctx, NULL, NULL);
	if (progress.shown)
		(void)fprintf(stderr, "\n");
	return r;
}

/* ---- Plans ------------------------------------------------------------- */

/* Keeps the lines of a plan, with NULL at the end, as remaining changes. */
static void keep_standing(struct command *command,
			  const struct ipvsctl_plan *plan)
{
	const struct ipvsctl_step *step = NULL;
	size_t count = 0;
	char **lines;

	if (!plan)
		return;
	lines = calloc(ipvsctl_plan_count(plan) + 1, sizeof(*lines));
	while (lines && (step = ipvsctl_plan_next(plan, step)))
		if (ipvsctl_step_format(step, &lines[count++], NULL) < 0)
			break;
	command->stands = lines;
}

/* After undoing failed, finds the changes that remain in the kernel. */
static void find_standing(struct command *command)
{
	AUTO_CONFIG struct ipvsctl_config *now = NULL;
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;

	if (command->edit)
		keep_standing(command, ipvsctl_edit_plan(command->edit));
	else if (load(command, &now, NULL) == 0 &&
		 ipvsctl_plan_compare(command->from, now, &plan, NULL) == 0)
		keep_standing(command, plan);
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

int command_apply(struct command *command, const struct ipvsctl_plan *plan)
{
	AUTO_FREE char *document = NULL;
	struct ipvsctl_outcome outcome = { 0 };
	int r = 0;

	if (command->dry_run)
		return dry_run(command, plan);
	if (command->json && !command->quiet) {
		/* Format it now: after applying, memory might be short. */
		r = output_format_json(render_plan_json(plan), JSON_INDENT(2),
				       &document);
		if (r < 0)
			return command_no_memory(command);
	}
	r = apply(command, plan, &outcome);
	command->changed = outcome.done > 0;
	if (r < 0) {
		command->standing = outcome.standing > 0;
		if (command->standing)
			find_standing(command);
		return r;
	}
	if (!document)
		return 0;
	r = output_write(stdout, document, strlen(document));
	return r < 0 ? command_output_failed(command, r) : 0;
}

/* ---- Lines ------------------------------------------------------------- */

static void add_words(const char **words, size_t *count, char *const *more,
		      size_t more_count)
{
	for (size_t i = 0; i < more_count; i++)
		words[(*count)++] = more[i];
}

int command_line_words(struct command *command, const char ***ret_words,
		       size_t *ret_count)
{
	size_t count = 2;
	const char **words =
		calloc(command->argument_count + command->value_count +
			       command->word_count + 3,
		       sizeof(*words));

	if (!words)
		return command_no_memory(command);
	words[0] = command->program->name + strlen("lbctl-");
	words[1] = command->verb->name;
	add_words(words, &count, command->arguments, command->argument_count);
	/* The ruleset's language has neither --backend nor these. */
	for (size_t i = 0; i < command->value_count; i++)
		if (strcmp(command->values[i].name, "backend") != 0 &&
		    !edit_options_has(command->values[i].name))
			words[count++] = command->values[i].word;
	if (command->word_count)
		words[count++] = "--";
	add_words(words, &count, command->words, command->word_count);
	*ret_words = words;
	*ret_count = count;
	return 0;
}

int command_line(struct command *command)
{
	AUTO_RULESET struct ipvsctl_ruleset *ruleset = NULL;
	const char **words = NULL;
	size_t count = 0;
	int r = ipvsctl_ruleset_new(&ruleset, &command->err);

	if (r == 0)
		r = command_line_words(command, &words, &count);
	if (r == 0)
		r = ipvsctl_ruleset_add_words(ruleset, words, count,
					      &command->err);
	if (r == 0)
		r = command_edit(command, ruleset);
	free(words);
	return r;
}
