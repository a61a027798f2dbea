/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Verbs that write mark rules. */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "common/render.h"
#include "mark/mark.h"

/* "exclude" or the mark, for messages. */
static const char *subject(const struct ipvsctl_mark *rule, char text[32])
{
	return rule->exclude ? "exclude" : render_mark(text, rule->mark);
}

/* IPVS compares whole marks: setting a part may miss the service. */
static void warn_mask(struct command *command, const struct ipvsctl_mark *rule)
{
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	struct report report = command_report(command);
	char text[IPVSCTL_IDENTITY_TEXT];

	if (rule->exclude || rule->mask == UINT32_MAX || command->quiet)
		return;
	/* Without IPVS there is no service that could be missed. */
	if (ipvsctl_load(command->ctx, IPVSCTL_SERVICES, NULL, &config, NULL) <
	    0)
		return;
	ipvsctl_for_each_service(config, service)
		if (service->fwmark &&
		    (service->fwmark & rule->mask) == rule->mark)
			report_warning(&report,
				       "%s compares all 32 bits of the mark, "
				       "but --mask 0x%x sets only some",
				       ipvsctl_service_format(service, text),
				       rule->mask);
}

static int add_rule(struct command *command, const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark both = *rule;
	AUTO_FREE char *line = NULL;
	char text[32];

	/* Behind one of both families it would never be reached. */
	both.family = AF_UNSPEC;
	if (ipvsctl_config_find_mark(command->from, rule) ||
	    ipvsctl_config_find_mark(command->from, &both)) {
		(void)command_fail(command, -EEXIST, subject(rule, text),
				   "a rule with this match exists already");
		if (rule->exclude ||
		    ipvsctl_mark_line(rule, &line, &command->err) < 0)
			return -EEXIST;
		return command_hint(command, -EEXIST, "lbctl-mark replace %s",
				    line + strlen("mark add "));
	}
	return ipvsctl_config_add_mark(command->to, rule, &command->err);
}

static int replace_rule(struct command *command, const struct ipvsctl_mark *rule)
{
	int r = ipvsctl_config_change_mark(command->to, rule, NULL);

	return r == -ENOENT ? ipvsctl_config_add_mark(command->to, rule,
						      &command->err) :
			      r;
}

static int delete_rule(struct command *command, const struct ipvsctl_mark *rule)
{
	char text[32];
	int r = ipvsctl_config_delete_mark(command->to, rule, &command->err);

	if (r != -ENOENT)
		return r;
	(void)command_fail(command, r, subject(rule, text), "no such rule");
	return command_hint(command, r, "lbctl-mark show");
}

typedef int (*edit_fn)(struct command *command, const struct ipvsctl_mark *rule);

/* Changes what the rule is once it is loaded: two where families differ. */
static int edit_settled(struct command *command,
			const struct ipvsctl_mark *rule, edit_fn change)
{
	AUTO_CONFIG struct ipvsctl_config *settled = NULL;
	const struct ipvsctl_mark *each = NULL;
	int r;

	if (ipvsctl_config_new(&settled, &command->err) < 0)
		return command_no_memory(command);
	r = ipvsctl_config_add_mark(settled, rule, &command->err);
	if (r == 0)
		r = ipvsctl_settle(command->ctx, settled, &command->err);
	while (r == 0 && (each = ipvsctl_config_next_mark(settled, each)))
		r = change(command, each);
	return r;
}

/* Parses the rule, edits, commits; warn: of a mask that may miss. */
static int edit(struct command *command, bool exclude, edit_fn change, bool warn)
{
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	int r = mark_parse(command, exclude, &rule);

	if (r == 0)
		r = mark_begin(command);
	if (r == 0)
		r = edit_settled(command, &rule, change);
	if (r < 0)
		return r;
	if (warn)
		warn_mask(command, &rule);
	return command_commit(command);
}

/* Either --exclude or the argument MARK is given. */
static int check_kind(struct command *command)
{
	bool exclude = command_has(command, "exclude");

	if (exclude != (command->argument_count > 0))
		return 0;
	command->strange = true;
	if (exclude)
		return command_fail(command, -EINVAL, NULL,
				    "--exclude takes no mark");
	return command_fail(command, -EINVAL, NULL,
			    "missing argument: lbctl-mark %s MARK, or "
			    "--exclude",
			    command->verb->name);
}

int mark_add(struct command *command)
{
	return edit(command, false, add_rule, true);
}

int mark_exclude(struct command *command)
{
	return edit(command, true, add_rule, false);
}

int mark_replace(struct command *command)
{
	bool exclude = command_has(command, "exclude");
	int r = check_kind(command);

	return r < 0 ? r : edit(command, exclude, replace_rule, true);
}

int mark_delete(struct command *command)
{
	bool exclude = command_has(command, "exclude");
	int r = check_kind(command);

	return r < 0 ? r : edit(command, exclude, delete_rule, false);
}

int mark_flush(struct command *command)
{
	const struct ipvsctl_mark *rule = NULL;
	int r = mark_begin(command);

	while (r == 0 && (rule = ipvsctl_config_next_mark(command->from, rule)))
		r = ipvsctl_config_delete_mark(command->to, rule, &command->err);
	return r < 0 ? r : command_commit(command);
}

int mark_zero(struct command *command)
{
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	int r = mark_begin(command);

	if (r == 0)
		r = ipvsctl_plan_compare(command->from, command->to, &plan,
					 &command->err);
	if (r < 0)
		return r;
	if (ipvsctl_plan_zero(plan, IPVSCTL_MARKS, NULL, &command->err) < 0)
		return command_no_memory(command);
	return command_apply(command, plan);
}
