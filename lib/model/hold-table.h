/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The holds of a configuration, by server. */
#ifndef LBCTL_HOLD_TABLE_H
#define LBCTL_HOLD_TABLE_H

#include "index.h"
#include "ipvsctl.h"
#include "scope.h"

/* A held server, and the reasons. */
struct hold {
	struct ipvsctl_service service; /* identity only */
	struct ipvsctl_server server;	/* as it was; see holds_format() */
	uint32_t weight;		/* wanted, when the text was written */
	bool aside;	/* waits for its server, which does not exist */
	char **reasons; /* as ipvsctl_config_hold() takes them */
	size_t reason_count;
};

struct hold_table {
	struct hold *holds;
	size_t count;
	size_t capacity;
	struct index index; /* by service and server */
	bool stale;	    /* the text that was read has outdated lines */
	bool has_aside;	    /* some holds may be aside */
	char *others;	    /* lines of services not loaded, or NULL */
};

/* Returns the hold on that server, or NULL. */
struct hold *hold_table_find(const struct hold_table *table,
			     const struct ipvsctl_service *service,
			     const struct ipvsctl_server *server);
/* Adds a reason to a server's hold, which may be new. Returns 0 or -ENOMEM. */
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
/* Drops the hold of one server, or all of the service if server is NULL. */
void hold_table_drop(struct hold_table *table,
		     const struct ipvsctl_service *service,
		     const struct ipvsctl_server *server);
/* Drops the lines of the service from table->others. */
void hold_table_drop_others(struct hold_table *table,
			    const struct ipvsctl_service *service);
/* Drops the service's holds that are not set aside, and its other lines. */
void hold_table_drop_present(struct hold_table *table,
			     const struct ipvsctl_service *service);
/* Sets held and held_weight of a server by its hold, or to 0 without one. */
void hold_table_mark(const struct hold_table *table,
		     const struct ipvsctl_service *service,
		     struct ipvsctl_server *server);

/* Tells whether a reason is valid, and gets the weight that it leaves. */
bool hold_reason_parse(const char *reason, uint32_t *ret_weight);
/* Returns the position of the reason of that name, or SIZE_MAX. hold may be
   NULL. */
size_t hold_reason_position(const struct hold *hold, const char *reason);
/* Tells whether two holds have the same reasons at the same weights. */
bool hold_equal(const struct hold *a, const struct hold *b);
/* Returns the first reason of a that b lacks at this weight, or NULL. */
const char *hold_new_reason(const struct hold *a, const struct hold *b);
/* Returns the first reason of a that b lacks at any weight, or NULL. */
const char *hold_extra_reason(const struct hold *a, const struct hold *b);

#endif
