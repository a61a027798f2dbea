/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The ruleset that the host boots with, compared with the kernel. */
#include "doctor/collect/collect.h"

#include <errno.h>
#include <string.h>

#include "restore/restore.h"

#define SAVED_FILE "/etc/lbctl/lbctl.rules"

/* Counts the steps of a plan, and keeps the first. */
static int take_plan(const struct ipvsctl_plan *plan, struct fact_saved *saved)
{
	static const char signs[] = { [IPVSCTL_ADD] = '+',
				      [IPVSCTL_CHANGE] = '~',
				      [IPVSCTL_DELETE] = '-',
				      [IPVSCTL_ZERO] = '0',
				      [IPVSCTL_MOVE] = '~' };

	saved->changes = (uint32_t)ipvsctl_plan_count(plan);
	ipvsctl_for_each_step(plan, step) {
		AUTO_FREE char *line = NULL;
		const enum ipvsctl_action action = ipvsctl_step_action(step);

		saved->marks +=
			ipvsctl_step_object(step) == IPVSCTL_OBJECT_MARK &&
			action == IPVSCTL_ADD;
		if (saved->first)
			continue;
		if (ipvsctl_step_format(step, &line, NULL) < 0 ||
		    asprintf(&saved->first, "%c %s", signs[action], line) < 0) {
			saved->first = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

/* Compares what the lines of the ruleset lead to with what the kernel has. */
static int compare(struct command *command, struct ipvsctl_ruleset *ruleset,
		   const struct ipvsctl_config *from, struct fact_saved *saved)
{
	AUTO_CONFIG struct ipvsctl_config *to = NULL;
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	int r = ipvsctl_ruleset_run(ruleset, from, &to, &command->err);

	/* Only what is loaded is compared with in the kernel's form: to settle
	   anything else could load modules. */
	if (r == 0 && ipvsctl_config_get_backend(from) != IPVSCTL_BACKEND_AUTO)
		r = ipvsctl_settle(command->ctx, to, &command->err);
	if (r == 0)
		r = ipvsctl_plan_compare(from, to, &plan, &command->err);
	return r < 0 ? r : take_plan(plan, saved);
}

/* Without IPVS it is known that there are no services. */
static unsigned int known_kinds(const struct facts *facts)
{
	unsigned int kinds = 0;

	if (facts->known[FACT_SERVICES])
		kinds |= IPVSCTL_SERVICES | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS;
	if (facts->known[FACT_MARKS])
		kinds |= IPVSCTL_MARKS;
	if (facts->known[FACT_VIPS])
		kinds |= IPVSCTL_VIPS;
	return kinds;
}

/* Finds what is wrong with the file. Returns 0, or a code with command->err
   filled for what makes the fact unknown. */
static int judge(struct command *command, const struct facts *facts,
		 struct fact_saved *saved)
{
	AUTO_TEXTS struct restore_texts texts = { 0 };
	int r = ipvsctl_ruleset_new(&texts.ruleset, &command->err);

	if (r == 0)
		r = restore_read(command, SAVED_FILE, &texts);
	if (r == 0) {
		if (ipvsctl_ruleset_kinds(texts.ruleset) & ~known_kinds(facts))
			return command_fail(command, -EPERM, NULL,
					    "what it is about cannot be read");
		r = compare(command, texts.ruleset, facts->config, saved);
	}
	if (r != -EINVAL && r != -ENOENT)
		return r;
	if (asprintf(&saved->fault, "line %u: %s%s%s", command->err.line,
		     command->err.subject, command->err.subject[0] ? ": " : "",
		     command->err.message) < 0) {
		saved->fault = NULL;
		return -ENOMEM;
	}
	command->err = (struct ipvsctl_error){ 0 };
	return 0;
}

int collect_saved(struct command *command, struct facts *facts)
{
	struct fact_saved *saved = facts_add(facts, FACT_SAVED);

	if (!saved)
		return -ENOMEM;
	facts->known[FACT_SAVED] = true;
	if (access(SAVED_FILE, F_OK) < 0 && errno == ENOENT)
		return 0;
	saved->path = strdup(SAVED_FILE);
	if (!saved->path)
		return -ENOMEM;
	return judge(command, facts, saved) < 0 ?
		       collect_failed(command, facts, FACT_SAVED) :
		       0;
}
