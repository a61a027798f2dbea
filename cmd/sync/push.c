/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sends all connections to the other directors. */
#include "sync/push.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "output/output.h"
#include "output/render.h"
#include "scope.h"
#include "sync/daemon.h"

/* Connections a second. */
#define RATE 10000

struct wish {
	struct ipvsctl_push push;
	struct ipvsctl_sync daemon;
	struct ipvsctl_service only;
};

static int understand(struct command *command, struct wish *wish)
{
	static const struct number_range range = { "rate", 1, 100000000 };
	const char *service = command_value(command, "service", NULL);
	const char *rate = command_value(command, "rate", NULL);
	int r = ipvsctl_sync_parse("master", &wish->daemon, &command->err);

	for (size_t i = 0; i < command->value_count && r == 0; i++) {
		const struct command_value *value = &command->values[i];

		if (strcmp(value->name, "service") != 0 &&
		    strcmp(value->name, "rate") != 0)
			r = ipvsctl_sync_set(&wish->daemon, value->name,
					     value->value, &command->err);
	}
	if (r == 0 && rate)
		r = number_parse(rate, &range, &wish->push.rate, &command->err);
	if (r == 0 && service)
		r = ipvsctl_service_parse(service, &wish->only, &command->err);
	if (service)
		wish->push.only = &wish->only;
	wish->push.dry_run = command->dry_run;
	return r;
}

/* Only connections of marks need the mark rules, to tell the marks' VIPs. */
static int load(struct command *command)
{
	int r = command_load(command, IPVSCTL_SERVICES | IPVSCTL_SYNC, NULL);

	if (r < 0)
		return r;
	ipvsctl_for_each_service(command->from, service)
		if (service->fwmark)
			return command_load(command,
					    IPVSCTL_SERVICES | IPVSCTL_SYNC |
						    IPVSCTL_MARKS,
					    NULL);
	return 0;
}

static int show_json(const struct ipvsctl_pushed *pushed)
{
	return output_json(
		stdout,
		render_document(
			"push",
			render_pack("{s:I, s:I, s:{s:I, s:I, s:I, s:I}}",
				    "connections",
				    (json_int_t)pushed->connections, "messages",
				    (json_int_t)pushed->messages, "left_out",
				    "half_open", (json_int_t)pushed->half_open,
				    "elsewhere", (json_int_t)pushed->elsewhere,
				    "unknown", (json_int_t)pushed->unknown,
				    "hidden", (json_int_t)pushed->hidden)));
}

static void show_text(const struct ipvsctl_pushed *pushed, bool dry_run)
{
	const struct {
		uint64_t count;
		const char *why;
	} rows[] = {
		{ pushed->half_open, "not open yet" },
		{ pushed->elsewhere, "of VIPs that are not here" },
		{ pushed->unknown,
		  "of servers that no service has, or in doubt" },
		{ pushed->hidden, "with data that only the kernel sees" },
	};

	(void)printf("%s: connections %" PRIu64 ", messages %" PRIu64 "\n",
		     dry_run ? "would send" : "sent", pushed->connections,
		     pushed->messages);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].count)
			(void)printf("left out: %" PRIu64 " %s\n",
				     rows[i].count, rows[i].why);
}

static int show(struct command *command, const struct ipvsctl_pushed *pushed)
{
	if (command->json) {
		int r = show_json(pushed);

		return r < 0 ? command_output_failed(command, r) : 0;
	}
	if (!command->quiet)
		show_text(pushed, command->dry_run);
	return 0;
}

int sync_push(struct command *command)
{
	struct wish wish = { .push.rate = RATE };
	struct ipvsctl_pushed pushed = { 0 };
	const struct ipvsctl_sync *runs;
	int r = understand(command, &wish);

	if (r == 0)
		r = load(command);
	if (r < 0)
		return r;
	runs = ipvsctl_config_get_sync(command->from, IPVSCTL_SYNC_MASTER);
	if (runs)
		daemon_complete(&wish.daemon, runs);
	if (runs && !command_has(command, "id"))
		wish.daemon.id = runs->id;
	/* A timer asks the backup of a pair, too: it has nothing to tell. */
	if (wish.daemon.interface[0]) {
		wish.push.daemon = &wish.daemon;
		r = ipvsctl_push(command->ctx, command->from, &wish.push,
				 &pushed, &command->err);
	} else if (!command->quiet) {
		const struct report report = command_report(command);

		report_warning(&report, "no master daemon runs here, and no "
					"--dev is given: nothing is sent");
	}
	return r < 0 ? r : show(command, &pushed);
}
