/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Making texts of others (users, files, servers, the kernel) fit to show. */
#ifndef LBCTL_BASE_CLEAN_H
#define LBCTL_BASE_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "scope.h"

/* Room for any cleaned text of that length: U+FFFD has three bytes. */
#define CLEAN_SIZE(length) (3 * (length) + 1)

/*
 * Copies text for terminals and logs. A control character (C0, DEL, C1 as a
 * UTF-8 character) becomes '?'. A byte that is not UTF-8 becomes U+FFFD. Stops
 * between two characters if size is too small. Returns how many bytes of text
 * were copied.
 */
size_t clean_text(const char *text, char *ret_text, size_t size);
/* Copies as clean_text(), but keeps control characters: JSON escapes them. */
size_t clean_utf8(const char *text, char *ret_text, size_t size);
/* Tells whether the text is UTF-8, which JSON must be. */
bool clean_is_utf8(const char *text);
/* Replaces all but printable ASCII by '?', in texts of servers and programs. */
void clean_ascii(char *text);

#endif
