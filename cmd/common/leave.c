/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Servers that are leaving are held at weight 0 under a lock, which is free while
 * this command, or the next one, waits for their clients.
 */
#include "common/leave.h"

#include <string.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"

/* A server that is leaving, as the kernel had it. */
struct leaver {
	struct busy busy;
	struct ipvsctl_leaving leaving;
};

struct leavers {
	struct leaver *list;
	size_t count;
};

static void leavers_free(struct leavers *leavers)
{
	free(leavers->list);
}

#define AUTO_LEAVERS CLEANUP(leavers_free)

/* ---- Finding --------------------------------------------------------------- */

static int add_leaver(struct command *command, struct leavers *leavers,
		      const struct leaver *leaver)
{
	struct leaver *grown =
		reallocarray(leavers->list, leavers->count + 1, sizeof(*grown));

	if (!grown)
		return command_no_memory(command);
	leavers->list = grown;
	grown[leavers->count++] = *leaver;
	return 0;
}

/* Finds all servers that are leaving in a configuration. */
static int find_all(struct command *command,
		    const struct ipvsctl_config *config,
		    struct leavers *ret_leavers)
{
	int r = 0;

	ipvsctl_for_each_service(config, service)
		ipvsctl_for_each_server(config, service, server) {
			struct leaver leaver = { .busy.service = *service,
						 .busy.server = *server };

			if (r == 0 && server->held &&
			    ipvsctl_config_get_leaving(config, service, server,
						       &leaver.leaving))
				r = add_leaver(command, ret_leavers, &leaver);
		}
	return r;
}

/* Counts what the servers still have. */
static int count_all(struct command *command, struct leavers *leavers)
{
	AUTO_FREE struct busy *list = calloc(leavers->count + 1, sizeof(*list));
	int r;

	if (!list)
		return command_no_memory(command);
	for (size_t i = 0; i < leavers->count; i++)
		list[i] = leavers->list[i].busy;
	r = busy_count(command, list, leavers->count);
	for (size_t i = 0; i < leavers->count; i++)
		leavers->list[i].busy = list[i];
	return r;
}

static int find_and_count(struct command *command, struct leavers *ret_leavers)
{
	int r = find_all(command, command->from, ret_leavers);

	return r < 0 ? r : count_all(command, ret_leavers);
}

/* Returns the seconds that the server has left, 0 if its time is up. */
static int64_t time_left(const struct leaver *leaver)
{
	const int64_t end = (int64_t)leaver->leaving.since +
			    (int64_t)leaver->leaving.seconds;
	const int64_t left = end - clock_now() / 1000000;

	return left > 0 ? left : 0;
}

static bool is_idle(const struct leaver *leaver)
{
	return leaver->busy.connections + leaver->busy.flows == 0;
}

static bool is_due(const struct leaver *leaver)
{
	return is_idle(leaver) || time_left(leaver) == 0;
}

/* ---- Deleting -------------------------------------------------------------- */

static void warn_late(const struct command *command, const struct leaver *leaver)
{
	const struct report report = command_report(command);
	char service[IPVSCTL_IDENTITY_TEXT], server[IPVSCTL_IDENTITY_TEXT];

	if (command->quiet)
		return;
	report_warning(&report,
		       "%s: server %s: its %u s are over, with %llu "
		       "connections and %llu flows of UDP",
		       ipvsctl_service_format(&leaver->busy.service, service),
		       ipvsctl_server_format(&leaver->busy.server, server),
		       leaver->leaving.seconds,
		       (unsigned long long)leaver->busy.connections,
		       (unsigned long long)leaver->busy.flows);
}

int leave_sweep(struct command *command)
{
	AUTO_LEAVERS struct leavers leavers = { 0 };
	int r = find_and_count(command, &leavers);

	for (size_t i = 0; r == 0 && i < leavers.count; i++) {
		const struct leaver *leaver = &leavers.list[i];
		struct ipvsctl_leaving leaving;

		/* The caller may have deleted it, or may want it again. */
		if (!is_due(leaver) ||
		    !ipvsctl_config_get_leaving(command->to,
						&leaver->busy.service,
						&leaver->busy.server, &leaving))
			continue;
		if (!is_idle(leaver))
			warn_late(command, leaver);
		r = ipvsctl_config_delete_left(command->to,
					       &leaver->busy.service,
					       &leaver->busy.server,
					       &command->err);
	}
	if (r == 0)
		ipvsctl_config_delete_left_vips(command->to);
	return r;
}

/* Commits an edit of this wait; the plan of the command has been printed. */
static int commit(struct command *command)
{
	const bool quiet = command->quiet;
	int r;

	command->quiet = true;
	r = command_commit(command);
	command->quiet = quiet;
	ipvsctl_unlock(command->ctx);
	return r;
}

static int delete_due(struct command *command)
{
	int r;

	ipvsctl_config_free(TAKE_PTR(command->to));
	r = command_begin(command, IPVSCTL_SERVICES | IPVSCTL_VIPS, NULL);
	if (r == 0)
		r = leave_sweep(command);
	return r < 0 ? r : commit(command);
}

