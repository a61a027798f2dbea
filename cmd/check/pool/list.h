/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Who is in the pools by files of servers. */
#ifndef LBCTL_CHECK_LIST_H
#define LBCTL_CHECK_LIST_H

#include "check/pool/run.h"

/* Reads the files of servers; one that cannot be read is warned of. */
int list_read_all(struct run *run) MUST_CHECK;

/* The server of a list line under a service, with the check's attributes. */
int list_server(const struct check *check,
		const struct ipvsctl_service *service,
		const struct listed_server *listed,
		struct ipvsctl_server *ret_server,
		struct ipvsctl_error *err) MUST_CHECK;

/* Sets what the check says of servers that it brings in. */
int list_set_attributes(const struct check *check,
			struct ipvsctl_server *server,
			struct ipvsctl_error *err) MUST_CHECK;

/* The list's server of that address that is no backup, or NULL. */
const struct listed_server *list_find(const struct server_list *list,
				      const struct ipvsctl_service *service,
				      const struct ipvsctl_server *server);

/* Warns of what command->err says of a check's file, whose pool stays as it is. */
void list_warn(struct run *run);

/* The port that a list line means under a service. */
uint16_t list_port(const struct ipvsctl_service *service,
		   const struct listed_server *listed);

#endif
