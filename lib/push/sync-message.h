/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Messages of sync daemons, version 1, all in network byte order:
 *
 *	u8 0, u8 id, u16 bytes in all, u8 entries, s8 version 1, u16 0
 *	entries, each at a multiple of four bytes:
 *	    u8 type (bit 0: IPv6), u8 protocol, u16 bytes of the entry, u32 flags
 *	    u16 state, u16 client, virtual, server port, u32 mark, u32 seconds
 *	    client, virtual, server address
 *	    options: u8 type, u8 length, value
 */
#ifndef LBCTL_SYNC_MESSAGE_H
#define LBCTL_SYNC_MESSAGE_H

#include "ipvsctl.h"
#include "scope.h"

#define SYNC_MESSAGE_MAX 65507

/* What the connection table does not tell of a connection. */
struct sync_details {
	uint32_t flags; /* IP_VS_CONN_F_... */
	uint16_t state; /* the kernel's number */
	uint32_t mark;	/* of its service; 0: none, or not known */
};

struct sync_message {
	uint8_t id;
	size_t max;  /* bytes; one entry has room in any case */
	size_t size; /* 0: nothing to send */
	uint8_t entries;
	uint8_t data[SYNC_MESSAGE_MAX];
};

/* Adds a connection. Returns false if it has no room: send the message first,
   then empty it. */
bool sync_message_add(struct sync_message *message,
		      const struct ipvsctl_connection *connection,
		      const struct sync_details *details) MUST_CHECK;
void sync_message_empty(struct sync_message *message);

#endif
