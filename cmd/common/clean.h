/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Texts of others (users, files, servers, the kernel), made fit to be shown. */
#ifndef LBCTL_CLEAN_H
#define LBCTL_CLEAN_H

#include <stddef.h>

#include "common/cleanup.h"

/* Room for what a text of that length can become: U+FFFD has three bytes. */
#define CLEAN_SIZE(length) (3 * (length) + 1)

/*
 * Copies text for terminals and logs: each control character (C0, DEL, C1 as a
 * UTF-8 character) becomes '?', each byte that is no UTF-8 becomes U+FFFD.
 * Stops between two characters where size is too small. Returns how many bytes
 * of text were copied.
 */
size_t clean_text(const char *text, char *ret_text, size_t size);
/* The same for JSON, which writes control characters as escapes: they stay. */
size_t clean_utf8(const char *text, char *ret_text, size_t size);
/* For what servers and programs say: all but printable ASCII becomes '?'. */
void clean_ascii(char *text);

#endif
