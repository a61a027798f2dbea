/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The header of the PROXY protocol, which servers behind proxies want first. */
#ifndef LBCTL_CHECK_PROXY_HEADER_H
#define LBCTL_CHECK_PROXY_HEADER_H

#include "check/probe/probe.h"

/*
 * Sends the header that the check asks for, if any, on a connected socket: in
 * version 1 with the addresses of this connection, in version 2 as LOCAL, a
 * connection of the proxy itself. Returns 0 or an errno.
 */
int proxy_header_send(const struct probe *probe, int fd) MUST_CHECK;

#endif
