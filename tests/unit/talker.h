/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A server for TCP in a thread of its own. */
#ifndef LBCTL_UNIT_TALKER_H
#define LBCTL_UNIT_TALKER_H

#include "unit.h"

struct talker;

/* Serves one client at a time by a function, which may read and write. */
struct talker *talker_start(const char *address,
			    void (*serve)(int fd, void *data), void *data,
			    uint16_t *ret_port);
void talker_stop(struct talker *talker);

/* Reads until the text is there, or the client says no more; keeps it all with
   a NUL in heard. Returns the length. */
size_t talker_hear(int fd, const char *text, size_t length, char *heard,
		   size_t size);
void talker_say(int fd, const void *bytes, size_t length);

#endif
