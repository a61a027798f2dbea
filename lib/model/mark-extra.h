/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The further matches of a mark rule: words of iptables' grammar in one text,
 * quoted as iptables-save does.
 */
#ifndef LBCTL_MARK_EXTRA_H
#define LBCTL_MARK_EXTRA_H

#include <stdbool.h>

#include "ipvsctl.h"
#include "scope.h"

/*
 * Adds a word, quoted if it could be read as several. Returns false, and
 * changes nothing, if it does not fit.
 */
bool extra_add(char extra[IPVSCTL_EXTRA_MAX + 1], const char *word) MUST_CHECK;
/*
 * Copies the next word to word, which has room for the whole text, and steps
 * over it. Returns 1, 0 at the end, -EINVAL for a quote that is not closed.
 */
int extra_next(const char **extra, char *word) MUST_CHECK;

#endif