/* ---- Waiting --------------------------------------------------------------- */

/* What a command still waits for. */
struct rest {
	size_t servers;
	uint64_t connections;
	uint64_t flows;
	int64_t seconds;
	bool due; /* one of them, or of another command's */
};

static bool waits_for(const struct leave *leave, const struct leaver *leaver)
{
	for (size_t i = 0; i < leave->count; i++)
		if (!ipvsctl_service_compare(&leave->servers[i].service,
					     &leaver->busy.service) &&
		    !ipvsctl_server_compare(&leave->servers[i].server,
					    &leaver->busy.server))
			return true;
	return false;
}

static int look(struct command *command, const struct leave *leave,
		struct rest *ret_rest)
{
	AUTO_LEAVERS struct leavers leavers = { 0 };
	int r = command_load(command, IPVSCTL_SERVICES, NULL);

	if (r == 0)
		r = find_and_count(command, &leavers);
	*ret_rest = (struct rest){ 0 };
	for (size_t i = 0; r == 0 && i < leavers.count; i++) {
		const struct leaver *leaver = &leavers.list[i];
		const int64_t left = time_left(leaver);

		ret_rest->due = ret_rest->due || is_due(leaver);
		if (!waits_for(leave, leaver))
			continue;
		ret_rest->servers++;
		ret_rest->connections += leaver->busy.connections;
		ret_rest->flows += leaver->busy.flows;
		if (left > ret_rest->seconds)
			ret_rest->seconds = left;
	}
	return r;
}

static void show(const struct command *command, const struct rest *rest,
		 bool *shown)
{
	if (command->quiet || !isatty(STDERR_FILENO))
		return;
	(void)fprintf(stderr,
		      "\r%s: leaving servers: %zu, connections: %llu, flows of "
		      "UDP: %llu, at most %lld s \033[K",
		      command->program->name, rest->servers,
		      (unsigned long long)rest->connections,
		      (unsigned long long)rest->flows,
		      (long long)rest->seconds);
	(void)fflush(stderr);
	*shown = true;
}

/* Looks at the servers once, after a moment, or until all have left. A long table
   takes long to read: rest ten times so long. */
static int follow(struct command *command, const struct leave *leave, bool wait,
		  bool *shown)
{
	struct rest rest;
	int64_t took = 0;
	int r = 0;

	do {
		int64_t pause = took * 10;
		int64_t start;

		busy_pause(pause > BUSY_POLL_MILLISECONDS ?
				   pause :
				   BUSY_POLL_MILLISECONDS);
		start = clock_now();
		r = look(command, leave, &rest);
		took = (clock_now() - start) / 1000;
		if (r == 0 && rest.due) {
			r = delete_due(command);
			if (r == 0)
				r = look(command, leave, &rest);
		}
		if (r == 0 && wait)
			show(command, &rest, shown);
	} while (r == 0 && wait && rest.servers > 0);
	return r;
}

int leave_finish(struct command *command, const struct leave *leave, bool wait)
{
	bool shown = false;
	int r;

	(void)fflush(stdout);
	ipvsctl_unlock(command->ctx);
	ipvsctl_edit_free(TAKE_PTR(command->edit));
	r = follow(command, leave, wait, &shown);
	if (shown)
		(void)fputc('\n', stderr);
	/* Those that have not left go on leaving. */
	command->standing = r < 0;
	return r;
}

/* ---- Beginning ------------------------------------------------------------- */

static int add_deleted(struct command *command, struct leave *leave,
		       const struct busy *deleted)
{
	struct busy *grown = array_grow(leave->servers, &leave->capacity,
					leave->count + 1, sizeof(*grown));

	if (!grown)
		return command_no_memory(command);
	leave->servers = grown;
	grown[leave->count++] = *deleted;
	return 0;
}

/* Finds the servers that the edit deletes. */
static int find_deleted(struct command *command, struct leave *leave)
{
	const struct ipvsctl_config *from = ipvsctl_edit_from(command->edit);
	const struct ipvsctl_config *to = ipvsctl_edit_to(command->edit);
	int r = 0;

	ipvsctl_for_each_service(from, service)
		ipvsctl_for_each_server(from, service, server) {
			const struct busy deleted = { .service = *service,
						      .server = *server };

			if (r == 0 &&
			    !ipvsctl_config_find_server(to, service, server))
				r = add_deleted(command, leave, &deleted);
		}
	return r;
}

int leave_begin(struct command *command, uint32_t seconds,
		struct leave *ret_leave)
{
	const struct ipvsctl_leaving how = {
		.since = (uint32_t)(clock_now() / 1000000),
		.seconds = seconds,
	};
	int r = find_deleted(command, ret_leave);

	return r < 0 ? r :
		       ipvsctl_edit_drain(command->edit, &how, &command->err);
}

void leave_free(struct leave *leave)
{
	free(leave->servers);
	*leave = (struct leave){ 0 };
}
