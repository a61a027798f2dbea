/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Turns states into changes. Every run computes all of them anew, so that the
 * next run corrects what failed or was undone by others.
 */
#include "check/pool/effect.h"

#include <errno.h>
#include <string.h>

#include "check/pool/change.h"
#include "check/pool/cut.h"
#include "check/pool/guest.h"
#include "check/pool/keep.h"
#include "check/pool/quorum.h"
#include "check/pool/slow-start.h"
#include "check/pool/standby.h"
#include "check/pool/verdict.h"
#include "check/pool/weigh.h"
#include "check/pool/withdraw.h"
#include "common/leave.h"

#define OF_CHECK "check"

/* ---- Reasons of servers that were taken out ------------------------------- */

static void drop_reason(char **reasons, const char *reason)
{
	size_t kept = 0;

	for (size_t i = 0; reasons && reasons[i]; i++)
		if (ipvsctl_reason_is(reasons[i], reason))
			free(reasons[i]);
		else
			reasons[kept++] = reasons[i];
	if (reasons)
		reasons[kept] = NULL;
}

static bool has_check(char *const *reasons)
{
	for (; reasons && *reasons; reasons++)
		if (strncmp(*reasons, OF_CHECK ":", sizeof(OF_CHECK)) == 0)
			return true;
	return false;
}

/* ---- Out ----------------------------------------------------------------- */

/* Copies the server's reasons, except those that every run computes anew. */
static int copy_reasons(const struct pool *pool,
			const struct ipvsctl_server *server, char ***reasons)
{
	const char *reason = NULL;
	int r = 0;

	while (r == 0 &&
	       (reason = ipvsctl_config_next_reason(pool->run->command->to,
						    pool->service, server,
						    reason)))
		if (strncmp(reason, "quorum:", 7) != 0 &&
		    strncmp(reason, "leaving:", 8) != 0 &&
		    !weigh_is_own(pool->check, reason) &&
		    !slow_start_is_own(pool->check, reason))
			r = state_add_reason(reasons, reason);
	return r;
}

/* Adds the server to the state, which is saved before the server is removed. */
static int remember(const struct pool *pool, const struct ipvsctl_server *server)
{
	struct state *state = &pool->run->state;
	struct state_server *old =
		state_server(state, STATE_REMOVED, NULL, pool->service, server);
	struct state_server entry = {
		.role = STATE_REMOVED,
		.name = "-",
		.since = state_now(),
		.service = *pool->service,
		.server = *server,
	};
	char reason[REASON_SIZE];
	int r = copy_reasons(pool, server, &entry.reasons);

	if (r == 0)
		r = state_add_reason(&entry.reasons,
				     change_reason(reason, OF_CHECK,
						   pool->check->name));
	if (old)
		state_drop_server(state, old);
	if (r == 0)
		r = state_add_server(state, &entry);
	return r < 0 ? command_no_memory(pool->run->command) : 0;
}

/* Adds this check's reason to a server that is already removed. */
static int stay_out(const struct pool *pool, const struct ipvsctl_server *server)
{
	struct state_server *entry =
		state_server(&pool->run->state, STATE_REMOVED, NULL,
			     pool->service, server);
	char reason[REASON_SIZE];

	if (!entry)
		return 0;
	cut_flows(pool->run);
	if (state_add_reason(&entry->reasons,
			     change_reason(reason, OF_CHECK,
					   pool->check->name)) < 0)
		return command_no_memory(pool->run->command);
	return 0;
}

/* Reports that a server is removed that was down and drained before. */
static int tell_cut(const struct pool *pool, const struct member *member)
{
	const struct transition transition = {
		.event = TRANSITION_CUT,
		.server = member->server,
		.done = "removed: its clients go to other servers",
	};

	return pool->check->remove || member->row->changed ?
		       0 :
		       change_tell(pool, &transition);
}

