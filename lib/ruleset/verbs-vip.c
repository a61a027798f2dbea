/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines about VIPs. */
#include "fail.h"
#include "model/object.h"
#include "ruleset/grammar.h"

static int parse(const struct statement *statement, struct ipvsctl_vip *vip,
		 struct ipvsctl_error *err)
{
	const char *subject = statement->arguments[0];
	int r = ipvsctl_vip_parse(subject, vip, err);

	if (r < 0)
		return fail_subject(err, r, subject);
	return statement_set(statement, vip, subject, err);
}

static int add(struct run *run, const struct statement *statement,
	       struct ipvsctl_error *err)
{
	struct ipvsctl_vip vip;
	int r = parse(statement, &vip, err);

	if (r == 0)
		r = ipvsctl_vip_check(&vip, err);
	return r < 0 ? r : run_add_vip(run, &vip, err);
}

static int replace(struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	struct ipvsctl_vip vip;
	int r = parse(statement, &vip, err);

	if (r == 0)
		r = ipvsctl_vip_check(&vip, err);
	return r < 0 ? r : run_replace_vip(run, &vip, err);
}

static int delete (struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	struct ipvsctl_vip vip;
	int r = parse(statement, &vip, err);

	return r < 0 ? r : run_delete_vip(run, &vip, err);
}

static int flush(struct run *run, const struct statement *statement,
		 struct ipvsctl_error *err)
{
	(void)statement;
	(void)err;
	run_flush(run, IPVSCTL_VIPS);
	return 0;
}

#define ADDRESS "ADDRESS[/PREFIX]"

const struct verb vip_verbs[] = {
	{ "flush", "", NULL, NULL, false, flush },
	{ "add", ADDRESS, &vip_attribute_table, NULL, false, add },
	{ "replace", ADDRESS, &vip_attribute_table, NULL, false, replace },
	{ "delete", ADDRESS, &vip_name_table, NULL, false, delete },
	{ 0 },
};
