/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What the helper program is asked, for both ends.
 *
 * Requests go in and replies come out as frames: a 32-bit length in host order,
 * then that many bytes. There is one reply for each request. "compile" has a
 * uint16_t protocol and words, and answers with their match blobs; "print" has a
 * struct print_request and a rule's entry, and answers with words.
 */
#ifndef LBCTL_XTABLES_REQUEST_H
#define LBCTL_XTABLES_REQUEST_H

/*
 * The start of a print request; the entry follows. The words are those of a
 * whole rule when there is a chain, else of the matches only.
 */
struct print_request {
	char chain[32];
	char label[32]; /* what a standard target means */
};

#endif
