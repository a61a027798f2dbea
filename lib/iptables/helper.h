/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The helper program, which calls libxtables. It is a new process for each
 * call, since libxtables ends the process on errors and has global state.
 *
 * Requests go in and replies come out as frames: a 32-bit length in host order,
 * then that many bytes. There is one reply for each request. "compile" has a
 * uint16_t protocol and words, and answers with their match blobs; "print" has
 * a struct print_request and a rule's entry, and answers with words.
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
 * Gets the frame at *offset, and moves *offset past it. Returns false if there
 * is no whole one.
 */
bool frame_next(const struct bytes *frames, size_t *offset,
		const void **ret_data, size_t *ret_size);

/* Bytes of all replies; a helper that writes more is stopped. */
#define HELPER_REPLIES_MAX (64U << 20)

enum helper_task {
	HELPER_COMPILE,
	HELPER_PRINT,
};

/*
 * Runs the helper on requests for one family. After a failure ret_replies has
 * the replies before it, which tell what request failed. Returns 0, -EINVAL
 * (the words are wrong), -EOPNOTSUPP (there is no helper), -ETIMEDOUT, -ENOMEM,
 * -EIO.
 */
int helper_run(enum helper_task task, uint16_t family,
	       const struct bytes *requests, struct bytes *ret_replies,
	       struct ipvsctl_error *err) MUST_CHECK;

#endif
