/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Files of servers: lists of addresses, or nginx's upstream blocks. */
#ifndef LBCTL_CHECK_SERVERS_FILE_H
#define LBCTL_CHECK_SERVERS_FILE_H

#include "common/command.h"

struct listed_server {
	struct ipvsctl_address address;
	uint16_t port; /* 0: not given */
	bool weighed;
	bool backup; /* nginx uses it only if the others are down */
	uint32_t weight;
	unsigned int line;
};

struct server_list {
	struct listed_server *servers;
	size_t count, capacity;
	unsigned int strange_line; /* first with a word that nginx does not
				      have; 0: none */
};

struct server_file {
	const char *name; /* its name in failures */
	char *text;	  /* the parser changes it */
	size_t length;
	const char *upstream; /* the block to take; NULL: the only one */
};

/*
 * Reads servers: one per line, or those of an nginx upstream. Returns 0,
 * -ENOMEM, or -EINVAL with file and line.
 */
int server_list_parse(const struct server_file *file,
		      struct server_list *ret_list,
		      struct ipvsctl_error *err) MUST_CHECK;
void server_list_free(struct server_list *list);
#define AUTO_SERVER_LIST CLEANUP(server_list_free)

#endif
