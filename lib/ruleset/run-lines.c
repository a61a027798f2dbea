/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Edits a configuration as the lines of a ruleset say. */
#include "ruleset/run-lines.h"

#include <string.h>

#include "array.h"
#include "fail.h"
#include "model/leaving.h"
#include "model/object.h"

int run_begin(struct run *run, struct ipvsctl_config *config, bool known)
{
	*run = (struct run){ .config = config, .known = known };
	return known ? ipvsctl_config_new(&run->stated, NULL) : 0;
}

void run_end(struct run *run)
{
	ipvsctl_config_free(TAKE_PTR(run->stated));
	free(TAKE_PTR(run->aim.servers));
}

bool run_is_known(const struct run *run, enum ipvsctl_kind kind)
{
	return run->known || (run->emptied & kind);
}

/* After a flush, a missing object is a mistake of the ruleset itself. */
static int fail_line(struct run *run, enum ipvsctl_kind kind, int code,
		     struct ipvsctl_error *err)
{
	if (code == -ENOENT && (run->emptied & kind))
		code = -EINVAL;
	if (err)
		err->code = code;
	return code;
}

static int fail_again(const char *what, struct ipvsctl_error *err)
{
	int r = fail(err, -EINVAL, "the ruleset adds this %s twice", what);

	return fail_hint(err, r, "take one of the two lines out");
}

void run_flush(struct run *run, enum ipvsctl_kind kind)
{
	run_touch(run, kind);
	if (kind == IPVSCTL_SERVICES)
		config_clear_services(run->config);
	else if (kind == IPVSCTL_MARKS)
		config_free_marks(run->config);
	else if (kind == IPVSCTL_VIPS)
		config_free_vips(run->config);
	else
		for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
		     role <= IPVSCTL_SYNC_BACKUP; role++)
			ipvsctl_config_remove_sync(run->config, role);
	run->emptied |= kind;
}

void run_aim(struct run *run, const struct ipvsctl_service *service,
	     enum aim_step step, bool whole)
{
	struct aim *aim = &run->aim;

	if (aim->at == AIM_NOTHING)
		*aim = (struct aim){ .at = AIM_ONE,
				     .step = step,
				     .service = *service };
	else
		aim->step = STEP_NONE;
	if (ipvsctl_service_compare(&aim->service, service) != 0)
		aim->at = AIM_MANY;
	aim->whole |= whole;
	if (aim->whole)
		aim->server_count = 0;
}

