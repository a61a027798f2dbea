/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks: those that checks.conf has, and what the last runs left. */
#include "doctor/collect/collect.h"

#include <errno.h>
#include <string.h>

#include "check/config/check.h"
#include "check/state/state.h"

#define CHECKS_FILE "/etc/lbctl/checks.conf"

static struct fact_check *add_check(struct facts *facts, const char *name,
				    const char *services)
{
	struct fact_check *row = facts_add(facts, FACT_CHECKS);

	if (!row)
		return NULL;
	(void)snprintf(row->name, sizeof(row->name), "%s", name);
	row->services = strdup(services ? services : "");
	return row->services ? row : NULL;
}

/* Adds a check of the state; configured says whether the file has it, too. */
static int add_state(struct facts *facts, const struct state_check *check,
		     bool configured)
{
	struct fact_check *row = add_check(facts, check->name, check->selected);
	const int64_t now = state_now();

	if (!row)
		return -ENOMEM;
	row->configured = configured;
	row->ran = check->last > 0;
	row->last_seconds =
		now > check->last ? (uint64_t)(now - check->last) / 1000 : 0;
	row->servers = (uint32_t)check->count;
	for (size_t i = 0; i < check->count; i++)
		row->down += check->rows[i].state == ROW_DOWN;
	return 0;
}

static int add_all(struct facts *facts, const struct checks *checks,
		   const struct state *state)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < state->check_count; i++) {
		const struct state_check *check = &state->checks[i];
		bool configured = false;

		for (size_t j = 0; !configured && j < checks->count; j++)
			configured =
				!strcmp(checks->checks[j].name, check->name) &&
				!strcmp(checks->checks[j].selected,
					check->selected);
		r = add_state(facts, check, configured);
	}
	for (size_t j = 0; r == 0 && j < checks->count; j++) {
		const struct check *check = &checks->checks[j];
		struct fact_check *row;

		if (state_find(state, check->name, check->selected))
			continue;
		row = add_check(facts, check->name, check->selected);
		if (!row)
			return -ENOMEM;
		row->configured = true;
	}
	return r;
}

/* Reads checks.conf. A file that has a mistake is known to have it. */
static int read_file(struct command *command, struct facts *facts,
		     struct checks *checks)
{
	struct fact_checks_file *row;
	char fault[sizeof(command->err.message) + 64];
	int r;

	if (access(CHECKS_FILE, F_OK) < 0 && errno == ENOENT) {
		facts->known[FACT_CHECKS_FILE] = true;
		return facts_add(facts, FACT_CHECKS_FILE) ? 0 : -ENOMEM;
	}
	r = check_read_file(command, CHECKS_FILE, checks);
	if (r == 0)
		r = check_all(command, checks);
	if (r < 0 && r != -EINVAL)
		return collect_failed(command, facts, FACT_CHECKS_FILE);
	facts->known[FACT_CHECKS_FILE] = true;
	row = facts_add(facts, FACT_CHECKS_FILE);
	if (!row)
		return -ENOMEM;
	row->path = strdup(CHECKS_FILE);
	if (r < 0) {
		(void)snprintf(fault, sizeof(fault), "line %u: %s",
			       command->err.line, command->err.message);
		row->fault = strdup(fault);
	}
	command->err = (struct ipvsctl_error){ 0 };
	return row->path && (r == 0 || row->fault) ? 0 : -ENOMEM;
}

int collect_checks(struct command *command, struct facts *facts)
{
	AUTO_CHECKS struct checks checks = { 0 };
	AUTO_STATE struct state state = { 0 };
	int r = read_file(command, facts, &checks);

	if (r < 0)
		return r;
	r = state_load(command, false, &state);
	if (r < 0)
		return collect_failed(command, facts, FACT_CHECKS);
	/* Without the file nobody knows which checks have to run. */
	if (!facts->known[FACT_CHECKS_FILE]) {
		facts_unknown(facts, FACT_CHECKS,
			      facts->denied[FACT_CHECKS_FILE] ? -EPERM : -EIO,
			      CHECKS_FILE " cannot be read");
		return 0;
	}
	facts->known[FACT_CHECKS] = true;
	return add_all(facts, &checks, &state);
}
