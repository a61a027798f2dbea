/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Pools that come from files of servers. */
#ifndef LBCTL_CHECK_LISTED_H
#define LBCTL_CHECK_LISTED_H

#include "check/pool/run.h"

/* Reads the files of servers, and warns of those that cannot be read. */
int list_read_all(struct run *run) MUST_CHECK;

/* Makes a list line's server under a service, with the check's attributes. */
int list_server(const struct check *check,
		const struct ipvsctl_service *service,
		const struct listed_server *listed,
		struct ipvsctl_server *ret_server,
		struct ipvsctl_error *err) MUST_CHECK;
/* The same of a copy of another server, which has the rest. */
int list_server_like(const struct check *check,
		     const struct ipvsctl_service *service,
		     const struct listed_server *listed,
		     struct ipvsctl_server *server,
		     struct ipvsctl_error *err) MUST_CHECK;

/* Sets the attributes that the check gives to servers that it adds. */
int list_set_attributes(const struct check *check,
			struct ipvsctl_server *server,
			struct ipvsctl_error *err) MUST_CHECK;

/* Returns the list's server at that address and port, no backup, or NULL. */
const struct listed_server *list_find(const struct server_list *list,
				      const struct ipvsctl_service *service,
				      const struct ipvsctl_server *server);

/* Reads a file of servers: one block of it, or all (NULL). Returns 0, or a code
   with command->err filled. */
int list_read(struct run *run, const char *path, const char *upstream,
	      struct server_list *list) MUST_CHECK;

/* Warns, by command->err, of a check's file; its pool stays as it is. */
void list_warn(struct run *run);

/* Returns the port that a list line means under a service. */
uint16_t list_port(const struct ipvsctl_service *service,
		   const struct listed_server *listed);

#endif
