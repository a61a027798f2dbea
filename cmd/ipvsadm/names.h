/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Endpoints as text: "web.example.org:http", "[2001:db8::1]:80". */
#ifndef LBCTL_IPVSADM_NAMES_H
#define LBCTL_IPVSADM_NAMES_H

#include <ipvsctl.h>

#include "output/cleanup.h"

/* Room for the names of a host and of a port. */
#define NAMES_TEXT 320
/* ipvsadm's lists show this many bytes: it has a buffer of 60. */
#define NAMES_SHOWN 59

struct endpoint {
	const struct ipvsctl_address *address;
	uint16_t port;
	uint16_t protocol; /* for names of ports; 0: none */
};

/* Returns "TCP", "UDP" or "SCTP"; NULL for what no service has. */
const char *names_protocol(uint16_t protocol);
/* Writes an endpoint, by name if it has one, or numeric. Returns text. */
const char *names_format(char text[NAMES_TEXT], const struct endpoint *endpoint,
			 bool numeric);
/* Writes as names_format(), but by name only if that resolves to the
   endpoint. */
const char *names_format_safe(char text[NAMES_TEXT],
			      const struct endpoint *endpoint, bool numeric);

#endif
