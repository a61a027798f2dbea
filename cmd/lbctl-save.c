/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-save: writes the current configuration as a ruleset or as JSON. */
#include <errno.h>
#include <string.h>

#include "common/command-main.h"
#include "common/command.h"
#include "common/file.h"
#include "output/output.h"

#define OF_IPVS	   (IPVSCTL_TIMEOUTS | IPVSCTL_SERVICES | IPVSCTL_SYNC)
#define EVERYTHING (OF_IPVS | IPVSCTL_MARKS | IPVSCTL_VIPS)

static const struct command_option options[] = {
	{ "output", 'o', "FILE", "replace this file at once (default: stdout)" },
	{ "only", 0, "KINDS", "a list of svc, mark, vip, sync (default: all)" },
	{ 0 },
};

/* Parses a list such as "svc,mark". */
static int parse_kinds(struct command *command, const char *text,
		       unsigned int *ret_kinds)
{
	static const struct {
		const char *name;
		unsigned int kinds;
	} names[] = {
		{ "svc", IPVSCTL_SERVICES | IPVSCTL_TIMEOUTS },
		{ "mark", IPVSCTL_MARKS },
		{ "vip", IPVSCTL_VIPS },
		{ "sync", IPVSCTL_SYNC },
	};
	unsigned int kinds = 0;

	while (text) {
		const char *comma = strchrnul(text, ',');
		size_t length = (size_t)(comma - text);
		size_t i = 0;

		while (i < ARRAY_SIZE(names) &&
		       (strlen(names[i].name) != length ||
			strncmp(names[i].name, text, length) != 0))
			i++;
		if (i == ARRAY_SIZE(names))
			return command_fail(command, -EINVAL, NULL,
					    "kind '%.*s' is none of svc, mark, "
					    "vip, sync",
					    length > 64 ? 64 : (int)length,
					    text);
		kinds |= names[i].kinds;
		text = *comma ? comma + 1 : NULL;
	}
	*ret_kinds = kinds;
	return 0;
}

/* Reads under the lock, so that no other writer is between two steps. */
static int load(struct command *command, unsigned int kinds)
{
	int r = command_lock(command);

	if (r == 0)
		r = command_load(command, kinds, NULL);
	if (r == 0)
		ipvsctl_unlock(command->ctx);
	return r;
}

/* Other programs can create services that no ruleset can express. */
static int check(struct command *command)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	ipvsctl_for_each_service(command->from, service)
		if (ipvsctl_service_format(service, text)[0] == '?')
			return command_fail(command, -EIO, text,
					    "a service of protocol %u cannot "
					    "be saved",
					    (unsigned int)service->protocol);
	return 0;
}

static int write_out(struct command *command, const char *text)
{
	const char *path = command_value(command, "output", NULL);
	int r;

	if (!path || strcmp(path, "-") == 0) {
		r = output_write(stdout, text, strlen(text));
		return r < 0 ? command_output_failed(command, r) : 0;
	}
	/* Programs may watch the file: do not replace it without need. */
	if (file_has(path, text))
		return 0;
	if (command->dry_run)
		return 1;
	return file_replace(command, path, text,
			    REPLACE_AS_SHELL | REPLACE_KEEP | REPLACE_SYNC);
}

/* A real server has no IPVS, and shall not get it. */
static void leave_out_ipvs(struct command *command, unsigned int *kinds)
{
	struct report report = command_report(command);

	*kinds &= ~(unsigned int)OF_IPVS;
	if (!command->quiet)
		report_warning(&report, "IPVS is not loaded: services, sync "
					"daemons and timeouts are left out");
}

static int save(struct command *command)
{
	const char *only = command_value(command, "only", NULL);
	AUTO_FREE char *text = NULL;
	unsigned int kinds = EVERYTHING;
	int r = only ? parse_kinds(command, only, &kinds) : 0;

	if (!only && !ipvsctl_has_ipvs())
		leave_out_ipvs(command, &kinds);
	if (r == 0)
		r = load(command, kinds);
	if (r == 0)
		r = check(command);
	if (r < 0)
		return r;
	r = ipvsctl_ruleset_format(command->from, kinds,
				   command->json ? IPVSCTL_FORMAT_JSON :
						   IPVSCTL_FORMAT_RULESET,
				   &text, &command->err);
	/* The kernel's state is at fault, not the command line. */
	if (r == -EINVAL)
		r = -EIO;
	return r < 0 ? r : write_out(command, text);
}

static const struct command_verb verbs[] = {
	{
		.name = COMMAND_ONLY,
		.arguments = "",
		.summary = "save the configuration",
		.options = options,
		.run = save,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-save",
	.summary = "write the load balancer's configuration as a ruleset",
	.verbs = verbs,
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