static int put_out(const struct pool *pool, const struct member *member,
		   struct transition *transition)
{
	const struct ipvsctl_server *server =
		change_find(pool, &member->server);
	struct command *command = pool->run->command;
	bool removes;
	int r;

	if (!server)
		return stay_out(pool, &member->server);
	/* A removed server would be lost if the state is not saved. */
	removes = !pool->run->unsaved.code &&
		  (pool->check->remove ||
		   (member->row->state == ROW_DOWN &&
		    cut_is_due(pool->run, pool->check, pool->service,
			       member->row->since)));
	(void)snprintf(transition->done, sizeof(transition->done), "%s",
		       removes ? "removed" : "drained");
	if (!removes) {
		cut_templates(pool->run, pool->check, pool->service);
		r = change_hold(pool->run, pool->service, server, OF_CHECK,
				pool->check->name);
		return r < 0 ? r :
			       change_release(pool->run, pool->service, server,
					      SLOW_START_REASON,
					      pool->check->name);
	}
	cut_flows(pool->run);
	r = remember(pool, server);
	if (r == 0)
		r = tell_cut(pool, member);
	return r < 0 ? r :
		       ipvsctl_config_delete_server(command->to, pool->service,
						    &member->server,
						    &command->err);
}

/* ---- In ------------------------------------------------------------------ */

static int add_server(const struct pool *pool,
		      const struct ipvsctl_server *server, char **reasons)
{
	struct command *command = pool->run->command;
	int r = ipvsctl_config_add_server(command->to, pool->service, server,
					  &command->err);

	for (; r == 0 && reasons && *reasons; reasons++)
		r = ipvsctl_config_hold(command->to, pool->service, server,
					*reasons, &command->err);
	return r;
}

/* Puts the server back if no check has a reason against it any more. */
static int bring_back(const struct pool *pool, const struct member *member)
{
	struct state *state = &pool->run->state;
	struct state_server *entry =
		state_server(state, STATE_REMOVED, NULL, pool->service,
			     &member->server);
	char reason[REASON_SIZE];
	int r;

	if (!entry)
		return add_server(pool, &member->server, NULL);
	drop_reason(entry->reasons,
		    change_reason(reason, OF_CHECK, pool->check->name));
	drop_reason(entry->reasons,
		    change_reason(reason, WEIGH_REASON, pool->check->name));
	/* Of a check that goes, or that wants none any more. */
	if (pool->check->slow_start_us == 0)
		drop_reason(entry->reasons,
			    change_reason(reason, SLOW_START_REASON,
					  pool->check->name));
	if (has_check(entry->reasons))
		return 0;
	if (change_find(pool, &member->server)) {
		state_drop_server(state, entry);
		return 0;
	}
	r = add_server(pool, &entry->server, entry->reasons);
	state_drop_server(state, entry);
	return r;
}

/* Tells whether a reason other than its own report holds it at 0. */
static bool is_drained(const struct pool *pool,
		       const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	while ((reason = ipvsctl_config_next_reason(pool->run->command->to,
						    pool->service, server,
						    reason)))
		if (strncmp(reason, WEIGH_REASON ":", sizeof(WEIGH_REASON)) !=
			    0 &&
		    ipvsctl_reason_weight(reason) == 0)
			return true;
	return false;
}

static int put_in(const struct pool *pool, const struct member *member,
		  struct transition *transition)
{
	const struct ipvsctl_server *server =
		change_find(pool, &member->server);
	int r;

	if (server)
		r = change_release(pool->run, pool->service, server, OF_CHECK,
				   pool->check->name);
	else
		r = bring_back(pool, member);
	server = change_find(pool, &member->server);
	if (!server || r < 0)
		return r;
	r = weigh_member(pool, member, server);
	if (r == 0)
		r = slow_start_member(pool, member, server);
	if (r < 0)
		return r;
	if (is_drained(pool, server))
		(void)snprintf(transition->done, sizeof(transition->done),
			       "still drained for another reason");
	else
		(void)snprintf(transition->done, sizeof(transition->done),
			       "%s with weight %u",
			       member->removed ? "in" : "back",
			       ipvsctl_server_effective_weight(server));
	return r;
}

