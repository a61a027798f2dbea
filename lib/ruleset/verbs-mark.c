/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines about mark rules. */
#include "fail.h"
#include "model/backend.h"
#include "model/object.h"
#include "ruleset/grammar.h"

/* Makes the rule that a line describes, and checks it; always clear it. */
static int parse(const struct statement *statement, bool exclude,
		 struct ipvsctl_mark *rule, struct ipvsctl_error *err)
{
	const char *subject = exclude ? "exclude" : statement->arguments[0];
	int r = 0;

	ipvsctl_mark_init(rule, exclude);
	if (!exclude)
		r = ipvsctl_mark_parse(subject, &rule->mark, err);
	if (r == 0)
		r = statement_set(statement, rule, subject, err);
	if (r == 0)
		r = ipvsctl_mark_set_words(
			rule, (const char *const *)statement->extras,
			statement->extra_count, err);
	if (r == 0)
		r = ipvsctl_mark_check(rule, err);
	return r < 0 ? fail_subject(err, r, subject) : 0;
}

/* As parse(), for a line that has either --exclude or a mark. */
static int parse_either(const struct run *run,
			const struct statement *statement,
			struct ipvsctl_mark *rule, struct ipvsctl_error *err)
{
	if (statement->flag == (statement->argument_count > 0))
		return fail(err, -EINVAL,
			    statement->flag ? "--exclude takes no mark" :
					      "missing argument: %smark %s "
					      "MARK, or --exclude",
			    run->strict ? "lbctl-" : "", statement->verb->name);
	return parse(statement, statement->flag, rule, err);
}

static int add(struct run *run, const struct statement *statement,
	       struct ipvsctl_error *err)
{
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	int r = parse(statement, false, &rule, err);

	return r < 0 ? r : run_add_mark(run, &rule, err);
}

static int exclude(struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	int r = parse(statement, true, &rule, err);

	return r < 0 ? r : run_add_mark(run, &rule, err);
}

static int replace(struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	int r = parse_either(run, statement, &rule, err);

	return r < 0 ? r : run_replace_mark(run, &rule, err);
}

static int delete (struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	int r = parse_either(run, statement, &rule, err);

	return r < 0 ? r : run_delete_mark(run, &rule, err);
}

static int flush(struct run *run, const struct statement *statement,
		 struct ipvsctl_error *err)
{
	struct backend_wish wish = { .backend = IPVSCTL_BACKEND_AUTO };
	int r = statement_set(statement, &wish, "flush", err);

	if (r < 0)
		return r;
	run_flush(run, IPVSCTL_MARKS);
	if (wish.backend != IPVSCTL_BACKEND_AUTO)
		ipvsctl_config_set_backend(run->config, wish.backend);
	return 0;
}

const struct verb mark_verbs[] = {
	{ "flush", "", &backend_attribute_table, NULL, false, flush },
	{ "add", "MARK", &mark_attribute_table, NULL, true, add },
	{ "exclude", "", &mark_attribute_table, NULL, true, exclude },
	{ "replace", "[MARK]", &mark_attribute_table, "exclude", true, replace },
	{ "delete", "[MARK]", &mark_attribute_table, "exclude", true, delete },
	{ 0 },
};
