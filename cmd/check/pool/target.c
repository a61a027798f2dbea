/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes probes of members: a target that several share is probed once. */
#include "check/pool/target.h"

#include <errno.h>

#include "array.h"
#include "check/config/placeholder.h"
#include "check/probe/exec-child.h"

/* Programs come last: another process runs the rest. */
static int compare(const void *a, const void *b)
{
	const struct probe *one = a, *other = b;
	const bool program = one->check->way.kind == CHECK_EXEC;
	int order = ipvsctl_address_compare(&one->server, &other->server);

	if (program != (other->check->way.kind == CHECK_EXEC))
		return program ? 1 : -1;
	if (one->check->way_number != other->check->way_number)
		return one->check->way_number < other->check->way_number ? -1 :
									   1;
	if (order == 0)
		order = (int)one->port - (int)other->port;
	return order ? order : told_compare(&one->told, &other->told);
}

/* Checks that all placeholders of programs have values. */
static int check_words(struct run *run)
{
	for (size_t i = 0; i < run->probe_count; i++) {
		const struct probe *probe = &run->probes[i];
		char address[IPVSCTL_ADDRESS_TEXT], **words = NULL;
		const char *missing;
		int r = probe->check->way.kind == CHECK_EXEC ?
				exec_words(probe, &words, &missing) :
				0;

		array_free_texts(words);
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

int target_collect(struct run *run)
{
	const struct members *members = &run->members;
	struct probe *probes = calloc(members->count + 1, sizeof(*probes));
	size_t count = 0, kept = 0;

	if (!probes)
		return command_no_memory(run->command);
	for (size_t i = 0; i < members->count; i++) {
		const struct member *member = &members->list[i];

		if (member->row)
			probes[count++] = (struct probe){
				.check = member->check,
				.server = member->row->address,
				.address = member->row->address,
				.port = member->row->port,
				.mark = member->check->way.mark,
				.told = member->row->told,
			};
	}
	qsort(probes, count, sizeof(*probes), compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare(&probes[kept - 1], &probes[i]) != 0)
			probes[kept++] = probes[i];
	run->probes = probes;
	run->probe_count = kept;
	return check_words(run);
}

const struct probe *target_of(const struct run *run, const struct member *member)
{
	struct probe wanted = { .check = member->check };

	if (!member->row || run->probe_count == 0)
		return NULL;
	wanted.server = member->row->address;
	wanted.port = member->row->port;
	wanted.told = member->row->told;
	return bsearch(&wanted, run->probes, run->probe_count, sizeof(wanted),
		       compare);
}
