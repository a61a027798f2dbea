/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reading a text whole. */
#ifndef LBCTL_FILE_READ_H
#define LBCTL_FILE_READ_H

#include <stddef.h>

#include "common/cleanup.h"

/*
 * Reads what there is, up to a little more than a ruleset can have, and puts a
 * NUL behind it. Free *ret_text; 0 or a negative errno.
 */
int file_read(int fd, char **ret_text, size_t *ret_length) MUST_CHECK;

#endif
