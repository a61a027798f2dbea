/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Selects the connections to list. */
#ifndef LBCTL_FILTER_H
#define LBCTL_FILTER_H

#include "common/command.h"

struct filter {
	bool has_service;
	bool has_server;
	bool has_client;
	struct ipvsctl_service service;
	struct ipvsctl_server server; /* port 0: any */
	struct ipvsctl_address client;
	const char *state; /* NULL: any */
	/* All services; needed if service is a firewall mark. */
	const struct ipvsctl_config *config;
};

/* Reads the verb's options. Returns 0 or -EINVAL. */
int filter_parse(struct command *command, struct filter *ret_filter) MUST_CHECK;

/*
 * Tells whether the connection is wanted. The kernel does not report the
 * firewall mark of a connection: one to a server of the mark that belongs to no
 * address service counts as the mark's.
 */
bool filter_match(const struct filter *filter,
		  const struct ipvsctl_connection *connection);

#endif
