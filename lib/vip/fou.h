/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* UDP ports whose packets the kernel takes gue off ("ip fou"). */
#ifndef LBCTL_VIP_FOU_H
#define LBCTL_VIP_FOU_H

#include "vip/record.h"
#include "vip/rtnetlink.h"

struct fou {
	struct rtnetlink socket;
	uint16_t family; /* of generic netlink */
};

/* Opens the socket, and has the kernel load its module if needed. Returns 0;
   -ENOENT if the kernel has no fou; or another errno, negative. */
int fou_open(struct fou *fou) MUST_CHECK;
void fou_close(struct fou *fou);
#define AUTO_FOU CLEANUP(fou_close)

/* What a port takes off packets. */
enum fou_use {
	FOU_CLOSED,
	FOU_OTHER, /* something else than gue */
	FOU_GUE,
};

/* A port as the kernel tells of it. */
struct fou_port {
	struct opened_port port;
	enum fou_use use;
};

/* Finds out what a port is used for. Returns 0 or a negative errno. */
int fou_look(struct fou *fou, const struct opened_port *port,
	     enum fou_use *ret_use) MUST_CHECK;
/* Gets a port from the attributes of a message of the kernel. */
void fou_decode(struct walk attributes, struct fou_port *ret_port);
/* Each returns 0 or a negative errno: -EADDRINUSE for a port that a program
   has. */
int fou_add(struct fou *fou, const struct opened_port *port) MUST_CHECK;
int fou_delete(struct fou *fou, const struct opened_port *port) MUST_CHECK;

#endif
