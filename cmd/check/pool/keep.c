/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The brake of --keep: a check does not empty a service. */
#include "check/pool/keep.h"

#include <string.h>

#include "check/pool/verdict.h"
#include "check/pool/weigh.h"

size_t share_of(uint32_t share, bool percent, size_t count)
{
	return percent ? (count * share + 99) / 100 : share;
}

void keep_begin(struct run *run)
{
	const struct members *members = &run->members;

	for (size_t i = 0; i < members->count; i++)
		members->list[i].was_kept =
			members->list[i].row && members->list[i].row->kept;
	/* Services can share a row. */
	for (size_t i = 0; i < members->count; i++)
		if (members->list[i].row)
			members->list[i].row->kept = false;
}

/* Tells whether the check wants no connections for the member. */
static bool goes_out(const struct member *member)
{
	return verdict_member_is_out(member) || weigh_drains(member->row);
}

/* Tells whether the check will release the reason, if the member stays in. */
static bool is_own(const struct check *check, const char *reason)
{
	char own[REASON_SIZE];

	return weigh_is_own(check, reason) ||
	       ipvsctl_reason_is(reason,
				 change_reason(own, "check", check->name));
}

/* Tells whether the service sends connections to the member, or will once this
   check gives it back. */
static bool takes_connections(const struct pool *pool,
			      const struct member *member)
{
	const bool out = goes_out(member);
	const struct ipvsctl_server *server =
		change_find(pool, &member->server);
	const char *reason = NULL;

	if (!server)
		return !out;
	while ((reason = ipvsctl_config_next_reason(pool->run->command->to,
						    pool->service, server,
						    reason)))
		if (ipvsctl_reason_weight(reason) == 0 &&
		    strncmp(reason, "quorum:", 7) != 0 &&
		    (out || !is_own(pool->check, reason)))
			return false;
	return server->weight > 0;
}

void keep_decide(const struct pool *pool)
{
	const struct check *check = pool->check;
	const size_t wanted =
		share_of(check->keep, check->keep_percent, pool->count);
	size_t left = 0;

	for (size_t i = 0; wanted > 0 && i < pool->count; i++)
		left += takes_connections(pool, &pool->members[i]);
	for (size_t i = 0; wanted > 0 && i < pool->count; i++) {
		struct member *member = &pool->members[i];

		if (!goes_out(member) || !takes_connections(pool, member))
			continue;
		member->kept = left <= wanted;
		member->row->kept |= member->kept;
		left -= !member->kept;
	}
}

unsigned int keep_count(const struct pool *pool)
{
	unsigned int count = 0;

	for (size_t i = 0; i < pool->count; i++)
		count += pool->members[i].kept;
	return count;
}
