/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Puts the parts of the collector together. */
#include "doctor/collect/collect.h"

#include <errno.h>

#include "common/own-netns.h"

int collect_failed(struct command *command, struct facts *facts, enum fact fact)
{
	const int code = command->err.code;
	char why[sizeof(command->err.subject) + sizeof(command->err.message) + 2];

	(void)snprintf(why, sizeof(why), "%s%s%s", command->err.subject,
		       command->err.subject[0] ? ": " : "",
		       command->err.message);
	facts_unknown(facts, fact, code, why);
	command->err = (struct ipvsctl_error){ 0 };
	return code == -ENOMEM ? code : 0;
}

int collect(struct command *command, struct facts *ret_facts)
{
	AUTO_FACTS struct facts facts = { 0 };
	int r = own_netns_enter(command);

	if (r == 0)
		r = collect_host(&facts);
	if (r == 0)
		r = collect_network(&facts);
	if (r == 0)
		r = collect_sysctls(&facts);
	if (r == 0)
		r = collect_config(command, &facts);
	if (r == 0)
		r = collect_routes(command, &facts);
	if (r == 0)
		r = collect_checks(command, &facts);
	if (r == 0)
		r = collect_saved(command, &facts);
	if (r == -ENOMEM)
		return command_no_memory(command);
	if (r < 0)
		return r;
	facts_sort(&facts);
	*ret_facts = facts;
	facts = (struct facts){ 0 };
	return 0;
}
