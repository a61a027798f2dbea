/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A checker that has lost its own network must not take everybody out: where this
 * host's own way to servers is down, nothing is known of them.
 */
#include "check/pool/own-way.h"

#include <errno.h>

#include "check/pool/target.h"

/* The paths to look at, and the probe of each. */
struct ways {
	struct ipvsctl_path *paths;
	struct probe **probes;
	size_t count;
	bool failed; /* a probe of a server that is in */
};

static void ways_free(struct ways *ways)
{
	free(ways->paths);
	free(ways->probes);
}

static void add(struct ways *ways, struct probe *probe)
{
	const struct check_way *way = &probe->check->way;
	struct ipvsctl_path *path = &ways->paths[ways->count];

	*path = (struct ipvsctl_path){ .address = probe->server,
				       .source = way->source,
				       .mark = way->mark,
				       .answers = probe->verdict == PROBE_UP };
	if (way->interface)
		(void)snprintf(path->interface, sizeof(path->interface), "%s",
			       way->interface);
	ways->probes[ways->count++] = probe;
	ways->failed = ways->failed || !path->answers;
}

/* Adds the servers that answer, and those that would be taken out. */
static int collect(struct run *run, struct ways *ways)
{
	const struct members *members = &run->members;

	ways->paths = calloc(run->probe_count, sizeof(*ways->paths));
	ways->probes = calloc(members->count + run->probe_count,
			      sizeof(struct probe *));
	bool *wanted = calloc(run->probe_count, sizeof(*wanted));

	for (size_t i = 0; wanted && i < members->count; i++) {
		const struct member *member = &members->list[i];
		const struct probe *probe = target_of(run, member);

		if (probe && member->row->state != ROW_DOWN)
			wanted[probe - run->probes] = true;
	}
	for (size_t i = 0;
	     wanted && ways->paths && ways->probes && i < run->probe_count; i++)
		if (run->probes[i].verdict == PROBE_UP ||
		    (run->probes[i].verdict == PROBE_DOWN && wanted[i]))
			add(ways, &run->probes[i]);
	free(wanted);
	return wanted && ways->paths && ways->probes ?
		       0 :
		       command_no_memory(run->command);
}

static void say(struct probe *probe, const struct ipvsctl_path *path)
{
	char gateway[IPVSCTL_ADDRESS_TEXT];

	switch (path->fault) {
	case IPVSCTL_PATH_NO_ROUTE:
		probe_say(probe, "this host has no route to it");
		break;
	case IPVSCTL_PATH_LINK_DOWN:
		probe_say(probe, "this host's link %s is down", path->interface);
		break;
	case IPVSCTL_PATH_GATEWAY_SILENT:
		probe_say(probe, "this host's gateway %s does not answer on %s",
			  ipvsctl_address_format(&path->gateway, gateway),
			  path->interface);
		break;
	case IPVSCTL_PATH_LINK_SILENT:
		probe_say(probe, "nobody answers this host on its link %s",
			  path->interface);
		break;
	case IPVSCTL_PATH_NO_FAULT:
	default:
		break;
	}
}

/* Takes for unknown what this host is to blame for. */
static void blame(struct run *run, const struct ways *ways)
{
	const char *why = NULL;
	size_t count = 0;

	for (size_t i = 0; i < ways->count; i++) {
		struct probe *probe = ways->probes[i];

		if (!ways->paths[i].fault)
			continue;
		say(probe, &ways->paths[i]);
		probe->verdict = PROBE_UNKNOWN;
		probe->cut_off = true;
		why = why ? why : probe->message;
		count++;
	}
	if (count > 0)
		run_warn(run,
			 "%zu of %zu servers cannot be reached from here, and "
			 "stay as they are: %s",
			 count, run->server_probes, why);
}

int own_way_judge(struct run *run)
{
	struct command *command = run->command;
	struct ways ways = { .count = 0 };
	int r = collect(run, &ways);

	if (r == 0 && ways.failed) {
		r = ipvsctl_check_paths(command->ctx, ways.paths, ways.count,
					&command->err);
		if (r == 0)
			blame(run, &ways);
	}
	ways_free(&ways);
	if (r == 0 || r == -ENOMEM)
		return r;
	run_remark(run, "cannot look at the way to servers: %s",
		   command->err.message);
	command->err = (struct ipvsctl_error){ 0 };
	return 0;
}