/* Forgets a removed server that somebody else has put back. */
static void drop_history(const struct pool *pool,
			 const struct ipvsctl_server *server)
{
	struct state *state = &pool->run->state;
	struct state_server *entry =
		state_server(state, STATE_REMOVED, NULL, pool->service, server);

	if (entry && change_find(pool, server))
		state_drop_server(state, entry);
}

/* A run that cannot be saved reports only what it changes: every later run
   finds the rest again. */
static bool is_news(const struct pool *pool, const struct member *member,
		    bool out)
{
	/* One that was kept, and is taken out now. */
	if (out && member->was_kept && !member->kept)
		return true;
	if (!member->row->changed || !pool->run->unsaved.code)
		return member->row->changed;
	if (out)
		return ipvsctl_server_effective_weight(&member->server) > 0;
	return member->removed ||
	       (member->server.held && member->server.held_weight == 0);
}

static int effect_member(const struct pool *pool, const struct member *member)
{
	struct transition transition = { .server = member->server };
	bool out;
	int r = 0;

	if (!member->row)
		return 0;
	drop_history(pool, &member->server);
	out = verdict_member_is_out(member);
	if (member->kept) {
		(void)snprintf(transition.done, sizeof(transition.done),
			       "kept in service");
		r = weigh_member(pool, member, &member->server);
	} else {
		r = out ? put_out(pool, member, &transition) :
			  put_in(pool, member, &transition);
	}
	if (r < 0 || !is_news(pool, member, out))
		return r;
	transition.event = out ? TRANSITION_DOWN : TRANSITION_UP;
	(void)snprintf(transition.reason, sizeof(transition.reason), "%s",
		       member->row->message);
	return change_tell(pool, &transition);
}

/* ---- All ----------------------------------------------------------------- */

/* Notes the weights that the kernel gets. */
static void note_weights(const struct pool *pool)
{
	for (size_t i = 0; i < pool->count + pool->standby_count; i++) {
		struct member *member = &pool->members[i];
		const struct ipvsctl_server *server =
			change_find(pool, &member->server);

		member->weight =
			server ? ipvsctl_server_effective_weight(server) : 0;
	}
}

static int effect_pool(const struct pool *pool)
{
	int r = 0;

	if (pool->watched->leaving)
		return 0;
	keep_decide(pool);
	for (size_t i = 0; r == 0 && i < pool->count; i++)
		r = effect_member(pool, &pool->members[i]);
	/* Guests that are not saved would never leave. */
	if (pool->run->unsaved.code)
		return r;
	if (r == 0 && !pool->missing)
		r = guest_follow_list(pool);
	if (r == 0)
		r = guest_stand_in(pool);
	/* Who leaves does not count for the quorum. */
	if (r == 0)
		r = guest_sweep(pool, STATE_STAND_IN);
	if (r == 0)
		r = standby_settle(pool);
	if (r == 0)
		r = guest_sweep(pool, STATE_STANDBY);
	if (r == 0)
		r = quorum_settle(pool);
	return r < 0 ? r : guest_sweep(pool, STATE_SORRY);
}

/* Forgets removed servers of services that were deleted. */
static void drop_orphans(struct run *run)
{
	for (size_t i = run->state.server_count; i-- > 0;)
		if (run->state.servers[i].role == STATE_REMOVED &&
		    !ipvsctl_config_find_service(run->command->from,
						 &run->state.servers[i].service))
			state_drop_server(&run->state, &run->state.servers[i]);
}

