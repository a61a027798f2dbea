/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The socket to the kernel's addresses, routes, rules and interfaces; and the
 * same to its families of generic netlink. Their few messages are written here:
 * libnl-route-3 would take a fifth of a short command's time.
 */
#ifndef LBCTL_VIP_RTNETLINK_H
#define LBCTL_VIP_RTNETLINK_H

#include "bytes.h"
#include "netlink/walk.h"

struct rtnetlink {
	int fd;
	uint32_t sequence;
	char *buffer;
};

/* Opens the socket in this thread's network namespace. Returns 0 or a negative
   errno. */
int rtnetlink_open(struct rtnetlink *rtnetlink) MUST_CHECK;
/* Opens it to the families of generic netlink. */
int rtnetlink_open_generic(struct rtnetlink *rtnetlink) MUST_CHECK;
void rtnetlink_close(struct rtnetlink *rtnetlink);
#define AUTO_RTNETLINK CLEANUP(rtnetlink_close)

/* A request; a lack of memory shows in bytes.failed. */
struct request {
	struct bytes bytes;
};

/* Starts a request with the header of its kind of objects. */
void request_start(struct request *request, uint16_t type, uint16_t flags,
		   const void *header, size_t size);
void request_add(struct request *request, uint16_t type, const void *data,
		 size_t size);
void request_add_number(struct request *request, uint16_t type, uint32_t number);
/* Adds an attribute that has those added from now on inside, up to its end.
   Returns its place for request_end(). */
size_t request_begin(struct request *request, uint16_t type);
void request_end(struct request *request, size_t place);
void request_free(struct request *request);
#define AUTO_REQUEST CLEANUP(request_free)

/* Takes an object of a dump: its header of that size, then its attributes.
   Returns 0 or a negative code, which ends the dump. */
typedef int (*object_fn)(const void *header, struct walk attributes, void *data);

/* Sends a request that changes something. Returns 0 or the kernel's errno,
   negative. */
int rtnetlink_change(struct rtnetlink *rtnetlink,
		     struct request *request) MUST_CHECK;
/* Sends a request for one object with a header of that size, and calls fn for it.
   Returns as rtnetlink_dump(). */
int rtnetlink_get(struct rtnetlink *rtnetlink, struct request *request,
		  size_t header_size, object_fn fn, void *data) MUST_CHECK;
/*
 * Sends a request for a dump of objects with a header of that size, and calls fn
 * for each. Returns 0; -EINTR if the kernel saw a change meanwhile; the code of
 * fn; -EBADMSG; or the kernel's errno, negative.
 */
int rtnetlink_dump(struct rtnetlink *rtnetlink, struct request *request,
		   size_t header_size, object_fn fn, void *data) MUST_CHECK;

#endif
