/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* How a configuration lies in memory; for the library's own parts only. */
#ifndef LBCTL_CONFIG_H
#define LBCTL_CONFIG_H

#include "base.h"
#include "index.h"
#include "ipvsctl.h"

struct server_table {
	struct ipvsctl_server *servers;
	size_t count;
	size_t capacity;
	struct index index; /* by identity */
};

struct service_entry {
	struct ipvsctl_service service; /* first: what iteration hands out */
	struct server_table table;
};

/* A server held at weight 0 and why. */
struct hold {
	struct ipvsctl_service service; /* identity only */
	struct ipvsctl_server server;	/* identity only */
	uint32_t weight;		/* wanted, when it was written */
	char **reasons;
	size_t reason_count;
};

struct ipvsctl_config {
	unsigned int kinds; /* what it speaks for: enum ipvsctl_kind */
	struct service_entry *entries;
	size_t count;
	size_t capacity;
	struct index index; /* by identity */
	struct hold *holds;
	size_t hold_count;
	struct ipvsctl_mark *marks;
	size_t mark_count;
	size_t mark_capacity;
	struct ipvsctl_sync sync[2]; /* master, backup; role 0: none */
	struct ipvsctl_timeouts timeouts;
	bool has_timeouts;
};

/* The entry of that service, or NULL. */
struct service_entry *config_entry(const struct ipvsctl_config *config,
				   const struct ipvsctl_service *identity);
/* Makes room for so many servers in one go. Returns 0 or -ENOMEM. */
int config_reserve_servers(struct service_entry *entry, size_t count) MUST_CHECK;
/* The hold on that server, or NULL. */
struct hold *config_hold(const struct ipvsctl_config *config,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server);

#endif
