// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// What the parts of the hostile server share.

#ifndef LBCTL_TESTS_HOSTILE_H
#define LBCTL_TESTS_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define REQUEST_SIZE 8192

struct client;

// What is said to clients.
struct mode {
	const char *name;
	const char *first; // said once
	size_t first_size;
	const char *again; // said for ever after, or NULL
	bool unasked;	   // nothing is waited for
	bool drips;	   // a byte each 100 ms
	bool hangs;	   // at the end, instead of closing
	bool echoes;	   // the request, at the end
	// What came is answered by this; returns false to close.
	bool (*hear)(struct client *client);
};

struct client {
	int fd;
	const struct mode *mode;
	bool speaks;   // it is this side's turn
	bool data;     // of a mail
	uint64_t said; // bytes of what is to be said
	size_t heard;  // bytes of request
	char request[REQUEST_SIZE];
};

// Returns NULL when there is none.
const struct mode *find_mode(const char *name);
void print_modes(FILE *stream);
// The next bytes to be said, size at most; returns 0 at the end.
size_t next_bytes(const struct client *client, char *bytes, size_t size);

bool smtp_hear(struct client *client);

#endif
