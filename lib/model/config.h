/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The memory layout of a configuration; internal to the library. */
#ifndef LBCTL_CONFIG_H
#define LBCTL_CONFIG_H

#include "index.h"
#include "ipvsctl.h"
#include "model/hold-table.h"
#include "scope.h"

/*
 * Services, and the servers of a service, are in arrays, in order. A deletion
 * leaves a gap: the service gets this family, the server is marked unchecked.
 * Gaps are closed when there are many; closing each at once would take
 * quadratic time.
 */
#define FAMILY_GONE UINT16_MAX

/*
 * As long as each new server sorts after all others, a binary search finds one.
 * The first that does not creates an index, which table_sort() drops.
 */
struct server_table {
	struct ipvsctl_server *servers;
	size_t first; /* the place of the first that is not gone, or end */
	size_t end;   /* places taken */
	size_t count; /* of those that are not gone */
	size_t capacity;
	struct index index; /* by identity; empty: the places are sorted */
};

struct service_entry {
	struct ipvsctl_service service; /* first: iteration returns it */
	struct server_table table;
};

/*
 * A mark rule in the list of all rules, in the order they are tried. Nodes are
 * allocated in blocks, which saves malloc()'s overhead, and never move.
 */
struct mark_node {
	struct ipvsctl_mark rule; /* first: iteration returns it */
	struct mark_node *next;
	struct mark_node *previous;
	uint32_t position; /* among all nodes; also while it has no rule */
	uint32_t age; /* of rules with the same place, the lower is first */
};
#define MARK_BLOCK 64 /* nodes */

/* The rules of one hook and priority: a new rule is inserted after last. */
struct mark_group {
	uint32_t key; /* hook and priority */
	struct mark_node *last;
};

/* What a backend read a table's rules from, to change it without reading it
   again. The functions that change rules drop it. */
struct mark_source {
	void (*free)(struct mark_source *source);
};

struct mark_table {
	struct mark_source *source; /* or NULL */
	struct mark_node *first;
	size_t count;
	struct mark_node *unused;  /* nodes without a rule, chained by next */
	struct mark_node **blocks; /* of MARK_BLOCK nodes, by position */
	size_t block_count;
	size_t block_capacity;
	uint32_t last_age;
	struct index index;	   /* over positions, by match */
	struct mark_group *groups; /* by key */
	size_t group_count;
	size_t group_capacity;
};

/* VIPs, in order. */
struct vip_table {
	struct ipvsctl_vip *vips;
	size_t count;
	size_t capacity;
};

struct ipvsctl_config {
	bool assumed; /* nothing was read: values that steps change are unknown */
	unsigned int kinds; /* what it speaks for: enum ipvsctl_kind */
	bool partial;	    /* only some services were loaded: holds of the
			       others are kept */
	bool has_named;	    /* only these servers of the only service were
			       loaded: holds of the others are kept */
	struct server_table named;
	struct service_entry *entries;
	size_t first; /* as in a server_table */
	size_t end;
	size_t count;
	size_t capacity;
	struct index index; /* by identity */
	struct hold_table holds;
	struct mark_table marks;
	enum ipvsctl_backend backend; /* that has, or gets, the rules */
	bool backend_stated;	      /* a text of the rules must say it */
	bool backend_split;	      /* the rules were in both backends */
	struct vip_table vips;
	/* Addresses that the host has and that are not ours, as VIPs. */
	struct vip_table others;
	struct ipvsctl_sync sync[2]; /* master, backup; role 0: none */
	struct ipvsctl_timeouts timeouts;
	bool has_timeouts;
};

static inline void config_freep(struct ipvsctl_config **config)
{
	ipvsctl_config_free(*config);
}

/* Each returns what follows prev (NULL: the first), or NULL at the end. */
struct service_entry *config_next_entry(const struct ipvsctl_config *config,
					const struct service_entry *prev);
struct ipvsctl_server *table_next_server(const struct server_table *table,
					 const struct ipvsctl_server *prev);
/* Returns the entry of that service, or NULL. */
struct service_entry *config_entry(const struct ipvsctl_config *config,
				   const struct ipvsctl_service *identity);
/* Deletes all services with their servers and holds. */
void config_clear_services(struct ipvsctl_config *config);
/* Each fills *err for a missing object, and returns -ENOENT. */
int config_fail_no_service(const struct ipvsctl_service *service,
			   struct ipvsctl_error *err);
int config_fail_no_server(const struct ipvsctl_service *service,
			  const struct ipvsctl_server *server,
			  struct ipvsctl_error *err);
