/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Edits of a configuration as the lines of a ruleset mean them. */
#include "ruleset/run.h"
#include "model/error.h"
#include "model/object.h"

int run_begin(struct run *run, struct ipvsctl_config *config, bool known)
{
	*run = (struct run){ .config = config, .known = known };
	return known ? ipvsctl_config_new(&run->stated, NULL) : 0;
}

void run_end(struct run *run)
{
	ipvsctl_config_free(run->stated);
	run->stated = NULL;
}

bool run_is_known(const struct run *run, enum ipvsctl_kind kind)
{
	return run->known || (run->emptied & kind);
}

/* What lines have added of a kind, beside other things perhaps. */
static struct ipvsctl_config *stated(const struct run *run,
				     enum ipvsctl_kind kind)
{
	return run->known && !(run->emptied & kind) ? run->stated : run->config;
}

static void touch(struct run *run, enum ipvsctl_kind kind)
{
	run->kinds |= kind;
	run->config->kinds |= kind;
}

/* What the ruleset itself rules out is wrong whatever stands. */
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
	touch(run, kind);
	if (kind == IPVSCTL_SERVICES)
		config_clear_services(run->config);
	else if (kind == IPVSCTL_MARKS)
		config_free_marks(run->config);
	else
		for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
		     role <= IPVSCTL_SYNC_BACKUP; role++)
			ipvsctl_config_remove_sync(run->config, role);
	run->emptied |= kind;
}

/* ---- Services ---------------------------------------------------------- */

static int about_service(const struct ipvsctl_service *service, int code,
			 struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	return fail_about(err, code, "%s",
			  ipvsctl_service_format(service, text));
}

