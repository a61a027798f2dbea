/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warns of VIPs that came, but are not quite what was asked for. */
#include "common/command.h"

static void warn_of(const struct report *report, const struct ipvsctl_vip *vip)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	(void)ipvsctl_vip_format(vip, text);
	if (vip->down)
		report_warning(report,
			       "%s: %s is down: nobody hears of the VIP before "
			       "lbctl-vip announce",
			       text, vip->interface);
	if (vip->adopted)
		report_warning(report,
			       "%s: %s had this address already: it stays when "
			       "the VIP is deleted",
			       text, vip->interface);
}

void command_warn_vips(const struct command *command)
{
	const struct report report = command_report(command);
	const struct ipvsctl_config *from = ipvsctl_edit_from(command->edit);
	const struct ipvsctl_config *to = ipvsctl_edit_to(command->edit);
	AUTO_CONFIG struct ipvsctl_config *now = NULL;

	if (command->quiet || command->dry_run)
		return;
	ipvsctl_for_each_vip(to, vip) {
		const struct ipvsctl_vip *stands;

		if (ipvsctl_config_find_vip(from, vip))
			continue;
		if (!now && ipvsctl_load(command->ctx, IPVSCTL_VIPS, NULL, &now,
					 NULL) < 0)
			return;
		stands = ipvsctl_config_find_vip(now, vip);
		if (stands)
			warn_of(&report, stands);
	}
}
