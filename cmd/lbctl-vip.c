/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-vip: manages the addresses of services that this host holds. */
#include <errno.h>
#include <stdlib.h>

#include "common/command-main.h"
#include "fail.h"
#include "output/output.h"
#include "output/render.h"

static int show(struct command *command)
{
	int r = command_load(command, IPVSCTL_VIPS, NULL);

	if (r < 0)
		return r;
	if (command->json)
		return command_show_document(command, IPVSCTL_VIPS, false);
	r = render_vips(stdout, command->from);
	return r < 0 ? command_output_failed(command, r) : 0;
}

static int find(struct command *command, const char *name,
		const struct ipvsctl_vip **ret_vip)
{
	struct ipvsctl_vip named;
	int r = ipvsctl_vip_parse(name, &named, &command->err);

	if (r < 0)
		return r;
	*ret_vip = ipvsctl_config_find_vip(command->from, &named);
	return *ret_vip ? 0 :
			  fail_hint(&command->err,
				    command_fail(command, -ENOENT, name,
						 "no such VIP"),
				    "lbctl-vip show");
}

/* Takes the VIPs that are told about out of those that stand: all that are
   announced, or those of the arguments. */
static int collect(struct command *command, struct ipvsctl_vip *vips,
		   size_t *ret_count)
{
	size_t count = 0;

	ipvsctl_for_each_vip(command->from, vip)
		if (!command->argument_count && vip->announcements &&
		    !ipvsctl_vip_is_withdrawn(vip, NULL))
			vips[count++] = *vip;
	for (size_t i = 0; i < command->argument_count; i++) {
		const char *name = command->arguments[i];
		const struct ipvsctl_vip *found;
		int r = find(command, name, &found);

		if (r < 0)
			return r;
		if (found->flags & IPVSCTL_VIP_REAL_SERVER)
			return command_fail(command, -EINVAL, name,
					    "a real server's VIP is silent");
		if (ipvsctl_vip_is_withdrawn(found, NULL))
			return command_fail(command, -EINVAL, name,
					    "it is withdrawn: %s",
					    found->withdrawn);
		vips[count] = *found;
		if (!vips[count].announcements)
			vips[count].announcements = IPVSCTL_VIP_ANNOUNCEMENTS;
		count++;
	}
	*ret_count = count;
	return 0;
}

static size_t count_vips(const struct ipvsctl_config *config)
{
	size_t count = 0;

	ipvsctl_for_each_vip(config, vip)
		count++;
	return count;
}

static int announce(struct command *command)
{
	struct ipvsctl_vip *vips;
	size_t count = 0;
	int r = command_load(command, IPVSCTL_VIPS, NULL);

	if (r < 0)
		return r;
	vips = calloc(count_vips(command->from) + command->argument_count + 1,
		      sizeof(*vips));
	if (!vips)
		return command_no_memory(command);
	r = collect(command, vips, &count);
	if (r == 0 && command->dry_run)
		r = count > 0;
	else if (r == 0 && count)
		r = ipvsctl_announce_vips(command->ctx, vips, count,
					  &command->err);
	free(vips);
	return r;
}

/* ---- Withdrawing --------------------------------------------------------- */

static int change_all(struct command *command,
		      int (*change)(struct ipvsctl_config *config,
				    const struct ipvsctl_vip *identity,
				    const char *reason,
				    struct ipvsctl_error *err))
{
	const char *reason = command_has(command, "all") ?
				     NULL :
				     command_value(command, "reason", "admin");
	int r = command_begin(command, IPVSCTL_VIPS, NULL);

	for (size_t i = 0; r == 0 && i < command->argument_count; i++) {
		const char *name = command->arguments[i];
		const struct ipvsctl_vip *vip;

		r = find(command, name, &vip);
		if (r == 0 && vip->adopted)
			return fail_hint(&command->err,
					 command_fail(command, -EINVAL, name,
						      "%s had this address "
						      "before lbctl, which "
						      "does not withdraw it",
						      vip->interface),
					 "ip addr del");
		if (r == 0)
			r = change(command->to, vip, reason, &command->err);
	}
	return r < 0 ? r : command_commit(command);
}

static int withdraw(struct command *command)
{
	return change_all(command, ipvsctl_config_withdraw_vip);
}

static int bring_back(struct command *command)
{
	if (command_has(command, "all") && command_has(command, "reason"))
		return command_fail(command, -EINVAL, NULL,
				    "--all and --reason exclude each other");
	return change_all(command, ipvsctl_config_return_vip);
}

static const struct command_option withdraw_options[] = {
	{ "reason", 0, "REASON", "withdraw for this reason (default: admin)" },
	{ 0 },
};

static const struct command_option return_options[] = {
	{ "reason", 0, "REASON", "drop this reason (default: admin)" },
	{ "all", 'a', NULL, "drop all reasons" },
	{ 0 },
};

/* ---- Verbs --------------------------------------------------------------- */

static const struct command_verb verbs[] = {
	{
		.name = "add",
		.arguments = "ADDRESS[/PREFIX]",
		.summary = "add a VIP; fails if it exists",
		.attributes = ipvsctl_vip_attributes,
		.run = command_line,
	},
	{
		.name = "replace",
		.arguments = "ADDRESS[/PREFIX]",
		.summary = "add a VIP, or change the one of that address",
		.attributes = ipvsctl_vip_attributes,
		.run = command_line,
	},
	{
		.name = "delete",
		.arguments = "ADDRESS[/PREFIX]",
		.summary = "delete a VIP, and put back what it changed",
		.attributes = ipvsctl_vip_name_attributes,
		.run = command_line,
	},
	{
		.name = "withdraw",
		.arguments = "ADDRESS[/PREFIX]...",
		.summary = "take VIPs away for now",
		.options = withdraw_options,
		.run = withdraw,
	},
	{
		.name = "return",
		.arguments = "ADDRESS[/PREFIX]...",
		.summary = "bring withdrawn VIPs back",
		.options = return_options,
		.run = bring_back,
	},
	{
		.name = "show",
		.arguments = "",
		.summary = "show the VIPs that stand",
		.run = show,
	},
	{
		.name = "announce",
		.arguments = "[ADDRESS...]",
		.summary = "tell the networks again where VIPs are",
		.run = announce,
	},
	{
		.name = "flush",
		.arguments = "",
		.summary = "delete all VIPs of lbctl",
		.run = command_line,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-vip",
	.summary = "addresses of services that this host holds",
	.verbs = verbs,
	.standard = "show",
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