int run_aim_server(struct run *run, const struct ipvsctl_server *server)
{
	struct aim *aim = &run->aim;
	struct ipvsctl_server *grown;

	/* No need: the kernel was read already, or all servers matter. */
	if (run->known || aim->whole)
		return 0;
	grown = array_grow(aim->servers, &aim->server_capacity,
			   aim->server_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	aim->servers = grown;
	grown[aim->server_count++] = *server;
	return 0;
}

/* ---- Services ---------------------------------------------------------- */

static int about_service(const struct ipvsctl_service *service, int code,
			 struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	return fail_about(err, code, "%s",
			  ipvsctl_service_format(service, text));
}

/* Notes that a line added the service. -EINVAL: an earlier line did. */
static int state_service(struct run *run, const struct ipvsctl_service *service,
			 struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = run_stated(run, IPVSCTL_SERVICES);
	const struct ipvsctl_service *found =
		ipvsctl_config_find_service(config, service);

	/* A service without a scheduler only holds the servers of lines. */
	if (found && found->scheduler[0] && run->passes_repeated) {
		run->repeated = true;
		return 0;
	}
	if (found && found->scheduler[0])
		return about_service(service, fail_again("service", err), err);
	if (config == run->config)
		return 0;
	return found ? ipvsctl_config_change_service(config, service, err) :
		       ipvsctl_config_add_service(config, service, err);
}

static int fail_has_service(const struct ipvsctl_service *service,
			    struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = fail(err, -EEXIST, "the service exists already");

	return fail_hint(err, about_service(service, r, err),
			 "lbctl-svc show %s",
			 ipvsctl_service_format(service, text));
}

int run_add_service(struct run *run, const struct ipvsctl_service *service,
		    struct ipvsctl_error *err)
{
	int r = 0;

	if (!run->strict)
		r = state_service(run, service, err);
	else if (ipvsctl_config_find_service(run->config, service))
		r = fail_has_service(service, err);

	return r < 0 || run->repeated ? r :
					run_replace_service(run, service, err);
}

int run_replace_service(struct run *run, const struct ipvsctl_service *service,
			struct ipvsctl_error *err)
{
	run_touch(run, IPVSCTL_SERVICES);
	if (leaving_keep_service(run->config, service) < 0)
		return fail_memory(err);
	if (ipvsctl_config_find_service(run->config, service))
		return ipvsctl_config_change_service(run->config, service, err);
	/* A new service means that the pool before it is complete. */
	if (run->last < run->config->end &&
	    table_fit(&run->config->entries[run->last].table) < 0)
		return fail_memory(err);
	return ipvsctl_config_add_service(run->config, service, err);
}

int run_deleted(int code, struct ipvsctl_error *err)
{
	if (code == -ENOMEM)
		return fail_memory(err);
	return code == -ENOENT ? 0 : code;
}

int run_delete_service(struct run *run, const struct ipvsctl_service *identity,
		       struct ipvsctl_error *err)
{
	int r = 0;

	run_touch(run, IPVSCTL_SERVICES);
	if (run->stated)
		r = ipvsctl_config_delete_service(run->stated, identity, NULL);
	if (r == 0 || r == -ENOENT)
		r = ipvsctl_config_delete_service(run->config, identity, NULL);
	if (r == -ENOENT && run->before &&
	    !ipvsctl_config_find_service(run->before, identity))
		return fail_hint(err, config_fail_no_service(identity, err),
				 "%s", "");
	return run_deleted(r, err);
}

int run_get_service(struct run *run, const struct ipvsctl_service *identity,
		    struct ipvsctl_service *ret_service, bool *ret_found,
		    struct ipvsctl_error *err)
{
	const struct ipvsctl_service *found =
		ipvsctl_config_find_service(run->config, identity);

	run_touch(run, IPVSCTL_SERVICES);
	if (!found && run_is_known(run, IPVSCTL_SERVICES))
		return fail_line(run, IPVSCTL_SERVICES,
				 config_fail_no_service(identity, err), err);
	run->leans |= !found;
	*ret_service = found ? *found : service_default(identity);
	*ret_found = found;
	return 0;
}

/* ---- Servers ----------------------------------------------------------- */

/* Finds a service; tries the one found last first. */
static const struct ipvsctl_service *
find_near(struct run *run, const struct ipvsctl_service *service)
{
	const struct service_entry *entries = run->config->entries;
	const struct service_entry *entry;

	if (run->last < run->config->end &&
	    ipvsctl_service_compare(&entries[run->last].service, service) == 0)
		return &entries[run->last].service;
	entry = config_entry(run->config, service);
	if (!entry)
		return NULL;
	run->last = (size_t)(entry - entries);
	return &entry->service;
}

/* Gets the service of a server; NULL: it may exist, but is not known. */
static int find_service(struct run *run, const struct ipvsctl_service *service,
			const struct ipvsctl_service **ret_found,
			struct ipvsctl_error *err)
{
	run_touch(run, IPVSCTL_SERVICES);
	*ret_found = find_near(run, service);
	run->leans |= !*ret_found;
	if (*ret_found || !run_is_known(run, IPVSCTL_SERVICES))
		return 0;
	return fail_line(run, IPVSCTL_SERVICES,
			 config_fail_no_service(service, err), err);
}

static int fail_again_server(const struct ipvsctl_service *service,
			     const struct ipvsctl_server *server,
			     struct ipvsctl_error *err)
{
	char service_text[IPVSCTL_IDENTITY_TEXT];
	char server_text[IPVSCTL_IDENTITY_TEXT];

	server_short_format(service, server, server_text);
	return fail_about(err, fail_again("server", err), "%s %s",
			  ipvsctl_service_format(service, service_text),
			  server_text);
}

/* On a command line, hints at how to add the missing service. */
static int fail_no_home(const struct run *run,
			const struct ipvsctl_service *service, int code,
			struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	return run->strict ? fail_hint(err, code, "lbctl-svc add %s",
				       ipvsctl_service_format(service, text)) :
			     code;
}

/* Names the server in a command line's failure, and adds a hint. */
static int about_server(const struct ipvsctl_service *service,
			const struct ipvsctl_server *server, int code,
			struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	(void)fail_about(err, code, "%s", ipvsctl_server_format(server, text));
	return fail_hint(err, code, "lbctl-svc show %s",
			 ipvsctl_service_format(service, text));
}

static int fail_no_server(const struct run *run,
			  const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server,
			  struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	if (!run->strict)
		return config_fail_no_server(service, server, err);
	return about_server(service, server,
			    fail(err, -ENOENT, "%s has no such server",
				 ipvsctl_service_format(service, text)),
			    err);
}

/* Returns the name of the check that removed the server, or NULL. */
static const char *removed_by(const struct run *run,
			      const struct ipvsctl_service *service,
			      const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	if (!ipvsctl_config_find_server(run->config, service, server)->removed)
		return NULL;
	while ((reason = ipvsctl_config_next_reason(run->config, service,
						    server, reason)))
		if (strncmp(reason, "check:", 6) == 0)
			return reason + 6;
	return NULL;
}

static int fail_has_server(const struct run *run,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server,
			   struct ipvsctl_error *err)
{
	const char *check = removed_by(run, service, server);
	char text[IPVSCTL_IDENTITY_TEXT];

	(void)ipvsctl_service_format(service, text);
	if (!check)
		return about_server(service, server,
				    fail(err, -EEXIST,
					 "%s has this server already", text),
				    err);
	(void)about_server(service, server,
			   fail(err, -EEXIST, "check %s has removed it from %s",
				check, text),
			   err);
	return fail_hint(err, -EEXIST, "lbctl-check show %s", check);
}

/* Notes that a line added the server to an existing service. */
static int state_server(struct run *run, const struct ipvsctl_service *service,
			const struct ipvsctl_server *server,
			struct ipvsctl_error *err)
{
	struct ipvsctl_service unstated = *service;
	int r = 0;

	unstated.scheduler[0] = '\0';
	if (!ipvsctl_config_find_service(run->stated, service))
		r = ipvsctl_config_add_service(run->stated, &unstated, err);
	return r < 0 ? r :
		       ipvsctl_config_add_server(run->stated, service, server,
						 err);
}

static int replace_server(struct run *run,
			  const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server,
			  struct ipvsctl_error *err)
{
	if (ipvsctl_config_find_server(run->config, service, server))
		return ipvsctl_config_change_server(run->config, service,
						    server, err);
	return ipvsctl_config_add_server(run->config, service, server, err);
}

int run_add_server(struct run *run, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server,
		   struct ipvsctl_error *err)
{
	const bool alone =
		run->strict || run_stated(run, IPVSCTL_SERVICES) == run->config;
	const struct ipvsctl_service *found = NULL;
	int r = find_service(run, service, &found, err);

	if (r < 0)
		return fail_no_home(run, service, r, err);
	if (!found)
		return 0;
	if (leaving_stop(run->config, found, server) && run->strict)
		return replace_server(run, found, server, err);
	r = alone ? ipvsctl_config_add_server(run->config, found, server, err) :
		    state_server(run, found, server, err);
	if (r == -EEXIST && run->passes_repeated) {
		run->repeated = true;
		return 0;
	}
	if (r == -EEXIST)
		return run->strict ?
			       fail_has_server(run, service, server, err) :
			       fail_again_server(service, server, err);
	return r < 0 || alone ? r : replace_server(run, found, server, err);
}

int run_change_server(struct run *run, const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server,
		      struct ipvsctl_error *err)
{
	const struct ipvsctl_service *found = NULL;
	int r = find_service(run, service, &found, err);

	if (r < 0)
		return fail_no_home(run, service, r, err);
	return found ? replace_server(run, found, server, err) : 0;
}

int run_replace_server(struct run *run, const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server,
		       struct ipvsctl_error *err)
{
	(void)leaving_stop(run->config, service, server);
	return run_change_server(run, service, server, err);
}

int run_delete_server(struct run *run, const struct ipvsctl_service *service,
		      const struct ipvsctl_server *identity,
		      struct ipvsctl_error *err)
{
	int r = 0;

	run_touch(run, IPVSCTL_SERVICES);
	if (run->stated)
		r = ipvsctl_config_delete_server(run->stated, service, identity,
						 NULL);
	if (r == 0 || r == -ENOENT)
		r = ipvsctl_config_delete_server(run->config, service, identity,
						 NULL);
	if (r == -ENOENT && run->before &&
	    !ipvsctl_config_find_service(run->before, service))
		return config_fail_no_service(service, err);
	if (r == -ENOENT && run->before &&
	    !ipvsctl_config_find_server(run->before, service, identity))
		return fail_hint(err,
				 fail_no_server(run, service, identity, err),
				 "%s", "");
	return run_deleted(r, err);
}

int run_get_server(struct run *run, const struct ipvsctl_service *service,
		   struct ipvsctl_server *server, bool *ret_found,
		   struct ipvsctl_error *err)
{
	const struct ipvsctl_service *found = NULL;
	const struct ipvsctl_server *current = NULL;
	int r = find_service(run, service, &found, err);

	if (r < 0)
		return r;
	if (found)
		current =
			ipvsctl_config_find_server(run->config, found, server);
	if (!current && run_is_known(run, IPVSCTL_SERVICES))
		return fail_line(run, IPVSCTL_SERVICES,
				 fail_no_server(run, service, server, err),
				 err);
	run->leans |= !current;
	*server = current ? *current : server_default(server);
	*ret_found = current;
	return 0;
}

/* ---- Sync daemons and timeouts ----------------------------------------- */

int run_start_sync(struct run *run, const struct ipvsctl_sync *sync,
		   struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = run_stated(run, IPVSCTL_SYNC);
	const char *role = ipvsctl_sync_role_name(sync->role);

	if (run->strict && ipvsctl_config_get_sync(run->config, sync->role)) {
		int r = fail(err, -EEXIST, "the sync daemon runs already");

		return fail_hint(err, fail_about(err, r, "%s", role),
				 "lbctl-sync show");
	}
	if (!run->strict && ipvsctl_config_get_sync(config, sync->role))
		return fail_about(err, fail_again("sync daemon", err), "%s",
				  role);
	run_touch(run, IPVSCTL_SYNC);
	ipvsctl_config_set_sync(config, sync);
	ipvsctl_config_set_sync(run->config, sync);
	return 0;
}

void run_stop_sync(struct run *run, unsigned int role)
{
	run_touch(run, IPVSCTL_SYNC);
	if (run->stated)
		ipvsctl_config_remove_sync(run->stated, role);
	ipvsctl_config_remove_sync(run->config, role);
}

void run_set_timeouts(struct run *run, const struct ipvsctl_timeouts *timeouts)
{
	struct ipvsctl_timeouts now = { 0 };
	const struct ipvsctl_timeouts *before =
		ipvsctl_config_get_timeouts(run->config);

	if (before)
		now = *before;
	now.tcp = timeouts->tcp ? timeouts->tcp : now.tcp;
	now.tcp_fin = timeouts->tcp_fin ? timeouts->tcp_fin : now.tcp_fin;
	now.udp = timeouts->udp ? timeouts->udp : now.udp;
	run->kinds |= IPVSCTL_TIMEOUTS;
	ipvsctl_config_set_timeouts(run->config, &now);
}
