/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Conversations by the steps of a check, over any connection. Their memory does
 * not grow with what a server sends, and each step reads a limited answer.
 */
#ifndef LBCTL_CHECK_CONVERSATION_H
#define LBCTL_CHECK_CONVERSATION_H

#include <sys/types.h>

#include "check/probe/probe.h"

#define CONVERSATION_ANSWER_KIB 64 /* of a step, whatever the server sends */

struct conversation;

/* How its bytes go. send and receive return how many, or a negative errno;
   -EAGAIN: later. receive returns 0 when the server has closed the connection.
   fail ends the probe by another errno. */
struct conversation_line {
	ssize_t (*send)(const struct probe *probe, const void *bytes,
			size_t length);
	ssize_t (*receive)(const struct probe *probe, void *bytes, size_t size);
	void (*fail)(struct probe *probe, int error);
};

/* Begins a conversation by these steps, which must outlive it. Returns NULL
   without memory; free(3) ends it. */
struct conversation *conversation_new(const struct check_way *way) MUST_CHECK;
/*
 * Goes on until the line has to be waited for. Returns the events of
 * epoll_ctl(2) to wait for, or 0 if the probe has ended, which frees what its
 * kind frees.
 */
uint32_t conversation_go_on(struct conversation *conversation,
			    struct probe *probe,
			    const struct conversation_line *line) MUST_CHECK;
/* Ends the probe because its time is up. */
void conversation_expire(const struct conversation *conversation,
			 struct probe *probe);

#endif
