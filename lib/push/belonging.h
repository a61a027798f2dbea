/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Which service and server a connection belongs to: the connection table does not
 * tell, nor how it is forwarded, nor its mark.
 */
#ifndef LBCTL_BELONGING_H
#define LBCTL_BELONGING_H

#include "ipvsctl.h"
#include "push/sync-message.h"

struct marked_server {
	const struct ipvsctl_service *service;
	const struct ipvsctl_server *server;
};

struct belonging {
	const struct ipvsctl_config *config;
	struct marked_server *marked; /* servers of marks, by their address */
	size_t marked_count;
};

/* config must live as long. Returns 0 or -ENOMEM. */
int belonging_init(struct belonging *belonging,
		   const struct ipvsctl_config *config) MUST_CHECK;
void belonging_free(struct belonging *belonging);

enum belongs {
	BELONGS_KNOWN,
	BELONGS_HALF_OPEN,
	BELONGS_UNKNOWN, /* no service has its server, or it is in doubt how it
			    is forwarded */
	BELONGS_HIDDEN,	 /* the table does not show all of it */
};

/* Tells whether an entry is a template. */
bool connection_is_template(const struct ipvsctl_connection *connection);
/* Finds what belongs to a connection. *ret_details is written if it is known.
   only, or NULL: tells in *ret_chosen whether it can be of that service. */
enum belongs belonging_find(const struct belonging *belonging,
			    const struct ipvsctl_connection *connection,
			    const struct ipvsctl_service *only,
			    struct sync_details *ret_details, bool *ret_chosen);

#endif