/* Makes room for count servers at once. Returns 0 or -ENOMEM. */
int table_reserve(struct server_table *table, size_t count) MUST_CHECK;
/* Gives back room that the servers do not need. Returns 0 or -ENOMEM. */
int table_fit(struct server_table *table) MUST_CHECK;
/* Adds a server. Returns 0, -EEXIST, -ENOMEM. */
int table_add_server(struct server_table *table,
		     const struct ipvsctl_server *server) MUST_CHECK;
/* Returns the server in the table, or NULL. */
struct ipvsctl_server *table_server(const struct server_table *table,
				    const struct ipvsctl_server *identity);
/*
 * Does the same, but first looks beside *place, where the last one was found,
 * and updates it: compared tables have servers in the same order or in reverse.
 * SIZE_MAX is the place before the first.
 */
struct ipvsctl_server *table_server_near(const struct server_table *table,
					 const struct ipvsctl_server *identity,
					 size_t *place);
bool server_is_gone(const struct ipvsctl_server *server);
/* Deletes a server, which must be in the table. */
void table_delete_server(struct server_table *table,
			 struct ipvsctl_server *server);
void table_sort(struct server_table *table);
/* Copies a table; to must not hold memory. Returns 0 or -ENOMEM. */
int table_copy(const struct server_table *from,
	       struct server_table *to) MUST_CHECK;
void table_free(struct server_table *table);
/* Returns the server of a service, or NULL with *err filled. */
struct ipvsctl_server *config_server(const struct ipvsctl_config *config,
				     const struct ipvsctl_service *service,
				     const struct ipvsctl_server *identity,
				     struct ipvsctl_error *err);

static inline struct mark_node *mark_node_at(const struct mark_table *table,
					     size_t position)
{
	return &table->blocks[position / MARK_BLOCK][position % MARK_BLOCK];
}
/*
 * Returns the position of the rule with the same match, or SIZE_MAX. As long as
 * no rule is deleted, rules get positions in the order of adding, from 0.
 */
size_t config_mark_position(const struct ipvsctl_config *config,
			    const struct ipvsctl_mark *rule);
/*
 * Finds the rule with the same match, or the one of both families that includes
 * it: two rules that differ only in the family are read as one. Returns NULL if
 * there is none.
 */
struct mark_node *config_find_whole_mark(const struct ipvsctl_config *config,
					 const struct ipvsctl_mark *rule);
/*
 * Finds the rule with the same match, or returns NULL. Looks first at *next,
 * which becomes the one behind it: so it is quick for rules in the same order.
 */
const struct mark_node *config_find_next(const struct ipvsctl_config *config,
					 const struct ipvsctl_mark *rule,
					 const struct mark_node **next);
/* Copies the rules to a configuration that has none. Returns 0 or -ENOMEM. */
int config_copy_marks(const struct ipvsctl_config *config,
		      struct ipvsctl_config *copy) MUST_CHECK;
/* Adds a rule behind those of its place. Returns 0, -EEXIST if there is one with
   the same match, or -ENOMEM. */
int config_append_new_mark(struct ipvsctl_config *config,
			   const struct ipvsctl_mark *rule) MUST_CHECK;
/* Adds a rule without looking for the same match. Returns 0 or -ENOMEM. */
int config_append_mark(struct ipvsctl_config *config,
		       const struct ipvsctl_mark *rule) MUST_CHECK;
/*
 * Clears exempt_own of the rule that differs from the given one, of one family,
 * only in that; the rule keeps its place. Does nothing without such a rule.
 * Returns 0 or -ENOMEM.
 */
int config_drop_exemption(struct ipvsctl_config *config,
			  const struct ipvsctl_mark *rule) MUST_CHECK;
void config_free_marks(struct ipvsctl_config *config);

/* Adds a VIP to a table. Returns 0, -EEXIST, -ENOMEM. */
int vip_table_add(struct vip_table *table,
		  const struct ipvsctl_vip *vip) MUST_CHECK;
struct ipvsctl_vip *vip_table_find(const struct vip_table *table,
				   const struct ipvsctl_vip *identity);
void vip_table_delete(struct vip_table *table, struct ipvsctl_vip *vip);
/*
 * Finds the VIP that a line means which names no way in which it is held: the
 * first with that address and mark, and the prefix length if one is given.
 * *ret_several: there are others.
 */
const struct ipvsctl_vip *config_named_vip(const struct ipvsctl_config *config,
					   const struct ipvsctl_vip *name,
					   bool *ret_several);
/* Withdraws the VIPs of config that are withdrawn in from. */
void withdrawn_adopt(struct ipvsctl_config *config,
		     const struct ipvsctl_config *from);
int vip_table_copy(const struct vip_table *from,
		   struct vip_table *to) MUST_CHECK;
void config_free_vips(struct ipvsctl_config *config);

#endif
