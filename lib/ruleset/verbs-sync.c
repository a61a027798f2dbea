/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines about sync daemons. */
#include "fail.h"
#include "model/object.h"
#include "ruleset/grammar.h"

static int parse(const struct statement *statement, struct ipvsctl_sync *sync,
		 struct ipvsctl_error *err)
{
	const char *role = statement->arguments[0];
	int r = ipvsctl_sync_parse(role, sync, err);

	if (r < 0)
		return fail_subject(err, r, role);
	return statement_set(statement, sync, role, err);
}

static int start(struct run *run, const struct statement *statement,
		 struct ipvsctl_error *err)
{
	struct ipvsctl_sync sync;
	int r = parse(statement, &sync, err);

	if (r == 0)
		r = ipvsctl_sync_check(&sync, err);
	return r < 0 ? r : run_start_sync(run, &sync, err);
}

static int stop(struct run *run, const struct statement *statement,
		struct ipvsctl_error *err)
{
	struct ipvsctl_sync sync;
	int r = parse(statement, &sync, err);

	if (r == 0 && run->before &&
	    !ipvsctl_config_get_sync(run->before, sync.role))
		return fail_subject(err,
				    fail(err, -ENOENT,
					 "no such sync daemon runs"),
				    statement->arguments[0]);
	if (r == 0)
		run_stop_sync(run, sync.role);
	return r;
}

static int flush(struct run *run, const struct statement *statement,
		 struct ipvsctl_error *err)
{
	(void)statement;
	(void)err;
	run_flush(run, IPVSCTL_SYNC);
	return 0;
}

const struct verb sync_verbs[] = {
	{ "flush", "", NULL, NULL, false, flush },
	{ "start", "master|backup", &sync_attribute_table, NULL, false, start },
	{ "stop", "master|backup", NULL, NULL, false, stop },
	{ 0 },
};
