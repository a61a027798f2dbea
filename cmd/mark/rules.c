/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Verbs that write mark rules. */
#include "mark/mark.h"

#include <errno.h>
#include <string.h>

/*
 * Warns of a rule that sets a part of the mark: IPVS compares whole marks, and
 * can miss the service.
 */
static void warn_mask(struct command *command)
{
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	const char *mask = command_attribute(command, "mask");
	struct report report = command_report(command);
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_mark rule;

	ipvsctl_mark_init(&rule, false);
	if (command->quiet || !mask || command->argument_count == 0 ||
	    ipvsctl_mark_parse(command->arguments[0], &rule.mark, NULL) < 0 ||
	    ipvsctl_mark_set(&rule, "mask", mask, NULL) < 0 ||
	    rule.mask == UINT32_MAX)
		return;
	/* Without IPVS there is no service that could be missed. */
	if (ipvsctl_load(command->ctx, IPVSCTL_SERVICES, NULL, &config, NULL) <
	    0)
		return;
	ipvsctl_for_each_service(config, service)
		if (service->fwmark &&
		    (service->fwmark & rule.mask) == rule.mark)
			report_warning(&report,
				       "%s compares all 32 bits of the mark, "
				       "but --mask 0x%x sets only some",
				       ipvsctl_service_format(service, text),
				       rule.mask);
}

int mark_set(struct command *command)
{
	int r = command_line(command);

	if (r >= 0)
		warn_mask(command);
	return r;
}

int mark_zero(struct command *command)
{
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	int r = command_begin(command, IPVSCTL_MARKS, NULL);

	if (r == 0)
		r = ipvsctl_plan_compare(command->from, command->to, &plan,
					 &command->err);
	if (r < 0)
		return r;
	if (ipvsctl_plan_zero(plan, IPVSCTL_MARKS, NULL, &command->err) < 0)
		return command_no_memory(command);
	return command_apply(command, plan);
}

int mark_convert(struct command *command)
{
	enum ipvsctl_backend backend = IPVSCTL_BACKEND_IPTABLES;
	const char *name = command->arguments[0];
	int r;

	while (backend <= IPVSCTL_BACKEND_NFT &&
	       strcmp(name, ipvsctl_backend_name(backend)) != 0)
		backend++;
	if (backend > IPVSCTL_BACKEND_NFT)
		return command_fail(command, -EINVAL, name,
				    "rules can be moved to iptables or nft");
	r = command_begin(command, IPVSCTL_MARKS, NULL);
	if (r < 0)
		return r;
	ipvsctl_config_set_backend(command->to, backend);
	r = ipvsctl_settle(command->ctx, command->to, &command->err);
	return r < 0 ? r : command_commit(command);
}
