/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Edits a configuration as the lines of a ruleset say, in any of its formats.
 *
 * A line states what is true after it has run. So adding an existing object
 * replaces it, and deleting a missing one does nothing; but adding an object
 * that an earlier line added is an error.
 *
 * A command line is strict: it can add only what is missing, and change or
 * delete only what exists. Its failures have the programs' words and hints.
 */
#ifndef LBCTL_RUN_LINES_H
#define LBCTL_RUN_LINES_H

#include "ipvsctl.h"
#include "model/config.h"
#include "scope.h"

/* Gives rules the form in which they load; see ipvsctl_settle(). */
typedef int (*settle_fn)(struct ipvsctl *ctx, struct ipvsctl_config *config,
			 struct ipvsctl_error *err);

/* The services that command lines are about, to read no more than those. */
struct aim {
	enum {
		AIM_NOTHING,
		AIM_ONE,  /* only this service */
		AIM_MANY, /* several, or all */
	} at;
	enum aim_step {
		STEP_NONE,
		/* There is one line, and it makes one step. The kernel refuses
		   the step unless the service exists, or is missing. */
		STEP_IF_EXISTS,
		STEP_IF_MISSING,
	} step;
	struct ipvsctl_service service;
	/* If there are any, only these of its servers matter. */
	struct ipvsctl_server *servers;
	size_t server_count;
	size_t server_capacity;
	bool whole; /* all of the service matters; server_count is 0 */
};

struct run {
	struct ipvsctl_config *config; /* the lines edit it */
	/*
	 * Config began as the current configuration. If not, it has only what
	 * lines added, and the other objects that lines change may exist.
	 */
	bool known;
	unsigned int kinds;   /* enum ipvsctl_kind: what lines were about */
	unsigned int emptied; /* kinds flushed: only later additions are left */
	bool leans; /* a line was about a service or server that is not known */
	/* Skip a line that adds an object again; otherwise it is an error. */
	bool passes_repeated;
	bool repeated; /* set by such a line */
	size_t last;   /* the service found last: lines come in pools */
	/* The objects that lines added, if config has more than those. */
	struct ipvsctl_config *stated;

	bool strict; /* the lines are command lines */
	/* The configuration before the lines, or NULL if it is not known. A
	   command line can delete what it has, even if it is named twice. */
	const struct ipvsctl_config *before;
	struct aim aim;
	settle_fn settle; /* for rules of command lines, or NULL */
	struct ipvsctl *settle_ctx;
};

/* Begins to edit config; known is run->known. Returns 0 or -ENOMEM. */
int run_begin(struct run *run, struct ipvsctl_config *config,
	      bool known) MUST_CHECK;
void run_end(struct run *run);
/* Tells whether objects of the kind that config lacks do not exist. */
bool run_is_known(const struct run *run, enum ipvsctl_kind kind);

/* Notes that a command line is about the service. step: as in struct aim;
   whole: more of the service matters than the servers that follow. */
void run_aim(struct run *run, const struct ipvsctl_service *service,
	     enum aim_step step, bool whole);

/* Notes that the line is about this server, too. Returns 0 or -ENOMEM. */
int run_aim_server(struct run *run,
		   const struct ipvsctl_server *server) MUST_CHECK;

/* Empties the kind: the lines that follow are the complete list of it. */
void run_flush(struct run *run, enum ipvsctl_kind kind);

/*
 * Each edits config. The caller has checked the object. Returns 0; -EINVAL if
 * the lines contradict each other; -ENOENT if an object is missing; -ENOMEM; for
 * a command line also -EEXIST.
 */
int run_add_service(struct run *run, const struct ipvsctl_service *service,
		    struct ipvsctl_error *err) MUST_CHECK;
int run_replace_service(struct run *run, const struct ipvsctl_service *service,
			struct ipvsctl_error *err) MUST_CHECK;
int run_delete_service(struct run *run, const struct ipvsctl_service *identity,
		       struct ipvsctl_error *err) MUST_CHECK;

int run_add_server(struct run *run, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server,
		   struct ipvsctl_error *err) MUST_CHECK;
int run_change_server(struct run *run, const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server,
		      struct ipvsctl_error *err) MUST_CHECK;
/* Also ends that the server is leaving, as run_add_server() does. */
int run_replace_server(struct run *run, const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server,
		       struct ipvsctl_error *err) MUST_CHECK;
int run_delete_server(struct run *run, const struct ipvsctl_service *service,
		      const struct ipvsctl_server *identity,
		      struct ipvsctl_error *err) MUST_CHECK;

/*
 * Each gets the current service or server, for a line to change; one with
 * default attributes if it is not known. -ENOENT or -EINVAL: it does not exist.
 */
int run_get_service(struct run *run, const struct ipvsctl_service *identity,
		    struct ipvsctl_service *ret_service, bool *ret_found,
		    struct ipvsctl_error *err) MUST_CHECK;
int run_get_server(struct run *run, const struct ipvsctl_service *service,
		   struct ipvsctl_server *server, bool *ret_found,
		   struct ipvsctl_error *err) MUST_CHECK;

int run_add_mark(struct run *run, const struct ipvsctl_mark *rule,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Adds a rule, as run_add_mark(); also replaces one that has exempt_own. */
int run_import_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err) MUST_CHECK;
int run_replace_mark(struct run *run, const struct ipvsctl_mark *rule,
		     struct ipvsctl_error *err) MUST_CHECK;
int run_delete_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err) MUST_CHECK;

int run_add_vip(struct run *run, const struct ipvsctl_vip *vip,
		struct ipvsctl_error *err) MUST_CHECK;
int run_replace_vip(struct run *run, const struct ipvsctl_vip *vip,
		    struct ipvsctl_error *err) MUST_CHECK;
/* Deletes the VIP that the name means; see config_named_vip(). -EBUSY: others
   have added the address. */
int run_delete_vip(struct run *run, const struct ipvsctl_vip *name,
		   struct ipvsctl_error *err) MUST_CHECK;

int run_start_sync(struct run *run, const struct ipvsctl_sync *sync,
		   struct ipvsctl_error *err) MUST_CHECK;
void run_stop_sync(struct run *run, unsigned int role);

void run_set_timeouts(struct run *run, const struct ipvsctl_timeouts *timeouts);

/* ---- For run-*.c only ---------------------------------------------------- */

/* Returns the configuration in which additions of the kind are noted. */
static inline struct ipvsctl_config *run_stated(const struct run *run,
						enum ipvsctl_kind kind)
{
	return run->known && !(run->emptied & kind) ? run->stated : run->config;
}

static inline void run_touch(struct run *run, enum ipvsctl_kind kind)
{
	run->kinds |= kind;
	run->config->kinds |= kind;
}

/* Makes a missing object no failure of a deletion. Returns code or 0. */
int run_deleted(int code, struct ipvsctl_error *err) MUST_CHECK;

#endif
