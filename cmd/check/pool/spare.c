/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Backups in files of servers: nginx sends them nothing while others are up, so
 * they are kept out. Each has a row, so that it is shown, and reported once.
 */
#include "check/pool/spare.h"

/* Returns the port at which a backup would be probed. */
static uint16_t target_port(const struct check_way *way,
			    const struct listed_server *listed)
{
	if (way->kind == CHECK_PING)
		return 0;
	return way->kind == CHECK_EXEC || way->server_port ? listed->port :
							     way->port;
}

static struct state_row *find_row(const struct run *run, size_t position,
				  const struct listed_server *listed)
{
	const struct check *check = &run->checks->checks[position];
	const struct state_check *state =
		state_find(&run->state, check->name, check->selected);

	return state_row(state, &listed->address,
			 target_port(&check->way, listed), NULL);
}

void spare_keep_rows(struct run *run, size_t position)
{
	const struct check *check = &run->checks->checks[position];
	const struct server_list *list = &run->lists[position];
	struct state_check *state =
		state_find(&run->state, check->name, check->selected);

	/* Keep the rows while the file cannot be read. */
	for (size_t i = 0; list->count == 0 && i < state->count; i++)
		if (check->servers_file && state->rows[i].state == ROW_BACKUP)
			state->rows[i].seen = true;
	for (size_t i = 0; i < list->count; i++) {
		struct state_row *row =
			list->servers[i].backup ?
				find_row(run, position, &list->servers[i]) :
				NULL;

		if (row && row->state == ROW_BACKUP)
			row->seen = true;
	}
}

/* Tells whether a server that is no backup has the same target. */
static bool is_probed(const struct check *check, const struct server_list *list,
		      const struct listed_server *backup)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_server *listed = &list->servers[i];

		if (!listed->backup &&
		    !ipvsctl_address_compare(&listed->address,
					     &backup->address) &&
		    target_port(&check->way, listed) ==
			    target_port(&check->way, backup))
			return true;
	}
	return false;
}

int spare_add_rows(struct run *run, size_t position)
{
	const struct check *check = &run->checks->checks[position];
	const struct server_list *list = &run->lists[position];
	struct state_check *state =
		state_find(&run->state, check->name, check->selected);

	for (size_t i = 0; i < list->count; i++) {
		const struct listed_server *listed = &list->servers[i];
		const struct state_row row = {
			.address = listed->address,
			.port = target_port(&check->way, listed),
			.state = ROW_BACKUP,
			.since = state_now(),
			.seen = true,
		};
		struct state_row *old = find_row(run, position, listed);
		char address[IPVSCTL_ADDRESS_TEXT];

		if (!listed->backup || is_probed(check, list, listed) ||
		    (old && old->state == ROW_BACKUP))
			continue;
		/* The backup was a server until now, or it is new. */
		if (old)
			*old = row;
		else if (state_add_rows(state, &row, 1) < 0)
			return command_no_memory(run->command);
		run_remark(run, "%s:%u: %s is a backup: it is kept out",
			   check->servers_file, listed->line,
			   ipvsctl_address_format(&listed->address, address));
	}
	return 0;
}
