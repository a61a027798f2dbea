/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs of lbctl-svc; each a command_run_fn. */
#ifndef LBCTL_SVC_H
#define LBCTL_SVC_H

#include "common/command.h"

int svc_add(struct command *command);
int svc_change(struct command *command);
int svc_replace(struct command *command);
int svc_delete(struct command *command);
int svc_flush(struct command *command);
int svc_zero(struct command *command);
int svc_show(struct command *command);
int svc_add_server(struct command *command);
int svc_change_server(struct command *command);
int svc_replace_server(struct command *command);
int svc_delete_server(struct command *command);
int svc_drain(struct command *command);
int svc_undrain(struct command *command);
int svc_connections(struct command *command);
int svc_timeouts(struct command *command);

/* -ENOENT: there is no such service, and how to make one. */
int svc_no_service(struct command *command,
		   const struct ipvsctl_service *service);
/* -ENOENT: there is no such server under the service. */
int svc_no_server(struct command *command,
		  const struct ipvsctl_service *service,
		  const struct ipvsctl_server *server);

/* A service and some servers that the arguments name. */
struct svc_servers {
	struct ipvsctl_service service;
	struct ipvsctl_server *servers; /* freed by svc_servers_free() */
	size_t count;
};
/* Reads the arguments SERVICE SERVER... Returns 0, -EINVAL, -ENOMEM. */
int svc_servers_parse(struct command *command,
		      struct svc_servers *ret_servers) MUST_CHECK;
void svc_servers_free(struct svc_servers *servers);
#define AUTO_SERVERS CLEANUP(svc_servers_free)
/* Begins to edit that service and makes sure that it is there. */
int svc_servers_begin(struct command *command,
		      const struct svc_servers *servers) MUST_CHECK;

#endif
