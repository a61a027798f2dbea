/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Endpoints as text: "web.example.org:http", "[2001:db8::1]:80". */
#ifndef LBCTL_IPVSADM_NAMES_H
#define LBCTL_IPVSADM_NAMES_H

#include <ipvsctl.h>

#include "common/cleanup.h"

/* Room for a host's name and a port's. */
#define NAMES_TEXT 320
/* So much of them ipvsadm shows in lists: it has a buffer of 60. */
#define NAMES_SHOWN 59

struct endpoint {
	const struct ipvsctl_address *address;
	uint16_t port;
	uint16_t protocol; /* whose names ports have; 0: none */
};

/* "TCP", "UDP", "SCTP"; NULL for what no service is made of. */
const char *names_protocol(uint16_t protocol);
/* By name where there is one, or numeric. Returns text. */
const char *names_format(char text[NAMES_TEXT], const struct endpoint *endpoint,
			 bool numeric);
/* The same, but by name only where that leads back to the endpoint. */
const char *names_format_safe(char text[NAMES_TEXT],
			      const struct endpoint *endpoint, bool numeric);

#endif
