/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines of the kernel's connection table. */
#ifndef LBCTL_CONNECTIONS_H
#define LBCTL_CONNECTIONS_H

#include "ipvsctl.h"
#include "scope.h"

/* The longest the kernel writes is about 480: IPv6 and 255 bytes of data. */
#define CONNECTION_LINE_MAX 1024

/*
 * Reads one line of /proc/net/ip_vs_conn, without its newline; cuts off
 * persistence data that does not fit. Returns 0 or -EBADMSG.
 */
int connection_parse(const char *line, size_t length,
		     struct ipvsctl_connection *ret_connection) MUST_CHECK;

#endif
