/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Verbs of lbctl-svc; each is a command_run_fn. */
#ifndef LBCTL_SVC_H
#define LBCTL_SVC_H

#include "common/command.h"

int svc_zero(struct command *command);
int svc_show(struct command *command);
int svc_drain(struct command *command);
int svc_undrain(struct command *command);
int svc_connections(struct command *command);
int svc_timeouts(struct command *command);

/* Reports that there is no such service, with a hint. Returns -ENOENT. */
int svc_no_service(struct command *command,
		   const struct ipvsctl_service *service);
/* Reports that the service has no such server, with a hint. Returns -ENOENT. */
int svc_no_server(struct command *command,
		  const struct ipvsctl_service *service,
		  const struct ipvsctl_server *server);

/* A service and some of its servers, as the arguments name them. */
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
/* Begins to edit the service, and checks that it exists. */
int svc_servers_begin(struct command *command,
		      const struct svc_servers *servers) MUST_CHECK;

#endif
