/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * One run: read, probe, read again, change, tell. Probing takes seconds and is
 * done without the lock; what was read before it may not be so any more.
 */
#include "check/run.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "check/effect.h"
#include "check/every.h"
#include "check/module.h"
#include "check/via.h"

/* The counts of connections, by which draining is judged, come with them. */
#define KINDS ((unsigned int)IPVSCTL_SERVICES)

void run_free(struct run *run)
{
	for (size_t i = 0; run->lists && i < run->checks->count; i++)
		server_list_free(&run->lists[i]);
	free(run->lists);
	state_free(&run->state);
	free(run->members.list);
	free(run->probes);
	transitions_free(&run->transitions);
}

void run_warn(struct run *run, const char *format, ...)
{
	struct report report = command_report(run->command);
	char message[256];
	va_list values;

	run->faulty = true;
	if (run->told || run->command->quiet)
		return;
	va_start(values, format);
	(void)vsnprintf(message, sizeof(message), format, values);
	va_end(values);
	report_warning(&report, "%s", message);
}

static int reload_state(struct run *run)
{
	state_free(&run->state);
	return state_load(run->command, !run->told, &run->state);
}

static int look(struct run *run)
{
	int r = command_load(run->command, KINDS, NULL);

	if (r == 0)
		r = reload_state(run);
	if (r == 0)
		r = pool_read_lists(run);
	if (r == 0)
		r = pool_find(run);
	return r < 0 ? r : target_collect(run);
}

/* ---- Probing ------------------------------------------------------------- */

static bool needs_module(const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		switch (checks->checks[i].way.kind) {
		case CHECK_TLS:
		case CHECK_HTTP:
		case CHECK_HTTPS:
		case CHECK_SMTP:
			return true;
		case CHECK_TCP:
		case CHECK_UDP:
		case CHECK_DNS:
		case CHECK_PING:
		case CHECK_EXEC:
		case CHECK_KINDS:
		default:
			break;
		}
	return false;
}

/* What could not be tried is this host's fault, and changes nothing. */
static void warn_unknown(struct run *run)
{
	const char *why = NULL;
	size_t count = 0;

	for (size_t i = 0; i < run->probe_count; i++)
		if (run->probes[i].verdict == PROBE_UNKNOWN &&
		    run->probes[i].check->way.kind != CHECK_UDP) {
			why = why ? why : run->probes[i].message;
			count++;
		}
	if (count == 0)
		return;
	run_warn(run, "%zu of %zu servers could not be probed: %s", count,
		 run->probe_count, why);
}

static int probe_servers(struct run *run, const struct probe_limits *limits)
{
	struct command *command = run->command;
	int r = probe_all(run->probes, run->probe_count, limits);

	if (r == -EINTR)
		return command_fail(command, -EIO, NULL, "interrupted");
	if (r < 0)
		return command_fail(command, r == -ENOMEM ? r : -EIO, NULL,
				    "cannot probe: %s", strerror(-r));
	warn_unknown(run);
	return 0;
}

static int probe(struct run *run)
{
	struct probe_limits limits = { .window = run->window,
				       .stop = &every_stopped };
	struct via via;
	int r, closed;

	if (run->probe_count == 0)
		return 0;
	if (needs_module(run->checks)) {
		limits.curl = curl_module(run->command);
		if (!limits.curl)
			return run->command->err.code;
	}
	r = via_open(run, &via);
	if (r == 0)
		r = probe_servers(run, &limits);
	closed = via_close(run, &via, r);
	return r < 0 ? r : closed;
}

/* ---- Changing ------------------------------------------------------------ */

/* A check that has been taken out of the file has no say any more. */
static int forget_gone(struct run *run)
{
	int r = 0;

	if (!run->from_file)
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

static int decide(struct run *run)
{
	struct command *command = run->command;
	int r;

	ipvsctl_config_free(TAKE_PTR(command->to));
	r = command_begin(command, KINDS, NULL);
	if (r == 0)
		r = reload_state(run);
	if (r == 0)
		r = forget_gone(run);
	if (r == 0)
		r = pool_find(run);
	if (r < 0)
		return r;
	verdict_take(run);
	return effect_all(run);
}

/* The state first: what is taken out must be known before it is gone. */
static int act(struct run *run)
{
	struct command *command = run->command;
	int r = decide(run);

	if (r == 0 && !command->dry_run)
		r = state_save(command, &run->state);
	if (r == 0)
		r = command_commit(command);
	if (command->ctx)
		ipvsctl_unlock(command->ctx);
	return r;
}

static bool all_up(const struct run *run)
{
	for (size_t i = 0; i < run->members.count; i++)
		if (effect_is_out(&run->members.list[i]))
			return false;
	return true;
}

int run_once(struct run *run)
{
	int r = look(run);

	if (r == 0)
		r = probe(run);
	run->told = true;
	if (r == 0)
		r = act(run);
	/* A dry run says what would change. */
	if (r < 0 || run->command->dry_run)
		return r;
	transitions_tell(run->command, &run->transitions);
	return all_up(run) && !run->faulty ? 0 : 1;
}
