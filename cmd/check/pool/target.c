/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes probes of members: a target that several share is probed once. */
#include "check/pool/target.h"

#include <errno.h>

#include "array.h"
#include "check/config/placeholder.h"
#include "check/pool/rhythm.h"
#include "check/probe/exec-child.h"
#include "check/probe/weight-file.h"

/* Those of this process come last: another runs the rest. */
static int compare(const void *a, const void *b)
{
	const struct probe *one = a, *other = b;
	const enum check_kind kind = one->check->way.kind;
	const enum check_kind other_kind = other->check->way.kind;
	const bool own = check_kind_is_own(kind);
	int order = ipvsctl_address_compare(&one->server, &other->server);

	if (own != check_kind_is_own(other_kind))
		return own ? 1 : -1;
	/* A check and its reporter share the number. */
	if (kind != other_kind)
		return kind < other_kind ? -1 : 1;
	if (one->check->way_number != other->check->way_number)
		return one->check->way_number < other->check->way_number ? -1 :
									   1;
	if (order == 0)
		order = (int)one->port - (int)other->port;
	return order ? order : told_compare(&one->told, &other->told);
}

/* Fills the placeholders of a program or a file, to see whether they have values. */
static int try_words(const struct probe *probe, const char **ret_missing)
{
	AUTO_FREE char *path = NULL;
	char **words = NULL;
	int r = 0;

	if (probe->check->way.kind == CHECK_EXEC)
		r = exec_words(probe, &words, ret_missing);
	else if (probe->check->way.kind == CHECK_FILE)
		r = weight_file_path(probe, &path, ret_missing);
	array_free_texts(words);
	return r;
}

/* Checks that all placeholders of programs and files have values. */
static int check_words(struct run *run)
{
	for (size_t i = 0; i < run->probe_count; i++) {
		const struct probe *probe = &run->probes[i];
		char address[IPVSCTL_ADDRESS_TEXT];
		const char *missing;
		int r = try_words(probe, &missing);

		if (r == -ENOMEM)
			return command_no_memory(run->command);
		if (r < 0)
			return command_fail(run->command, r, probe->check->name,
					    "%s has no value for %s", missing,
					    ipvsctl_address_format(
						    &probe->address, address));
	}
	return 0;
}

/* Returns the attempt of a check, or of its reporter, at the target of a row. */
static struct probe attempt(const struct check *check,
			    const struct state_row *row)
{
	struct probe probe = {
		.check = check,
		.server = row->address,
		.address = row->address,
		.mark = check->way.mark,
	};

	if (check->way.kind == CHECK_AGENT) {
		probe.port = check->way.port;
		return probe;
	}
	probe.port = row->port;
	probe.told = row->told;
	return probe;
}

int target_collect(struct run *run)
{
	const struct members *members = &run->members;
	struct probe *probes = calloc(2 * members->count + 1, sizeof(*probes));
	size_t count = 0, kept = 0;

	if (!probes)
		return command_no_memory(run->command);
	for (size_t i = 0; i < members->count; i++) {
		const struct member *member = &members->list[i];

		if (!member->row ||
		    !rhythm_is_due(run, member->check, member->row))
			continue;
		probes[count++] = attempt(member->check, member->row);
		if (member->check->reporter)
			probes[count++] =
				attempt(member->check->reporter, member->row);
	}
	qsort(probes, count, sizeof(*probes), compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare(&probes[kept - 1], &probes[i]) != 0) {
			run->server_probes += !target_is_report(&probes[i]);
			probes[kept++] = probes[i];
		}
	run->probes = probes;
	run->probe_count = kept;
	return check_words(run);
}

static const struct probe *find(const struct run *run,
				const struct member *member,
				const struct check *check)
{
	struct probe wanted;

	if (!check || !member->row || run->probe_count == 0)
		return NULL;
	wanted = attempt(check, member->row);
	return bsearch(&wanted, run->probes, run->probe_count, sizeof(wanted),
		       compare);
}

const struct probe *target_of(const struct run *run, const struct member *member)
{
	return find(run, member, member->check);
}

const struct probe *target_report(const struct run *run,
				  const struct member *member)
{
	return find(run, member, member->check->reporter);
}
