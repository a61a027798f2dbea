/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warns of rules with --snat that IPVS does not let take effect. */
#include <errno.h>

#include "common/command.h"

#define SYSCTL "net.ipv4.vs.conntrack"

static bool has_snat(const struct ipvsctl_config *config)
{
	ipvsctl_for_each_mark(config, rule)
		if (rule->snat)
			return true;
	return false;
}

void command_warn_snat(const struct command *command)
{
	const struct report report = command_report(command);
	uint32_t value = 0;
	int r;

	if (command->quiet || command->dry_run ||
	    !has_snat(ipvsctl_edit_to(command->edit)))
		return;
	r = ipvsctl_sysctl_read(command->ctx, "conntrack", &value, NULL);
	if (r == 0 && value == 0)
		report_warning(&report,
			       "packets of services keep their source in spite "
			       "of --snat: sysctl -w " SYSCTL "=1");
	else if (r == -EOPNOTSUPP && !has_snat(ipvsctl_edit_from(command->edit)))
		report_warning(&report,
			       "the kernel has no IPVS; once it has, --snat "
			       "needs: sysctl -w " SYSCTL "=1");
}