/* Notes that a line has added it. -EINVAL: one has before. */
static int state_service(struct run *run, const struct ipvsctl_service *service,
			 struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = stated(run, IPVSCTL_SERVICES);
	const struct ipvsctl_service *found =
		ipvsctl_config_find_service(config, service);

	/* One without a scheduler is there for its servers only. */
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

int run_add_service(struct run *run, const struct ipvsctl_service *service,
		    struct ipvsctl_error *err)
{
	int r = state_service(run, service, err);

	return r < 0 || run->repeated ? r :
					run_replace_service(run, service, err);
}

int run_replace_service(struct run *run, const struct ipvsctl_service *service,
			struct ipvsctl_error *err)
{
	touch(run, IPVSCTL_SERVICES);
	if (ipvsctl_config_find_service(run->config, service))
		return ipvsctl_config_change_service(run->config, service, err);
	/* The next pool begins where the one before is complete. */
	if (run->last < run->config->end &&
	    config_fit_servers(&run->config->entries[run->last]) < 0)
		return fail_memory(err);
	return ipvsctl_config_add_service(run->config, service, err);
}

/* What is not there is deleted already: no failure is told. So below. */
static int deleted(int code, struct ipvsctl_error *err)
{
	if (code == -ENOMEM)
		return fail_memory(err);
	return code == -ENOENT ? 0 : code;
}

int run_delete_service(struct run *run, const struct ipvsctl_service *identity,
		       struct ipvsctl_error *err)
{
	int r = 0;

	touch(run, IPVSCTL_SERVICES);
	if (run->stated)
		r = ipvsctl_config_delete_service(run->stated, identity, NULL);
	if (r == 0 || r == -ENOENT)
		r = ipvsctl_config_delete_service(run->config, identity, NULL);
	return deleted(r, err);
}

int run_get_service(struct run *run, const struct ipvsctl_service *identity,
		    struct ipvsctl_service *ret_service, bool *ret_found,
		    struct ipvsctl_error *err)
{
	const struct ipvsctl_service *found =
		ipvsctl_config_find_service(run->config, identity);

	touch(run, IPVSCTL_SERVICES);
	if (!found && run_is_known(run, IPVSCTL_SERVICES))
		return fail_line(run, IPVSCTL_SERVICES,
				 config_fail_no_service(identity, err), err);
	run->leans |= !found;
	*ret_service = found ? *found : service_default(identity);
	*ret_found = found;
	return 0;
}

/* ---- Servers ----------------------------------------------------------- */

/* Looks first where the server before this one belongs. */
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

/* The service of a server, or NULL where it is not known. */
static int find_service(struct run *run, const struct ipvsctl_service *service,
			const struct ipvsctl_service **ret_found,
			struct ipvsctl_error *err)
{
	touch(run, IPVSCTL_SERVICES);
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

/* Notes that a line has added it to a service that stands. */
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

int run_add_server(struct run *run, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server,
		   struct ipvsctl_error *err)
{
	const bool alone = stated(run, IPVSCTL_SERVICES) == run->config;
	const struct ipvsctl_service *found = NULL;
	int r = find_service(run, service, &found, err);

	if (r < 0 || !found)
		return r;
	r = alone ? ipvsctl_config_add_server(run->config, found, server, err) :
		    state_server(run, found, server, err);
	if (r == -EEXIST && run->passes_repeated) {
		run->repeated = true;
		return 0;
	}
	if (r == -EEXIST)
		return fail_again_server(service, server, err);
	return r < 0 || alone ? r : run_replace_server(run, found, server, err);
}

int run_replace_server(struct run *run, const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server,
		       struct ipvsctl_error *err)
{
	const struct ipvsctl_service *found = NULL;
	int r = find_service(run, service, &found, err);

	if (r < 0 || !found)
		return r;
	if (ipvsctl_config_find_server(run->config, found, server))
		return ipvsctl_config_change_server(run->config, found, server,
						    err);
	return ipvsctl_config_add_server(run->config, found, server, err);
}

int run_delete_server(struct run *run, const struct ipvsctl_service *service,
		      const struct ipvsctl_server *identity,
		      struct ipvsctl_error *err)
{
	int r = 0;

	touch(run, IPVSCTL_SERVICES);
	if (run->stated)
		r = ipvsctl_config_delete_server(run->stated, service, identity,
						 NULL);
	if (r == 0 || r == -ENOENT)
		r = ipvsctl_config_delete_server(run->config, service, identity,
						 NULL);
	return deleted(r, err);
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
				 config_fail_no_server(service, server, err),
				 err);
	run->leans |= !current;
	*server = current ? *current : server_default(server);
	*ret_found = current;
	return 0;
}

/* ---- Mark rules -------------------------------------------------------- */

int run_add_mark(struct run *run, const struct ipvsctl_mark *rule,
		 struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = stated(run, IPVSCTL_MARKS);
	struct ipvsctl_mark both = *rule;
	int r = 0;

	/* Behind one of both families it would never be reached. */
	both.family = 0;
	if (ipvsctl_config_find_mark(config, rule) ||
	    ipvsctl_config_find_mark(config, &both)) {
		r = fail(err, -EINVAL,
			 "the ruleset has a rule with this match already");
		return fail_hint(err, r, "take one of the two lines out");
	}
	if (config != run->config)
		r = ipvsctl_config_add_mark(config, rule, err);
	return r < 0 ? r : run_replace_mark(run, rule, err);
}

int run_import_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err)
{
	if (config_drop_exemption(run->config, rule) < 0)
		return fail_memory(err);
	return run_add_mark(run, rule, err);
}

int run_replace_mark(struct run *run, const struct ipvsctl_mark *rule,
		     struct ipvsctl_error *err)
{
	int r = ipvsctl_config_change_mark(run->config, rule, NULL);

	touch(run, IPVSCTL_MARKS);
	if (r == -ENOMEM)
		return fail_memory(err);
	return r == 0 ? 0 : ipvsctl_config_add_mark(run->config, rule, err);
}

int run_delete_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err)
{
	int r = 0;

	touch(run, IPVSCTL_MARKS);
	if (run->stated)
		r = ipvsctl_config_delete_mark(run->stated, rule, NULL);
	if (r == 0 || r == -ENOENT)
		r = ipvsctl_config_delete_mark(run->config, rule, NULL);
	return deleted(r, err);
}

/* ---- Sync daemons and timeouts ----------------------------------------- */

int run_start_sync(struct run *run, const struct ipvsctl_sync *sync,
		   struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = stated(run, IPVSCTL_SYNC);

	if (ipvsctl_config_get_sync(config, sync->role))
		return fail_about(err, fail_again("sync daemon", err), "%s",
				  ipvsctl_sync_role_name(sync->role));
	touch(run, IPVSCTL_SYNC);
	ipvsctl_config_set_sync(config, sync);
	ipvsctl_config_set_sync(run->config, sync);
	return 0;
}

void run_stop_sync(struct run *run, unsigned int role)
{
	touch(run, IPVSCTL_SYNC);
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
