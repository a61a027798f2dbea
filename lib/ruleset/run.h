/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What the lines of a ruleset do, whatever language they are in: edits of a
 * configuration.
 *
 * A line says what is to be true when it has run. So adding what stands makes
 * it just as given, and deleting what does not stand is fine; but adding what
 * an earlier line has added is a mistake.
 */
#ifndef LBCTL_RUN_H
#define LBCTL_RUN_H

#include "ipvsctl.h"
#include "model/config.h"
#include "scope.h"

struct run {
	struct ipvsctl_config *config; /* what the lines make */
	/*
	 * Whether config began as what stands. Else it has only what lines
	 * have added, and to change what it lacks may be right.
	 */
	bool known;
	unsigned int kinds;   /* enum ipvsctl_kind: what lines were about */
	unsigned int emptied; /* kinds of which only lines' additions are left */
	bool leans; /* a line was about a service or server that is not known */
	/* A line that adds what a line has added is passed over, not wrong. */
	bool passes_repeated;
	bool repeated; /* set by such a line */
	size_t last;   /* the service found last: lines come in pools */
	/* Where more than that is left: what lines have added. */
	struct ipvsctl_config *stated;
};

/* Begins to edit config. Returns 0 or -ENOMEM. */
int run_begin(struct run *run, struct ipvsctl_config *config,
	      bool known) MUST_CHECK;
void run_end(struct run *run);
/* Whether what config lacks of a kind is not there. */
bool run_is_known(const struct run *run, enum ipvsctl_kind kind);

/* What follows is all there is of this kind. */
void run_flush(struct run *run, enum ipvsctl_kind kind);

/*
 * Each returns 0; -EINVAL when the lines contradict each other; -ENOENT when
 * what stands lacks something; -ENOMEM. Objects have passed their checks.
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
int run_replace_server(struct run *run, const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server,
		       struct ipvsctl_error *err) MUST_CHECK;
int run_delete_server(struct run *run, const struct ipvsctl_service *service,
		      const struct ipvsctl_server *identity,
		      struct ipvsctl_error *err) MUST_CHECK;

/*
 * The service, or server, that a line is to change, or one with default
 * attributes where it is not known. -ENOENT, -EINVAL: there is none.
 */
int run_get_service(struct run *run, const struct ipvsctl_service *identity,
		    struct ipvsctl_service *ret_service, bool *ret_found,
		    struct ipvsctl_error *err) MUST_CHECK;
int run_get_server(struct run *run, const struct ipvsctl_service *service,
		   struct ipvsctl_server *server, bool *ret_found,
		   struct ipvsctl_error *err) MUST_CHECK;

int run_add_mark(struct run *run, const struct ipvsctl_mark *rule,
		 struct ipvsctl_error *err) MUST_CHECK;
/* As run_add_mark(), of a rule that replaces one with the exemption, too. */
int run_import_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err) MUST_CHECK;
int run_replace_mark(struct run *run, const struct ipvsctl_mark *rule,
		     struct ipvsctl_error *err) MUST_CHECK;
int run_delete_mark(struct run *run, const struct ipvsctl_mark *rule,
		    struct ipvsctl_error *err) MUST_CHECK;

int run_start_sync(struct run *run, const struct ipvsctl_sync *sync,
		   struct ipvsctl_error *err) MUST_CHECK;
void run_stop_sync(struct run *run, unsigned int role);

void run_set_timeouts(struct run *run, const struct ipvsctl_timeouts *timeouts);

#endif
