/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * One run: read, probe, read again, change, report. Probing takes seconds and
 * is done without the lock, so what was read before can have changed.
 */
#include "check/pool/once.h"

#include <errno.h>
#include <string.h>

#include "check/pool/cut.h"
#include "check/pool/effect.h"
#include "check/pool/listed.h"
#include "check/pool/own-way.h"
#include "check/pool/pool.h"
#include "check/pool/removed.h"
#include "check/pool/standby.h"
#include "check/pool/target.h"
#include "check/pool/verdict.h"
#include "check/pool/via.h"
#include "check/pool/weigh.h"
#include "check/pool/withdraw.h"
#include "check/probe/apart.h"
#include "check/probe/curl-module.h"
#include "check/process/every.h"
#include "check/tell/tell.h"

/* Tells whether a command makes a server leave, for which a VIP can stay. */
static bool has_leaving(const struct ipvsctl_config *config)
{
	struct ipvsctl_leaving leaving;

	ipvsctl_for_each_service(config, service)
		ipvsctl_for_each_server(config, service, server)
			if (server->held &&
			    ipvsctl_config_get_leaving(config, service, server,
						       &leaving))
				return true;
	return false;
}

/* Reads the kernel again, under the lock: services, which also loads the connection
   counts that end a drain, and VIPs where the run can change them. */
static int begin(struct run *run)
{
	struct command *command = run->command;
	int r;

	run->with_vips = !run->vips_failed && (withdraw_is_possible(run) ||
					       has_leaving(command->from));
	ipvsctl_config_free(TAKE_PTR(command->to));
	r = command_begin(command,
			  run->with_vips ? IPVSCTL_SERVICES | IPVSCTL_VIPS :
					   IPVSCTL_SERVICES,
			  NULL);
	if (r == 0 || !run->with_vips)
		return r;
	/* Dead servers must not stay in because of VIPs. */
	run_warn_error(run);
	run->vips_failed = true;
	run->with_vips = false;
	return command_begin(command, IPVSCTL_SERVICES, NULL);
}

/* Reads the state again; copies its servers to ret_old, unless NULL. */
static int reload_state(struct run *run, struct state *ret_old)
{
	int r;

	state_free(&run->state);
	r = state_load(run->command, !run->told, &run->state);
	if (r == 0 && ret_old && state_copy_servers(&run->state, ret_old) < 0)
		r = command_no_memory(run->command);
	return r < 0 ? r : removed_read(run);
}

static int look(struct run *run)
{
	int r = command_load(run->command, IPVSCTL_SERVICES, NULL);

	if (r == 0)
		r = reload_state(run, NULL);
	if (r == 0)
		r = list_read_all(run);
	if (r == 0)
		r = standby_read_all(run);
	if (r == 0)
		r = pool_find(run);
	return r < 0 ? r : target_collect(run);
}

/* ---- Probing ------------------------------------------------------------- */

static bool needs_module(const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		if (check_kind_is_curl(checks->checks[i].way.kind))
			return true;
	return false;
}

/* Warns of probes that could not be made: this host's fault, which changes
   nothing. */
static void warn_unknown(struct run *run)
{
	const char *why = NULL;
	size_t count = 0;

	for (size_t i = 0; i < run->probe_count; i++) {
		const struct probe *probe = &run->probes[i];
		const struct check_way *way = &probe->check->way;

		/* Silence says nothing if no answer is expected. */
		if (probe->verdict != PROBE_UNKNOWN || probe->cut_off ||
		    target_is_report(probe) ||
		    (way->kind == CHECK_UDP &&
		     probe->latency_us >= way->timeout_us))
			continue;
		why = why ? why : probe->message;
		count++;
	}
	if (count == 0)
		return;
	run_warn(run, "%zu of %zu servers could not be probed: %s", count,
		 run->server_probes, why);
}

/* Tells of reports that make no sense. */
static void remark_reports(const struct run *run)
{
	const struct probe *first = NULL;
	char server[IPVSCTL_ADDRESS_TEXT];
	size_t count = 0;

	for (size_t i = 0; i < run->probe_count; i++) {
		const struct probe *probe = &run->probes[i];

		if (!probe->garbled && (probe->verdict != PROBE_UNKNOWN ||
					!target_is_report(probe)))
			continue;
		first = first ? first : probe;
		count++;
	}
	if (count > 0)
		run_remark(run, "%s: the weight of %s stays as it is: %s%s%s",
			   first->check->name,
			   ipvsctl_address_format(&first->server, server),
			   first->garbled ? "no report: " : "", first->message,
			   count > 1 ? " (and others)" : "");
}

