/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-mark: manages the rules that mark packets for services. */
#include "common/command-main.h"
#include "common/command.h"
#include "mark/mark.h"

#define BACKEND                                                             \
	{                                                                   \
		"backend", 0, "auto|iptables|nft", "what carries the rules" \
	}

static const struct command_option plain_options[] = { BACKEND, { 0 } };

static const struct command_option either_options[] = {
	{ "exclude", 'x', NULL, "an exclusion instead of a mark" },
	BACKEND,
	{ 0 },
};

static const struct command_option show_options[] = {
	{ "all", 'a', NULL, "also rules of others that can set marks" },
	{ "ipv4", '4', NULL, "only rules for IPv4" },
	{ "ipv6", '6', NULL, "only rules for IPv6" },
	BACKEND,
	{ 0 },
};

static const struct command_verb verbs[] = {
	{
		.name = "add",
		.arguments = "MARK",
		.summary = "add a rule; fails if one has the same match",
		.options = plain_options,
		.attributes = ipvsctl_mark_attributes,
		.words = true,
		.run = mark_set,
	},
	{
		.name = "replace",
		.arguments = "[MARK]",
		.summary = "add a rule, or change the one of the same match",
		.options = either_options,
		.attributes = ipvsctl_mark_attributes,
		.words = true,
		.run = mark_set,
	},
	{
		.name = "delete",
		.arguments = "[MARK]",
		.summary = "delete the rule of that match",
		.options = either_options,
		.attributes = ipvsctl_mark_attributes,
		.words = true,
		.run = command_line,
	},
	{
		.name = "exclude",
		.arguments = "",
		.summary = "leave the mark of matching packets alone",
		.options = plain_options,
		.attributes = ipvsctl_mark_attributes,
		.words = true,
		.run = command_line,
	},
	{
		.name = "show",
		.arguments = "",
		.summary = "show the rules in the order they are tried",
		.options = show_options,
		.run = mark_show,
	},
	{
		.name = "flush",
		.arguments = "",
		.summary = "delete all our rules",
		.options = plain_options,
		.run = command_line,
	},
	{
		.name = "zero",
		.arguments = "",
		.summary = "zero the counters of our rules",
		.options = plain_options,
		.run = mark_zero,
	},
	{
		.name = "convert",
		.arguments = "iptables|nft",
		.summary = "move all our rules to iptables or nft",
		.run = mark_convert,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-mark",
	.summary = "rules that give packets the marks that services go by",
	.verbs = verbs,
	.standard = "show",
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
