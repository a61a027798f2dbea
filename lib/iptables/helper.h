/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The helper program that knows libxtables, whose errors end the process and
 * whose state is global: a process of its own for each call.
 *
 * Requests go in and replies come out as frames: a 32-bit length in host order,
 * then that many bytes. There is one reply for each request. "compile" has a
 * uint16_t protocol and words, and answers with their match blobs; "print" has a
 * struct print_request and a rule's entry, and answers with words.
 */
#ifndef LBCTL_IPTABLES_HELPER_H
#define LBCTL_IPTABLES_HELPER_H

#include "bytes.h"
#include "ipvsctl.h"

/*
 * The start of a print request; the entry follows. The words are those of a
 * whole rule when there is a chain, else of the matches only.
 */
struct print_request {
	char chain[32];
	char label[32]; /* what a standard target means */
};

/* Appends one frame. */
void frame_add(struct bytes *frames, const void *data, size_t size);
/*
 * The frame at *offset, which it moves on. Returns whether there was a whole
 * one.
 */
bool frame_next(const struct bytes *frames, size_t *offset,
		const void **ret_data, size_t *ret_size);

/* Bytes of all replies; a helper that writes more is stopped. */
#define HELPER_REPLIES_MAX (64U << 20)

/* What is asked for. */
enum helper_task {
	HELPER_COMPILE,
	HELPER_PRINT,
};

/*
 * Runs the helper on requests for one family. The replies that came before a
 * failure are in ret_replies also then, to tell which request failed. Returns
 * 0, -EINVAL (the words are wrong), -EOPNOTSUPP (there is no helper),
 * -ETIMEDOUT, -ENOMEM, -EIO.
 */
int helper_run(enum helper_task task, uint16_t family,
	       const struct bytes *requests, struct bytes *ret_replies,
	       struct ipvsctl_error *err) MUST_CHECK;

#endif