static int probe_servers(struct run *run, const struct probe_limits *limits)
{
	struct command *command = run->command;
	int r = apart_probe_all(run->probes, run->probe_count, limits);

	if (r == -EINTR)
		return command_fail(command, -EIO, NULL, "interrupted");
	if (r < 0)
		return command_fail(command, r == -ENOMEM ? r : -EIO, NULL,
				    "cannot probe: %s", strerror(-r));
	warn_unknown(run);
	remark_reports(run);
	return own_way_judge(run);
}

/* Loads libcurl's module. If that fails, only its probes are unknown. */
static void load_module(struct run *run, struct probe_limits *limits)
{
	const struct probe_curl *curl;

	if (!needs_module(run->checks))
		return;
	curl = curl_module(run->command);
	if (curl &&
	    curl->load(run->probes, run->probe_count, &limits->curl_data) < 0) {
		curl = NULL;
		(void)command_no_memory(run->command);
	}
	if (!curl)
		run_warn_error(run);
	limits->curl = curl;
}

static int probe(struct run *run)
{
	struct probe_limits limits = { .window = run->window,
				       .stop = &every_stopped };
	struct via via;
	int r, closed;

	if (run->probe_count == 0)
		return 0;
	load_module(run, &limits);
	r = via_open(run, &via);
	if (r == 0)
		r = probe_servers(run, &limits);
	closed = via_close(run, &via, r);
	if (limits.curl)
		limits.curl->unload(limits.curl_data);
	return r < 0 ? r : closed;
}

/* ---- Changing ------------------------------------------------------------ */

/* Forgets the checks that the file does not have any more. */
static int forget_gone(struct run *run)
{
	int r = 0;

	/* A file without checks is probably being written. */
	if (!run->from_file || run->checks->count == 0 || run->unsaved.code)
		return 0;
	for (size_t i = 0; i < run->checks->count; i++) {
		struct state_check *state =
			state_find(&run->state, run->checks->checks[i].name,
				   run->checks->checks[i].selected);

		if (state)
			state->current = true;
	}
	for (size_t i = run->state.check_count; r == 0 && i-- > 0;)
		if (run->state.checks[i].from_file &&
		    !run->state.checks[i].current)
			r = effect_forget(run, &run->state.checks[i]);
	return r;
}

static int decide(struct run *run, struct state *ret_old)
{
	int r = begin(run);

	if (r == 0)
		r = reload_state(run, ret_old);
	if (r == 0)
		r = removed_set_aside(run);
	if (r == 0)
		r = forget_gone(run);
	if (r == 0)
		r = pool_find(run);
	if (r < 0)
		return r;
	verdict_take(run);
	r = effect_all(run);
	return r < 0 ? r : removed_write(run);
}

/* ---- Saving -------------------------------------------------------------- */

/* Clears the news of rows once the kernel is changed. Returns whether there
   were any. */
static bool clear_news(struct state *state)
{
	bool news = false;

	for (size_t i = 0; i < state->check_count; i++)
		for (size_t j = 0; j < state->checks[i].count; j++) {
			struct state_row *row = &state->checks[i].rows[j];

			news = news || row->changed || row->turned;
			row->changed = row->turned = false;
		}
	return news;
}

/*
 * Saves the new state with the servers that it has dropped from the old one: if
 * the run is killed before the kernel is changed, they must not be lost.
 */
static int save_both(struct run *run, struct state *old, bool *ret_differ)
{
	struct state *state = &run->state;

	for (size_t i = 0; i < old->server_count; i++) {
		struct state_server entry = old->servers[i];

		if (entry.role >= STATE_QUORUM ||
		    state_server(state, entry.role, entry.name, &entry.service,
				 &entry.server))
			continue;
		entry.dropped = true;
		old->servers[i].reasons = NULL;
		if (state_add_server(state, &entry) < 0)
			return command_no_memory(run->command);
		*ret_differ = true;
	}
	return state_save(run->command, state);
}

static int save_after(struct run *run, bool differ)
{
	struct state *state = &run->state;

	differ = state_drop_applied(state) || differ;
	return clear_news(state) || differ ? state_save(run->command, state) :
					     0;
}

static int decide_again(struct run *run, struct state *old)
{
	run->command->err = (struct ipvsctl_error){ 0 };
	run->quorums_lost = 0;
	(void)memset(run->sysctl_needed, 0, sizeof(run->sysctl_needed));
	transitions_free(&run->transitions);
	state_free(old);
	return decide(run, old);
}

/* Decides again, for a run that cannot be saved. */
static int decide_unsaved(struct run *run, struct state *old)
{
	run->unsaved = run->command->err;
	return decide_again(run, old);
}

