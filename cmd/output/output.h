/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writing to stdout, where no lost output goes unnoticed. */
#ifndef LBCTL_OUTPUT_H
#define LBCTL_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "output/cleanup.h"

/*
 * Occupies those of descriptors 0 to 2 that the caller left closed, so that no
 * socket becomes stdout. Writing to such a stdout fails.
 */
void output_open(void);
/* Flushes and closes stdout. Returns 0 or a negative errno. */
int output_close(void);

/* Writes length bytes of text. Returns 0 or a negative errno. */
int output_write(FILE *stream, const char *text, size_t length) MUST_CHECK;
/* Writes a foreign text, cleaned by clean_text(). Returns 0 or a negative
   errno. */
int output_clean(FILE *stream, const char *text);
/*
 * Writes a document and a newline, by jansson's flags, to *ret_text, which the
 * caller frees. Frees the document. Returns 0, or -ENOMEM, also for NULL.
 */
int output_format_json(json_t *document, size_t flags,
		       char **ret_text) MUST_CHECK;
/* Writes and frees a document, with a newline. NULL is -ENOMEM. */
int output_json(FILE *stream, json_t *document) MUST_CHECK;

#endif
