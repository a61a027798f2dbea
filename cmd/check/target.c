/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* From members to probes: what is the same for several is probed once. */
#include <errno.h>

#include "check/run.h"

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
	return order ? order : (int)one->port - (int)other->port;
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
			};
	}
	qsort(probes, count, sizeof(*probes), compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare(&probes[kept - 1], &probes[i]) != 0)
			probes[kept++] = probes[i];
	run->probes = probes;
	run->probe_count = kept;
	return 0;
}

const struct probe *target_of(const struct run *run, const struct member *member)
{
	struct probe wanted = { .check = member->check };

	if (!member->row || run->probe_count == 0)
		return NULL;
	wanted.server = member->row->address;
	wanted.port = member->row->port;
	return bsearch(&wanted, run->probes, run->probe_count, sizeof(wanted),
		       compare);
}
