/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Words of a check's program, in which "{server}" and the like stand for what is
   probed. */
#ifndef LBCTL_CHECK_PLACEHOLDER_H
#define LBCTL_CHECK_PLACEHOLDER_H

#include "check/config/told.h"
#include "common/cleanup.h"

/* What the words of one probe may have. */
struct placeholder_values {
	struct ipvsctl_address server;
	uint16_t port; /* 0: none */
	struct told service;
};

/* Whether one of the words has a value of the service: equal probes of several
   services are then not one. */
bool placeholder_tells_service(char *const *words);
/*
 * Copies the words with values; free with placeholder_free().
 * Returns 0, -ENOMEM, or -EINVAL where one has no value, whose name is then in
 * *ret_missing.
 */
int placeholder_fill(char *const *words,
		     const struct placeholder_values *values, char ***ret_words,
		     const char **ret_missing) MUST_CHECK;
void placeholder_free(char **words);

#endif
