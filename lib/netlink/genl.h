/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The netlink socket: requests are queued, sent together, and their replies
 * handed out by the position of the request they answer.
 */
#ifndef LBCTL_GENL_H
#define LBCTL_GENL_H

#include "ipvsctl.h"
#include "scope.h"

struct nl_msg;

struct genl {
	int fd; /* -1: not open */
	uint16_t family;
	uint32_t sequence;	/* of the request queued last */
	struct nl_msg *request; /* the one being built */
	char *queue;
	size_t capacity;
	size_t length; /* bytes queued */
	size_t last;   /* where in the queue the last request begins */
	size_t count;  /* requests queued */
	struct genl_buffers *buffers;
	bool roomy; /* the socket's buffers have been enlarged */
};

/* A message from the kernel. */
struct genl_reply {
	size_t index;	  /* of the request it answers, in the order queued */
	const void *data; /* attributes; NULL: an acknowledgement, or the end */
	size_t length;
	size_t left;	  /* bytes of the datagram after this message */
	int raw;	  /* of an acknowledgement: a positive errno, or 0 */
	const char *text; /* the kernel's own words on raw, or "" */
	unsigned int datagram; /* counts from 1 in each exchange */
	bool interrupted;      /* the kernel noticed a change during a dump */
};

/* Takes a reply. Returns 0, or a negative code, which ends the exchange. */
typedef int (*genl_reply_fn)(const struct genl_reply *reply, void *data);

void genl_init(struct genl *genl);
void genl_free(struct genl *genl);
bool genl_is_open(const struct genl *genl);
/*
 * Opens the socket in the calling thread's network namespace and looks up the
 * IPVS family, which makes the kernel load ip_vs if it can.
 */
int genl_open(struct genl *genl, struct ipvsctl_error *err) MUST_CHECK;

/* Begins genl->request as an IPVS command. Returns 0 or -EMSGSIZE. */
int genl_start(struct genl *genl, uint8_t command, uint16_t flags) MUST_CHECK;
/* Queues genl->request. Returns 0 or -ENOMEM. */
int genl_queue(struct genl *genl) MUST_CHECK;
/* Tells whether the queue is as long as one send should be. */
bool genl_is_full(const struct genl *genl);
/* Drops the queued requests. */
void genl_drop(struct genl *genl);
/* Asks for an acknowledgement of the request queued last. */
void genl_ack_last(struct genl *genl);
/*
 * Sends the queued requests and calls fn for each reply until the last request
 * is answered. Only the last one may be a dump. A failure closes the socket:
 * replies still under way would spoil the next exchange.
 */
int genl_exchange(struct genl *genl, genl_reply_fn fn, void *data,
		  struct ipvsctl_error *err) MUST_CHECK;

#endif
