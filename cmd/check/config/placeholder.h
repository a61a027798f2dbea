/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Words of a check's program: "{server}" and others stand for the probe's
   target. */
#ifndef LBCTL_CHECK_PLACEHOLDER_H
#define LBCTL_CHECK_PLACEHOLDER_H

#include "check/config/told.h"
#include "output/cleanup.h"

/* The values for the words of one probe. */
struct placeholder_values {
	struct ipvsctl_address server;
	uint16_t port; /* 0: none */
	struct told service;
};

/* Tells whether a word names a value of the service. Probes of several services
   cannot be shared then. */
bool placeholder_tells_service(char *const *words);
/* Copies one word with values. Free it. Returns as placeholder_fill(). */
int placeholder_fill_word(const char *word,
			  const struct placeholder_values *values,
			  char **ret_word, const char **ret_missing) MUST_CHECK;
/*
 * Copies words with values; the first, the program, has none. Free with
 * array_free_texts(). Returns 0, -ENOMEM, or -EINVAL with the placeholder that
 * has no value in *ret_missing.
 */
int placeholder_fill(char *const *words,
		     const struct placeholder_values *values, char ***ret_words,
		     const char **ret_missing) MUST_CHECK;

#endif