static bool sets_weights(const struct run *run)
{
	for (size_t i = 0; i < run->members.count; i++) {
		const struct state_row *row = run->members.list[i].row;

		if (weigh_holds(row) || (row && row->slow_since))
			return true;
	}
	return false;
}

/* Drains dead servers even if their weights cannot be saved. */
static bool take_unsaved(const struct ipvsctl_error *why, void *data)
{
	struct run *run = data;

	/* Removed servers and reported weights would be lost: only drain. */
	if (!run->unsaved.code &&
	    (removed_takes_out(run) || sets_weights(run))) {
		run->drains_instead = true;
		return false;
	}
	if (!run->unsaved.code)
		run->unsaved = *why;
	run->weights_unsaved = true;
	return true;
}

/* Warns of weights that are saved nowhere. */
static void warn_weights(struct run *run)
{
	const struct members *members = &run->members;
	char service[IPVSCTL_IDENTITY_TEXT], server[IPVSCTL_IDENTITY_TEXT];

	run->told = false;
	for (size_t i = 0; run->weights_unsaved && i < members->count; i++) {
		const struct member *member = &members->list[i];

		if (member->removed ||
		    ipvsctl_server_effective_weight(&member->server) == 0 ||
		    !verdict_member_is_out(member))
			continue;
		(void)ipvsctl_service_format(member->service, service);
		(void)ipvsctl_server_format(&member->server, server);
		run_warn(run,
			 "%s: its weight cannot be saved; once it is up, run: "
			 "lbctl-svc change-server %s %s --weight %u",
			 server, service, server, member->server.weight);
	}
	run->told = true;
}

static int change(struct run *run, bool differ)
{
	struct command *command = run->command;
	int r;

	ipvsctl_on_unsaved(command->ctx, take_unsaved, run);
	r = command_commit(command);
	ipvsctl_on_unsaved(command->ctx, NULL, NULL);
	if (r < 0 || command->dry_run)
		return r;
	if (run->unsaved.code) {
		warn_weights(run);
		return r;
	}
	r = save_after(run, differ);
	command->standing = r < 0 && command->changed;
	return r;
}

/* Does the rest if the plan has failed and has VIPs: one that cannot come back,
   because its interface is gone for instance, must not keep dead servers in. */
static int change_without_vips(struct run *run, struct state *old, bool differ)
{
	int r;

	run_warn_error(run);
	run->vips_failed = true;
	r = decide_again(run, old);
	return r < 0 ? r : change(run, differ);
}

static int act(struct run *run)
{
	struct command *command = run->command;
	AUTO_STATE struct state old = { 0 };
	bool differ = false, sets;
	int r = decide(run, &old);

	sets = r == 0 && cut_decide(run);
	if (r == 0 && !command->dry_run) {
		r = save_both(run, &old, &differ);
		if (r == -EIO)
			r = decide_unsaved(run, &old);
		else if (r == 0)
			cut_set(run);
	}
	if (r == 0)
		r = change(run, differ);
	if (r < 0 && !command->dry_run && !run->unsaved.code &&
	    !run->drains_instead && run->with_vips)
		r = change_without_vips(run, &old, differ);
	if (r == 0 && sets && command->dry_run)
		r = 1;
	if (r < 0 && run->drains_instead) {
		r = decide_unsaved(run, &old);
		if (r == 0)
			r = change(run, false);
	}
	if (command->ctx)
		ipvsctl_unlock(command->ctx);
	return r;
}

static bool all_up(const struct run *run)
{
	for (size_t i = 0; i < run->members.count; i++)
		if (verdict_member_is_out(&run->members.list[i]))
			return false;
	/* A service without a server serves nobody, unless it is to go. */
	for (size_t i = 0; i < run->watched.count; i++)
		if (run->watched.list[i].count == 0 &&
		    !run->watched.list[i].leaving)
			return false;
	return true;
}

int run_once(struct run *run)
{
	int r;

	run->began = state_now();
	r = look(run);

	if (r == 0)
		r = probe(run);
	run->told = true;
	if (r == 0)
		r = act(run);
	/* A dry run reports no transitions. */
	if (r < 0 || run->command->dry_run)
		return r;
	if (run->teller)
		teller_tell(run->command, run->teller, &run->transitions);
	else
		transitions_tell(run->command, &run->transitions);
	if (run->unsaved.code) {
		run->faulty = true;
		run->command->err = run->unsaved;
		run->command->standing = run->command->changed;
		return run->unsaved.code;
	}
	return all_up(run) && !run->faulty && !run->exposed ? 0 : 1;
}
