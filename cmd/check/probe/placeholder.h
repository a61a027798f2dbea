/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Words of a check's program, in which "{server}" and the like stand for what is
   probed. */
#ifndef LBCTL_CHECK_PLACEHOLDER_H
#define LBCTL_CHECK_PLACEHOLDER_H

#include "check/probe/probe.h"

/* Whether one of the words has a value of the service: equal probes of several
   services are then not one. */
bool placeholder_tells_service(char *const *words);
/*
 * Copies the words with the values of a probe; free with placeholder_free().
 * Returns 0, -ENOMEM, or -EINVAL where one has no value, whose name is then in
 * *ret_missing.
 */
int placeholder_fill(char *const *words, const struct probe *probe,
		     char ***ret_words, const char **ret_missing) MUST_CHECK;
void placeholder_free(char **words);

#endif
