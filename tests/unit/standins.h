/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that answer as well-known ones do, to what they understand. */
#ifndef LBCTL_UNIT_STANDINS_H
#define LBCTL_UNIT_STANDINS_H

#include "unit.h"

#include <stdbool.h>

/* What to stand in for, by name: "redis", "ldap". Those that are not well
   answer as such a server does then. */
struct standin {
	const char *name;
	bool unwell;
};

bool standin_is_known(const char *name);
/* Serves a client; data is a struct standin. */
void standin_serve(int fd, void *data);
/* Answers a datagram as "sip-udp"; returns the answer's text. */
const char *standin_sip(const char *heard, bool unwell);

#endif
