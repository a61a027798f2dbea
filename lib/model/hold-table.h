/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds in memory, by server: what a configuration has of them. */
#ifndef LBCTL_HOLD_TABLE_H
#define LBCTL_HOLD_TABLE_H

#include "index.h"
#include "ipvsctl.h"
#include "scope.h"

/* A server that is held and why. */
struct hold {
	struct ipvsctl_service service; /* identity only */
	struct ipvsctl_server server;	/* as it was; see holds_format() */
	uint32_t weight;		/* wanted, when it was written */
	bool aside;	/* waits for its server, which is not there */
	char **reasons; /* as ipvsctl_config_hold() takes them */
	size_t reason_count;
};

struct hold_table {
	struct hold *holds;
	size_t count;
	size_t capacity;
	struct index index; /* by service and server */
	bool stale;	    /* what was read tells of more than is true */
	bool has_aside;	    /* some may wait */
	char *others; /* lines of services that were not looked at, as they
			 stand, since what is true of them is not known; or
			 NULL */
};

/* The hold on that server, or NULL. */
struct hold *hold_table_find(const struct hold_table *table,
			     const struct ipvsctl_service *service,
			     const struct ipvsctl_server *server);
/* Adds a reason to the hold on a server, which may be new. 0 or -ENOMEM. */
int hold_table_add_reason(struct hold_table *table,
			  const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server,
			  const char *reason) MUST_CHECK;
/* Adds a copy of a hold that is not in the table. Returns 0 or -ENOMEM. */
int hold_table_add_copy(struct hold_table *to,
			const struct hold *hold) MUST_CHECK;
/* Copies all holds into an empty table. Returns 0 or -ENOMEM. */
int hold_table_copy(const struct hold_table *from,
		    struct hold_table *to) MUST_CHECK;
void hold_table_free(struct hold_table *table);
/* Drops the holds of one server, or of all of a service when it is NULL. */
void hold_table_drop(struct hold_table *table,
		     const struct ipvsctl_service *service,
		     const struct ipvsctl_server *server);
/* Drops the lines of the service from those of services that were not looked at. */
void hold_table_drop_others(struct hold_table *table,
			    const struct ipvsctl_service *service);
/* Drops those of the service that are not set aside. */
void hold_table_drop_present(struct hold_table *table,
			     const struct ipvsctl_service *service);
/* Sets what the server says of its hold, if it has one. */
void hold_table_mark(const struct hold_table *table,
		     const struct ipvsctl_service *service,
		     struct ipvsctl_server *server);

/* Whether a reason has a form that can be kept; the weight that it leaves. */
bool hold_reason_parse(const char *reason, uint32_t *ret_weight);
/* The position of the one of that name, or SIZE_MAX. hold NULL: none. */
size_t hold_reason_position(const struct hold *hold, const char *reason);
/* Whether two configurations hold the server for the same reasons, at the same
   weights. */
bool hold_equal(const struct hold *a, const struct hold *b);
/* The first reason of a that b does not have at this weight, or NULL. */
const char *hold_new_reason(const struct hold *a, const struct hold *b);
/* The first reason of a that b does not have at all, or NULL. */
const char *hold_extra_reason(const struct hold *a, const struct hold *b);

#endif
