/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Netlink without a library: attributes go out, messages come in. */
#ifndef LBCTL_NETLINK_MESSAGE_H
#define LBCTL_NETLINK_MESSAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "bytes.h"

struct nlmsghdr;

/* Appends an attribute and what pads it. */
void message_put(struct bytes *bytes, uint16_t type, const void *data,
		 size_t size);

struct iovec;

/* Each sends one datagram. Return 0 or a negative errno. */
int message_send_parts(int fd, const struct iovec *parts,
		       size_t count) MUST_CHECK;
int message_send(int fd, const struct bytes *bytes) MUST_CHECK;
/*
 * Receives the next datagram of the kernel; those of others are passed over.
 * Returns its length; 0 if there is none, with MSG_DONTWAIT in flags; -EMSGSIZE
 * for one that is longer than size; or another negative errno.
 */
ssize_t message_receive(int fd, void *buffer, size_t size, int flags) MUST_CHECK;

/*
 * Gets the next message of a datagram, which must be aligned, and moves *at and
 * *left past it. Returns 1, 0 at the end, or -EBADMSG.
 */
int message_next(const char **at, size_t *left,
		 const struct nlmsghdr **ret_header) MUST_CHECK;
/* Tells whether a message is the kernel's verdict, which ends an answer. */
bool message_is_verdict(const struct nlmsghdr *header);
/* Returns 0, or the errno of a verdict, negative, or -EBADMSG. */
int message_verdict(const struct nlmsghdr *header) MUST_CHECK;

#endif