/* Forgets quorums of services that were deleted and that no check misses. */
static void drop_lost_quorums(struct run *run)
{
	struct state *state = &run->state;

	for (size_t i = state->server_count; i-- > 0;) {
		struct state_server *entry = &state->servers[i];
		struct check check = { 0 };

		(void)memcpy(check.name, entry->name, sizeof(check.name));
		if (entry->role == STATE_QUORUM && !entry->wanted &&
		    checks_find(run->checks, check.name, &entry->service))
			state_drop_server(state, entry);
	}
}

/* Deletes servers that a command makes leave. Those of checks come first. */
static int sweep(struct run *run)
{
	int r = leave_sweep(run->command);

	if (r < 0 && r != -ENOMEM) {
		run_warn_error(run);
		r = 0;
	}
	return r;
}

int effect_all(struct run *run)
{
	int r = 0;

	keep_begin(run);
	drop_orphans(run);
	for (size_t i = 0; r == 0 && i < run->watched.count; i++) {
		struct watched *watched = &run->watched.list[i];
		const struct pool pool = {
			.run = run,
			.check = watched->check,
			.list = &run->lists[watched->check - run->checks->checks],
			.standbys = &run->standbys[watched->check -
						   run->checks->checks],
			.watched = watched,
			.service = &watched->service,
			.missing = watched->missing,
			.members = run->members.list + watched->first,
			.count = watched->count,
			.standby_count = watched->standbys,
		};

		r = effect_pool(&pool);
		note_weights(&pool);
	}
	if (r == 0 && !run->unsaved.code) {
		drop_lost_quorums(run);
		r = withdraw_all(run);
		if (r == 0)
			r = guest_leave_all(run);
	}
	return r < 0 ? r : sweep(run);
}

/* Puts back the servers that only this check has removed. */
static int bring_back_all(struct run *run, const struct check *check)
{
	struct state *state = &run->state;
	int r = 0;

	/* From the end, since servers that are back are dropped. */
	for (size_t i = state->server_count; r == 0 && i-- > 0;) {
		const struct state_server entry = state->servers[i];
		struct pool pool = { .run = run,
				     .check = check,
				     .service = &entry.service };
		struct member member = { .server = entry.server };

		if (entry.role == STATE_REMOVED &&
		    check_selects(check, &entry.service) &&
		    !checks_find(run->checks, check->name, &entry.service) &&
		    ipvsctl_config_find_service(run->command->to,
						&entry.service))
			r = bring_back(&pool, &member);
	}
	return r;
}

static int release_pool(struct run *run, const struct check *check,
			const struct ipvsctl_service *service)
{
	static const char *const whats[] = { OF_CHECK, "quorum", WEIGH_REASON,
					     SLOW_START_REASON };
	const struct ipvsctl_server *server = NULL;
	int r = 0;

	while (r == 0 && (server = ipvsctl_config_next_server(run->command->to,
							      service, server)))
		for (size_t i = 0; r == 0 && i < ARRAY_SIZE(whats); i++)
			r = change_release(run, service, server, whats[i],
					   check->name);
	return r;
}

static int release_all(struct run *run, const struct check *check)
{
	const struct ipvsctl_service *service = NULL;
	int r = 0;

	while (r == 0 &&
	       (service =
			ipvsctl_config_next_service(run->command->to, service)))
		if (check_selects(check, service) &&
		    !checks_find(run->checks, check->name, service))
			r = release_pool(run, check, service);
	return r;
}

int effect_forget(struct run *run, struct state_check *state)
{
	struct check check = { 0 };
	int r = check_parse_selected(state->selected, &check);

	if (r < 0)
		return command_no_memory(run->command);
	(void)memcpy(check.name, state->name, sizeof(check.name));
	r = release_all(run, &check);
	if (r == 0)
		r = bring_back_all(run, &check);
	if (r == 0)
		r = guest_forget(run, &check);
	if (r == 0 && state->vip)
		r = withdraw_forget(run, state);
	else if (r == 0)
		state_drop_check(&run->state, state);
	free(check.selectors);
	return r;
}
