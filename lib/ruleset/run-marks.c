/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Edits mark rules as lines say. */
#include <string.h>

#include "fail.h"
#include "model/object.h"
#include "ruleset/run-lines.h"

typedef int (*mark_fn)(struct run *run, const struct ipvsctl_mark *rule,
		       struct ipvsctl_error *err);

/*
 * Calls fn with a command line's rule in the form in which it will load: with
 * two rules if its words mean something else to each family.
 */
static int each_settled(struct run *run, const struct ipvsctl_mark *rule,
			mark_fn fn, struct ipvsctl_error *err)
{
	struct ipvsctl_config *settled = NULL;
	const struct ipvsctl_mark *each = NULL;
	int r;

	if (!run->settle)
		return fn(run, rule, err);
	r = ipvsctl_config_new(&settled, err);
	if (r == 0)
		r = ipvsctl_config_add_mark(settled, rule, err);
	if (r == 0)
		r = run->settle(run->settle_ctx, settled, err);
	while (r == 0 && (each = ipvsctl_config_next_mark(settled, each)))
		r = fn(run, each, err);
	ipvsctl_config_free(settled);
	return r;
}

/* Makes the rule what a failure of a command line is about. */
static int about_mark(const struct ipvsctl_mark *rule, int code,
		      struct ipvsctl_error *err)
{
	return rule->exclude ? fail_about(err, code, "exclude") :
			       fail_about(err, code, "%u (0x%x)", rule->mark,
					  rule->mark);
}

static int replace_mark(struct run *run, const struct ipvsctl_mark *rule,
			struct ipvsctl_error *err)
{
	int r = ipvsctl_config_change_mark(run->config, rule, NULL);

	run_touch(run, IPVSCTL_MARKS);
	if (r == -ENOMEM)
		return fail_memory(err);
	return r == 0 ? 0 : ipvsctl_config_add_mark(run->config, rule, err);
}

static int add_new_mark(struct run *run, const struct ipvsctl_mark *rule,
			struct ipvsctl_error *err)
{
	AUTO_FREE char *line = NULL;
	int r;

	/* Behind a rule with the same match it would never be reached. */
	if (!config_find_whole_mark(run->config, rule))
		return replace_mark(run, rule, err);
	r = fail(err, -EEXIST, "a rule with this match exists already");
	(void)about_mark(rule, r, err);
	if (rule->exclude || ipvsctl_mark_line(rule, &line, NULL) < 0)
		return r;
	return fail_hint(err, r, "lbctl-mark replace %s",
			 line + strlen("mark add "));
}

int run_add_mark(struct run *run, const struct ipvsctl_mark *rule,
		 struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = run_stated(run, IPVSCTL_MARKS);
	int r;

	if (run->strict)
		return each_settled(run, rule, add_new_mark, err);
	if (config_find_whole_mark(config, rule)) {
		r = fail(err, -EINVAL,
			 "the ruleset has a rule with this match already");
		return fail_hint(err, r, "take one of the two lines out");
	}
	run_touch(run, IPVSCTL_MARKS);
	if (config_append_mark(config, rule) < 0)
		return fail_memory(err);
	return config == run->config ? 0 : replace_mark(run, rule, err);
}

int run_import_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err)
{
	if (config_drop_exemption(run->config, rule) < 0)
		return fail_memory(err);
	return run_add_mark(run, rule, err);
}

int run_replace_mark(struct run *run, const struct ipvsctl_mark *rule,
		     struct ipvsctl_error *err)
{
	return run->strict ? each_settled(run, rule, replace_mark, err) :
			     replace_mark(run, rule, err);
}

static int delete_mark(struct run *run, const struct ipvsctl_mark *rule,
		       struct ipvsctl_error *err)
{
	int r = ipvsctl_config_delete_mark(run->config, rule, NULL);

	run_touch(run, IPVSCTL_MARKS);
	if (r != -ENOENT || !run->before)
		return run_deleted(r, err);
	r = about_mark(rule, fail(err, r, "no such rule"), err);
	return fail_hint(err, r, "lbctl-mark show");
}

int run_delete_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err)
{
	int r = 0;

	if (run->strict)
		return each_settled(run, rule, delete_mark, err);
	if (run->stated)
		r = ipvsctl_config_delete_mark(run->stated, rule, NULL);
	return r == 0 || r == -ENOENT ? delete_mark(run, rule, err) :
					run_deleted(r, err);
}
