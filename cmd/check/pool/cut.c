/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Moves clients away from a server that is down. Weight 0 only keeps new ones
 * out: each datagram renews the entry of its flow, and a template of
 * persistence leads its client back (Linux 6.1). So flows must lose the server,
 * and clients their template.
 */
#include <netinet/in.h>

#include "check/pool/cut.h"

/* ---- Protocols ----------------------------------------------------------- */

/* Returns the mark rules, or NULL if they cannot be read. */
static const struct ipvsctl_config *read_marks(struct run *run)
{
	if (!run->marks_tried && run->command->ctx &&
	    ipvsctl_load(run->command->ctx, IPVSCTL_MARKS, NULL, &run->marks,
			 NULL) < 0)
		run->marks = NULL;
	run->marks_tried = true;
	return run->marks;
}

static bool may_give(const struct ipvsctl_mark *rule,
		     const struct ipvsctl_service *service)
{
	return !rule->exclude &&
	       (service->fwmark & rule->mask) == (rule->mark & rule->mask) &&
	       (!rule->family || rule->family == service->address.family);
}

/* Tells whether our rules give the mark to TCP only. A mark that none of them
   gives can carry anything. */
static bool is_tcp_only(struct run *run, const struct ipvsctl_service *service)
{
	const struct ipvsctl_config *marks = read_marks(run);
	const struct ipvsctl_mark *rule = NULL;
	bool found = false;

	while (marks && (rule = ipvsctl_config_next_mark(marks, rule))) {
		if (!may_give(rule, service))
			continue;
		if (rule->protocol != IPPROTO_TCP)
			return false;
		found = true;
	}
	return found;
}

/* ---- Flows ----------------------------------------------------------------- */

bool cut_is_due(struct run *run, const struct check *check,
		const struct ipvsctl_service *service, int64_t since)
{
	const int64_t after = check ? check->cut_after_us : CHECK_CUT_AFTER_US;

	/* With one-packet scheduling each packet is a flow of its own. */
	if (service->flags & IPVSCTL_ONE_PACKET || after == CHECK_CUT_NEVER ||
	    state_now() - since < after / 1000)
		return false;
	if (check && check->cuts_tcp)
		return true;
	return service->fwmark ? !is_tcp_only(run, service) :
				 service->protocol == IPPROTO_UDP;
}

void cut_flows(struct run *run)
{
	run->sysctl_needed[STATE_EXPIRE_NODEST_CONN] = true;
}

void cut_templates(struct run *run, const struct check *check,
		   const struct ipvsctl_service *service)
{
	if (service->persistence_seconds > 0 &&
	    (!check || check->cut_after_us != CHECK_CUT_NEVER))
		run->sysctl_needed[STATE_EXPIRE_QUIESCENT_TEMPLATE] = true;
}

/* ---- Sysctls --------------------------------------------------------------- */

static const char *const meanings[STATE_SYSCTLS] = {
	[STATE_EXPIRE_NODEST_CONN] =
		"flows of removed servers go to other servers",
	[STATE_EXPIRE_QUIESCENT_TEMPLATE] =
		"known clients of drained servers go to other servers",
};

/* Warns although run->told is set. */
static void say(struct run *run, enum state_sysctl number, const char *what)
{
	run->told = false;
	run_remark(run,
		   "net.ipv4.vs.%s %s, so that %s; lbctl-check reset "
		   "restores 0",
		   state_sysctl_name(number), what, meanings[number]);
	run->told = true;
}

static void warn_sysctl(struct run *run, enum state_sysctl number)
{
	struct ipvsctl_error *err = &run->command->err;

	run->told = false;
	run_warn(run,
		 "%s: %s; without it clients stay with servers that are "
		 "down: sysctl -w net.ipv4.vs.%s=1",
		 err->subject, err->message, state_sysctl_name(number));
	run->told = true;
	*err = (struct ipvsctl_error){ 0 };
}

bool cut_decide(struct run *run)
{
	struct command *command = run->command;
	bool any = false;

	for (int i = 0; i < STATE_SYSCTLS; i++) {
		const enum state_sysctl number = (enum state_sysctl)i;
		uint32_t value = 0;

		if (!run->sysctl_needed[i])
			continue;
		if (ipvsctl_sysctl_read(command->ctx, state_sysctl_name(number),
					&value, &command->err) < 0) {
			warn_sysctl(run, number);
			value = 1;
		}
		run->sysctl_needed[i] = value == 0;
		if (value != 0)
			continue;
		any = true;
		run->state.sysctl_set[i] = true;
		if (command->dry_run)
			say(run, number, "would be set to 1");
	}
	return any;
}

void cut_set(struct run *run)
{
	struct command *command = run->command;

	for (int i = 0; i < STATE_SYSCTLS; i++) {
		const enum state_sysctl number = (enum state_sysctl)i;

		if (!run->sysctl_needed[i])
			continue;
		if (ipvsctl_sysctl_write(command->ctx, state_sysctl_name(number),
					 1, &command->err) < 0)
			warn_sysctl(run, number);
		else
			say(run, number, "is 1 now");
	}
}

/* Leaves a sysctl alone that is not 1 any more: others have set it. */
int cut_put_back(struct run *run)
{
	struct command *command = run->command;
	struct state *state = &run->state;
	int r = 0;

	for (int i = 0; r >= 0 && i < STATE_SYSCTLS && !state->check_count;
	     i++) {
		const char *name = state_sysctl_name((enum state_sysctl)i);
		uint32_t value = 0;

		if (!state->sysctl_set[i])
			continue;
		if (ipvsctl_sysctl_read(command->ctx, name, &value, NULL) == 0 &&
		    value == 1 && !command->dry_run)
			r = ipvsctl_sysctl_write(command->ctx, name, 0,
						 &command->err);
		state->sysctl_set[i] = r < 0;
		if (value != 1 || !command->dry_run)
			continue;
		run_remark(run,
			   "net.ipv4.vs.%s would be 0 again, as before "
			   "the checks",
			   name);
		r = 1;
	}
	return r;
}
